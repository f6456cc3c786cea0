"""The commands that a client gives: by `C-b :`, by a key, or by the command line. `parse` reads them from words."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from pairterm.session.commands.look_types import Follow, Gather, SetWindow
from pairterm.session.recording import RecordingPhase
from pairterm.types import Role

__all__ = [
    "AnswerKind",
    "AnswerRequest",
    "Command",
    "DetachClients",
    "GiveKeyboard",
    "GrantRole",
    "Kick",
    "KillSession",
    "ListBans",
    "ListClients",
    "ListInvitations",
    "NewInvitation",
    "Panic",
    "PassKeyboard",
    "Pause",
    "Record",
    "Rename",
    "RequestKeyboard",
    "RevokeInvitation",
    "RotateInvitations",
    "SendChat",
    "SendKeys",
    "SetOption",
    "ShowChat",
    "ShowLinks",
    "ShowOptions",
    "TakeKeyboard",
    "Unban",
    "WindowCommand",
]


# The session.


@dataclass(frozen=True, slots=True)
class SetOption:
    """`set OPTION VALUE`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ShowOptions:
    """`show-options [-v] [OPTION]`."""

    name: str = ""
    """Only this option; "" for all."""
    value_only: bool = False


@dataclass(frozen=True, slots=True)
class KillSession:
    """`kill-session`."""


@dataclass(frozen=True, slots=True)
class SendKeys:
    """`send-keys [-l] [-H] [-N COUNT] [-t TARGET] KEY …`, by the owner."""

    words: tuple[str, ...]
    target: str = ""


@dataclass(frozen=True, slots=True)
class DetachClients:
    """`detach-client`: detach the owner's terminals, with `-a` all except the one that gives the command."""


# Windows and panes.


@dataclass(frozen=True, slots=True)
class WindowCommand:
    """A command of tmux's about windows or panes, with its options. `window_syntax` has all of them."""

    name: str
    flags: frozenset[str] = frozenset()
    """The letters of its options that have no value."""
    values: tuple[tuple[str, str], ...] = ()
    """The letters of its options that have one, and the values."""
    words: tuple[str, ...] = ()

    def value(self, letter: str) -> str | None:
        """Return the last value of an option; None: it is not given."""
        return dict(self.values).get(letter)

    def all_values(self, letter: str) -> list[str]:
        """Return the values of an option that may be given several times."""
        return [value for each, value in self.values if each == letter]


# People.


@dataclass(frozen=True, slots=True)
class ListClients:
    """`who`."""


@dataclass(frozen=True, slots=True)
class GrantRole:
    """`grant ID rw|ro [--for TIME] [--window WINDOW]`, and `revoke ID [--window WINDOW]`, which is `grant ID ro`."""

    who: str
    role: Role
    for_s: float | None = None
    window: str | None = None
    """The only window that it concerns; None: it concerns all."""


@dataclass(frozen=True, slots=True)
class Kick:
    """`kick ID [--ban [key|address|token]]`; `ban` "" bans nothing, "any" the key, or without a key the address."""

    who: str
    ban: str = ""


@dataclass(frozen=True, slots=True)
class ListBans:
    """`bans`: list the banned keys and addresses."""


@dataclass(frozen=True, slots=True)
class Unban:
    """`unban KEY|ADDRESS|all`."""

    what: str


@dataclass(frozen=True, slots=True)
class Rename:
    """`name NAME`, or `name NAME ID` for the owner. A name may have several words."""

    words: tuple[str, ...]


# Chat.


@dataclass(frozen=True, slots=True)
class SendChat:
    """`say TEXT`."""

    text: str


@dataclass(frozen=True, slots=True)
class ShowChat:
    """`chat`: show the remarks so far."""


# Safety.


@dataclass(frozen=True, slots=True)
class Panic:
    """`panic [off]`: all guests may only watch, and so may all who join later."""

    is_on: bool
    asks: bool = False
    """`panic --ask`: ask first, unless a guest has just typed."""


@dataclass(frozen=True, slots=True)
class Pause:
    """`pause [on|off]`; None: change it to the other."""

    is_on: bool | None


# The keyboard, while one client types at a time.


@dataclass(frozen=True, slots=True)
class RequestKeyboard:
    """`ask`: ask for the keyboard."""


@dataclass(frozen=True, slots=True)
class GiveKeyboard:
    """`give ID [--window WINDOW]`: give the keyboard of a window to a person; "": the window where the sender looks."""

    who: str
    window: str = ""


@dataclass(frozen=True, slots=True)
class PassKeyboard:
    """`pass [--window WINDOW]`: pass the keyboard of a window to the next person in turn."""

    window: str = ""


@dataclass(frozen=True, slots=True)
class TakeKeyboard:
    """`take [--window WINDOW]`: the owner takes the keyboard of a window."""

    window: str = ""


# The recording.


@dataclass(frozen=True, slots=True)
class Record:
    """`record [on [--input] [FILE] | off | pause | resume]`; None: begin it, or end it."""

    phase: RecordingPhase | None
    file: str = ""
    has_input: bool = False


# Requests.


class AnswerKind(enum.Enum):
    """How a request is answered."""

    YES = "yes"
    OBSERVER = "observer"
    """Yes, but only to watch."""
    NO = "no"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """`accept`, `accept-ro`, `decline`, `decline-ban`, each `[ID] [--remember]`.

    Without ID it answers the request that is shown.
    """

    kind: AnswerKind
    who: str = ""
    remember: bool = False


# Invitations; users say link.


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """`link new [--role rw|ro|owner|publish] [--expire TIME] [--uses N|--once] [--label TEXT] [--ask] [--spoken]`."""

    role: Role
    label: str = ""
    expire_s: float | None = None
    uses: int | None = None
    asks: bool | None = None
    is_spoken: bool = False
    publishes: bool = False
    """It is for pair-ls, and `role` has no meaning."""
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class ListInvitations:
    """`link ls [--json]`."""

    as_json: bool = False


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    """`link revoke NUMBER|LABEL [--kick]`."""

    link: str
    kicks: bool = False


@dataclass(frozen=True, slots=True)
class RotateInvitations:
    """`link rotate [rw|ro] [--kick]`; None: both."""

    role: Role | None
    kicks: bool = False


@dataclass(frozen=True, slots=True)
class ShowLinks:
    """`links`: show the owner the ways to join."""


Command: TypeAlias = (
    SetOption
    | ShowOptions
    | KillSession
    | SendKeys
    | DetachClients
    | WindowCommand
    | ListClients
    | GrantRole
    | Kick
    | ListBans
    | Unban
    | Rename
    | SendChat
    | ShowChat
    | Panic
    | Pause
    | RequestKeyboard
    | GiveKeyboard
    | PassKeyboard
    | TakeKeyboard
    | Record
    | AnswerRequest
    | NewInvitation
    | ListInvitations
    | RevokeInvitation
    | RotateInvitations
    | ShowLinks
    | Follow
    | Gather
    | SetWindow
)
