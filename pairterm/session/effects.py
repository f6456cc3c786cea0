"""What a session wants done: the effects that the core returns and the actor carries out, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pairterm.types import ClientId, Role, Size

__all__ = ["Announce", "Closed", "Effect", "Publish", "Refuse", "ResizePty", "Tell", "Wake", "Welcome", "WritePty"]


@dataclass(frozen=True, slots=True)
class WritePty:
    """Give these bytes to the program: a client typed them, or the screen answers a query."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ResizePty:
    """Tell the program its terminal's size (TIOCSWINSZ)."""

    size: Size


@dataclass(frozen=True, slots=True)
class Publish:
    """The picture changed: every link with clients wants the newest frame when it can take one."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The client is in, with this role."""

    client: ClientId
    role: Role


@dataclass(frozen=True, slots=True)
class Refuse:
    """The client is not let in, and is no client."""

    client: ClientId
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Show this client a line for a few seconds."""

    client: ClientId
    text: str


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


Effect: TypeAlias = WritePty | ResizePty | Publish | Announce | Welcome | Refuse | Tell | Wake | Closed
