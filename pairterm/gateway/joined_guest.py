"""A guest that came by `pairterm join`: the session relayed to a terminal that paints for itself.

It is a guest like any other: the same door, the same gate, the same counts. What
differs is what it is sent, frames instead of painted bytes, so that its own side
scrolls and comes back after a loss. It says what it types and wants for itself, and
nothing else (`link.relay`). It is sent no frame while two large ones are
unacknowledged (or more small ones, see `link.screen_publisher`) or its connection holds more
than a little, so one that does not read costs nothing but itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from pairterm import __version__
from pairterm.errors import PeerError
from pairterm.gateway.input_gate import let_through
from pairterm.gateway.ssh.guest_connection import GuestConnection
from pairterm.link.attendance import attendance_message
from pairterm.link.codec import LinkMessage, check_protocol, decode_guest_message
from pairterm.link.history_wire import history_message
from pairterm.link.messages import (
    MAX_HISTORY_LINES,
    PROTOCOL,
    Ack,
    FetchHistory,
    Hello,
    Input,
    Join,
    Joined,
    JoinPending,
    Ping,
    Pong,
    Resize,
    RoleChanged,
    RunCommand,
    ShowText,
)
from pairterm.link.relay import MAX_GUEST_MESSAGE_BYTES, SELF, Disconnect, GuestMessage, HostAway, SessionHello
from pairterm.link.screen_publisher import Publisher
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.link_over_ssh import ChannelTransport
from pairterm.runtime.link_stream import LinkStream
from pairterm.runtime.socket_peer import kernel_round_trip_ms
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import Attendance, Role, Size, WindowId

if TYPE_CHECKING:
    from asyncssh.connection import SSHConnection

    from pairterm.gateway.hosts.hosted_session import Credentials, HostedSession
    from pairterm.gateway.ssh.guest_channel import Traffic

__all__ = ["Joiner"]

logger = logging.getLogger(__name__)

_JOIN_TIMEOUT_S = 10.0
"""How long a link may be held without asking to be let in."""

_QUIET_BYTES = 256 << 10
"""What its connection may hold when it is sent another part of a frame, or lines of history."""

_BUSY_PAUSE_S = 0.1
"""When a connection that holds more, or exchanges keys, is looked at again."""

_MAX_UNREAD_BYTES = 1 << 20
"""What it may leave unread: it is sent no more of a frame or of the history while much less waits, and both come in
parts of some hundred KB."""

_MAX_HISTORY_CELLS = 20_000
"""Of one answer with lines of history: 300 KB where each cell has colours of its own."""

_MAX_BLIND_MESSAGES = 100
"""What may be sent while it does not finish a key exchange: asyncssh keeps that where it can't be counted."""

_FETCH_TIMEOUT_S = 3.0
"""How long one fetch of history stands in the way of the next: as long as a view waits."""

_LINGER_S = 2.0
"""How long it may take to read its last line before the connection is closed."""


