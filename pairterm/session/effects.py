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


class ResizePty(msgspec.Struct, frozen=True):
    """Tell the program of a pane its terminal's size (TIOCSWINSZ)."""

    size: Size
    pane: PaneId


class StartProgram(msgspec.Struct, frozen=True):
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


class EndProgram(msgspec.Struct, frozen=True):
    """Hang up the program of a pane that has gone, or that gets another program."""

    pane: PaneId


class PipePane(msgspec.Struct, frozen=True):
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


class ShowWindows(msgspec.Struct, frozen=True):
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


class ChangeRole(msgspec.Struct, frozen=True):
    """The client has another role, or may type no longer or again: its gateway's gate must follow."""

    client: ClientId
    role: Role
    may_type: bool
    is_granted: bool = True
    """Somebody gave them this role. False: it is their role in the window where they look now."""


class Hold(msgspec.Struct, frozen=True):
    """The client must wait; the text says for what."""

    client: ClientId
    text: str


class Refuse(msgspec.Struct, frozen=True):
    """The client is refused or disconnected; the text says why."""

    client: ClientId
    code: str
    text: str


class Tell(msgspec.Struct, frozen=True):
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


class Note(msgspec.Struct, frozen=True):
    """An event for the audit log and the hooks. The fields never hold content or tokens."""

    event: str
    fields: dict[str, str | int]


class SetRecording(msgspec.Struct, frozen=True):
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


class Admit(msgspec.Struct, frozen=True):
    """The invitations or keys changed: every gateway must know."""


class Pin(msgspec.Struct, frozen=True):
    """Remember this key for later sessions."""

    key: str
    name: str
    role: Role


class Announce(msgspec.Struct, frozen=True):
    """The people, the typist, the size or the status note changed: tell every link with clients."""


class Wake(msgspec.Struct, frozen=True):
    """Call `tick` at this time (the clock of `now_s`); a later `Wake` does not cancel an earlier one."""

    at_s: float


class Closed(msgspec.Struct, frozen=True):
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
