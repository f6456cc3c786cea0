"""The effects that the session core returns. The host's actor carries them out in order."""

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
    """Write these bytes to the program: a client typed them, or the screen answers a query."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ResizePty:
    """Tell the program its terminal's size (TIOCSWINSZ)."""

    size: Size


@dataclass(frozen=True, slots=True)
class SetClipboard:
    """The program sets the clipboard: send it to the owner's own terminals, and to no other."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Publish:
    """The picture changed: send the newest frame to every link with clients, when the link can take one."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The client is in the session with this role; `may_type` as in `ChangeRole`."""

    client: ClientId
    role: Role
    may_type: bool = True
    ticket: bytes = field(default=b"", repr=False)
    """The ticket by which it can return after a lost link; b"": it keeps the one that it has, or has none."""


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """The client has another role, or may type no longer or again: its gateway's gate must follow."""

    client: ClientId
    role: Role
    may_type: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """The client must wait; the text says for what."""

    client: ClientId
    text: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """The client is refused or disconnected; the text says why."""

    client: ClientId
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Show this client a text for a few seconds; with a title, as a page until a key is pressed."""

    client: ClientId
    text: str
    title: str = ""
    items: tuple[str, ...] = ()
    """For a list of people to act on: how commands name the person of each line after the first."""
    copies: tuple[str, ...] = ()
    """The texts that the page offers to copy, by number."""
    confirms: str = ""
    """The command that a yes gives, if the text is a question."""
    starts_at_end: bool = False
    """The page shows its last lines first, as a chat does."""


@dataclass(frozen=True, slots=True)
class Note:
    """An event for the audit log and the hooks. The fields never hold content or tokens."""

    event: str
    fields: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Admit:
    """The invitations or keys changed: every gateway must know."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Remember this key for later sessions."""

    key: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Announce:
    """The people, the typist, the size or the status note changed: tell every link with clients."""


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