class Joiner(LinkStream):
    """The gateway's end of one joined terminal's link."""

    def __init__(
        self,
        session: HostedSession,
        credentials: Credentials,
        traffic: Traffic,
        connection: SSHConnection,
    ) -> None:
        super().__init__(self._receive, self._gone, max_message_bytes=MAX_GUEST_MESSAGE_BYTES)
        self._session = session
        self._credentials = credentials
        self._traffic = traffic
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._has_hello = False
        self._number: int | None = None
        self._role = Role.READ_ONLY
        self._may_type = False
        self._is_in = False
        self._publisher = Publisher(WindowId(0))
        self._fetched_s: float | None = None
        self._blind_messages = 0
        self._publish_timer: asyncio.TimerHandle | None = None
        self._heartbeat: Heartbeat | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the channel's transport."""
        assert isinstance(transport, ChannelTransport)
        self._counted = transport
        super().connection_made(transport)

    def open(self) -> None:
        """Say hello and what is shared here, and wait to be asked."""
        self._heartbeat = Heartbeat(self._beat, self.abort)
        self._loop.call_later(_JOIN_TIMEOUT_S, self._check_joined)
        session = self._session
        self.send(Hello(PROTOCOL, __version__, "gateway"), SessionHello(session.name, session.settings))

    def send(self, *messages: LinkMessage) -> None:
        """Send messages; whoever leaves too much unread is dropped."""
        held_bytes = self._held_bytes()
        self._blind_messages = 0 if held_bytes is not None else self._blind_messages + len(messages)
        if self._blind_messages > _MAX_BLIND_MESSAGES or (held_bytes or 0) > _MAX_UNREAD_BYTES:
            logger.info("a joined terminal of %s does not read: dropped", self._session.name)
            self.abort()
            return
        before = self._counted.written_bytes
        super().send(*messages)
        self._traffic.bytes_out += self._counted.written_bytes - before

    def data_received(self, data: bytes) -> None:
        """Take what the terminal's side sent, and any of it as a sign of life."""
        self._traffic.bytes_in += len(data)
        if self._heartbeat is not None:
            self._heartbeat.heard()
        super().data_received(data)

    # What the terminal's side says.

    def _receive(self, payload: bytes) -> None:
        message = decode_guest_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
            return
        self._take(message)

    def _take(self, message: GuestMessage) -> None:
        match message:
            case Ack(generation=generation):
                self._publisher.acknowledge(generation)
                self._publish()
            case Ping():
                self.answer_ping()
            case Pong():
                pass
            case Join():
                self._join(message)
            case Hello():
                raise PeerError("hello twice", code="unexpected_message")
            case Resize() | Input() | FetchHistory() | RunCommand():
                if self._number is None:
                    raise PeerError("a terminal has to join first", code="unexpected_message")
                self._take_wish(self._number, message)
            case _:
                assert_never(message)

    def _join(self, message: Join) -> None:
        """Bring the guest to its session's door. The host checks its ticket; nothing else that it says is passed on."""
        if self._number is not None:
            raise PeerError("joined already", code="unexpected_message")
        size = Size(rows=message.rows, cols=message.cols)
        self._number = self._session.join(
            self, self._credentials, size, term=message.term, ticket=message.ticket, transport="join"
        )

    def _take_wish(self, number: int, message: Resize | Input | FetchHistory | RunCommand) -> None:
        match message:
            case Resize(rows=rows, cols=cols):
                self._session.resize(number, Size(rows=rows, cols=cols))
            case Input(data=data):
                refusal = let_through(self._session, number, self._role, self._may_type, data)
                if refusal:
                    self.tell(refusal)
            case FetchHistory(start=start, stop=stop, place=place):
                self._fetch_history(number, start, stop, place)
            case RunCommand(line=line):
                self._session.say(number, line)
            case _:
                assert_never(message)

    def _fetch_history(self, number: int, start: int, stop: int, place: int | None) -> None:
        """Ask the host for lines, one request at a time; its view asks again for what did not come."""
        now_s = self._loop.time()
        is_waiting = self._fetched_s is not None and now_s < self._fetched_s + _FETCH_TIMEOUT_S
        if self._is_in and not is_waiting and self._is_quiet():
            self._fetched_s = now_s
            self._session.fetch_history(number, start, min(stop, start + self._history_lines()), place)

    def _history_lines(self) -> int:
        """Return how many lines one answer may have: its view asks again for the others."""
        frame = self._session.frame
        cols = frame.size.cols if frame is not None else 1
        return min(MAX_HISTORY_LINES, max(1, _MAX_HISTORY_CELLS // cols))

    # What the session says.

    def joined(self, role: Role, may_type: bool, ticket: bytes) -> None:
        """The host let it in, or in again."""
        self._role, self._may_type = role, may_type
        self._is_in = True
        self.send(Joined(SELF, role.value, may_type, ticket), attendance_message(self._session.attendance))
        self._publish()
        self._measure()

    def change_role(self, role: Role, may_type: bool) -> None:
        """Close or open the gate, at once; then let the terminal's side know."""
        self._role, self._may_type = role, may_type
        self.send(RoleChanged(SELF, role.value, may_type))

    def hold(self, text: str) -> None:
        """It has to wait, and sees and sends nothing until it is in."""
        self._is_in = False
        self._role, self._may_type = Role.READ_ONLY, False
        self.send(JoinPending(SELF, text))

    def show(self, frame: Frame) -> None:
        """There is a newer picture."""
        self._publish()

    def attend(self, attendance: Attendance) -> None:
        """Others came or went, or another one types."""
        if self._is_in:
            self.send(attendance_message(attendance))

    def tell(self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False) -> None:
        """There is a text for the person; with a title, a page."""
        self.send(ShowText(SELF, text, title=title, items=list(items), starts_at_end=starts_at_end))

    def history(self, lines: HistoryLines) -> None:
        """Here are the lines of history that it asked for."""
        self._fetched_s = None
        if self._is_in:
            self.send(history_message(SELF, WindowId(0), lines))

    def charge(self, took_s: float) -> None:
        """What it asked for took so long: its connection is not read for as long as that takes."""
        if isinstance(self._connection, GuestConnection):
            self._connection.share.spend(self._loop.time(), took_s)

    def host_away(self, since_s: float | None) -> None:
        """The host is away since then (the loop's clock), or with None is back."""
        self._fetched_s = None
        self.send(HostAway(None if since_s is None else max(0, int(self._loop.time() - since_s))))

    def end(self, line: str, status: int, *, may_return: bool = False) -> None:
        """It has to go; the line is its last."""
        self.send(Disconnect(line[:512], status, may_return))
        self._part()
        self.close()
        self._loop.call_later(_LINGER_S, self.abort)

    # The link.

    def _publish(self) -> None:
        """Send the newest picture if it is in and can take one."""
        frame = self._session.frame
        if frame is None or not self._is_in or not self.is_open:
            return
        if not self._publisher.may_send and not frame.is_hidden:
            return
        if not self._is_quiet():
            self._publish_soon()
            return
        update = self._publisher.update(frame)
        if update is not None:
            self.send(update)
        if not self._publisher.is_at(frame.generation):
            self._publish_soon()

    def _publish_soon(self) -> None:
        """Look again when its connection may have become quiet: no acknowledgement says so."""
        if self._publish_timer is None:
            self._publish_timer = self._loop.call_later(_BUSY_PAUSE_S, self._publish_later)

    def _publish_later(self) -> None:
        self._publish_timer = None
        self._publish()

    def _held_bytes(self) -> int | None:
        """Return what its connection holds of what was sent; None during a key exchange, when asyncssh hides it."""
        transport = self._connection._transport
        if transport is None or not self._connection._kex_complete:
            return None
        return self.waiting_bytes

    def _is_quiet(self) -> bool:
        held_bytes = self._held_bytes()
        return held_bytes is not None and held_bytes < _QUIET_BYTES

    def _beat(self) -> None:
        """Ask for a sign of life, and tell the host how long packets take to it and back."""
        self.send(Ping())
        self._measure()

    def _measure(self) -> None:
        transport = self._connection._transport
        if self._number is not None and transport is not None:
            round_trip_ms = kernel_round_trip_ms(transport.get_extra_info("socket"))
            if round_trip_ms is not None:
                self._session.measured(self._number, round_trip_ms)

    def _check_joined(self) -> None:
        if self._number is None:
            self.close(PeerError("it did not join in time", code="no_join"))

    def _part(self) -> None:
        """Let go of the session, once."""
        self._is_in = False
        if self._heartbeat is not None:
            self._heartbeat.stop()
        if self._publish_timer is not None:
            self._publish_timer.cancel()
        if self._number is not None:
            number, self._number = self._number, None
            self._session.leave(number, is_lost=True)

    def _gone(self, error: PeerError | None) -> None:
        self._part()
