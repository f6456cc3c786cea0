"""One guest's SSH channel: a live view on a session.

The first of the two gates before the pty: a read-only guest's input is turned
into its own view's commands here and goes no further. What is not an interactive
terminal gets one line that says what to do. asyncssh swallows the exceptions of
callbacks, so each is one guarded call into our code.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, assert_never

import asyncssh

from pairterm.access.rate_limits import Share
from pairterm.errors import UsageError
from pairterm.gateway.input_gate import AWAY, let_through
from pairterm.gateway.joined_guest import Joiner
from pairterm.gateway.ssh.guest_connection import GuestConnection, TerminalChannel
from pairterm.gateway.ssh.link_channel import LinkChannel
from pairterm.link.messages import MAX_INPUT_BYTES
from pairterm.runtime.link_over_ssh import LINK_SUBSYSTEM
from pairterm.runtime.live_view import LiveView, Shares, kernel_holds_bytes, view_by
from pairterm.runtime.socket_peer import kernel_round_trip_ms
from pairterm.session.people import clean_name
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import Attendance, Role, Size
from pairterm.view import Action, Command, ContentSize, Copy, Detach, FetchHistory, Redraw, TerminalKind, Type, View
from pairterm.view.name_prompt import NAME_PROMPT, NamePrompt

if TYPE_CHECKING:
    from pairterm.gateway.hosts.hosted_session import Credentials, HostedSession

__all__ = ["GuestChannel"]

logger = logging.getLogger(__name__)


_MEASURE_S = 15.0
"""How often a guest's round trip is measured while it is sent anything: who is shown nothing new wakes nobody."""

_RESIZE_INTERVAL_S = 0.05
"""Least time between two sizes of a terminal that are looked at: each paints it anew."""

_LITTLE_BYTES = 2048
"""So much may be on the way without asking the kernel: no pace minds it, and typing asks once in fifty keys."""

_PACKET_BYTES = 64
"""What a packet is longer than what it carries, at most: lengths, padding, tag."""

_LINGER_S = 2.0
"""How long a client may take to read its last line before the connection is closed."""

_P = ParamSpec("_P")


