"""A session shown on this terminal, over any link: a replica of its windows, a live view, keys, sizes, and the end.

It is client 0 of its link. Messages of the session come in by `take`, and messages to
it go out by `send`. `attach_terminal` and `join_terminal` make the link, and decide what
happens when it is lost.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import assert_never

from pairterm.cli.own_terminal import OwnTerminal
from pairterm.cli.size_after_return import SizeAfterReturn
from pairterm.document.document import DocumentId
from pairterm.link import messages
from pairterm.link.attendance import attendance_from
from pairterm.link.client_documents import ClientDocuments
from pairterm.link.history_wire import history_lines
from pairterm.link.messages import (
    MAX_INPUT_BYTES,
    Ack,
    AttendanceWire,
    Documents,
    DocumentUpdate,
    Echo,
    History,
    Input,
    InputMarked,
    Join,
    LookAt,
    MarkInput,
    PictureChange,
    Resize,
    RunCommand,
    ScreenUpdate,
    ShowText,
    ViewSettings,
    Windows,
)
from pairterm.link.relay import SELF, SendGuestMessages
from pairterm.link.session_replica import SessionReplica
from pairterm.runtime.live_view import LiveView, view_by
from pairterm.safe_text import safe_line
from pairterm.session.people import clean_name
from pairterm.types import PaneId, Role, Size
from pairterm.view import (
    Action,
    Command,
    ContentSize,
    Copy,
    Detach,
    FetchHistory,
    Redraw,
    Replay,
    TerminalKind,
    Type,
    ViewHistory,
)
from pairterm.view.crowd_view import CrowdView
from pairterm.view.name_prompt import NAME_PROMPT
from pairterm.view.prediction import PredictMode, Predictor
from pairterm.view.waiting_input import WaitingInput

__all__ = ["Viewer"]

_INTERRUPTED_STATUS = 130
"""128 + SIGINT, as a shell reports it."""

_INTERRUPT = b"\x03"
"""C-c, which is a plain key here: the terminal is raw."""


class Viewer:
    """One session on one terminal, from the first key until the terminal is restored."""

    def __init__(
        self,
        terminal: OwnTerminal,
        kind: TerminalKind,
        *,
        session: str,
        send: SendGuestMessages,
        on_view_history: Callable[[], None] = lambda: None,
        on_replay: Callable[[], None] | None = None,
        predicts: PredictMode = PredictMode.NEVER,
    ) -> None:
        """`on_view_history`: the owner wants the history in their pager. `on_replay`: they want to go back in time.

        Views of guests never ask for them. None: the session is on another machine.
        `predicts`: when typed text is shown before its echo.
        """
        self._terminal = terminal
        self._kind = kind
        self._session = session
        self._send = send
        self._on_view_history = on_view_history
        self._on_replay = on_replay
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[int] = self._loop.create_future()
        """The exit status, when the person or the session has ended this."""
        self._replica = SessionReplica()
        self._documents = ClientDocuments()
        self._acknowledged: dict[PaneId, int] = {}
        """The generations of the panes that the other side knows to be shown."""
        self._view: CrowdView | None = None
        self._live: LiveView | None = None
        self._predictor = Predictor(predicts)
        self._is_heard = False
        """Whether input reaches the session: the link is up, and we are in."""
        self._waiting = WaitingInput()
        """The keys typed before we are in."""
        self._is_prompt_open = False
        """The cursor stands behind the prompt for a name, or behind what was typed there."""
        self._return = SizeAfterReturn(self._show_picture)

    @property
    def live(self) -> LiveView | None:
        """The view; None before we are in."""
        return self._live

    @property
    def has_status(self) -> bool:
        """True if a row of the terminal is a status line."""
        return self._view is not None and self._view.content_size != self._view.size

    def furnish(self, session: str, settings: ViewSettings) -> None:
        """Make the view, as the session's owner wants views to be. Only once: what the person changed since stays.

        Raises:
            UsageError: A name of a key or of a command is not known here.
        """
        self._session = session
        if self._view is None:
            self._view = view_by(
                settings, session=session, role=Role.READ_ONLY, size=self._terminal.size, kind=self._kind
            )

    def ask_in(self, *, read_only: bool = False, label: str = "", name: str = "", ticket: bytes = b"") -> None:
        """Ask to be let in on a new link, or with a ticket in again, to the terminal less its status line."""
        picture = self._replica.picture(SELF)
        if self._live is not None and picture is not None:
            self._return.begin(picture.frame.size)
        self._replica = SessionReplica()
        self._documents.begin_again()
        self._acknowledged.clear()
        size = self._content_size()
        term = os.environ.get("TERM", "")[:64]
        self._send(Join(0, size.rows, size.cols, None, read_only, label, term, name, ticket=ticket))

    def enter(self, role: Role) -> None:
        """We are in, or in again: paint from now on."""
        assert self._view is not None
        self._is_heard = True
        typed = self._waiting.enter()
        if self._live is not None:
            self.set_role(role)
            return
        self._view.set_role(role, self._loop.time())
        self._live = LiveView(
            self._view,
            write=self._terminal.write,
            in_flight_bytes=self._terminal.in_flight_bytes,
            on_action=self._act,
            on_painted=self._acknowledge,
            on_watch=self._watch,
        )
        if typed:
            self._live.keys(typed)

    def hold(self, text: str) -> None:
        """We have to wait: say for what, and ask for the person's name if we have not been in yet."""
        self._waiting.hold()
        self.tell(text)
        if self._live is None:
            self._echo(NAME_PROMPT)

    def set_role(self, role: Role) -> None:
        """Show the person's new role. The gates are in the gateway and in the host."""
        self._predictor.reset()
        if self._live is not None:
            self._live.set_role(role)
            self._show_picture()

    def unheard(self) -> None:
        """Know that input does not reach the session until we are in again: the link is lost, or the host."""
        self._is_heard = False
        self._predictor.reset()
        self._show_picture()

    def take(
        self,
        message: Windows
        | LookAt
        | PictureChange
        | AttendanceWire
        | ShowText
        | History
        | InputMarked
        | Documents
        | DocumentUpdate,
    ) -> None:
        """Show what the session sends.

        Raises:
            PeerError: It is nothing that a screen can hold.
        """
        live = self._live
        match message:
            case Windows() | LookAt():
                self._take_windows(message)
            case ScreenUpdate() | Echo():
                self._replica.update(message)
                self._show_picture()
            case AttendanceWire():
                if live is not None:
                    live.attend(attendance_from(message))
            case Documents() | DocumentUpdate():
                self._take_documents(message)
            case ShowText():
                self._tell(message)
            case InputMarked(serial=serial, newest=newest, generation=generation):
                self._predictor.marked(serial, newest, generation, self._loop.time())
                self._show_picture()
            case History():
                lines = history_lines(message)
                if live is not None:
                    live.history(lines, PaneId(message.pane))
            case _:
                assert_never(message)

    def _tell(self, message: ShowText) -> None:
        """Show a text, a page or a question."""
        live = self._live
        if live is None:
            self.tell(message.text)
        elif message.confirms:
            live.ask(message.text, message.confirms)
        elif message.copies:
            live.offer(message.title, message.text, message.copies)
        else:
            live.tell(message.text, message.title, message.items, starts_at_end=message.starts_at_end)

    def _take_windows(self, message: Windows | LookAt) -> None:
        """Show the windows, and the picture of the one where the person looks now."""
        if isinstance(message, Windows):
            self._replica.take_windows(message)
        else:
            self._replica.take_look(message)
        if self._live is not None:
            self._live.show_windows(self._replica.shown_windows(SELF))
        self._show_picture()

    def _take_documents(self, message: Documents | DocumentUpdate) -> None:
        """Show what editors share now, or a change of a text."""
        answer = self._documents.take(message)
        if answer is not None:
            self._send(answer)
        if self._live is not None:
            self._live.show_documents(self._documents.shown)

    def _watch(self, document: DocumentId | None) -> None:
        """The person looks at another document, or at none."""
        message = self._documents.watch(SELF, () if document is None else (document,))
        if message is not None:
            self._send(message)

    def _show_picture(self) -> None:
        """Show the newest picture, unless after our return one of the size before is awaited."""
        picture = self._replica.picture(SELF)
        if self._live is None or picture is None:
            return
        if self._return.holds_back(picture.frame):
            self._acknowledge()
        else:
            self._live.show(self._predictor.picture(picture.frame, picture.panes), picture.panes)

    def keys(self, data: bytes) -> None:
        """Take what the person typed; b"": the terminal is gone."""
        if not data:
            self.finish(0)  # There is nothing to restore.
        elif self._live is not None:
            self._live.keys(data)
        elif _INTERRUPT in data and not self._waiting.is_held:
            self.end("", _INTERRUPTED_STATUS)
        else:
            self._type_waiting(data)

    def _type_waiting(self, data: bytes) -> None:
        """Take what was typed before we are in: kept for the session, or the person's name while we wait."""
        typed = self._waiting.feed(data, self._loop.time())
        self._echo(typed.echo)
        if name := clean_name(typed.name):
            self._send(RunCommand(0, f"name {name}"))
        if typed.leaves:
            self.end("[left]", 0)

    def resized(self) -> None:
        """The terminal has another size."""
        if self._live is not None:
            self._live.resize(self._terminal.size)
            self._vote()
        elif self._view is not None:
            self._view.resize(self._terminal.size)

    def tell(self, text: str) -> None:
        """Tell the person something: on the view, or on the terminal where it will be."""
        if self._live is not None:
            self._live.tell(text)
        else:
            self._print(f"pairterm: {text}")

    def set_clipboard(self, data: bytes) -> None:
        """Set the terminal's clipboard for the program, if the person lets it."""
        if self._live is not None:
            self._live.set_clipboard(data)

    def detach(self) -> None:
        """Leave the session, as the person wants."""
        self.end(f"[detached from {self._session}]", 0)

    def end(self, line: str, status: int) -> None:
        """Restore the terminal, print the last line if there is one, and end with this exit status."""
        self._return.settle()
        if self._live is not None:
            self._live.leave(line)
        elif line:
            self._print(line)
        self.finish(status)

    def finish(self, status: int) -> None:
        """End with this exit status, and leave the terminal as it is."""
        if not self.over.done():
            self.over.set_result(status)

    def _print(self, line: str) -> None:
        """Print a line of its own, below a prompt that still waits for a name."""
        before = "\r\n" if self._is_prompt_open else ""
        self._echo(f"{before}{safe_line(line)}\r\n")

    def _echo(self, text: str) -> None:
        if text:
            self._is_prompt_open = not text.endswith("\n")
        self._terminal.write(text.encode())

    def _acknowledge(self) -> None:
        """Say that the newest frames are on the screen; the next may come."""
        for pane in self._replica.panes_of(SELF):
            frame = self._replica.frame_of(pane)
            if frame is not None and self._acknowledged.get(pane) != frame.generation:
                self._acknowledged[pane] = frame.generation
                self._send(Ack(pane, frame.generation))

    def _act(self, action: Action) -> None:
        match action:
            case Type(data):
                self._type(data)
            case Detach():
                self.detach()
            case FetchHistory(start, stop, place, pane):
                if pane is not None:
                    self._send(messages.FetchHistory(SELF, pane, start, stop, place))
            case Command(line):
                self._send(RunCommand(0, line))
            case ContentSize():
                self._vote()
            case ViewHistory():
                self._on_view_history()
            case Replay():
                if self._on_replay is not None:
                    self._on_replay()
                else:
                    self.tell("pairterm join plays no recording: join with ssh or a browser for that")
            case Redraw() | Copy():
                pass
            case _:
                assert_never(action)

    def _type(self, data: bytes) -> None:
        """Send what the person typed, and show what it will do as far as that is known."""
        serial = self._predictor.typed(data, self._loop.time()) if self._is_heard else None
        inputs = [Input(SELF, data[start : start + MAX_INPUT_BYTES]) for start in range(0, len(data), MAX_INPUT_BYTES)]
        if serial is None:
            self._send(*inputs)
        else:
            # In one write: a mark says exactly which input the program had by then.
            self._send(*inputs, MarkInput(SELF, serial))
            self._show_picture()

    def _vote(self) -> None:
        """Tell the host which size of the session fits this terminal."""
        size = self._content_size()
        self._send(Resize(0, size.rows, size.cols))

    def _content_size(self) -> Size:
        assert self._view is not None
        return self._view.content_size
