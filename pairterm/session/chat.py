"""What people say to each other beside the terminal. It never touches the shell. Bounded; the oldest goes first.

How often somebody may speak is `patience`'s affair.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from pairterm.errors import UsageError
from pairterm.text import safe_lines

__all__ = ["MAX_TEXT_CHARS", "Chat", "Remark", "clean_text"]

MAX_TEXT_CHARS = 4000
"""One remark: a screen of pasted code."""

_MAX_LINES = 60
"""The same, in lines."""

_KEPT_REMARKS = 200
"""What those who come late can read; at most 0.8 MB."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing said."""

    name: str
    text: str
    at_s: float

    def __str__(self) -> str:
        """The remark as people read it: lines of a snippet stand below the name, as they are."""
        return f"{self.name}: {self.text}" if "\n" not in self.text else f"{self.name}:\n{self.text}"


def clean_text(text: str) -> str:
    """Return a text for other people's terminals: tabs are spaces, lines stay, controls don't."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    lines = safe_lines(text[:MAX_TEXT_CHARS]).strip("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines[:_MAX_LINES])


class Chat:
    """The remarks of one session."""

    def __init__(self) -> None:
        self.remarks: deque[Remark] = deque(maxlen=_KEPT_REMARKS)

    def say(self, name: str, text: str, now_s: float) -> Remark:
        """Take a remark and return it as the others shall see it.

        Raises:
            UsageError: Nothing is said.
        """
        cleaned = clean_text(text)
        if not cleaned.strip():
            raise UsageError("say: say TEXT", code="command_line")
        remark = Remark(name, cleaned, now_s)
        self.remarks.append(remark)
        return remark