def _guarded(method: Callable[Concatenate[GuestChannel, _P], None]) -> Callable[Concatenate[GuestChannel, _P], None]:
    """Make a failure of ours end this guest, with a log entry, and nobody else."""

    @functools.wraps(method)
    def call(guest: GuestChannel, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            method(guest, *args, **kwargs)
        except Exception:
            logger.exception("a guest of %s made us fail: dropped", guest.session_name)
            guest.abort()

    return call


class Traffic(Protocol):
    """What all guests together have been sent, and have sent."""

    bytes_in: int
    bytes_out: int


class GuestChannel(asyncssh.SSHServerSession[bytes]):
    """A guest, from its channel's opening to its close."""

    def __init__(self, session: HostedSession, credentials: Credentials, traffic: Traffic) -> None:
        self._session = session
        self._credentials = credentials
        self._traffic = traffic
        self._view: View | None = None
        self._live: LiveView | None = None
        self._typed_ahead = bytearray()
        """Typed before the host let the guest in, at most one message's worth."""
        self._number: int | None = None
        self._role = Role.READ_ONLY
        self._may_type = False
        self._is_held = False
        self._name_line = NamePrompt()
        """What is typed while waiting at the door."""
        self._measure_timer: asyncio.TimerHandle | None = None
        self._held_bytes_at_most = 0
        """What was still held when the kernel was asked last, and all that was written since."""
        self._resized_s = float("-inf")
        self._resize_timer: asyncio.TimerHandle | None = None
        self._is_over = False
        self._share = Share(math.inf, 1.0)
        """Its part of the loop's time: its connection's."""
        self._fetch_timer: asyncio.TimerHandle | None = None

    @property
    def session_name(self) -> str:
        """The name of the session that this guest came for."""
        return self._session.name

    # What asyncssh tells us.

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Take the channel."""
        self._channel = chan
        self._connection = chan.get_connection()
        self._loop = asyncio.get_running_loop()
        if isinstance(self._connection, GuestConnection):
            self._share = self._connection.share

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the session."""
        self._part()
        self._connection.close()

    def pty_requested(
        self, term_type: str | None, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        """Take any terminal; what it can do is looked at when the shell is asked for."""
        return True

    def shell_requested(self) -> bool:
        """Take the one thing that there is here."""
        return True

    def exec_requested(self, command: str) -> bool:
        """Take it to refuse it with a line: a bare failure would tell the person nothing."""
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        """Likewise; the link's is served, to a terminal that joins by `pairterm join`."""
        if subsystem == LINK_SUBSYSTEM:
            if not isinstance(self._channel, TerminalChannel):
                return False  # Plain asyncssh: see `privatenames`.
            self._channel.hand_over(
                LinkChannel(lambda: Joiner(self._session, self._credentials, self._traffic, self._connection))
            )
        return True

    @_guarded
    def session_started(self) -> None:
        """Go in, if this is a terminal that can show a session."""
        channel = self._channel
        if channel.get_command() is not None:
            return self._refuse("commands are not run here: join with plain 'ssh' and no command")
        if channel.get_subsystem() is not None:
            return self._refuse("only a terminal is served here: no sftp, no scp, no subsystem")
        terminal = channel.get_terminal_type()
        if terminal is None:
            return self._refuse("a session needs a terminal: run ssh without -T, or with -tt from a script")
        environment = channel.get_environment_bytes()
        lang = environment.get(b"LC_ALL") or environment.get(b"LC_CTYPE") or environment.get(b"LANG")
        session = self._session
        try:
            kind = TerminalKind.of(terminal, colorterm=_text(environment.get(b"COLORTERM")), lang=_text(lang))
            self._view = view_by(
                session.settings,
                session=self.session_name,
                role=self._role,
                size=self._size(),
                kind=kind,
                cache=session.cache,
            )
        except UsageError as error:
            return self._refuse(error.message)
        self._number = session.join(self, self._credentials, self._view.content_size, term=terminal)
        return None

    @_guarded
    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Take what the client typed."""
        if datatype is not None:
            return
        self._traffic.bytes_in += len(data)
        if self._live is not None:
            self._live.keys(data)
        elif self._is_held:
            self._type_name(data)
        elif len(self._typed_ahead) + len(data) <= MAX_INPUT_BYTES:
            self._typed_ahead += data

    @_guarded
    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """Take the client's new size, at once or when the time for another one has come."""
        due_s = self._resized_s + _RESIZE_INTERVAL_S
        if self._loop.time() >= due_s:
            self._resize()
        elif self._resize_timer is None:
            self._resize_timer = self._loop.call_at(due_s, self._resize)

    @_guarded
    def _resize(self) -> None:
        """Follow the newest size."""
        self._resize_timer = None
        self._resized_s = self._loop.time()
        size = self._size()
        if self._live is not None:
            self._live.resize(size)
        elif self._view is not None:
            self._view.resize(size)
        self._vote()

    def eof_received(self) -> bool:
        """Stay: a viewer whose input is closed may still watch."""
        return True

    def break_received(self, msec: int) -> bool:
        """Take no break: it is no key."""
        return False

    def signal_received(self, signal: str) -> None:
        """Take no signal to the program from a client; keys are the way."""

    # What the link tells us.

    @_guarded
    def hold(self, text: str) -> None:
        """The host makes us wait: say so, and forget what was typed, which was not meant for a session.

        After the host was away this may befall a guest who was in: it sees and sends nothing more until it is in again.
        """
        self._is_held = True
        self._role, self._may_type = Role.READ_ONLY, False
        self._typed_ahead.clear()
        if self._live is not None:
            self._live.tell(text)
            return
        self._channel.write(f"pairterm: {text}\r\n{NAME_PROMPT}".encode())

    @_guarded
    def change_role(self, role: Role, may_type: bool) -> None:
        """Close or open the gate, at once; then let the view follow."""
        self._role, self._may_type = role, may_type
        if self._live is not None:
            self._live.set_role(role)

    @_guarded
    def joined(self, role: Role, may_type: bool, ticket: bytes) -> None:
        """The host let us in: paint from now on. The session keeps the ticket for us."""
        assert self._view is not None
        session = self._session
        self._role, self._may_type = role, may_type
        self._view.set_role(role, self._loop.time())
        self._is_held = False
        if self._live is not None:
            if session.frame is not None:
                self._live.show(session.frame)
            return  # Again: the host was away, and has come back.
        self._live = LiveView(
            self._view,
            write=self._write,
            in_flight_bytes=self._in_flight_bytes,
            on_action=self._act,
            shares=Shares(own=self._share, common=session.share),
        )
        self._live.attend(session.attendance)
        if session.frame is not None:
            self._live.show(session.frame)
        self._measure()
        if self._typed_ahead:
            self._live.keys(bytes(self._typed_ahead))
            self._typed_ahead.clear()

    @_guarded
    def show(self, frame: Frame) -> None:
        """There is a newer picture."""
        if self._live is not None and not self._is_held:
            self._live.show(frame)

    @_guarded
    def attend(self, attendance: Attendance) -> None:
        """Others came or went, or another one types."""
        if self._live is not None:
            self._live.attend(attendance)

    @_guarded
    def tell(self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False) -> None:
        """There is a text for the person; with a title, a page."""
        if self._live is not None:
            self._live.tell(text, title, items, starts_at_end=starts_at_end)
        elif self._is_held:
            self._channel.write(f"pairterm: {text}\r\n".encode())

    @_guarded
    def history(self, lines: HistoryLines) -> None:
        """Here are the lines of history that the view asked for."""
        if self._live is not None:
            self._live.history(lines)

    def charge(self, took_s: float) -> None:
        """What it asked for took so long: it waits longer for its next keys to be looked at."""
        self._share.spend(self._loop.time(), took_s)

    @_guarded
    def host_away(self, since_s: float | None) -> None:
        """The host is away since then, or with None is back."""
        if self._live is not None:
            self._live.link_away(since_s)
            self._live.tell(AWAY if since_s is not None else "the host is back")
        elif since_s is not None:
            self._channel.write_stderr(f"pairterm: the host of {self.session_name} is away; waiting\r\n".encode())

    @_guarded
    def end(self, line: str, status: int, *, may_return: bool = False) -> None:
        """Show the last line on a restored terminal, and close."""
        if self._is_over:
            return
        if self._live is not None:
            self._live.leave(line)
        else:
            self._channel.write_stderr(f"{line}\r\n".encode())
        self._close(status)

    def abort(self) -> None:
        """Drop the guest at once."""
        self._part()
        self._connection.abort()

    # What the guest wants.

    def _act(self, action: Action) -> None:
        match action:
            case Type(data):
                self._type(data)
            case Detach():
                self.end(f"[detached from {self.session_name}]", 0)
            case FetchHistory(start, stop, place):
                self._fetch_when_due(start, stop, place)
            case Command(line):
                if self._number is not None:
                    self._session.say(self._number, line)
            case ContentSize():
                self._vote()
            case Redraw() | Copy():
                pass
            case _:
                assert_never(action)

    def _fetch_when_due(self, start: int, stop: int, place: int | None) -> None:
        """Ask for lines of history, the newest wish only, when this guest may take the loop's time again."""
        if self._fetch_timer is not None:
            self._fetch_timer.cancel()
            self._fetch_timer = None
        if self._number is None:
            return
        wait_s = self._share.wait_s(self._loop.time())
        if wait_s:
            self._fetch_timer = self._loop.call_later(wait_s, self._fetch_when_due, start, stop, place)
        else:
            self._session.fetch_history(self._number, start, stop, place)

    def _vote(self) -> None:
        """Tell the host what part of this terminal the session may have."""
        if self._view is not None and self._number is not None:
            self._session.resize(self._number, self._view.content_size)

    def _type(self, data: bytes) -> None:
        """Send what was typed to the session, through the gateway's gate (Law 6)."""
        refusal = let_through(self._session, self._number, self._role, self._may_type, data)
        if refusal:
            self.tell(refusal)

    def _type_name(self, data: bytes) -> None:
        """Take what was typed at the door: a name for the owner to see, or the wish to leave."""
        typed = self._name_line.feed(data, self._loop.time())
        if typed.echo:
            self._channel.write(typed.echo.encode())
        name = clean_name(typed.name)
        if name and self._number is not None:
            self._session.say(self._number, f"name {name}")
        if typed.leaves:
            self.end("[left]", 0)

    # The connection.

    def _in_flight_bytes(self) -> int | None:
        """Return what the channel, the transport and the kernel still hold; None during a key exchange.

        asyncssh says none of this in public: its own back-pressure fires after the client's window, 2 MiB late.
        """
        if not isinstance(self._connection, GuestConnection):
            return self._channel.get_write_buffer_size()  # Plain asyncssh: see `privatenames`.
        transport = self._connection._transport
        if transport is None or not self._connection._kex_complete:
            return None
        if self._held_bytes_at_most > _LITTLE_BYTES:
            waiting = self._channel.get_write_buffer_size() + transport.get_write_buffer_size()
            self._held_bytes_at_most = waiting + kernel_holds_bytes(transport.get_extra_info("socket").fileno())
        return self._held_bytes_at_most

    def _write(self, data: bytes) -> None:
        self._traffic.bytes_out += len(data)
        self._held_bytes_at_most += len(data) + _PACKET_BYTES
        self._channel.write(data)
        if self._measure_timer is None:
            self._measure_timer = self._loop.call_later(_MEASURE_S, self._measure)

    def _measure(self) -> None:
        """Tell the host how long packets take to this guest and back; again when something was sent meanwhile."""
        if self._measure_timer is not None:
            self._measure_timer.cancel()
            self._measure_timer = None
        sock = self._connection.get_extra_info("socket")
        if self._number is None or sock is None:
            return
        round_trip_ms = kernel_round_trip_ms(sock)
        if round_trip_ms is not None:
            self._session.measured(self._number, round_trip_ms)

    def _size(self) -> Size:
        cols, rows, _, _ = self._channel.get_terminal_size()
        return Size.clamped(rows=rows, cols=cols)

    def _refuse(self, text: str) -> None:
        """Say in one line why this is not served, and close with the status of a usage error."""
        self._channel.write_stderr(f"pairterm: {text}\r\n".encode())
        self._close(2)

    def _part(self) -> None:
        """Let go of the session, once."""
        self._is_over = True
        for timer in (self._measure_timer, self._resize_timer, self._fetch_timer):
            if timer is not None:
                timer.cancel()
        if self._live is not None:
            self._live.stop()
        if self._number is not None:
            number, self._number = self._number, None
            self._session.leave(number)

    def _close(self, status: int) -> None:
        """Close the channel after what is written, and the connection if the client does not."""
        self._part()
        self._channel.exit(status)
        asyncio.get_running_loop().call_later(_LINGER_S, self._connection.close)


def _text(value: bytes | None) -> str:
    return (value or b"").decode("ascii", "replace")
