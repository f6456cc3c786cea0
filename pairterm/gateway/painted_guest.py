"""A guest whose terminal the gateway paints: the view is here, and the terminal gets bytes.

`ssh` guests and those in a browser are of this kind. Their keys come here raw: the view takes its own keys
(the prefix key, answers to queries), and what is left for the session goes through
the guest's gate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

from pairterm.access.rate_limits import Share
from pairterm.document.document import DocumentId
from pairterm.gateway.guest import Credentials, Guest
from pairterm.gateway.guest_presentation import Traffic, Transport
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.input_gate import AWAY
from pairterm.gateway.outlet import Outlet
from pairterm.link.messages import ViewSettings
from pairterm.link.session_replica import Picture
from pairterm.runtime.live_view import LiveView, Shares, view_by
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import Attendance, PaneId, Question, Role, Size
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
from pairterm.view.crowd_view import CrowdView, Standing
from pairterm.view.name_prompt import NAME_PROMPT
from pairterm.view.pacing import Pacer
from pairterm.view.shown_panes import ShownPanes

__all__ = ["ClientTerminal", "PaintedGuest"]

_RESIZE_INTERVAL_S = 0.05
"""Least time between two sizes of a terminal that are looked at: each one paints the terminal anew."""


class ClientTerminal(Protocol):
    """The guest's terminal, at the other end of a connection."""

    @property
    def size(self) -> Size:
        """The terminal's size now."""

    def write(self, data: bytes) -> None:
        """Show bytes."""

    def write_error(self, line: str) -> None:
        """Show a line that is not part of the session."""

    def held_bytes(self) -> int | None:
        """Return how much of what was written has not left the machine; None: nothing can be sent now."""

    def round_trip_ms(self) -> int | None:
        """Return how long packets take to the terminal and back; None: not known."""

    def close(self, status: int) -> None:
        """Close after what is written; the client exits with this status."""

    def abort(self) -> None:
        """Close at once."""


