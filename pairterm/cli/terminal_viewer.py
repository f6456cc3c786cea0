"""A session shown on this terminal, whatever link it comes by: a replica of its screen, a live view, keys and sizes.

Client 0 of its link. What the person wants goes out by `send`; what is to be shown
comes in by `take`. How the link is made, and what becomes of it, is `attached`'s and
`joined`'s affair.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import assert_never

from pairterm.cli.own_terminal import READ_BYTES, OwnTerminal
from pairterm.link import messages
from pairterm.link.attendance import attendance_from
from pairterm.link.history_wire import history_lines
from pairterm.link.messages import (
    MAX_INPUT_BYTES,
    Ack,
    AttendanceWire,
    History,
    Input,
    Join,
    Resize,
    RunCommand,
    ScreenUpdate,
    ShowText,
    ViewSettings,
)
from pairterm.link.relay import GuestMessage
from pairterm.link.screen_replica import Replica
from pairterm.runtime.live_view import LiveView, view_by
from pairterm.terminal.frame import Frame
from pairterm.text import safe_line
from pairterm.types import Role, Size
from pairterm.view import Action, Command, ContentSize, Copy, Detach, FetchHistory, Redraw, TerminalKind, Type, View

__all__ = ["Viewer"]

_RETURN_S = 1.0
"""How long the size that the session had before is waited for after a return; a host resizes within a tenth."""


class Viewer:
    """One session on one terminal."""

    def __init__(
        self,
        terminal: OwnTerminal,
        kind: TerminalKind,
        *,
        send: Callable[[GuestMessage], None],
        on_detach: Callable[[], None],
    ) -> None:
        self._terminal = terminal
        self._kind = kind
        self._send = send
        self._on_detach = on_detach
        self._loop = asyncio.get_running_loop()
        self._replica = Replica()
        self._view: View | None = None
        self._live: LiveView | None = None
        self._typed_ahead = b""
        """Typed before we were let in."""
        self._size_before: Size | None = None
        """The session's size when the link was lost; None once it is known what became of it."""
        self._returned_timer: asyncio.TimerHandle | None = None

    @property
    def live(self) -> LiveView | None:
        """The view; None before we were let in."""
        return self._live

    @property
    def has_status(self) -> bool:
        """True if a row of the terminal is a status line."""
        return self._view is not None and self._view.content_size != self._view.size

    def furnish(self, session: str, settings: ViewSettings) -> None:
        """Take how the session's owner wants views to be. Once: what the person changed since stays.

        Raises:
            UsageError: A name of a key or of a command is not known here.
        """
        if self._view is None:
            self._view = view_by(
                settings, session=session, role=Role.READ_ONLY, size=self._terminal.size, kind=self._kind
            )

    def ask_in(self, *, read_only: bool = False, label: str = "", name: str = "", ticket: bytes = b"") -> None:
        """Ask to be let in on a new link, or with a ticket in again, to the terminal less its status line."""
        if self._live is not None and self._replica.frame is not None:
            self._size_before = self._replica.frame.size
        self._replica = Replica()
        size = self._content_size()
        term = os.environ.get("TERM", "")[:64]
        self._send(Join(0, size.rows, size.cols, None, read_only, label, term, name, ticket=ticket))

    def enter(self, role: Role) -> None:
        """We are in, or in again: paint from now on."""
        assert self._view is not None
        if self._live is not None:
            self.set_role(role)
            return
        self._view.set_role(role, self._loop.time())
        self._live = LiveView(
            self._view,
            write=self._terminal.write,
            in_flight_bytes=self._terminal.in_flight_bytes,
            on_action=self._act,
            on_painted=self._painted,
        )
        if self._typed_ahead:
            self._live.keys(self._typed_ahead)
            self._typed_ahead = b""

    def set_role(self, role: Role) -> None:
        """Follow the gates, which are elsewhere."""
        if self._live is not None:
            self._live.set_role(role)

    def take(self, message: ScreenUpdate | AttendanceWire | ShowText | History) -> None:
        """Take what is to be shown.

        Raises:
            PeerError: It holds what no screen can.
        """
        live = self._live
        match message:
            case ScreenUpdate():
                frame = self._replica.apply(message)
                if live is not None:
                    self._show(live, frame)
            case AttendanceWire():
                if live is not None:
                    live.attend(attendance_from(message))
            case ShowText():
                self._tell(message)
            case History():
                if live is not None:
                    live.history(history_lines(message))
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

    def _show(self, live: LiveView, frame: Frame) -> None:
        """Show a picture; after our return not yet one of another size, which was made before our vote counted.

        Whoever has scrolled back would lose its place: with the size the lines' numbers change, and change back.
        """
        if frame.is_hidden or self._size_before in (None, frame.size):
            self._settle_return()
            live.show(frame)
            return
        self._send(Ack(0, frame.generation))
        if self._returned_timer is None:
            self._returned_timer = self._loop.call_later(_RETURN_S, self._show_whatever_size)

    def _show_whatever_size(self) -> None:
        self._settle_return()
        if self._live is not None and self._replica.frame is not None:
            self._live.show(self._replica.frame)

    def _settle_return(self) -> None:
        self._size_before = None
        if self._returned_timer is not None:
            self._returned_timer.cancel()
            self._returned_timer = None

    def keys(self, data: bytes) -> None:
        """Take what was typed."""
        if self._live is None:
            self._typed_ahead = (self._typed_ahead + data)[:READ_BYTES]
        else:
            self._live.keys(data)

    def forget_typed(self) -> None:
        """Forget what was typed before we were let in: it was not meant for a session."""
        self._typed_ahead = b""

    def resized(self) -> None:
        """The terminal has another size."""
        if self._live is not None:
            self._live.resize(self._terminal.size)
            self._vote()
        elif self._view is not None:
            self._view.resize(self._terminal.size)

    def tell(self, text: str) -> None:
        """Say something to the person: on the view, or where it will be."""
        if self._live is not None:
            self._live.tell(text)
        else:
            self._print(f"pairterm: {text}")

    def set_clipboard(self, data: bytes) -> None:
        """Set the terminal's clipboard for the program, if the person lets it."""
        if self._live is not None:
            self._live.set_clipboard(data)

    def leave(self, line: str) -> None:
        """Restore the terminal, and print the last line, if there is one."""
        self._settle_return()
        if self._live is not None:
            self._live.leave(line)
        elif line:
            self._print(line)

    def _print(self, line: str) -> None:
        self._terminal.write(f"{safe_line(line)}\r\n".encode())

    def _painted(self) -> None:
        """Say that the newest frame is on the screen; the next may come."""
        if self._replica.frame is not None:
            self._send(Ack(0, self._replica.frame.generation))

    def _act(self, action: Action) -> None:
        match action:
            case Type(data):
                for start in range(0, len(data), MAX_INPUT_BYTES):
                    self._send(Input(0, 0, data[start : start + MAX_INPUT_BYTES]))
            case Detach():
                self._on_detach()
            case FetchHistory(start, stop, place):
                self._send(messages.FetchHistory(0, 0, start, stop, place))
            case Command(line):
                self._send(RunCommand(0, line))
            case ContentSize():
                self._vote()
            case Redraw() | Copy():
                pass
            case _:
                assert_never(action)

    def _vote(self) -> None:
        """Say what part of this terminal the session may have."""
        size = self._content_size()
        self._send(Resize(0, size.rows, size.cols))

    def _content_size(self) -> Size:
        assert self._view is not None
        return self._view.content_size
