"""The status line: one row of the client's own, below the session.

Session, role, who is here, who typed last, the size or the view indicator, the
link's state. What matters most stands left, what changes stands right; names give
way first when the terminal is narrow. It is inverse and plain text: no colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from wcwidth import wcswidth

from pairterm.terminal.frame import Row
from pairterm.types import Role
from pairterm.view.bars import BAR_PEN, STRONG_PEN, text_cells

__all__ = ["MIN_ROWS", "Facts", "status_row"]

MIN_ROWS = 4
"""A terminal with fewer rows has no status line: the program needs them more."""

_MAX_NAMES_CELLS = 40
_GAP = "  "

_ROLE_WORDS = {Role.OWNER: "owner", Role.READ_WRITE: "read-write", Role.READ_ONLY: "read-only"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the session's core tells of a session; "" and 0 where it is not known."""

    people: tuple[str, ...] = ()
    """Labels of those who are here, some of them if they are many."""
    count: int = 0
    """How many are here."""
    typed_last: str = ""
    size_by: str = ""
    """Who gives the session its size."""
    link: str = ""
    """The link's state when it is not well, for example `host away 12 s`."""


@lru_cache(maxsize=64)
def status_row(session: str, role: Role, facts: Facts, note: str, cols: int) -> Row:
    """Return the status line; `note` is the size or the view indicator. The same object for the same facts."""
    head = f" {session}{_GAP}{_ROLE_WORDS[role]} "
    strong = len(head)
    if facts.link:
        head += f"{_GAP}{facts.link} "
        strong = len(head)
    right = f"{note} " if note else ""
    room = cols - _width(head) - _width(right)
    middle = _people(facts, room)
    fill = " " * max(0, room - _width(middle))
    cells = text_cells(head + middle + fill + right, cols)
    strong = min(strong, cols)
    return Row(cells, (STRONG_PEN,) * strong + (BAR_PEN,) * (cols - strong))


def _people(facts: Facts, room: int) -> str:
    """Return who is here and who typed last, as much of it as there is room for."""
    if not facts.count:
        return ""
    count = f"{_GAP}{facts.count} here"
    names = ", ".join(facts.people)
    if facts.count > len(facts.people):
        names += ", …"
    typed = f"{_GAP}{facts.typed_last} types" if facts.typed_last else ""
    for text in (f"{count}: {names}{typed}", f"{count}{typed}", count):
        if _width(text) < room and (text is count or _width(names) <= _MAX_NAMES_CELLS or names not in text):
            return text
    return ""


def _width(text: str) -> int:
    return max(0, wcswidth(text))
