"""The program's environment describes its own terminal, and not the terminal around it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pairterm.host import environment
from pairterm.host.environment import choose_term, program_environment


@pytest.fixture
def terminfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has only the terminal descriptions that a test writes."""
    monkeypatch.setattr(environment, "_TERMINFO_DIRS", ())
    return tmp_path


def describe(directory: Path, letter: str, name: str) -> None:
    (directory / letter).mkdir(parents=True, exist_ok=True)
    (directory / letter / name).touch()


def test_the_best_description_that_the_machine_has(terminfo: Path) -> None:
    outer = {"TERMINFO": str(terminfo)}
    assert choose_term(outer) == "xterm"
    describe(terminfo, "x", "xterm-256color")
    assert choose_term(outer) == "xterm-256color"
    describe(terminfo, "s", "screen-256color")
    assert choose_term(outer) == "screen-256color"
    describe(terminfo, "74", "tmux-256color")  # macOS names the directory by the letter's code
    assert choose_term(outer) == "tmux-256color"


def test_where_descriptions_are_looked_for(terminfo: Path) -> None:
    describe(terminfo / "home" / ".terminfo", "t", "tmux-256color")
    describe(terminfo / "dirs", "s", "screen-256color")
    assert choose_term({"HOME": str(terminfo / "home")}) == "tmux-256color"
    assert choose_term({"TERMINFO_DIRS": f"/nowhere::{terminfo / 'dirs'}"}) == "screen-256color"


def test_the_outer_terminal_leaves_no_trace() -> None:
    outer = {
        "HOME": "/h", "LINES": "50", "COLUMNS": "100", "TMUX": "x", "TMUX_PANE": "%1", "STY": "y", "TERM": "dumb",
        "TERM_PROGRAM": "iTerm.app", "VTE_VERSION": "1", "KITTY_WINDOW_ID": "1", "TERMCAP": "z", "PATH": "/bin",
    }  # fmt: skip
    inner = program_environment(outer, socket=Path("/s/name.sock"), term="screen-256color")
    assert inner["HOME"] == "/h"
    assert inner["PATH"].split(":")[0] == "/bin"
    assert inner["TERM"] == "screen-256color"
    assert inner["COLORTERM"] == "truecolor"
    assert inner["PAIRTERM"] == f"/s/name.sock,{os.getpid()}"
    assert inner["TERM_PROGRAM"] == "pairterm"
    gone = {"LINES", "COLUMNS", "TMUX", "TMUX_PANE", "STY", "VTE_VERSION", "KITTY_WINDOW_ID", "TERMCAP"}
    assert not gone & inner.keys()


def test_pairterm_is_a_command_inside_also_where_the_path_has_none(tmp_path: Path) -> None:
    def path_inside(path: str) -> str:
        return program_environment({"PATH": path}, socket=Path("/s/name.sock"), term="xterm")["PATH"]

    ours = str(Path(sys.executable).parent)
    assert path_inside(str(tmp_path)) == f"{tmp_path}:{ours}"
    (tmp_path / "pairterm").touch(mode=0o755)
    assert path_inside(str(tmp_path)) == str(tmp_path), "the user's own goes first"
