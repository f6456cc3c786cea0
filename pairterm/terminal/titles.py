"""The window's title, and the titles that a program pushes."""

from __future__ import annotations

from pairterm.safe_text import without_unsafe

__all__ = ["MAX_TITLE", "Titles"]

MAX_TITLE = 256
"""Characters of a title. No title bar shows more."""

_MAX_PUSHED = 10
"""Titles that a program may push (xterm keeps 10)."""


class Titles:
    """The titles of one terminal."""

    __slots__ = ("_pushed", "title")

    def __init__(self) -> None:
        self.title = ""
        self._pushed: list[str] = []

    def set(self, title: str) -> None:
        """OSC 0, 2."""
        self.title = without_unsafe(title)[:MAX_TITLE]

    def push(self) -> None:
        """XTWINOPS 22: keep the title."""
        self._pushed.append(self.title)
        del self._pushed[:-_MAX_PUSHED]

    def pop(self) -> None:
        """XTWINOPS 23: restore the title that was kept last."""
        if self._pushed:
            self.title = self._pushed.pop()
