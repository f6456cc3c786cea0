"""tmux is the judge of the keys for windows and panes: their commands, and whether they repeat."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from pairterm.view.bindings import Bindings, Table
from pairterm.view.key_commands import repeats as repeats_here
from pairterm.view.key_names import canonical_name
from pairterm.view.window_keys import WINDOW_KEYS

OURS = {"f", "F", "h"}
"""Keys about the place where each person looks. tmux has no such commands."""

WITH_IDS = {",", ".", "&", "x"}
"""Our commands name the window or the pane that the person saw. tmux's take the current one."""


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bool, str]]:
    """Return for each key of tmux's prefix table whether it repeats, and its command."""
    if shutil.which("tmux") is None:
        pytest.skip("no tmux on this machine")
    socket = tmp_path_factory.mktemp("tmux") / "socket"
    return dict(map(_binding, _list_keys(socket)))


def _list_keys(socket: Path) -> list[str]:
    argv = ["tmux", "-S", str(socket), "-f", "/dev/null", "start-server", ";", "list-keys", "-T", "prefix"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()


def _binding(line: str) -> tuple[str, tuple[bool, str]]:
    repeats = line.split()[1] == "-r"
    key, _, command = line.partition("-T prefix")[2].strip().partition(" ")
    return canonical_name(key.removeprefix("\\")), (repeats, command.strip())


def _words(command: str) -> list[str]:
    """Return a command without quotes and braces, and a command inside of another one as words too."""
    return shlex.split(command.translate(str.maketrans("", "", "{}\"'")))


@pytest.mark.parametrize("key", sorted(WINDOW_KEYS.keys() - OURS))
def test_a_key_gives_tmux_s_command(key: str, bound: dict[str, tuple[bool, str]]) -> None:
    repeats, command = bound[key]
    ours = WINDOW_KEYS[key]
    assert (repeats_here(ours) is not None) is repeats
    line = ours.value.removeprefix(":")
    if key in WITH_IDS:
        assert _words(line)[0] == _words(command)[0]
        assert set(_words(command)) - {"rename-window", "move-window"} <= set(_words(line))
    elif key == "o":
        assert (line, command) == ("select-pane -t :.+",) * 2
    else:
        assert _words(line) == _words(command)


def test_a_key_of_tmux_for_windows_or_panes_has_another_meaning_only_where_it_is_said() -> None:
    prefix = Bindings.of().tables[Table.PREFIX]
    assert {key for key, command in WINDOW_KEYS.items() if prefix[key] is not command} == set()
    assert prefix["!"].value == ":panic --ask"
