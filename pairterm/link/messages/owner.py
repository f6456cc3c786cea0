"""The messages of the owner's command line and the host's answer. For the local socket only: they contain tokens."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from pairterm.link.messages.fields import (
    Cols,
    Count,
    Fingerprint,
    Host,
    Message,
    Name,
    OneLine,
    PageUrl,
    Port,
    PublicKey,
    RoleName,
    Rows,
    Title,
    UserName,
)

__all__ = ["ClientInfo", "Kill", "Query", "SessionAddress", "SessionInfo", "WindowRoleInfo"]


class Query(Message, frozen=True, tag="query"):
    """Asks for `SessionInfo`. Allowed on the local socket only."""


class Kill(Message, frozen=True, tag="kill"):
    """Ends the session. Allowed on the local socket only."""

    status: Annotated[int, Meta(ge=0, le=255)] | None = None
    """The exit status of the host. None: the status of a command that got a hangup."""


class SessionAddress(Message, frozen=True, tag="session-address"):
    """How guests reach a session: gateway, port, tokens and names. Only the owner gets it: it contains the tokens."""

    host: Host
    port: Port
    public_key: PublicKey
    fingerprint: Fingerprint
    is_loopback: bool
    read_write: OneLine
    read_only: OneLine
    fixed_name: UserName = ""
    """The fixed name of the session, or ""."""
    by_key: UserName = ""
    """The user name for guests whose key is on the session's list. "": a key alone does not open the session."""
    opens_by_invitation: bool = True
    """False: the two invitations open nothing, because guests need a key, and a key is enough."""
    web_url: PageUrl = ""
    """The page for browsers: a link is this, `#` and an invitation. "": no browser can join."""


class WindowRoleInfo(Message, frozen=True, tag="window-role"):
    """A client's role in one window, where it differs from their role in the session."""

    window: int
    """The window's number."""
    role: RoleName
    until_s: float | None = None
    """When it ends. None: it has no end."""


class ClientInfo(Message, frozen=True, tag="client"):
    """One attached client, as `SessionInfo` lists it."""

    label: OneLine
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
    """When the client's role ends. None: it has no end."""
    window: int | None = None
    """The number of the window where the client looks."""
    window_roles: list[WindowRoleInfo] = field(default_factory=list)


class SessionInfo(Message, frozen=True, tag="session-info"):
    """The answer to `Query`."""

    session: Name
    pid: int
    created_s: float
    rows: Rows
    cols: Cols
    command: OneLine
    title: Title
    clients: list[ClientInfo]
    address: SessionAddress | None
    """None: no gateway has the session now."""
    gateway: OneLine
    """The state of the gateway, in words."""
    messages: list[tuple[float, OneLine]] = field(default_factory=list)
    """The events of the session with their times, the newest last."""
    guests_ever: Count = 0
    """How many guests have ever joined through a gateway."""
    asks: list[tuple[Count, OneLine]] = field(default_factory=list)
    """The questions that wait for the owner's answer: the client's number and the text."""
    recording: OneLine = ""
    """The file into which the session is recorded now. "": it is not recorded."""
