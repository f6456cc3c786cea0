"""The types that all layers share: sizes, roles, identifiers. They check values, and do nothing else.

Rows come before columns, and every call names both, because libraries use different orders.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal, NewType

import msgspec

__all__ = [
    "DEFAULT_SIZE",
    "ECHO_TIME_S",
    "MAX_CLIENTS",
    "MAX_COLS",
    "MAX_PORT",
    "MAX_ROWS",
    "Attendance",
    "Attendee",
    "ClientId",
    "PaneId",
    "Question",
    "Rect",
    "Role",
    "Size",
    "WindowId",
    "whole_number",
]

MAX_CLIENTS = 5000
"""Clients of one session: a large audience, and a bound on what the other end of a link can grow."""

MAX_ROWS = 200
"""Rows of the tallest screen we model. A 4K monitor at a tiny font shows about 180."""

MAX_COLS = 500
"""Columns of the widest screen we model. Window-change requests arrive as raw 32-bit numbers."""

MAX_PORT = 65_535

ClientId = NewType("ClientId", str)
"""One attached terminal, unique in its session: the number of its peer, a colon, its own number there."""

WindowId = NewType("WindowId", int)
"""One window, tmux's `@2`. It is unique in its session, and never given twice."""

PaneId = NewType("PaneId", int)
"""One pane, tmux's `%3`. It is unique in its session, and never given twice. On a link it names what is shown."""


class Role(enum.Enum):
    """What a client is allowed to do. The host decides it. The gateway and the host both enforce it."""

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
        """Return the nearest size that we model. A value of 0 or less is unknown, and becomes 24 rows or 80 columns."""
        return cls(
            rows=min(rows, MAX_ROWS) if rows > 0 else DEFAULT_SIZE.rows,
            cols=min(cols, MAX_COLS) if cols > 0 else DEFAULT_SIZE.cols,
        )

    def __str__(self) -> str:
        """Return columns × rows, the order that people use."""
        return f"{self.cols}×{self.rows}"


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of a window, in 0-based cells."""

    row: int
    col: int
    rows: int
    cols: int


ECHO_TIME_S = 0.05
"""How long a host waits for the echo of an input before it marks it. mosh's value: a busy program takes longer."""

DEFAULT_SIZE = Size(rows=24, cols=80)
"""The size of a session before the first client attaches (VT100)."""


class Attendee(msgspec.Struct, frozen=True):
    """One attached client, as the other clients see it."""

    label: str
    """A name or an address, for people. Printable, at most 200 characters."""
    role: Role
    number: int = 0
    """The number by which commands name them; 0: not known."""
    transport: str = ""
    """The way by which they came: `local`, `ssh`, `join` or `web`."""
    may_type: bool = False
    """The program gets their keys now."""
    is_driver: bool = False
    """They alone have the keyboard."""
    window: str = ""
    """The window where they look, such as `2:tests`; "": the reader of this may not know it."""
    follows: bool = True
    """They look where the leader looks."""
    round_trip_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Attendance:
    """The clients of a session, in the order in which they joined; for status lines."""

    people: tuple[Attendee, ...] = ()
    """The first 100 clients at most."""
    count: int = 0
    """The number of all clients."""
    typed_last: str = ""
    """The label of the client that typed last; "" if nobody has typed."""
    size_by: str = ""
    """The label of the client, or the name of the setting, that gives the session its size; "" for none."""
    note: str = ""
    """A short state for everybody: a pause, or the driver and their time; "" for nothing."""
    call_url: str = ""
    """The address of a voice or video call; "" for none."""
    is_paused: bool = False
    """The owner has paused the session."""
    is_locked: bool = False
    """All guests may only watch."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request that waits for an answer, as a person reads it who may answer it."""

    number: int
    """Of the person who asks: it stands in the answer."""
    name: str
    asks: Literal["in", "keyboard", "enter"]
    text: str
    choices: tuple[str, ...]
    """The commands that answer it, each followed by the number."""


def whole_number(text: str, *, least: int = 0, most: int) -> int | None:
    """Return the number that the ASCII digits of `text` make; None if they make none from `least` to `most`.

    `int` accepts digits of other scripts too, and raises at more than 4300 digits.
    """
    digits = text.lstrip("0") or text[:1]
    if not (text.isascii() and text.isdigit()) or len(digits) > len(str(most)):
        return None
    number = int(digits)
    return number if least <= number <= most else None
