"""What every viewer's side is told of a session: how its owner wants it shown, who is in it, that it is over."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from pairterm.link.messages.fields import Count, Line, Message, Name, RoleName

__all__ = ["MAX_ATTENDEES", "MAX_BINDINGS", "AttendanceWire", "AttendeeWire", "Ended", "GatewayAway", "ViewSettings"]

MAX_BINDINGS = 200
"""Key bindings that an owner may set; there are not many more keys."""

MAX_ATTENDEES = 100
"""People named in one message; a status line shows a handful, and 500 observers are a number."""


class ViewSettings(Message, frozen=True, tag="settings"):
    """How the session's owner wants everybody's view to be: the host's second message, after its `Hello`."""

    prefix: Name = "C-b"
    """The prefix key, in tmux's notation."""
    status: bool = True
    """Whether the last row shows the status line, until a client says otherwise for itself."""
    mouse: bool = False
    """Whether the wheel scrolls the history while the program does not want the mouse."""
    centred: bool = False
    """Whether a session that is smaller than a terminal stands in its middle, not top left."""
    term: Name = ""
    """TERM inside the session: in whose spelling keys are told."""
    bindings: Annotated[dict[Name, Line], Meta(max_length=MAX_BINDINGS)] = field(default_factory=dict)
    """Keys after the prefix and what they do, both in tmux's words; they add to the usual ones."""


class AttendeeWire(Message, frozen=True, tag="attendee"):
    """One of `AttendanceWire`."""

    label: Line
    role: RoleName


class AttendanceWire(Message, frozen=True, tag="attendance"):
    """Who is in the session, who typed last, and what gives it its size."""

    people: Annotated[list[AttendeeWire], Meta(max_length=MAX_ATTENDEES)]
    count: Count
    """How many there are in all; `people` may be fewer."""
    typed_last: Line
    size_by: Line
    note: Line = ""
    """What everybody is to know at a glance, such as who drives."""


class GatewayAway(Message, frozen=True, tag="gateway-away"):
    """The host's gateway is away, for so long by now; with None it is back. For the owner's terminals."""

    seconds: Annotated[int, Meta(ge=0, le=2**31)] | None


class Ended(Message, frozen=True, tag="ended"):
    """The session is over: every client leaves with `text`. `status`: the command's, as a shell gives it."""

    reason: Literal["ended", "killed"]
    status: int
    text: Line
