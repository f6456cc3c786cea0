"""One client of a session, from its coming to its leaving: its size, its keys, its words, its role."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from pairterm.link.messages.fields import (
    Client,
    Cols,
    KeyLine,
    Line,
    Message,
    Name,
    RoleName,
    Rows,
    Said,
    Text,
    Ticket,
    TokenHash,
    Window,
)

__all__ = [
    "MAX_INPUT_BYTES",
    "Held",
    "Input",
    "Join",
    "Joined",
    "Leave",
    "Measured",
    "Refused",
    "Resize",
    "RoleChanged",
    "Say",
    "Told",
]

MAX_INPUT_BYTES = 65_536
"""Input in one message. SSH packets carry 32 KiB; a larger paste comes as several."""


class Join(Message, frozen=True, tag="join"):
    """A client wants in: by a token's hash or a key from a gateway, or as the owner on the local socket (neither)."""

    client: Client
    rows: Rows
    cols: Cols
    token_hash: TokenHash | None = None
    read_only: bool = False
    label: Line = ""
    """Who it is, for people: an address or a user's name."""
    term: Name = ""
    name: Name = ""
    """What it calls itself; "" if it does not."""
    transport: Literal["", "local", "ssh", "join", "web"] = ""
    key: KeyLine = ""
    """The public key that it proved to the gateway to have, in OpenSSH's one-line form; "" for none."""
    key_name: Line = ""
    """The identity in its certificate."""
    authority: Name = ""
    """The fingerprint of the authority that signed its certificate, which the gateway has checked."""
    ticket: Ticket = b""
    """What `Joined` gave it the last time: with it, it is the same guest again; b"": it is a new one."""


class Held(Message, frozen=True, tag="held"):
    """The client has to wait; the text says for what. `Joined` or `Refused` follows."""

    client: Client
    text: Line


class Joined(Message, frozen=True, tag="joined"):
    """The client is in, with this role."""

    client: Client
    role: RoleName
    may_type: bool = True
    """False: the program gets none of its keys now, whatever its role is."""
    ticket: Ticket = b""
    """What it comes back by after a loss: a secret of this client; b"": the one that it has."""


class Refused(Message, frozen=True, tag="refused"):
    """The client, or with `client` None the registration, is not taken."""

    client: Client | None
    code: Name
    text: Line


class RoleChanged(Message, frozen=True, tag="role"):
    """The client has another role, or its keys go nowhere now, or somewhere again. Both gates follow."""

    client: Client
    role: RoleName
    may_type: bool


class Resize(Message, frozen=True, tag="resize"):
    """A client's terminal has another size."""

    client: Client
    rows: Rows
    cols: Cols


class Measured(Message, frozen=True, tag="measured"):
    """How long a packet takes to a client and back, as the gateway's kernel knows it."""

    client: Client
    round_trip_ms: Annotated[int, Meta(ge=0, le=600_000)]


class Input(Message, frozen=True, tag="input"):
    """A client typed. The host drops it if the client's role is read-only."""

    client: Client
    window: Window
    data: Annotated[bytes, Meta(max_length=MAX_INPUT_BYTES)]


class Say(Message, frozen=True, tag="say"):
    """A client gives a command in words; None as client is the owner's own command line. `Told` answers."""

    client: Client | None
    line: Said


class Told(Message, frozen=True, tag="told"):
    """A line for a client, or with None for the owner's command line; `is_error` if nothing was done."""

    client: Client | None
    text: Text
    is_error: bool = False
    title: Line = ""
    """Not "": the text is a page that the client closes itself."""
    items: Annotated[list[Name], Meta(max_length=1024)] = field(default_factory=list)
    """Not []: the page's lines after the first are people whom commands call so."""
    copies: Annotated[list[Line], Meta(max_length=9)] = field(default_factory=list)
    """Not []: the page offers to copy these, each by its number."""
    confirms: Line = ""
    """Not "": the text is a question, and a yes gives this command."""
    starts_at_end: bool = False
    """The page shows its last lines first, as a chat does."""


class Leave(Message, frozen=True, tag="leave"):
    """A client is gone."""

    client: Client
    is_lost: bool = False
    """Its connection was lost, and it has a ticket to come back by."""
