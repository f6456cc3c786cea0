"""The status line: one row below the session, for this client.

It shows the session, the role, the people, the person that typed last, the size or the
view indicator, and the state of the link. The most important parts are on the left, and
the changing parts on the right. On a narrow terminal the names are omitted first. It is
inverse plain text without colours.
"""

from __future__ import annotations

from functools import lru_cache

from pairterm.terminal.frame import Row
from pairterm.types import Attendance, Role
from pairterm.view.bars import BAR_PEN, STRONG_PEN, text_cells, text_width

__all__ = ["MIN_ROWS", "status_row"]

MIN_ROWS = 3
"""A terminal with fewer rows has no status line: the program needs the rows."""

_GAP = "  "

_ROLE_WORDS = {Role.OWNER: "owner", Role.READ_WRITE: "read-write", Role.READ_ONLY: "read-only"}


@lru_cache(maxsize=64)
def status_row(session: str, role: Role, attendance: Attendance, link: str, note: str, hint: str, cols: int) -> Row:
    """Return the status line: the same object for the same arguments.

    `link`: the state of the link when it has a problem, for example `host away 12 s`, else "". `note`: the
    size or the viewport's indicator, or "". `hint`: the text in their place, if there is enough room.
    """
    notes = [each for each in (attendance.note, note) if each]
    right = f"{_GAP.join(notes)} " if notes else ""
    tail = f"{_GAP}{link} " if link else ""
    # On a narrow terminal the view indicator is more useful than the name of the session.
    heads = [f" {session}{_GAP}{_ROLE_WORDS[role]} {tail}", f" {_ROLE_WORDS[role]} {tail}", tail or " "]
    head = next((each for each in heads if not right or text_width(each) + text_width(right) <= cols), heads[0])
    strong = text_width(head)
    room = cols - text_width(head) - text_width(right)
    middle = _people(attendance, room)
    if not right and room - text_width(middle) > text_width(hint) + len(_GAP):
        right = f"{hint} "
        room -= text_width(right)
    fill = " " * max(0, room - text_width(middle))
    cells = text_cells(head + middle + fill + right, cols)
    strong = min(strong, cols)
    return Row(cells, (STRONG_PEN,) * strong + (BAR_PEN,) * (cols - strong))


def _people(attendance: Attendance, room: int) -> str:
    """Return the people and the person that typed last, as far as there is room."""
    if not attendance.count:
        return ""
    count = f"{_GAP}{attendance.count} here"
    names = ", ".join(person.label for person in attendance.people)
    if attendance.count > len(attendance.people):
        names += ", …"
    typed = f"{_GAP}{attendance.typed_last} types" if attendance.typed_last else ""
    for text in (f"{count}: {names}{typed}", f"{count}{typed}", count):
        if text_width(text) < room:
            return text
    return ""
