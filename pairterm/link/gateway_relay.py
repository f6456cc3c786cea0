"""The messages between two gateways of one service about a session that one of them has.

The *home* has the link of the session's host. The *landing gateway* has guests who connected there. It
speaks the viewer's side of a link, and the home the host's side, so the guests' part of the messages is
that of a link. Clients are numbered by the landing gateway.

First both sides send `Hello`. Then the landing gateway says which session it wants, and proves for
each token and each spoken code that a guest of it has come with it (`cluster.relay_proof`, `cluster.code_exchange`).
Before that, the home says nothing about the session.
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
    "ProveReturn",
    "SessionFacts",
    "ShowBegin",
    "ShowCode",
    "ShowHomeCode",
    "ShowHomeProof",
    "ShowProof",
]

Nonce: TypeAlias = Annotated[bytes, Meta(min_length=16, max_length=16)]
ProofBytes: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=32)]
Share: TypeAlias = Annotated[bytes, Meta(min_length=33, max_length=33)]
"""A share of SPAKE2: a letter for the side, and a point."""


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


class ProveReturn(Message, frozen=True, tag="prove-return"):
    """The session was open at the landing gateway before (`cluster.return_key`): it has a key for it.

    `ShowHomeProof` answers, or `NotOpened`. It opens the session for guests with a return ticket only.
    """

    request: Count
    nonce: Nonce


class ShowCode(Message, frozen=True, tag="show-code"):
    """A guest has said a spoken code with this number. `ShowHomeCode` answers, or `NotOpened`."""

    request: Count
    nameplate: Name
    share: Share


class ShowHomeCode(Message, frozen=True, tag="show-home-code"):
    """The home has a code with the number, and shows its share."""

    request: Count
    share: Share


class ShowProof(Message, frozen=True, tag="show-proof"):
    """The landing gateway has the secret or the code: this proves it. `Opened` answers, or `NotOpened`."""

    request: Count
    proof: ProofBytes


class OpenByWord(Message, frozen=True, tag="open-by-word"):
    """A guest has a spoken code, or comes by a name and a key.

    Only the workers of one machine send this. `Opened` or `NotOpened` answers.
    """

    request: Count
    token_hash: TokenHash | None = None
    """The hash of a spoken code."""
    nameplate: Name = ""
    name: Annotated[str, Meta(max_length=130)] = ""
    """A name that can mean the session."""


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
    """The session is open for guests with this token or code, or for those who come by the name or with a ticket."""

    request: Count
    invitation: InvitationWire | None
    facts: SessionFacts
    settings: ViewSettings
    proof: Annotated[bytes, Meta(max_length=32)] = b""
    """After `ShowCode`: the home has the same words. b"": it has proved before that it has the session."""
    return_key: Annotated[bytes, Meta(max_length=32)] = b""
    """By it the landing gateway opens the session at its next home: see `ProveReturn`."""


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
    | ShowCode
    | ProveReturn
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
    | ShowHomeCode
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
