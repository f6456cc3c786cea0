"""A view kept up to date on a real connection: the clock, the timers and the pace around a `View`.

The gateway has one a guest, `pairterm attach` has one. The connection is two
functions: one writes, one says how much of what was written it still holds. A
view that is up to date has no timer.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence

import msgspec

from pairterm.access.rate_limits import Share
from pairterm.document.document import DocumentId
from pairterm.link.messages import ViewSettings
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import Attendance, PaneId, Role, Size
from pairterm.view import Action, Copy, PaintCache, TerminalKind
from pairterm.view.crowd_view import CrowdView, Standing
from pairterm.view.pacing import MAX_IN_FLIGHT_BYTES, Pacer
from pairterm.view.shown_documents import ShownDocuments
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.shown_windows import ShownWindows

__all__ = ["LiveView", "Shares", "kernel_holds_bytes", "view_by"]


def view_by(
    settings: ViewSettings,
    *,
    session: str,
    role: Role,
    size: Size,
    kind: TerminalKind,
    cache: PaintCache | None = None,
) -> CrowdView:
    """Return a view as the session's owner wants views to be.

    Raises:
        UsageError: A name of a key or of a command is not known here.
    """
    return CrowdView(
        session=session,
        role=role,
        size=size,
        kind=kind,
        prefix=settings.prefix,
        bindings=settings.bindings,
        status=settings.status,
        mouse=settings.mouse,
        centred=settings.centred,
        term=settings.term,
        cache=cache,
    )


def kernel_holds_bytes(fd: int) -> int:
    """Return how much written to a socket or terminal has not left the machine; 0 where the kernel won't say."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(fd, termios.TIOCOUTQ, b"\0" * 4))[0])
    except ValueError:
        return 0
    except OSError:
        return _socket_holds_bytes(fd) if sys.platform == "darwin" else 0


_SO_NWRITE = 0x1024
"""macOS: how much of what was written to a socket is unsent; TIOCOUTQ is for terminals only there."""


def _socket_holds_bytes(fd: int) -> int:
    try:
        with socket.socket(fileno=os.dup(fd)) as sock:
            return sock.getsockopt(socket.SOL_SOCKET, _SO_NWRITE)
    except OSError:
        return 0


class Shares(msgspec.Struct, frozen=True):
    """What painting a view may take of the loop's time. Where nobody else waits, nothing is counted."""

    own: Share
    """The client's: for what it alone sees, its history, help and prompts."""
    common: Share
    """The session's: for the picture that its clients share."""


