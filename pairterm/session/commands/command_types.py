"""The commands that a client gives: by `C-b :`, by a key, or by the command line. `parse` reads them from words."""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

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


class SetOption(msgspec.Struct, frozen=True):
    """`set OPTION VALUE`."""

    name: str
    value: str


class ShowOptions(msgspec.Struct, frozen=True):
    """`show-options [-v] [OPTION]`."""

    name: str = ""
    """Only this option; "" for all."""
    value_only: bool = False


class KillSession(msgspec.Struct, frozen=True):
    """`kill-session`."""


class SendKeys(msgspec.Struct, frozen=True):
    """`send-keys [-l] [-H] [-N COUNT] [-t TARGET] KEY …`, by the owner."""

    words: tuple[str, ...]
    target: str = ""


class DetachClients(msgspec.Struct, frozen=True):
    """`detach-client`: detach the owner's terminals, with `-a` all except the one that gives the command."""


# Windows and panes.


class WindowCommand(msgspec.Struct, frozen=True):
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


class ListClients(msgspec.Struct, frozen=True):
    """`who`."""


class GrantRole(msgspec.Struct, frozen=True):
    """`grant ID rw|ro [--for TIME] [--window WINDOW]`, and `revoke ID [--window WINDOW]`, which is `grant ID ro`."""

    who: str
    role: Role
    for_s: float | None = None
    window: str | None = None
    """The only window that it concerns; None: it concerns all."""


class Kick(msgspec.Struct, frozen=True):
    """`kick ID [--ban [key|address|token]]`; `ban` "" bans nothing, "any" the key, or without a key the address."""

    who: str
    ban: str = ""


class ListBans(msgspec.Struct, frozen=True):
    """`bans`: list the banned keys and addresses."""


class Unban(msgspec.Struct, frozen=True):
    """`unban KEY|ADDRESS|all`."""

    what: str


class Rename(msgspec.Struct, frozen=True):
    """`name NAME`, or `name NAME ID` for the owner. A name may have several words."""

    words: tuple[str, ...]


# Chat.


class SendChat(msgspec.Struct, frozen=True):
    """`say TEXT`."""

    text: str


class ShowChat(msgspec.Struct, frozen=True):
    """`chat`: show the remarks so far."""


# Safety.


class Panic(msgspec.Struct, frozen=True):
    """`panic [off]`: all guests may only watch, and so may all who join later."""

    is_on: bool
    asks: bool = False
    """`panic --ask`: ask first, unless a guest has just typed."""


class Pause(msgspec.Struct, frozen=True):
    """`pause [on|off]`; None: change it to the other."""

    is_on: bool | None


# The keyboard, while one client types at a time.


class RequestKeyboard(msgspec.Struct, frozen=True):
    """`ask`: ask for the keyboard."""


class GiveKeyboard(msgspec.Struct, frozen=True):
    """`give ID [--window WINDOW]`: give the keyboard of a window to a person; "": the window where the sender looks."""

    who: str
    window: str = ""


class PassKeyboard(msgspec.Struct, frozen=True):
    """`pass [--window WINDOW]`: pass the keyboard of a window to the next person in turn."""

    window: str = ""


class TakeKeyboard(msgspec.Struct, frozen=True):
    """`take [--window WINDOW]`: the owner takes the keyboard of a window."""

    window: str = ""


# The recording.


class Record(msgspec.Struct, frozen=True):
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


class AnswerRequest(msgspec.Struct, frozen=True):
    """`accept`, `accept-ro`, `decline`, `decline-ban`, each `[ID] [--remember]`.

    Without ID it answers the request that is shown.
    """

    kind: AnswerKind
    who: str = ""
    remember: bool = False


# Invitations; users say link.


class NewInvitation(msgspec.Struct, frozen=True):
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


class ListInvitations(msgspec.Struct, frozen=True):
    """`link ls [--json]`."""

    as_json: bool = False


class RevokeInvitation(msgspec.Struct, frozen=True):
    """`link revoke NUMBER|LABEL [--kick]`."""

    link: str
    kicks: bool = False


class RotateInvitations(msgspec.Struct, frozen=True):
    """`link rotate [rw|ro] [--kick]`; None: both."""

    role: Role | None
    kicks: bool = False


class ShowLinks(msgspec.Struct, frozen=True):
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
