"""The effects that the session core returns. The host's actor carries them out in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from pairterm.session.recording import RecordingPhase
from pairterm.types import ClientId, PaneId, Role, Size

__all__ = [
    "Admit",
    "Announce",
    "ChangeRole",
    "Closed",
    "Effect",
    "EndProgram",
    "Hold",
    "Note",
    "Pin",
    "PipePane",
    "Publish",
    "Refuse",
    "Remark",
    "ResizePty",
    "SetClipboard",
    "SetRecording",
    "ShowWindows",
    "StartProgram",
    "Tell",
    "Wake",
    "Welcome",
    "WritePty",
]


class WritePty(msgspec.Struct, frozen=True):
    """Write these bytes to the program of a pane: a client typed them, or the screen answers a query."""

    data: bytes
    pane: PaneId


@dataclass(frozen=True, slots=True)
class ResizePty:
    """Tell the program of a pane its terminal's size (TIOCSWINSZ)."""

    size: Size
    pane: PaneId


@dataclass(frozen=True, slots=True)
class StartProgram:
    """Start the program of a new or empty pane. If that fails, `SessionCore.failed` is called."""

    pane: PaneId
    size: Size
    command: tuple[str, ...] = ()
    """The program and its arguments; (): the user's shell. A single word with spaces is a line for the shell."""
    directory: str = ""
    """Where it starts; "": where the session was started."""
    client: ClientId | None = None
    """The client that wanted it, for the message if it can't be started."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that only this program gets."""


@dataclass(frozen=True, slots=True)
class EndProgram:
    """Hang up the program of a pane that has gone, or that gets another program."""

    pane: PaneId


@dataclass(frozen=True, slots=True)
class PipePane:
    """Close the command that a pane's output goes to, if there is one, and start this one."""

    pane: PaneId
    command: str = ""
    """A line for the shell; "": none."""
    reads_output: bool = True
    """The command gets the pane's output."""
    types: bool = False
    """What the command prints is typed into the pane."""


@dataclass(frozen=True, slots=True)
class SetClipboard:
    """The program sets the clipboard: send it to the owner's own terminals, and to no other."""

    data: bytes = field(repr=False)


class Publish(msgspec.Struct, frozen=True):
    """The picture of a pane changed: send its newest frame to every link that shows it, when the link can take one.

    With None as `pane`: any picture may have changed, or may be seen by others now.
    """

    pane: PaneId | None = None


@dataclass(frozen=True, slots=True)
class ShowWindows:
    """The windows changed, or somebody looks elsewhere: tell each link what it does not know."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The client is in the session with this role; `may_type` as in `ChangeRole`."""

    client: ClientId
    role: Role
    may_type: bool = True
    ticket: bytes = field(default=b"", repr=False)
    """The ticket by which it can return after a lost link; b"": it keeps the one that it has, or has none."""
    number: int = 0
    """The number by which commands name the person."""


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """The client has another role, or may type no longer or again: its gateway's gate must follow."""

    client: ClientId
    role: Role
    may_type: bool
    is_granted: bool = True
    """Somebody gave them this role. False: it is their role in the window where they look now."""


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
    said_by: str = ""
    """The name of the person whose remark this is; "" if it is none."""


@dataclass(frozen=True, slots=True)
class Note:
    """An event for the audit log and the hooks. The fields never hold content or tokens."""

    event: str
    fields: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class SetRecording:
    """The owner begins, ends, holds or continues the recording."""

    phase: RecordingPhase
    file: str = ""
    """Where to write it; "": the host chooses a file."""
    has_input: bool = False
    """Record what is typed as well."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that all saw happened with a person, and belongs into a recording: who has the keyboard, or a chat."""

    kind: Literal["keyboard", "chat"]
    name: str
    text: str = field(default="", repr=False)


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
    | StartProgram
    | EndProgram
    | PipePane
    | SetClipboard
    | Publish
    | ShowWindows
    | Announce
    | Welcome
    | ChangeRole
    | Hold
    | Refuse
    | Tell
    | Note
    | SetRecording
    | Remark
    | Admit
    | Pin
    | Wake
    | Closed
)
