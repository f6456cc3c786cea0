"""The environment of the shared program. It describes the session's terminal, and not the one around `pairterm new`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pairterm import __version__

__all__ = ["TERM_CHOICES", "choose_term", "program_environment"]

TERM_CHOICES = ("tmux-256color", "screen-256color", "xterm-256color")
"""In order of preference. The first describes exactly what the screen model can do, with italics and
strike-through. The last is on every machine, and describes a little more than the model can do."""

_FALLBACK_TERM = "xterm"

_OUTER_TERMINAL = (
    "COLORFGBG", "COLUMNS", "ITERM_PROFILE", "ITERM_SESSION_ID", "KITTY_PID", "KITTY_WINDOW_ID", "LC_TERMINAL",
    "LC_TERMINAL_VERSION", "LINES", "STY", "TERMCAP", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TERM_SESSION_ID",
    "TMUX", "TMUX_PANE", "VTE_VERSION", "WEZTERM_PANE", "WINDOW", "WINDOWID", "WT_SESSION", "ZELLIJ",
)  # fmt: skip
"""Variables that describe the terminal around `pairterm new`. They are wrong inside the session."""

_TERMINFO_DIRS = (
    "/etc/terminfo",
    "/lib/terminfo",
    "/usr/share/terminfo",
    "/usr/lib/terminfo",
    "/usr/local/share/terminfo",
)


def _terminfo_dirs(environment: Mapping[str, str]) -> list[Path]:
    """Return the directories that ncurses searches (terminfo(5)), its own defaults last."""
    named = [environment.get("TERMINFO", ""), str(Path(environment.get("HOME", "/")) / ".terminfo")]
    named += environment.get("TERMINFO_DIRS", "").split(":")
    return [Path(name) for name in (*named, *_TERMINFO_DIRS) if name]


def _is_described(term: str, environment: Mapping[str, str]) -> bool:
    """Return whether the machine has a terminfo entry: under its first letter, or that letter's code in hex (macOS)."""
    return any(
        (directory / letter / term).exists()
        for directory in _terminfo_dirs(environment)
        for letter in (term[0], f"{ord(term[0]):02x}")
    )


def choose_term(environment: Mapping[str, str]) -> str:
    """Return the first of `TERM_CHOICES` that has a terminfo entry on this machine."""
    return next((term for term in TERM_CHOICES if _is_described(term, environment)), _FALLBACK_TERM)


def _with_command(path: str) -> str:
    """Return `path`, with the directory of our `pairterm` at its end if `path` has none.

    A CI job may install pairterm in a venv and start it by its full path. `pairterm continue` has to work inside.
    """
    ours = Path(sys.executable).parent
    is_found = any(os.access(os.path.join(each or ".", "pairterm"), os.X_OK) for each in path.split(os.pathsep))
    return path if is_found or not (ours / "pairterm").exists() else f"{path}{os.pathsep}{ours}"


def program_environment(outer: Mapping[str, str], *, socket: Path, term: str) -> dict[str, str]:
    """Return the program's environment. If `term` is "", one is chosen. It contains no token."""
    inner = {name: value for name, value in outer.items() if name not in _OUTER_TERMINAL}
    return inner | {
        "PATH": _with_command(outer.get("PATH", os.defpath)),
        "COLORTERM": "truecolor",
        "PAIRTERM": f"{socket},{os.getpid()}",
        "TERM": term or choose_term(outer),
        "TERM_PROGRAM": "pairterm",
        "TERM_PROGRAM_VERSION": __version__,
    }
