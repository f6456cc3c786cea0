"""The file of `pairterm new --layout`: what it says, and how mistakes are named."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pairterm.cli.workspace_file import read_workspace
from pairterm.errors import UsageError
from pairterm.session.windows.workspace import WindowSettings


def read(tmp_path: Path, text: str) -> list[WindowSettings]:
    file = tmp_path / "work.toml"
    file.write_text(text)
    return msgspec.convert(read_workspace(file), list[WindowSettings])


def test_windows_and_panes_are_read(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    edit, shell = read(
        tmp_path,
        """
        [[window]]
        name = "edit"
        directory = "src"
        layout = "main-vertical"
        [[window.pane]]
        command = "vim"
        [[window.pane]]
        command = ["make", "a b"]
        directory = "/"
        [[window.pane]]
        command = "make watch | tee log"
        [[window]]
        hidden = true
        focus = true
        """,
    )
    assert (edit.name, edit.directory, edit.layout) == ("edit", str(tmp_path / "src"), "main-vertical")
    assert [each.command for each in edit.panes] == [["vim"], ["make", "a b"], ["make watch | tee log"]]
    assert edit.panes[1].directory == "/"
    assert (shell.hidden, shell.focus, len(shell.panes), shell.panes[0].command) == (True, True, 1, [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "describe at least one window"),
        ("[[windows]]", "unknown key 'windows': did you mean 'window'?"),
        ('[[window]]\nlayout = "main-vertica"', "window 1: no layout 'main-vertica': did you mean 'main-vertical'?"),
        ('[[window]]\n[[window]]\ndirectory = "nowhere"', "window 2: no directory"),
        ("[[window]]\n[[window.pane]]\ncommand = 3", "window 1, pane 1: the command is a text, or a list of words"),
        ('[[window]]\ncommand = "x"\n[[window.pane]]', "window 1: give the command to a pane"),
        ("[[window]]\nfocus = 1", "window 1: focus is true or false"),
        ("[[window]]\n" * 51, "51 windows are too many"),
        ("[[window", "work.toml: "),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert says in caught.value.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't read .*: No such file"):
        read_workspace(tmp_path / "none.toml")
