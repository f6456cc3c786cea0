"""The messages that tell every viewer's side about a session: its settings, its people, its end."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from pairterm.link.messages.fields import Count, Message, Name, OneLine, RoleName

__all__ = ["MAX_ATTENDEES", "MAX_BINDINGS", "AttendanceWire", "AttendeeWire", "Ended", "GatewayAway", "ViewSettings"]

MAX_BINDINGS = 200
"""The most key bindings that an owner may set. There are not many more keys."""

MAX_ATTENDEES = 100
"""The most people that one message names. A status line has room for a few names, and shows the others as a number."""


class ViewSettings(Message, frozen=True, tag="settings"):
    """The owner's settings for everybody's view. It is the host's second message, after `Hello`."""

    prefix: Name = "C-b"
    """The prefix key, in tmux's notation."""
    status: bool = True
    """Whether the last row shows the status line. Each client can change it for itself."""
    mouse: bool = False
    """Whether the mouse wheel scrolls the history while the program does not use the mouse."""
    centred: bool = False
    """Whether a session that is smaller than a terminal is shown in its middle. Otherwise it is shown top left."""
    term: Name = ""
    """TERM inside the session. Keys reach the program in the encoding of this terminal."""
    bindings: Annotated[dict[Name, OneLine], Meta(max_length=MAX_BINDINGS)] = field(default_factory=dict)
    """More key bindings, in tmux's words: the key after the prefix, and its command."""


class AttendeeWire(Message, frozen=True, tag="attendee"):
    """One person of `AttendanceWire`."""

    label: OneLine
    role: RoleName
    number: Count = 0
    transport: Name = ""
    may_type: bool = False
    is_driver: bool = False
    window: OneLine = ""
    """"" if this link may not know it."""
    follows: bool = True
    round_trip_ms: Count | None = None


class AttendanceWire(Message, frozen=True, tag="attendance"):
    """The people in the session, the one that typed last, and the client that sets the size."""

    people: Annotated[list[AttendeeWire], Meta(max_length=MAX_ATTENDEES)]
    count: Count
    """How many people there are. `people` may be shorter."""
    typed_last: OneLine
    size_by: OneLine
    note: OneLine = ""
    """A short note for everybody's status line, for example who has the keyboard."""
    call_url: OneLine = ""
    """The address of a voice or video call; "" for none."""
    is_paused: bool = False
    is_locked: bool = False
    """All guests may only watch."""


class GatewayAway(Message, frozen=True, tag="gateway-away"):
    """The gateway has been away for this long. None: it is back. Only the owner's terminals get this."""

    seconds: Annotated[int, Meta(ge=0, le=2**31)] | None


class Ended(Message, frozen=True, tag="ended"):
    """The session is over, and every client leaves with `text`. `status` is the command's, as a shell counts it."""

    reason: Literal["ended", "killed"]
    status: int
    text: OneLine
