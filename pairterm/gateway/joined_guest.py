"""A guest that came by `pairterm join`: the session relayed to a terminal that paints for itself.

It is a guest like any other: the same admission, the same gate, the same counts (`guest`).
The difference is that it is sent frames instead of painted bytes, so that its own side
scrolls and comes back after a loss. Its terminal's side may say what the person types and
wants, and nothing else (`link.relay`). It is sent no frame while two large ones are
unacknowledged (or more small ones, see `link.screen_publisher`), or while its connection holds more
than a little. So a guest that does not read costs nothing but itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import assert_never

from msgspec.structs import replace

from pairterm import __version__
from pairterm.access.rate_limits import Share
from pairterm.document.document import DocumentId
from pairterm.errors import PeerError
from pairterm.gateway.guest import Credentials, Guest
from pairterm.gateway.guest_presentation import Traffic, Transport
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.watch_gate import HELD_S
from pairterm.gateway.ssh.outgoing import Outgoing
from pairterm.link.attendance import attendance_message
from pairterm.link.codec import LinkMessage, decode_guest_message
from pairterm.link.history_wire import history_message
from pairterm.link.link_documents import LinkDocuments
from pairterm.link.link_panes import LinkPanes
from pairterm.link.messages import (
    MAX_HISTORY_LINES,
    PROTOCOL,
    Ack,
    DocumentAck,
    FetchHistory,
    Hello,
    Input,
    InputMarked,
    Join,
    Joined,
    JoinPending,
    MarkInput,
    Ping,
    Pong,
    Resize,
    RoleChanged,
    RunCommand,
    ShowText,
    WatchDocuments,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.link.relay import MAX_GUEST_MESSAGE_BYTES, SELF, Disconnect, GuestMessage, HostAway, SessionHello
from pairterm.link.session_replica import Picture
from pairterm.link.shared_documents import documents_to_wire
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.link_over_ssh import ChannelTransport
from pairterm.runtime.link_stream import LinkStream
from pairterm.terminal.excerpt import HistoryLines
from pairterm.types import Attendance, PaneId, Question, Role, Size

__all__ = ["JoinedGuest"]

logger = logging.getLogger(__name__)

_JOIN_TIMEOUT_S = 10.0
"""How long a link may be held without a request to be let in."""

_QUIET_BYTES = 256 << 10
"""How much its connection may hold when it is sent another part of a frame, or lines of history."""

_BUSY_PAUSE_S = 0.1
"""How long until a connection that holds more, or exchanges keys, is looked at again."""

_MAX_UNREAD_BYTES = 1 << 20
"""How much it may leave unread. It is sent no more of a frame or of the history while much less waits, and both come
in parts of some hundred KB."""

_MAX_HISTORY_CELLS = 20_000
"""Of one answer with lines of history: 300 KB where each cell has colours of its own."""

_MAX_BLIND_MESSAGES = 100
"""How many may be sent while it does not finish a key exchange: asyncssh keeps them where they can't be counted."""

_FETCH_TIMEOUT_S = 3.0
"""How long one fetch of history stands in the way of the next: as long as a view waits."""

_LINGER_S = 2.0
"""How long it may take to read its last line before the connection is closed."""


