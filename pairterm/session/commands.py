"""The commands that a client gives: by `C-b :`, by a key, or by the command line. `parsing` reads them from words."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from pairterm.types import Role

__all__ = [
    "Answer",
    "AnswerKind",
    "Ask",
    "Bans",
    "Command",
    "DetachClients",
    "Give",
    "Grant",
    "Kick",
    "KillSession",
    "LinkList",
    "LinkNew",
    "LinkRevoke",
    "LinkRotate",
    "Links",
    "Messages",
    "Panic",
    "Pass",
    "Pause",
    "Rename",
    "Say",
    "SendKeys",
    "SetOption",
    "ShowOptions",
    "Take",
    "Unban",
    "Who",
]


@dataclass(frozen=True, slots=True)
class SetOption:
    """`set OPTION VALUE`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ShowOptions:
    """`show-options`."""


@dataclass(frozen=True, slots=True)
class KillSession:
    """`kill-session`."""


@dataclass(frozen=True, slots=True)
class SendKeys:
    """`send-keys [-l] [-H] [-N COUNT] KEY …`, by the owner."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetachClients:
    """`detach-client`: the owner's own terminals, with `-a` all but the one that says so."""


@dataclass(frozen=True, slots=True)
class Who:
    """`who`."""


@dataclass(frozen=True, slots=True)
class Grant:
    """`grant ID rw|ro [--for TIME]`, and `revoke ID`, which is `grant ID ro`."""

    who: str
    role: Role
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Kick:
    """`kick ID [--ban [key|address|token]]`; `ban` "" is none, "any" the surest there is."""

    who: str
    ban: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """`links`: what opens the session, for the owner alone."""


@dataclass(frozen=True, slots=True)
class Bans:
    """`bans`: what stays out."""


@dataclass(frozen=True, slots=True)
class Unban:
    """`unban KEY|ADDRESS|all`."""

    what: str


@dataclass(frozen=True, slots=True)
class Panic:
    """`panic [off]`: all guests watch only, those to come as well."""

    is_on: bool
    asks: bool = False
    """`panic --ask`: ask first, unless a guest has just typed."""


@dataclass(frozen=True, slots=True)
class Pause:
    """`pause [on|off]`; None turns it over."""

    is_on: bool | None


@dataclass(frozen=True, slots=True)
class Rename:
    """`name NAME`, or `name NAME ID` for the owner."""

    name: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """`say TEXT`."""

    text: str


@dataclass(frozen=True, slots=True)
class Messages:
    """`chat`: what was said."""


@dataclass(frozen=True, slots=True)
class Ask:
    """`ask`: for the keyboard."""


@dataclass(frozen=True, slots=True)
class Give:
    """`give ID`: the seat."""

    who: str


@dataclass(frozen=True, slots=True)
class Pass:
    """`pass`: the seat to whoever is next."""


@dataclass(frozen=True, slots=True)
class Take:
    """`take`: the seat, by the owner."""


class AnswerKind(enum.Enum):
    """What the owner says to who asks."""

    YES = "yes"
    OBSERVER = "observer"
    NO = "no"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Answer:
    """`accept`, `accept-ro`, `decline`, `decline-ban`, each `[ID] [--remember]`; without ID to the one shown."""

    kind: AnswerKind
    who: str = ""
    remember: bool = False


@dataclass(frozen=True, slots=True)
class LinkNew:
    """`link new [--role rw|ro] [--expire TIME] [--uses N] [--once] [--label TEXT] [--ask] [--spoken] [--json]`."""

    role: Role
    label: str = ""
    expire_s: float | None = None
    uses: int | None = None
    asks: bool | None = None
    is_spoken: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class LinkList:
    """`link ls [--json]`."""

    as_json: bool = False


@dataclass(frozen=True, slots=True)
class LinkRevoke:
    """`link revoke NUMBER|LABEL [--kick]`."""

    link: str
    kicks: bool = False


@dataclass(frozen=True, slots=True)
class LinkRotate:
    """`link rotate [rw|ro] [--kick]`; None: both."""

    role: Role | None
    kicks: bool = False


Command: TypeAlias = (
    SetOption
    | ShowOptions
    | KillSession
    | SendKeys
    | DetachClients
    | Who
    | Grant
    | Kick
    | Bans
    | Unban
    | Panic
    | Pause
    | Rename
    | Say
    | Messages
    | Ask
    | Give
    | Pass
    | Take
    | Answer
    | LinkNew
    | LinkList
    | LinkRevoke
    | LinkRotate
    | Links
)
