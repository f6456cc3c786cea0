"""The messages about one client of a session: it joins, types, gives commands, changes its role, and leaves."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from pairterm.link.messages.fields import (
    Client,
    Cols,
    CommandText,
    Count,
    KeyLine,
    LongText,
    Message,
    Name,
    OneLine,
    Pane,
    Proof,
    RoleName,
    Rows,
    Ticket,
    TokenHash,
)

__all__ = [
    "MAX_INPUT_BYTES",
    "MAX_QUESTIONS",
    "Input",
    "InputMarked",
    "Join",
    "JoinPending",
    "Joined",
    "Leave",
    "MarkInput",
    "QuestionWire",
    "Questions",
    "Refused",
    "Resize",
    "RoleChanged",
    "RoundTrip",
    "RunCommand",
    "ShowText",
]

MAX_INPUT_BYTES = 65_536
"""The most input in one message. SSH packets carry 32 KiB. A larger paste comes in several messages."""

MAX_QUESTIONS = 150
"""The most requests that one message names: a session keeps 50 of each kind."""


class Join(Message, frozen=True, tag="join"):
    """A client wants to join. A gateway adds its token's hash or its key; the owner's terminal has neither."""

    client: Client
    rows: Rows
    cols: Cols
    token_hash: TokenHash | None = None
    read_only: bool = False
    label: OneLine = ""
    """How people see the client: its address or its user's name."""
    term: Name = ""
    name: Name = ""
    """The name that the client gives itself, or ""."""
    transport: Literal["", "local", "ssh", "join", "web"] = ""
    key: KeyLine = ""
    """The client's public key in OpenSSH's one-line form, or "". The gateway has checked that the client has it."""
    key_name: OneLine = ""
    """The identity in the client's certificate."""
    authority: Name = ""
    """The fingerprint of the authority that signed the client's certificate. The gateway has checked it."""
    ticket: Ticket = b""
    """The ticket of an earlier `Joined`: the client is the same guest again. b"": it is a new guest."""
    owner_proof: Proof = b""
    """Proves that the client has an owner's token: see `access.tokens`. A hash alone makes nobody an owner."""
    returns_only: bool = False
    """The client comes by its ticket or not at all: its gateway has proved neither its token nor its key this time."""


class JoinPending(Message, frozen=True, tag="join-pending"):
    """The client has to wait, and the text says for what. `Joined` or `Refused` follows."""

    client: Client
    text: OneLine


class Joined(Message, frozen=True, tag="joined"):
    """The client is in and has this role."""

    client: Client
    role: RoleName
    may_type: bool = True
    """False: the program gets no input from the client now, whatever the client's role is."""
    ticket: Ticket = b""
    """A secret of this client. It comes back with it after a lost connection. b"": the client keeps the one it has."""
    number: Count = 0
    """The number by which commands name the person."""


class Refused(Message, frozen=True, tag="refused"):
    """The client is refused. With None as `client`, the registration is refused."""

    client: Client | None
    code: Name
    text: OneLine


class RoleChanged(Message, frozen=True, tag="role"):
    """The client's role has changed, or whether the client may type. Gateway and host both follow it."""

    client: Client
    role: RoleName
    may_type: bool
    is_granted: bool = True
    """Somebody gave them this role. False: it is their role in the window where they look now."""


class Resize(Message, frozen=True, tag="resize"):
    """The client's terminal has another size."""

    client: Client
    rows: Rows
    cols: Cols


class RoundTrip(Message, frozen=True, tag="round-trip"):
    """The time that a packet takes to the client and back, as the gateway's kernel measures it."""

    client: Client
    round_trip_ms: Annotated[int, Meta(ge=0, le=600_000)]


class Input(Message, frozen=True, tag="input"):
    """The client typed. The host knows the pane that the client looks at, and whether they may type there."""

    client: Client
    data: Annotated[bytes, Meta(max_length=MAX_INPUT_BYTES)]


class MarkInput(Message, frozen=True, tag="mark-input"):
    """The client wants a mark of what it has typed so far: `InputMarked` answers. It shows its text before the echo."""

    client: Client
    serial: Count
    """The client's number of its newest input."""


class InputMarked(Message, frozen=True, tag="input-marked"):
    """The program has had time to echo the client's input up to `serial`."""

    client: Client
    serial: Count
    newest: Count
    """The newest input that the program had by then."""
    generation: Count
    """A frame of the client's pane that is at least so new shows the echo."""


class RunCommand(Message, frozen=True, tag="run-command"):
    """The client gives a command. None as `client` is the owner's command line. `ShowText` answers."""

    client: Client | None
    line: CommandText
    pane: Pane | None = None
    """The pane of this session in which the owner's command line runs."""


class ShowText(Message, frozen=True, tag="show-text"):
    """A text for the client, or with None for the owner's command line. `is_error`: the command did nothing."""

    client: Client | None
    text: LongText
    is_error: bool = False
    title: OneLine = ""
    """Not "": the text is a page, and the client closes it."""
    items: Annotated[list[Name], Meta(max_length=1024)] = field(default_factory=list)
    """Not []: each line of the page after the first is a person, and commands call that person by this name."""
    copies: Annotated[list[OneLine], Meta(max_length=9)] = field(default_factory=list)
    """Not []: the client can copy these texts from the page, each by its number."""
    confirms: OneLine = ""
    """Not "": the text is a question, and the answer y gives this command."""
    starts_at_end: bool = False
    """The page shows its last lines first, as a chat does."""
    said_by: OneLine = ""
    """Not "": the text is a remark of the person with this name, who stands in it."""


class QuestionWire(Message, frozen=True, tag="question"):
    """One request of `Questions`."""

    number: Count
    """Of the person who asks."""
    name: Name
    asks: Literal["in", "keyboard", "enter"]
    text: OneLine
    choices: Annotated[list[Name], Meta(max_length=8)]
    """The commands that answer it, each followed by the number."""


class Questions(Message, frozen=True, tag="questions"):
    """All requests that the client may answer now. Only a client with buttons for them gets this: a browser."""

    client: Client
    questions: Annotated[list[QuestionWire], Meta(max_length=MAX_QUESTIONS)]


class Leave(Message, frozen=True, tag="leave"):
    """The client is gone."""

    client: Client
    is_lost: bool = False
    """The connection was lost. The client can come back with its ticket."""
