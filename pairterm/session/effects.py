"""What a session wants done: the effects that the core returns and the actor carries out, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pairterm.types import ClientId, Role, Size

__all__ = [
    "Admit",
    "Announce",
    "ChangeRole",
    "Closed",
    "Effect",
    "Hold",
    "Note",
    "Pin",
    "Publish",
    "Refuse",
    "ResizePty",
    "SetClipboard",
    "Tell",
    "Wake",
    "Welcome",
    "WritePty",
]


@dataclass(frozen=True, slots=True)
class WritePty:
    """Give these bytes to the program: a client typed them, or the screen answers a query."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ResizePty:
    """Tell the program its terminal's size (TIOCSWINSZ)."""

    size: Size


@dataclass(frozen=True, slots=True)
class SetClipboard:
    """The program wants this in the clipboard: the owner's own terminals are told, and nobody else's."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Publish:
    """The picture changed: every link with clients wants the newest frame when it can take one."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The client is in, with this role; `may_type` as `ChangeRole` has it."""

    client: ClientId
    role: Role
    may_type: bool = True
    ticket: bytes = field(default=b"", repr=False)
    """What it comes back by after a loss; b"": the one that it has, or none."""


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """The client has another role, or its keys reach the program no longer or again: its gateway's gate follows."""

    client: ClientId
    role: Role
    may_type: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """The client waits at the door; the text says for what."""

    client: ClientId
    text: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """The client is not let in, or no longer, and is no client."""

    client: ClientId
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Show this client a text for a few seconds; with a title, as a page that it closes itself."""

    client: ClientId
    text: str
    title: str = ""
    items: tuple[str, ...] = ()
    """What commands call the person of each line after the first: the page is a list to act on."""
    copies: tuple[str, ...] = ()
    """What the page offers to copy, by numbers."""
    confirms: str = ""
    """The command that a yes gives, if the text is a question."""
    starts_at_end: bool = False
    """The page shows its last lines first, as a chat does."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something happened that the audit and the hooks are for: who, whence, what; never content, never a token."""

    event: str
    fields: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Admit:
    """The links or keys changed: every gateway is to know."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Remember this key for the sessions to come."""

    key: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Announce:
    """Who is here, who types or what gives the size changed: every link with clients wants to know."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Call `tick` at this time (the clock of `now_s`); a later `Wake` does not cancel an earlier one."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Closed:
    """The session is over: its command ended, or its owner killed it. `status` as a shell gives it."""

    reason: Literal["ended", "killed"]
    status: int
    text: str


Effect: TypeAlias = (
    WritePty
    | ResizePty
    | SetClipboard
    | Publish
    | Announce
    | Welcome
    | ChangeRole
    | Hold
    | Refuse
    | Tell
    | Note
    | Admit
    | Pin
    | Wake
    | Closed
)
