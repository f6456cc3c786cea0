"""The messages between a gateway and a terminal that joined by `pairterm join`: one guest's part of a session.

The gateway relays the host's messages for this one client. The client is number 0 on
its link. The joined terminal sends its input and its wishes, and nothing else. A message
that only an owner or a gateway may send is unknown here and ends the link (Law 7).
First both sides send `Hello`. Then the gateway sends `SessionHello`, and the client `Join`.
"""

from __future__ import annotations

from typing import Annotated, Protocol, TypeAlias

from msgspec import Meta

from pairterm.link.messages import (
    MAX_INPUT_BYTES,
    Ack,
    AttendanceWire,
    DocumentAck,
    Documents,
    DocumentUpdate,
    Echo,
    FetchHistory,
    Hello,
    History,
    Input,
    InputMarked,
    Join,
    Joined,
    JoinPending,
    LookAt,
    MarkInput,
    Ping,
    Pong,
    Resize,
    RoleChanged,
    RunCommand,
    ScreenUpdate,
    ShowText,
    ViewSettings,
    WatchDocuments,
    Windows,
)
from pairterm.link.messages.fields import Message, Name, OneLine

__all__ = [
    "MAX_GUEST_MESSAGE_BYTES",
    "SELF",
    "Disconnect",
    "GuestMessage",
    "HostAway",
    "RelayedMessage",
    "SendGuestMessages",
    "SessionHello",
]

SELF = 0
"""The number of the only client on such a link."""

MAX_GUEST_MESSAGE_BYTES = MAX_INPUT_BYTES + 8192
"""The size of a message from a joined terminal: a paste, or a chat message in four-byte letters, with its frame."""


class SessionHello(Message, frozen=True, tag="session-hello"):
    """The session that the client can join, and the owner's settings for views. It is the gateway's second message."""

    name: Name
    settings: ViewSettings


class HostAway(Message, frozen=True, tag="host-away"):
    """The session's host has been away for this long. None: it is back."""

    seconds: Annotated[int, Meta(ge=0, le=2**31)] | None


class Disconnect(Message, frozen=True, tag="disconnect"):
    """The gateway disconnects the client. The client shows `text` and exits with `status`."""

    text: OneLine
    status: Annotated[int, Meta(ge=0, le=255)]
    may_return: bool
    """The gateway itself goes away. The client finds the session when it connects again."""


GuestMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | Join
    | Resize
    | Input
    | MarkInput
    | Ack
    | FetchHistory
    | RunCommand
    | WatchDocuments
    | DocumentAck
)
"""The messages that a joined terminal sends."""

RelayedMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | SessionHello
    | Joined
    | RoleChanged
    | InputMarked
    | JoinPending
    | Windows
    | LookAt
    | ScreenUpdate
    | Echo
    | History
    | AttendanceWire
    | ShowText
    | Documents
    | DocumentUpdate
    | HostAway
    | Disconnect
)
"""The messages that its gateway sends."""


class SendGuestMessages(Protocol):
    """Sends messages of a joined terminal, in one write."""

    def __call__(self, *messages: GuestMessage) -> None:
        """Send them in this order."""