class PaintedGuest:
    """The presentation of a guest whose terminal is painted here."""

    transport: Transport = "ssh"
    keeps_ticket = False

    def __init__(
        self,
        session: HostedSession,
        credentials: Credentials,
        traffic: Traffic,
        *,
        terminal: ClientTerminal,
        kind: TerminalKind,
        share: Share,
        settings: ViewSettings | None = None,
        on_copy: Callable[[str], None] | None = None,
        lend: Callable[[Callable[[], None]], Outlet | None] | None = None,
    ) -> None:
        """Make the guest's view. `kind` says what their terminal can do.

        `settings`: how the view is; None: as the session's owner wants it. `on_copy`: see `LiveView`.
        `lend`: lends the sending side of the terminal's connection (`CrowdMember.lend`); None: it can't be lent.

        Raises:
            UsageError: A key or a command in the settings of the session's owner is not known here.
        """
        self._loop = asyncio.get_running_loop()
        self._session = session
        self._terminal = terminal
        self._share = share
        self._view: CrowdView = view_by(
            settings or session.settings,
            session=session.name,
            role=Role.READ_ONLY,
            size=terminal.size,
            kind=kind,
            cache=session.cache,
        )
        self._on_copy = on_copy
        self._lend = lend
        self.live: LiveView | None = None
        """None until the host has let the guest in for the first time."""
        self._watched: frozenset[DocumentId] = frozenset()
        """What the guest looks at on their terminal of what editors share."""
        self._is_prompt_open = False
        """The cursor stands behind the prompt for a name, or behind what was typed there."""
        self._resized_s = float("-inf")
        self._resize_timer: asyncio.TimerHandle | None = None
        self.guest = Guest(session, credentials, self, clock=self._loop, share=share, traffic=traffic)

    def ask_in(self, term: str, ticket: bytes = b"") -> None:
        """Ask the host to let the guest in, or with a ticket in again."""
        self.guest.ask_in(self._view.content_size, term=term, ticket=ticket)

    # Input of the client.

    def keys(self, data: bytes) -> None:
        """Take what the guest typed."""
        self.guest.received(len(data))
        live = self.live
        if self.guest.type_to_replay(data):
            return
        if live is not None and live.passes_on(data):
            self.guest.type(data)
        elif live is not None:
            live.keys(data)
        else:
            self.guest.type_waiting(data, self._echo)

    def _echo(self, text: str) -> None:
        if text:
            self._is_prompt_open = not text.endswith("\n")
        self._terminal.write(text.encode())

    def _begin_line(self) -> None:
        """Put the cursor at the start of a line, before a text that is not part of the session."""
        if self._is_prompt_open:
            self._echo("\r\n")

    def resized(self) -> None:
        """Follow the terminal's new size, now or when the time for another one has come."""
        due_s = self._resized_s + _RESIZE_INTERVAL_S
        if self._loop.time() >= due_s:
            self._resize()
        elif self._resize_timer is None:
            self._resize_timer = self._loop.call_at(due_s, self.guest.run, self._resize)

    def _resize(self) -> None:
        """Follow the newest size."""
        self._resize_timer = None
        self._resized_s = self._loop.time()
        if self.live is not None:
            self.live.resize(self._terminal.size)
        else:
            self._view.resize(self._terminal.size)
        self._vote()

    # Output to the guest.

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None:
        """Paint from now on. The guest's session keeps the ticket for them."""
        session = self._session
        if self.live is not None:
            self.live.leave_crowd()
        self._view.set_role(role, self._loop.time())
        if self.live is None:
            self.live = LiveView(
                self._view,
                write=self._write,
                in_flight_bytes=self._terminal.held_bytes,
                on_action=self._act,
                on_painted=self._painted,
                on_copy=self._on_copy,
                on_watch=self._watch,
                shares=Shares(own=self._share, common=session.share),
            )
        self.live.attend(session.attendance)
        self.show_documents()
        self.show_windows()
        if typed:
            self.live.keys(typed)

    def set_role(self, role: Role, may_type: bool) -> None:
        """Show the guest's new role."""
        if self.live is not None:
            self.live.set_role(role)

    def hold(self, text: str) -> None:
        """Say that the guest has to wait, and ask for their name if they have not been in yet."""
        if self.live is not None:
            self.live.tell(text)
        else:
            self._begin_line()
            self._echo(f"pairterm: {text}\r\n{NAME_PROMPT}")

    def show(self, picture: Picture) -> None:
        """Paint a newer picture."""
        if self.live is not None:
            self.live.show(picture.frame, picture.panes)

    def show_windows(self) -> None:
        """Show the windows, and the picture of the one where the guest looks now."""
        number = self.guest.number
        if self.live is None or number is None:
            return
        self.live.show_windows(self._session.shown_windows(number))
        if (picture := self._session.picture(number)) is not None:
            self.live.show(picture.frame, picture.panes)

    def show_documents(self) -> None:
        """Show what editors share."""
        if self.live is not None:
            self.live.show_documents(self._session.documents.shown)

    def _watch(self, document: DocumentId | None) -> None:
        """The guest looks at another document, or at none."""
        self._watched = frozenset() if document is None else frozenset((document,))
        self._tell_watched()

    def _tell_watched(self) -> None:
        if self.guest.number is not None:
            self._session.watch(self.guest.number, self._watched)

    def attend(self, attendance: Attendance) -> None:
        """Show who is here."""
        if self.live is not None:
            self.live.attend(attendance)

    def tell(
        self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False, said_by: str = ""
    ) -> None:
        """Show a text; with a title, a page."""
        if self.live is not None:
            self.live.tell(text, title, items, starts_at_end=starts_at_end)
        elif self.guest.is_held:
            self._begin_line()
            self._echo(f"pairterm: {text}\r\n")

    def input_marked(self, serial: int, newest: int, generation: int) -> None:
        """Do nothing: what is painted here is the host's frame, and asks for no marks."""

    def ask(self, questions: tuple[Question, ...]) -> None:
        """Show nothing: the host shows requests as texts here."""

    def history(self, lines: HistoryLines, pane: PaneId) -> None:
        """Show lines of a pane's history that the view asked for."""
        if self.live is not None:
            self.live.history(lines, pane)

    def host_away(self, since_s: float | None) -> None:
        """Show since when the host is away, or that it is back."""
        if self.live is not None:
            self.live.link_away(since_s)
            self.live.tell(AWAY if since_s is not None else "the host is back")
        elif since_s is not None:
            self._begin_line()
            self._terminal.write_error(f"pairterm: the host of {self._session.name} is away; waiting")

    def end(self, line: str, status: int, *, may_return: bool) -> None:
        """Show the last line on a restored terminal, and close."""
        if self.live is not None:
            self.live.leave(line)
        else:
            self._begin_line()
            self._terminal.write_error(line)
        self._terminal.close(status)

    def stop(self) -> None:
        """Let go of timers."""
        if self._resize_timer is not None:
            self._resize_timer.cancel()
        if self.live is not None:
            self.live.stop()

    def abort(self) -> None:
        """Close the connection at once."""
        self._terminal.abort()

    def round_trip_ms(self) -> int | None:
        """Return how long packets take to the terminal and back; None: not known."""
        if self.live is not None:
            self.live.leave_crowd()  # Now and then, so that what was sent is counted, and keys are exchanged in time.
        return self._terminal.round_trip_ms()

    # A seat in a crowd: see `crowds.CrowdMember`.

    @property
    def crowd_member(self) -> PaintedGuest | None:
        """This guest, if they can sit in a crowd."""
        return self if self._lend is not None and self.live is not None else None

    @property
    def standing(self) -> Standing | None:
        """What they are shown, if only a newer picture can change it."""
        return self.live.standing if self.live is not None else None

    def lend(self, on_taken: Callable[[], None]) -> Outlet | None:
        """Lend the sending side of the connection."""
        return self._lend(on_taken) if self._lend is not None else None

    def join_crowd(self, leave: Callable[[], None]) -> None:
        """Leave the painting to a crowd."""
        if self.live is not None:
            self.live.join_crowd(leave)

    def catch_up(
        self, base: Frame, frame: Frame, panes: ShownPanes, pacer: Pacer, *, is_painted: bool, sent_bytes: int
    ) -> None:
        """Go on alone."""
        if self.live is not None:
            self.live.catch_up(base, frame, panes, pacer, is_painted=is_painted)
        self.guest.sent(sent_bytes)

    # Actions of the guest.

    def _act(self, action: Action) -> None:
        match action:
            case Type(data):
                self.guest.type(data)
            case Detach():
                self.guest.end(f"[detached from {self._session.name}]", 0)
            case FetchHistory(start, stop, place, pane):
                if pane is not None:
                    self.guest.fetch_history(start, stop, place, pane)
            case Command(line):
                self.guest.command(line)
            case ContentSize():
                self._vote()
            case ViewHistory():
                self.guest.run(self.tell, "the pager opens at the session's own machine only")
            case Replay():
                self.guest.go_back()
            case Redraw() | Copy():
                pass
            case _:
                assert_never(action)

    def _vote(self) -> None:
        self.guest.resize(self._view.content_size)

    def _painted(self) -> None:
        """Act on the end of a painting."""

    def _write(self, data: bytes) -> None:
        self._terminal.write(data)
        self.guest.sent(len(data))
