"""This terminal as a client of a session: raw mode, a link to the host, a live view, and everything put back.

The terminal is opened anew by its name: its file description is then ours alone,
and making it non-blocking does not make the shell's standard input so.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import signal
import termios
import tty
from collections.abc import Iterator
from typing import assert_never

from pairterm import __version__
from pairterm.errors import PeerError, SystemFault, UsageError
from pairterm.link import messages
from pairterm.link.attendance import attendance_from
from pairterm.link.codec import check_protocol, decode_host_message
from pairterm.link.messages import (
    MAX_INPUT_BYTES,
    PROTOCOL,
    Ack,
    Admits,
    AttendanceWire,
    Ended,
    Held,
    Hello,
    History,
    HostMessage,
    Info,
    Input,
    Join,
    Joined,
    Ping,
    Pong,
    Refused,
    Register,
    Resize,
    RoleChanged,
    Say,
    ScreenUpdate,
    Told,
    ViewSettings,
)
from pairterm.link.screens import Replica, history_rows
from pairterm.linkio import LinkStream, connect_unix
from pairterm.liveview import LiveView, kernel_holds_bytes, view_by
from pairterm.paths import session_socket
from pairterm.session.people import clean_name
from pairterm.types import Role, Size
from pairterm.view import Action, Command, ContentSize, Detach, FetchHistory, Redraw, TerminalKind, Type, View

__all__ = ["attach_terminal", "check_terminal"]

_READ_BYTES = 65_536

_LOST_STATUS = 1

_INTERRUPTED_STATUS = 130
"""128 + SIGINT, as a shell says it."""


def check_terminal() -> TerminalKind:
    """Return what the terminal we run in can do.

    Raises:
        UsageError: Standard input and output are not one, or it can't show a session.
    """
    if not (os.isatty(0) and os.isatty(1)):
        raise UsageError(
            "not a terminal: use -d to start in the background, or -F to stay in the foreground", code="not_a_terminal"
        )
    lang = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG", "")
    return TerminalKind.of(os.environ.get("TERM", ""), colorterm=os.environ.get("COLORTERM", ""), lang=lang)


def attach_terminal(session: str, *, read_only: bool, name: str = "", greeting: str = "") -> int:
    """Show `session` here until one of both ends; return the exit status.

    `name` is what the person is called there, "" for the user's name. `greeting` is shown in the status line
    for its first seconds, if there is one.

    Raises:
        UsageError: There is no such session, or no terminal.
        SystemFault: Its host does not answer.
        PeerError: Its host is of another version.
    """
    kind = check_terminal()
    with _raw_terminal() as fd:
        return asyncio.run(_attach(fd, session, kind, read_only=read_only, name=name, greeting=greeting))


@contextlib.contextmanager
def _raw_terminal() -> Iterator[int]:
    """Open the terminal in raw mode, and put it back as it was, whatever happens."""
    try:
        fd = os.open(os.ttyname(0), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        fd = os.dup(0)
    saved = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield fd
    finally:
        os.set_blocking(fd, True)
        termios.tcsetattr(fd, termios.TCSADRAIN, saved)
        os.close(fd)


async def _attach(fd: int, session: str, kind: TerminalKind, *, read_only: bool, name: str, greeting: str) -> int:
    return await _Attachment(fd, session, kind, read_only=read_only, name=name, greeting=greeting).run()


class _Attachment:
    """One attached terminal: client 0 of a link of its own."""

    def __init__(self, fd: int, session: str, kind: TerminalKind, *, read_only: bool, name: str, greeting: str) -> None:
        self._fd = fd
        self._name = name
        self._session = session
        self._kind = kind
        self._read_only = read_only
        self._greeting = greeting
        self._typed_ahead = b""
        """Typed before the host let us in."""
        self._loop = asyncio.get_running_loop()
        self._unwritten = bytearray()
        self._replica = Replica()
        self._view: View | None = None
        self._live: LiveView | None = None
        self._has_hello = False
        self._failure: PeerError | UsageError | None = None
        self._over: asyncio.Future[int] = self._loop.create_future()
        self._stream = LinkStream(self._receive, self._lost)

    async def run(self) -> int:
        """Attach, and stay until the end; return the exit status."""
        try:
            await connect_unix(session_socket(self._session), self._stream)
        except SystemFault as fault:
            raise UsageError(f"can't find session: {self._session}", code="no_session") from fault
        os.set_blocking(self._fd, False)
        self._loop.add_reader(self._fd, self._read_keys)
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self._detach)
        self._stream.send(Hello(PROTOCOL, __version__, "client"))
        try:
            status = await self._over
        finally:
            self._loop.remove_reader(self._fd)
            self._stream.close()
            self._write_the_rest()
        if self._failure is not None:
            raise self._failure
        return status

    # What the host says.

    def _receive(self, payload: bytes) -> None:
        message = decode_host_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
        else:
            self._take(message)

    def _take(self, message: HostMessage) -> None:
        match message:
            case ScreenUpdate():
                frame = self._replica.apply(message)
                if self._live is not None:
                    self._live.show(frame)
            case ViewSettings():
                self._join(message)
            case Joined() | RoleChanged() | Held() | Refused():
                self._take_role(message)
            case Ended(text=text):
                self._end(text, 0)
            case AttendanceWire() | Told() | History():
                if self._live is not None:
                    self._take_for_view(self._live, message)
            case Ping():
                self._stream.send(Pong())
            case Pong():
                pass
            case Hello() | Register() | Admits() | Info():
                raise PeerError("a message out of place", code="unexpected_message")
            case _:
                assert_never(message)

    def _take_role(self, message: Joined | RoleChanged | Held | Refused) -> None:
        match message:
            case Joined(role=role):
                self._joined(Role(role))
            case RoleChanged(role=role):
                if self._live is not None:
                    self._live.set_role(Role(role))
            case Refused(code=code, text=text):
                self._failure = UsageError(text, code=code)
                self._end("", _LOST_STATUS)
            case Held():
                pass  # The owner's own terminals never wait.
            case _:
                assert_never(message)

    def _take_for_view(self, live: LiveView, message: AttendanceWire | Told | History) -> None:
        match message:
            case AttendanceWire():
                live.attend(attendance_from(message))
            case Told(text=text, title=title, items=items):
                live.tell(text, title, items)
            case History(start=start, kept=kept):
                live.history(start, history_rows(message), kept)
            case _:
                assert_never(message)

    def _join(self, settings: ViewSettings) -> None:
        """Ask to be let in, with the part of the terminal that the status line leaves."""
        self._view = view_by(settings, session=self._session, role=Role.READ_ONLY, size=self._size(), kind=self._kind)
        size = self._view.content_size
        term = os.environ.get("TERM", "")[:64]
        self._stream.send(Join(0, size.rows, size.cols, None, self._read_only, _label(), term, clean_name(self._name)))

    def _joined(self, role: Role) -> None:
        assert self._view is not None
        self._view.set_role(role)
        self._live = LiveView(
            self._view,
            write=self._write,
            in_flight_bytes=lambda: len(self._unwritten) + kernel_holds_bytes(self._fd),
            on_action=self._act,
            on_painted=self._painted,
        )
        if self._typed_ahead:
            self._live.keys(self._typed_ahead)
            self._typed_ahead = b""
        if self._greeting and self._view.content_size != self._view.size:
            self._live.tell(self._greeting)

    def _painted(self) -> None:
        """Tell the host that its newest frame is on the screen; the next may come."""
        if self._replica.frame is not None:
            self._stream.send(Ack(0, self._replica.frame.generation))

    def _lost(self, error: PeerError | None) -> None:
        if not self._over.done():
            self._failure = error if self._live is None else None
            self._end(f"[{self._session} lost: its host is gone]", _LOST_STATUS)

    def _end(self, line: str, status: int) -> None:
        if self._live is not None:
            self._live.leave(line)
        if not self._over.done():
            self._over.set_result(status)

    # What the person does.

    def _read_keys(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._over.set_result(0)  # The terminal is gone: there is nothing to restore.
            self._loop.remove_reader(self._fd)
        elif self._live is not None:
            self._live.keys(data)
        elif b"\x03" in data:
            self._end("", _INTERRUPTED_STATUS)  # The host has not answered yet, and the terminal is raw already.
        else:
            self._typed_ahead = (self._typed_ahead + data)[:_READ_BYTES]

    def _act(self, action: Action) -> None:
        match action:
            case Type(data):
                for start in range(0, len(data), MAX_INPUT_BYTES):
                    self._stream.send(Input(0, 0, data[start : start + MAX_INPUT_BYTES]))
            case Detach():
                self._detach()
            case FetchHistory(start, stop):
                self._stream.send(messages.FetchHistory(0, 0, start, stop))
            case Command(line):
                self._stream.send(Say(0, line))
            case ContentSize():
                self._vote()
            case Redraw():
                pass
            case _:
                assert_never(action)

    def _detach(self) -> None:
        self._end(f"[detached from {self._session}]", 0)

    def _resized(self) -> None:
        if self._live is not None:
            self._live.resize(self._size())
            self._vote()

    def _vote(self) -> None:
        """Tell the host what part of this terminal the session may have."""
        assert self._view is not None
        size = self._view.content_size
        self._stream.send(Resize(0, size.rows, size.cols))

    def _size(self) -> Size:
        found = os.get_terminal_size(self._fd)
        return Size.clamped(rows=found.lines, cols=found.columns)

    # The terminal.

    def _write(self, data: bytes) -> None:
        was_empty = not self._unwritten
        self._unwritten += data
        if was_empty:
            self._flush()

    def _flush(self) -> None:
        try:
            written = os.write(self._fd, self._unwritten)
        except BlockingIOError:
            written = 0
        except OSError:
            written = len(self._unwritten)
        del self._unwritten[:written]
        if self._unwritten:
            self._loop.add_writer(self._fd, self._flush)
        else:
            self._loop.remove_writer(self._fd)

    def _write_the_rest(self) -> None:
        """Give the terminal back what restores it, waiting for it as long as it takes to be read."""
        self._loop.remove_writer(self._fd)
        os.set_blocking(self._fd, True)
        with contextlib.suppress(OSError):
            while self._unwritten:
                del self._unwritten[: os.write(self._fd, self._unwritten)]


def _label() -> str:
    """Return who this is, for the list of clients."""
    with contextlib.suppress(KeyError, OSError):
        return getpass.getuser()
    return f"uid {os.getuid()}"