class JoinedGuest(LinkStream):
    """The gateway's end of one joined terminal's link, and the presentation of its guest."""

    transport: Transport = "join"
    keeps_ticket = True
    crowd_member = None

    def __init__(
        self,
        session: HostedSession,
        credentials: Credentials,
        traffic: Traffic,
        *,
        outgoing: Outgoing,
        share: Share,
    ) -> None:
        """`outgoing`: the sending side of its connection. `share`: its part of the loop's time."""
        super().__init__(self._receive, self._gone, max_message_bytes=MAX_GUEST_MESSAGE_BYTES)
        self._session = session
        self._outgoing = outgoing
        self._loop = asyncio.get_running_loop()
        self._has_hello = False
        self._panes = LinkPanes()
        self._documents = LinkDocuments(session.document_transfers)
        self._fetched_s: float | None = None
        self._blind_messages = 0
        self._publish_timer: asyncio.TimerHandle | None = None
        self._held_timer: asyncio.TimerHandle | None = None
        self._heartbeat: Heartbeat | None = None
        self.guest = Guest(session, credentials, self, clock=self._loop, share=share, traffic=traffic)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the channel's transport."""
        assert isinstance(transport, ChannelTransport)
        self._counted = transport
        super().connection_made(transport)

    def open(self) -> None:
        """Say hello and which session this is, and wait for the request to be let in."""
        self._heartbeat = Heartbeat(lambda: self.send(Ping()), self.abort)
        self._loop.call_later(_JOIN_TIMEOUT_S, self._check_joined)
        session = self._session
        self.send(Hello(PROTOCOL, __version__, "gateway"), SessionHello(session.name, session.settings))

    def send(self, *messages: LinkMessage) -> None:
        """Send messages; a guest that leaves too much unread is dropped."""
        held_bytes = self._held_bytes()
        self._blind_messages = 0 if held_bytes is not None else self._blind_messages + len(messages)
        if self._blind_messages > _MAX_BLIND_MESSAGES or (held_bytes or 0) > _MAX_UNREAD_BYTES:
            logger.info("a joined terminal of %s does not read: dropped", self._session.name)
            self.abort()
            return
        before = self._counted.written_bytes
        super().send(*messages)
        self.guest.sent(self._counted.written_bytes - before)

    def data_received(self, data: bytes) -> None:
        """Take what the terminal's side sent, and any of it as a sign of life."""
        self.guest.received(len(data))
        if self._heartbeat is not None:
            self._heartbeat.heard()
        super().data_received(data)

    # Messages from the terminal's side.

    def _receive(self, payload: bytes) -> None:
        message = decode_guest_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
            return
        self._take(message)

    def _take(self, message: GuestMessage) -> None:
        match message:
            case Ack(pane=pane, generation=generation):
                self._panes.acknowledge(PaneId(pane), generation)
                self._publish()
            case WatchDocuments() | DocumentAck():
                self._take_document_message(message)
            case Ping():
                self.answer_ping()
            case Pong():
                pass
            case Join():
                self._join(message)
            case Hello():
                raise PeerError("hello twice", code="unexpected_message")
            case Resize() | Input() | MarkInput() | FetchHistory() | RunCommand():
                if self.guest.number is None:
                    raise PeerError("a terminal has to join first", code="unexpected_message")
                self._take_wish(message)
            case _:
                assert_never(message)

    def _take_document_message(self, message: WatchDocuments | DocumentAck) -> None:
        """Take at which documents the person looks, or that a text has come."""
        if isinstance(message, DocumentAck):
            self._documents.acknowledge(message)
        elif self.guest.is_in and self.guest.number is not None:
            self._session.watch(self.guest.number, map(DocumentId, message.documents), self._watch)
        self._publish_texts()

    def _watch(self, documents: frozenset[DocumentId]) -> None:
        """Send these documents from now on."""
        self._documents.watch(WatchDocuments([*sorted(documents)]))
        self._publish_texts()

    def _join(self, message: Join) -> None:
        """Ask the host to let the guest in. The host checks the ticket; nothing else that it claims is passed on."""
        if self.guest.number is not None:
            raise PeerError("joined already", code="unexpected_message")
        self.guest.ask_in(Size(rows=message.rows, cols=message.cols), term=message.term, ticket=message.ticket)

    def _take_wish(self, message: Resize | Input | MarkInput | FetchHistory | RunCommand) -> None:
        match message:
            case Resize(rows=rows, cols=cols):
                self.guest.resize(Size(rows=rows, cols=cols))
            case Input(data=data):
                self.guest.type(data)
            case MarkInput(serial=serial):
                self.guest.mark_input(serial)
            case FetchHistory(start=start, stop=stop, place=place, pane=pane):
                self._fetch_history(start, stop, place, PaneId(pane))
            case RunCommand(line=line):
                self.guest.command(line)
            case _:
                assert_never(message)

    def _fetch_history(self, start: int, stop: int, place: int | None, pane: PaneId) -> None:
        """Ask the host for lines, one request at a time; its view asks again for lines that did not come."""
        now_s = self._loop.time()
        is_waiting = self._fetched_s is not None and now_s < self._fetched_s + _FETCH_TIMEOUT_S
        if self.guest.is_in and not is_waiting and self._is_quiet():
            self._fetched_s = now_s
            self.guest.fetch_history(start, min(stop, start + self._history_lines()), place, pane)

    def _history_lines(self) -> int:
        """Return how many lines one answer may have: its view asks again for the others."""
        picture = self._session.picture(self.guest.number) if self.guest.number is not None else None
        cols = picture.frame.size.cols if picture is not None else 1
        return min(MAX_HISTORY_LINES, max(1, _MAX_HISTORY_CELLS // cols))

    # Messages to the terminal's side.

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None:
        """Say that the guest is in, and send the newest picture. Its own side keeps the keys typed before."""
        self.send(Joined(SELF, role.value, may_type, ticket), attendance_message(self._session.attendance))
        self.show_windows()
        self.show_documents()

    def set_role(self, role: Role, may_type: bool) -> None:
        """Send the guest's new role."""
        self.send(RoleChanged(SELF, role.value, may_type))

    def input_marked(self, serial: int, newest: int, generation: int) -> None:
        """Send the host's mark of the guest's input."""
        self.send(InputMarked(SELF, serial, newest, generation))

    def hold(self, text: str) -> None:
        """Say that the guest has to wait."""
        self.send(JoinPending(SELF, text))

    def show(self, picture: Picture) -> None:
        """Send a newer picture, now or when it can take one."""
        self._publish()

    def show_windows(self) -> None:
        """Send what it does not know of the windows, and of where its person looks."""
        number = self.guest.number
        if number is None or not self.is_open:
            return
        replica = self._session.replica
        known = {None: replica.looks.get(None), SELF: replica.looks.get(number)}
        looks = {client: look for client, look in known.items() if look is not None}
        windows = replace(replica.windows, leads=SELF if replica.windows.leads == number else None)
        self.send(*self._panes.changes(windows, looks))
        self._publish()

    def show_documents(self) -> None:
        """Send what editors share, and the texts at which the person looks."""
        shown = self._session.documents.shown
        listing = self._documents.changed_list(documents_to_wire(shown.sharers, shown.tabs))
        if listing is not None:
            self.send(listing)
        self._publish_texts()

    def _publish_texts(self) -> None:
        """Send the newest texts if the guest can take them. The rest follows their acknowledgement."""
        if not self.guest.is_in or not self.is_open:
            return
        for update in self._documents.updates(self._session.documents.shown.texts, self._loop.time()):
            self.send(update)
        if self._documents.is_held and self._held_timer is None:
            self._held_timer = self._loop.call_later(HELD_S, self._publish_held)

    def _publish_held(self) -> None:
        self._held_timer = None
        self._publish_texts()

    def attend(self, attendance: Attendance) -> None:
        """Send who is here."""
        self.send(attendance_message(attendance))

    def tell(
        self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False, said_by: str = ""
    ) -> None:
        """Send a text; with a title, it is a page."""
        shown = ShowText(SELF, text, title=title, items=list(items), starts_at_end=starts_at_end, said_by=said_by)
        self.send(shown)

    def ask(self, questions: tuple[Question, ...]) -> None:
        """Send nothing: the host shows requests as texts here."""

    def history(self, lines: HistoryLines, pane: PaneId) -> None:
        """Send the lines of a pane's history that it asked for."""
        self._fetched_s = None
        self.send(history_message(SELF, pane, lines))

    def host_away(self, since_s: float | None) -> None:
        """Send for how long the host has been away, or that it is back."""
        self._fetched_s = None
        self.send(HostAway(None if since_s is None else max(0, int(self._loop.time() - since_s))))

    def end(self, line: str, status: int, *, may_return: bool) -> None:
        """Send the last line, and close."""
        self.send(Disconnect(line[:512], status, may_return))
        self.close()
        self._loop.call_later(_LINGER_S, self.abort)

    def stop(self) -> None:
        """Let go of timers."""
        if self._heartbeat is not None:
            self._heartbeat.stop()
        if self._publish_timer is not None:
            self._publish_timer.cancel()

    def round_trip_ms(self) -> int | None:
        """Return how long packets take to the terminal's side and back; None: not known."""
        return self._outgoing.round_trip_ms()

    # The link.

    def _publish(self) -> None:
        """Send the newest pictures of its panes if the guest is in and can take them."""
        if not self.guest.is_in or not self.is_open:
            return
        now_s = self._loop.time()
        for pane in self._panes.panes:
            frame = self._session.replica.frame_of(pane)
            if frame is None:
                continue
            due_s = self._panes.due_s(pane, now_s, frame.generation, is_urgent=frame.is_hidden)
            if due_s is None:
                continue
            if due_s > now_s or not self._is_quiet():
                self._publish_soon()
                continue
            update = self._panes.update(pane, frame, now_s)
            if update is not None:
                self.send(update)
            if self._panes.due_s(pane, now_s, frame.generation, is_urgent=True) is not None:
                self._publish_soon()  # a part was sent

    def _publish_soon(self) -> None:
        """Look again when its connection may have become quiet: no acknowledgement says so."""
        if self._publish_timer is None:
            self._publish_timer = self._loop.call_later(_BUSY_PAUSE_S, self.guest.run, self._publish_later)

    def _publish_later(self) -> None:
        self._publish_timer = None
        self._publish()

    def _held_bytes(self) -> int | None:
        """Return how much its connection holds of what was sent; None during a key exchange, when asyncssh hides it."""
        return None if self._outgoing.is_exchanging_keys else self.waiting_bytes

    def _is_quiet(self) -> bool:
        held_bytes = self._held_bytes()
        return held_bytes is not None and held_bytes < _QUIET_BYTES

    def _check_joined(self) -> None:
        if self.guest.number is None:
            self.close(PeerError("it did not join in time", code="no_join"))

    def _gone(self, error: PeerError | None) -> None:
        self.guest.leave()
