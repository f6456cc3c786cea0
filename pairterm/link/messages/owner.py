"""What the owner's own commands ask of a host, and its answer. On the local socket only: it holds the tokens."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from pairterm.link.messages.fields import (
    Cols,
    Count,
    Fingerprint,
    Host,
    Line,
    Message,
    Name,
    Port,
    PublicKey,
    RoleName,
    Rows,
    Title,
    UserName,
)

__all__ = ["ClientInfo", "Info", "Kill", "LinkAddress", "Query"]


class Query(Message, frozen=True, tag="query"):
    """Asks for `Info`. On the local socket only."""


class Kill(Message, frozen=True, tag="kill"):
    """Ends the session. On the local socket only."""

    status: Annotated[int, Meta(ge=0, le=255)] | None = None
    """What the host exits with; None: as for a command that was hung up."""


class LinkAddress(Message, frozen=True, tag="address"):
    """All that the links of a session are written from. It holds the tokens: for the owner only."""

    host: Host
    port: Port
    public_key: PublicKey
    fingerprint: Fingerprint
    is_loopback: bool
    read_write: Line
    read_only: Line
    fixed_name: UserName = ""
    """The fixed name of the session; "" for none."""
    by_key: UserName = ""
    """The user name under which a key on the session's list is enough; "": no key alone opens the session."""
    opens_by_link: bool = True
    """False: the two links open nothing, because it takes a key to come in, and a key is enough."""


class ClientInfo(Message, frozen=True, tag="client"):
    """One attached client, as `Info` lists it."""

    label: Line
    role: RoleName
    rows: Rows
    cols: Cols
    joined_s: float
    number: Count = 0
    name: Name = ""
    transport: Name = ""
    fingerprint: Name = ""
    link: int | None = None
    term: Name = ""
    idle_s: float = 0.0
    may_type: bool = False
    round_trip_ms: int | None = None
    until_s: float | None = None
    """When its role ends; None: not by time."""


class Info(Message, frozen=True, tag="info"):
    """The answer to `Query`."""

    session: Name
    pid: int
    created_s: float
    rows: Rows
    cols: Cols
    command: Line
    title: Title
    clients: list[ClientInfo]
    address: LinkAddress | None
    """None while no gateway has the session."""
    gateway: Line
    """The gateway's state in words."""
    messages: list[tuple[float, Line]] = field(default_factory=list)
    """What happened to the session, the newest last: when, and what."""
    guests_ever: Count = 0
    """How many guests have come by a gateway, those who left too."""
    asks: list[tuple[Count, Line]] = field(default_factory=list)
    """What waits for the owner's answer: whose number it is, and the question."""
