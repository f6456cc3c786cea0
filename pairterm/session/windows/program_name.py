"""The name of a program, by which a window is called until somebody names it."""

from __future__ import annotations

from pairterm.session.windows.window_list import MAX_NAME_CHARS

__all__ = ["program_name"]


def program_name(command: str) -> str:
    """Return the name of a command's program; "" for none.

    It has no directory, no arguments, and neither the mark of a login shell nor the colon of a title such as `sshd:`.
    """
    word = command.split()[0] if command.split() else ""
    return word.rpartition("/")[2].removeprefix("-").rstrip(":")[:MAX_NAME_CHARS]