class LiveView:
    """One client's view and its connection."""

    def __init__(
        self,
        view: CrowdView,
        *,
        write: Callable[[bytes], None],
        in_flight_bytes: Callable[[], int | None],
        on_action: Callable[[Action], None],
        on_painted: Callable[[], None] | None = None,
        on_copy: Callable[[str], None] | None = None,
        on_watch: Callable[[DocumentId | None], None] = lambda document: None,
        shares: Shares | None = None,
    ) -> None:
        """Take over the client's terminal.

        Args:
            view: What it shows.
            write: Sends bytes to it.
            in_flight_bytes: Says how much of them is under way; None: none can be sent.
            on_action: Gets what the person wants beyond the view itself.
            on_painted: Is told of a painting's end.
            on_copy: Puts a text into the person's clipboard; None: the terminal does, by an escape sequence.
            on_watch: Is told which document the person looks at now; None: none.
            shares: What the paintings may take of the loop's time; None: all of it.
        """
        self._shares = shares
        self._own_view = view
        self._write = write
        self._in_flight_bytes = in_flight_bytes
        self._on_action = on_action
        self._on_painted = on_painted
        self._on_copy = on_copy
        self._on_watch = on_watch
        self._watched: DocumentId | None = None
        self.pacer = Pacer()
        self._loop = asyncio.get_running_loop()
        self._is_over = False
        self._paint_timer: asyncio.TimerHandle | None = None
        self._tick_timer: asyncio.TimerHandle | None = None
        self._held_clipboard: bytes | None = None
        """What the program copied last while the client's terminal is lent."""
        self._leave_crowd: Callable[[], None] | None = None
        """Brings the view up to date and ends the crowd's painting, while a crowd is painted in its place."""
        write(view.enter())

    @property
    def _view(self) -> CrowdView:
        """The view, up to date: whoever looks at it or changes it takes it out of its crowd first."""
        if self._leave_crowd is not None:
            self._leave_crowd()
        return self._own_view

    @property
    def standing(self) -> Standing | None:
        """What the client is shown, if only a newer picture can change it. None: it needs a view of its own."""
        if self._is_over or self._paint_timer is not None or self._tick_timer is not None:
            return None
        return self._view.standing

    def join_crowd(self, leave: Callable[[], None]) -> None:
        """Let somebody else send the next pictures, until they call `catch_up`. `leave` makes them do so."""
        self._leave_crowd = leave

    def catch_up(self, base: Frame, frame: Frame, panes: ShownPanes, pacer: Pacer, *, is_painted: bool) -> None:
        """Go on from what somebody else has sent, at their pace: see `CrowdView.catch_up`."""
        self._leave_crowd = None
        self._own_view.catch_up(base, frame, panes, self._loop.time(), is_painted=is_painted)
        self.pacer.take_over(pacer)
        if not is_painted and not self._is_over and self._paint_timer is None:
            self._paint_timer = self._loop.call_later(0, self._paint_when_due)

    def leave_crowd(self) -> None:
        """Have a view of one's own again, up to date."""
        if self._leave_crowd is not None:
            self._leave_crowd()

    def show(self, frame: Frame, panes: ShownPanes | None = None) -> None:
        """There is a newer picture. None: the session has only one pane."""
        if panes is not None and self._paint_timer is None and self._tick_timer is None and self._follow(frame, panes):
            return
        self._view.show(frame, panes)
        self._tell_watched()
        if self._paint_timer is None:
            self._paint_when_due()

    def _follow(self, frame: Frame, panes: ShownPanes) -> bool:
        """Show a picture that another view has painted already, now. Return False if that is not all there is to do.

        Nearly all clients of a crowd take this way, so it is short. It takes none of the shares: nothing is painted.
        """
        now_s = self._loop.time()
        if self._is_over or now_s < self.pacer.free_at_s:
            return False
        held_bytes = self._in_flight_bytes()
        if held_bytes is None or held_bytes > MAX_IN_FLIGHT_BYTES:
            return False
        painted = self._view.follow(frame, panes, now_s)
        if painted is None:
            return False
        if painted:
            self._write(painted)
            self.pacer.painted(now_s, len(painted))
        if self._on_painted is not None:
            self._on_painted()
        return True

    def show_documents(self, shown: ShownDocuments) -> None:
        """Editors share something else, or a text has changed."""
        self._view.show_documents(shown, self._loop.time())
        self._tell_watched()
        self._wake()
        self._plan_tick()

    def _tell_watched(self) -> None:
        """Say which document the person looks at, if it is another one."""
        watched = self._view.watched_document
        if watched != self._watched:
            self._watched = watched
            self._on_watch(watched)

    def show_windows(self, windows: ShownWindows) -> None:
        """Windows came or went, or look different in the status line."""
        self._view.show_windows(windows)
        self._wake()

    def resize(self, size: Size) -> None:
        """The client's terminal has another size."""
        self._view.resize(size)
        self._wake()

    def tell(self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False) -> None:
        """There is a text for the person; with a title, a page."""
        self._view.tell(text, self._loop.time(), title, items, starts_at_end=starts_at_end)
        self._wake()
        self._plan_tick()

    def offer(self, title: str, text: str, copies: Sequence[str]) -> None:
        """There is a page from which something can be copied."""
        self._view.offer(title, text, copies)
        self._wake()

    def ask(self, question: str, command: str) -> None:
        """There is a question for the person; their yes is a command."""
        self._view.ask(question, command)
        self._wake()

    def set_role(self, role: Role) -> None:
        """The client may do other things from now on."""
        self._view.set_role(role, self._loop.time())
        self._wake()
        self._plan_tick()

    def set_clipboard(self, data: bytes) -> None:
        """The program wants this in the clipboard."""
        if self._view.is_lent:
            self._held_clipboard = data
        elif not self._is_over and (allowed := self._view.program_copied(data)):
            self._write(allowed)

    def attend(self, attendance: Attendance) -> None:
        """Others came or went, or another one types."""
        self._view.attend(attendance)
        self._wake()

    def link_away(self, since_s: float | None, words: str = "host away") -> None:
        """The host is away since then (the loop's clock), or what `words` say is so; with None all is well."""
        self._view.link_away(since_s, words)
        self._wake()
        self._plan_tick()

    def history(self, lines: HistoryLines, pane: PaneId | None = None) -> None:
        """Here are the lines of history that the view asked for. None: of the active pane."""
        self._act(self._view.history(lines, pane))

    def passes_on(self, data: bytes) -> bool:
        """Return whether what the person typed goes to the session as it is. Then the view need not know of it."""
        return not self._is_over and self._view.passes_on(data, self._loop.time())

    def plain_keys(self, now_s: float) -> frozenset[bytes]:
        """Return the single bytes for which `passes_on` is true now."""
        return self._view.plain_keys(now_s) if not self._is_over else frozenset()

    def prints_echoes(self, frame: Frame) -> bool:
        """Return whether the terminal shows this frame, and an echo in it is only printed: see `View.prints_echoes`."""
        return not self._is_over and self._paint_timer is None and self._view.prints_echoes(frame)

    def has_printed(self, frame: Frame, panes: ShownPanes | None, now_s: float) -> None:
        """Take note that the terminal shows this frame: its echoes were printed."""
        self._view.show(frame, panes)
        self._view.paint(now_s)

    def keys(self, data: bytes) -> None:
        """The person typed."""
        self._act(self._view.keys(data, self._loop.time()))

    def give(self, line: str) -> None:
        """The person gave a command in words."""
        self._act(self._view.give(line, self._loop.time()))

    def lend(self) -> None:
        """Restore the terminal for another program, and paint nothing until `reclaim`."""
        self._write(self._view.lend())

    def reclaim(self) -> None:
        """Take over the terminal again, unless we have left meanwhile."""
        if self._is_over:
            return
        self._write(self._view.reclaim())
        held, self._held_clipboard = self._held_clipboard, None
        if held is not None:
            self.set_clipboard(held)
        self._wake()

    def leave(self, line: str) -> None:
        """Restore the terminal, print the last line, and do nothing more."""
        if not self._is_over:
            self.stop()
            self._write(self._view.leave(line))

    def stop(self) -> None:
        """Do nothing more: the connection is gone."""
        self._is_over = True
        self.leave_crowd()
        for timer in (self._paint_timer, self._tick_timer):
            if timer is not None:
                timer.cancel()
        self._paint_timer = self._tick_timer = None

    def _act(self, actions: list[Action]) -> None:
        for action in actions:
            if self._is_over:
                break
            if isinstance(action, Copy) and self._on_copy is not None:
                self._on_copy(action.text)
            elif isinstance(action, Copy):
                self._write(self._view.copied(action.text))
            else:
                self._on_action(action)
        self._tell_watched()
        self._wake()
        self._plan_tick()

    def _wake(self) -> None:
        """Paint now if the pace allows it, else as soon as it does."""
        if self._paint_timer is None:
            self._paint_when_due()

    def _paint_when_due(self) -> None:
        self._paint_timer = None
        view, shares = self._view, self._shares
        if self._is_over or not view.is_dirty:
            return
        now_s = self._loop.time()
        delay_s = self.pacer.delay_s(now_s, self._in_flight_bytes())
        share = None
        if shares is not None:
            share = shares.common if view.is_live else shares.own
            delay_s = max(delay_s, share.wait_s(now_s))
        if delay_s > 0:
            self._paint_timer = self._loop.call_later(delay_s, self._paint_when_due)
            return
        began_s = time.thread_time()
        painted = view.paint(now_s)
        if share is not None:
            share.spend(now_s, time.thread_time() - began_s)
        if painted:
            self._write(painted)
        has_more = view.is_dirty  # a part was painted
        if painted or has_more:
            self.pacer.painted(now_s, len(painted))
        if self._on_painted is not None:
            self._on_painted()
        if self._tick_timer is not None or view.is_timed:
            self._plan_tick()
        if has_more:
            self._wake()

    def _plan_tick(self) -> None:
        """Have the view woken when it wants to be."""
        wake_at_s = self._view.wake_at_s
        if self._tick_timer is not None:
            if wake_at_s == self._tick_timer.when():
                return
            self._tick_timer.cancel()
            self._tick_timer = None
        if wake_at_s is not None and not self._is_over:
            self._tick_timer = self._loop.call_at(wake_at_s, self._tick)

    def _tick(self) -> None:
        self._tick_timer = None
        if not self._is_over:
            self._act(self._view.tick(self._loop.time()))
