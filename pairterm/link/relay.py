"""What a gateway and a terminal that joined by `pairterm join` say to each other: one guest's part of a session.

The gateway says what a host would, relayed and for this one client, which is number 0
on its link. The joined terminal says what it types and wants, and nothing else: what
an owner or a gateway may say besides is no message here, and ends the link (Law 7).
After `Hello` each way comes `Session`, and the client's `Join`.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from pairterm.link.messages import (
    MAX_INPUT_BYTES,
    Ack,
    AttendanceWire,
    FetchHistory,
    Held,
    Hello,
    History,
    Input,
    Join,
    Joined,
    Ping,
    Pong,
    Resize,
    RoleChanged,
    Say,
    ScreenUpdate,
    Told,
    ViewSettings,
)
from pairterm.link.messages.fields import Line, Message, Name

__all__ = [
    "MAX_GUEST_MESSAGE_BYTES",
    "SELF",
    "Away",
    "GuestMessage",
    "Parted",
    "RelayedMessage",
    "Session",
]

SELF = 0
"""The number of the one client on such a link."""

MAX_GUEST_MESSAGE_BYTES = MAX_INPUT_BYTES + 8192
"""A paste, or a remark in four-byte letters, and what stands around it."""


class Session(Message, frozen=True, tag="session"):
    """What the client came for, and how its owner wants views to be: the gateway's second message."""

    name: Name
    settings: ViewSettings


class Away(Message, frozen=True, tag="away"):
    """The session's host is away, for so long by now; with None it is back."""

    seconds: Annotated[int, Meta(ge=0, le=2**31)] | None


class Parted(Message, frozen=True, tag="parted"):
    """The client is shown out, and the link ends: its last line, and what it exits with."""

    text: Line
    status: Annotated[int, Meta(ge=0, le=255)]
    may_return: bool
    """It is the gateway that goes: whoever dials again finds the session."""


GuestMessage: TypeAlias = Hello | Ping | Pong | Join | Resize | Input | Ack | FetchHistory | Say
"""What a joined terminal sends."""

RelayedMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | Session
    | Joined
    | RoleChanged
    | Held
    | ScreenUpdate
    | History
    | AttendanceWire
    | Told
    | Away
    | Parted
)
"""What its gateway sends."""
