"""The chat: remarks that people send each other beside the terminal. It never touches the shell.

Bounded; the oldest remark goes first. `rate_limits` decides how often somebody may speak.
"""

from __future__ import annotations

from collections import deque

import msgspec

from pairterm.errors import UsageError
from pairterm.safe_text import safe_lines

__all__ = ["MAX_TEXT_CHARS", "Chat", "Remark", "clean_text"]

MAX_TEXT_CHARS = 4000
"""One remark: a screen of pasted code."""

_MAX_LINES = 60
"""The same, in lines."""

_KEPT_REMARKS = 200
"""Remarks that people who join later can read; at most 0.8 MB."""


class Remark(msgspec.Struct, frozen=True):
    """One remark of one person."""

    name: str
    text: str
    at_s: float

    def __str__(self) -> str:
        """The remark as people read it: the lines of a snippet stand below the name, unchanged."""
        return f"{self.name}: {self.text}" if "\n" not in self.text else f"{self.name}:\n{self.text}"


def clean_text(text: str) -> str:
    """Return a text that is safe on other terminals: tabs become spaces, lines stay, control characters go."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    lines = safe_lines(text[:MAX_TEXT_CHARS]).strip("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines[:_MAX_LINES])


class Chat:
    """The remarks of one session."""

    def __init__(self) -> None:
        self.remarks: deque[Remark] = deque(maxlen=_KEPT_REMARKS)

    def say(self, name: str, text: str, now_s: float) -> Remark:
        """Keep a remark, and return it as the others see it.

        Raises:
            UsageError: It is empty.
        """
        cleaned = clean_text(text)
        if not cleaned.strip():
            raise UsageError("nothing was said: the text is empty", code="command_line")
        remark = Remark(name, cleaned, now_s)
        self.remarks.append(remark)
        return remark
