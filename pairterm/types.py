"""The words every layer shares: sizes, roles and identifiers. No behaviour beyond checks.

Rows come before columns, and both are named at every call: libraries disagree about the order.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NewType

__all__ = [
    "DEFAULT_SIZE",
    "MAX_COLS",
    "MAX_PORT",
    "MAX_ROWS",
    "Attendance",
    "Attendee",
    "ClientId",
    "Role",
    "Size",
    "WindowId",
    "whole_number",
]

MAX_ROWS = 200
"""Rows of the tallest screen we model. A 4K monitor at a tiny font shows about 180."""

MAX_COLS = 500
"""Columns of the widest screen we model. Window-change requests arrive as raw 32-bit numbers."""

MAX_PORT = 65_535

ClientId = NewType("ClientId", str)
"""One attached terminal, unique within its session: the peer it came by, a colon, its number there."""

WindowId = NewType("WindowId", int)
"""One window of a session. There is one for now, number 0."""


class Role(enum.Enum):
    """What a client may do. The host decides it; gateway and host both enforce it."""

    OWNER = "owner"
    READ_WRITE = "rw"
    READ_ONLY = "ro"

    @property
    def may_type(self) -> bool:
        """True if input from this client may reach the pty."""
        return self is not Role.READ_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A screen's size in character cells."""

    rows: int
    cols: int

    @classmethod
    def clamped(cls, *, rows: int, cols: int) -> Size:
        """Return the nearest size we model; 0 or less in either means unknown and gives 24 × 80 there."""
        return cls(
            rows=min(rows, MAX_ROWS) if rows > 0 else DEFAULT_SIZE.rows,
            cols=min(cols, MAX_COLS) if cols > 0 else DEFAULT_SIZE.cols,
        )

    def __str__(self) -> str:
        """Columns × rows, the order in which people say it."""
        return f"{self.cols}×{self.rows}"


DEFAULT_SIZE = Size(rows=24, cols=80)
"""The size of a session nobody has looked at yet (VT100)."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """One attached client, as the others are told of it."""

    label: str
    """Who it is, for people: a name or an address. Printable, at most 200 characters."""
    role: Role


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is in a session now, in the order in which they came; for status lines."""

    people: tuple[Attendee, ...] = ()
    """The first of them, at most 100."""
    count: int = 0
    """How many there are in all."""
    typed_last: str = ""
    """The label of who typed last; "" when nobody has."""
    size_by: str = ""
    """The label of whose terminal, or the name of the setting, that gives the session its size; "" for none."""
    note: str = ""
    """What everybody is to know at a glance: a pause, who drives and how long; "" for nothing."""


def whole_number(text: str, *, least: int = 0, most: int) -> int | None:
    """Return the number that ASCII digits stand for; None: it is none, or not from `least` to `most`.

    `int` takes other scripts' digits, and raises at more than 4300 of them.
    """
    digits = text.lstrip("0") or text[:1]
    if not (text.isascii() and text.isdigit()) or len(digits) > len(str(most)):
        return None
    number = int(digits)
    return number if least <= number <= most else None
