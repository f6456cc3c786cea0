"""The messages between two gateways of one service about a session that one of them has.

The *home* has the link of the session's host. The *landing gateway* has guests who connected there. It
speaks the viewer's side of a link, and the home the host's side, so the guests' part of the messages is
that of a link. Clients are numbered by the landing gateway.

First both sides send `Hello`. Then the landing gateway says which session it wants, and proves for
each token that a guest of it has come with it (`cluster.relay_proof`). Before that, the home says nothing
about the session.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from pairterm.link.key_relay import AskHome, GuestLogin, HomeShown, KeyTaken, OpenByLogin, ShowKey
from pairterm.link.messages import (
    Ack,
    AttendanceWire,
    DocumentAck,
    Documents,
    DocumentUpdate,
    Echo,
    FetchHistory,
    GoBack,
    Hello,
    History,
    Input,
    InputMarked,
    InvitationWire,
    Join,
    Joined,
    JoinPending,
    Leave,
    LookAt,
    MarkInput,
    Ping,
    Pong,
    Publish,
    PublishedText,
    PublishEnd,
    PublishOver,
    PublishTaken,
    Questions,
    Replay,
    ReplayKeys,
    Resize,
    RoleChanged,
    RoundTrip,
    RunCommand,
    ScreenUpdate,
    ShowText,
    ViewSettings,
    WatchDocuments,
    Windows,
)
from pairterm.link.messages.fields import Client, Count, KeyLine, Message, Name, OneLine, TokenHash
from pairterm.link.relay import HostAway

__all__ = [
    "ClientEnded",
    "HomeMessage",
    "LandingMessage",
    "NotOpened",
    "OpenByWord",
    "OpenSession",
    "Opened",
    "SessionFacts",
    "ShowBegin",
    "ShowHomeProof",
    "ShowProof",
]

Nonce: TypeAlias = Annotated[bytes, Meta(min_length=16, max_length=16)]
ProofBytes: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=32)]


class OpenSession(Message, frozen=True, tag="open-session"):
    """The landing gateway wants this session, by the id that its home announced. Its second message."""

    session_id: Annotated[bytes, Meta(min_length=16, max_length=16)]


class ShowBegin(Message, frozen=True, tag="show-begin"):
    """The first half of a guest's token. `ShowHomeProof` answers, or `NotOpened`."""

    request: Count
    begin: Annotated[str, Meta(max_length=24)]
    nonce: Nonce


class ShowHomeProof(Message, frozen=True, tag="show-home-proof"):
    """The home has the seal of the session: this proves it."""

    request: Count
    nonce: Nonce
    proof: ProofBytes


class ShowProof(Message, frozen=True, tag="show-proof"):
    """The landing gateway has the second half of the token: this proves it. `Opened` answers, or `NotOpened`."""

    request: Count
    proof: ProofBytes


class OpenByWord(Message, frozen=True, tag="open-by-word"):
    """A guest has a spoken code, or comes by a name and a key, or was in before and has a ticket.

    Only the workers of one machine send this. `Opened` or `NotOpened` answers.
    """

    request: Count
    token_hash: TokenHash | None = None
    """The hash of a spoken code."""
    nameplate: Name = ""
    name: Annotated[str, Meta(max_length=130)] = ""
    """A name that can mean the session. Without it and without a code, only guests with a ticket come."""


class SessionFacts(Message, frozen=True, tag="session-facts"):
    """What a gateway has to know about a session to admit guests to it."""

    name: Name
    fixed_name: Name
    owner: OneLine
    """The id of its owner."""
    owner_prefix: Name | None
    needs_key: bool
    keys: Annotated[list[KeyLine], Meta(max_length=2048)]
    """The keys that open it; [] unless the gateways are workers of one machine."""


class Opened(Message, frozen=True, tag="opened"):
    """The session is open for guests with this token or code, or for those who come by the name."""

    request: Count
    invitation: InvitationWire | None
    facts: SessionFacts
    settings: ViewSettings


class NotOpened(Message, frozen=True, tag="not-opened"):
    """The session is not here, or the token, code or name opens nothing: all read the same."""

    request: Count


class ClientEnded(Message, frozen=True, tag="client-ended"):
    """A guest is disconnected: they are shown this line, and their program exits with the status."""

    client: Client
    text: OneLine
    status: Annotated[int, Meta(ge=0, le=255)]


LandingMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | OpenSession
    | ShowBegin
    | ShowProof
    | OpenByWord
    | AskHome
    | ShowKey
    | OpenByLogin
    | GuestLogin
    | Join
    | Leave
    | Resize
    | Input
    | MarkInput
    | GoBack
    | ReplayKeys
    | Ack
    | FetchHistory
    | RunCommand
    | RoundTrip
    | WatchDocuments
    | DocumentAck
    | Publish
    | PublishedText
    | PublishEnd
)
"""The messages of a landing gateway."""

HomeMessage: TypeAlias = (
    Hello
    | Ping
    | Pong
    | ShowHomeProof
    | HomeShown
    | KeyTaken
    | Opened
    | NotOpened
    | Joined
    | RoleChanged
    | InputMarked
    | JoinPending
    | Questions
    | Replay
    | Windows
    | LookAt
    | ScreenUpdate
    | Echo
    | History
    | AttendanceWire
    | ShowText
    | ViewSettings
    | Documents
    | DocumentUpdate
    | PublishTaken
    | PublishOver
    | HostAway
    | ClientEnded
)
"""The messages of a session's home."""
