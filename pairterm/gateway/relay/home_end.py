"""A session's end of a relay link: what the home sends to another gateway for the guests there.

Each guest of the other gateway is an ordinary guest of the session (`remote_guest`). Windows, frames, documents
and people are sent once, however many guests watch there. The home sends nothing about
the session before the other gateway has proved a right to it, and it takes a guest only by what was
proved on this link (`opened_session`). A wrong message ends this link, and nothing else. A gateway that
does not read gets no frames: two large ones at most are unacknowledged. If more than 1 MiB waits, the link ends.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TypeAlias, assert_never

from msgspec.structs import replace

from pairterm import __version__
from pairterm.access.authorized_keys import fingerprint_of
from pairterm.access.guest_places import Place
from pairterm.access.rate_limits import Share
from pairterm.document.document import DocumentId
from pairterm.errors import PeerError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.watch_gate import HELD_S
from pairterm.gateway.relay.opened_session import Opening, Question
from pairterm.gateway.relay.remote_guest import RemoteGuest
from pairterm.gateway.relay.remote_publishers import RemotePublishers
from pairterm.gateway.shared_state import GatewayState
from pairterm.link.attendance import attendance_message
from pairterm.link.codec import decode_landing_message
from pairterm.link.document_transfer import DocumentTransfers
from pairterm.link.gateway_relay import (
    ClientEnded,
    NotOpened,
    OpenByWord,
    OpenSession,
    ProveReturn,
    ShowBegin,
    ShowCode,
    ShowProof,
)
from pairterm.link.key_relay import AskHome, GuestLogin, OpenByLogin, ShowKey
from pairterm.link.link_documents import LinkDocuments
from pairterm.link.link_panes import LinkPanes
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    DocumentAck,
    FetchHistory,
    GoBack,
    Hello,
    Input,
    Join,
    Leave,
    MarkInput,
    Ping,
    Pong,
    Publish,
    PublishedText,
    PublishEnd,
    ReplayKeys,
    Resize,
    RoundTrip,
    RunCommand,
    ViewSettings,
    WatchDocuments,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.link.relay import HostAway
from pairterm.link.shared_documents import documents_to_wire
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.link_stream import LinkStream
from pairterm.types import Attendance, PaneId, Size

__all__ = ["HomeEnd"]

logger = logging.getLogger(__name__)

_SHARE_BURST_S, _SHARE_PART = 0.2, 0.3
"""How much of the loop's time one relay link may take, as a host's link."""

_MAX_MESSAGE_BYTES = 128 << 10
"""A paste with its frame: all other messages of a landing gateway are shorter."""

_MAX_WAITING_BYTES = 1 << 20

_OPEN_TIMEOUT_S = 10.0
"""How long a link may be open without a session."""

_Wish: TypeAlias = Leave | Resize | Input | MarkInput | GoBack | ReplayKeys | FetchHistory | RunCommand | RoundTrip
"""What one guest does."""

_Message: TypeAlias = Join | Ack | WatchDocuments | DocumentAck | Publish | PublishedText | PublishEnd | _Wish


class HomeEnd(LinkStream):
    """The end of one relay link that has the session's host."""

    def __init__(self, state: GatewayState, *, landing: str, own: str, is_trusted: bool) -> None:
        """`landing` and `own` are the names of the two gateways. `is_trusted`: see `Bus`."""
        self._link_share = Share(_SHARE_BURST_S, _SHARE_PART)
        super().__init__(
            self._receive,
            self._gone,
            max_message_bytes=_MAX_MESSAGE_BYTES,
            max_waiting_bytes=_MAX_WAITING_BYTES,
            share=self._link_share,
        )
        self._state = state
        self._landing = landing
        self._is_trusted = is_trusted
        self._loop = asyncio.get_running_loop()
        self._opening = Opening(state.directory, landing=landing, home=own, is_trusted=is_trusted)
        self._has_hello = False
        self._session: HostedSession | None = None
        """The session that is relayed, from the first proof on."""
        self._publishers: RemotePublishers | None = None
        self._guests: dict[int, tuple[RemoteGuest, Place]] = {}
        self._panes = LinkPanes()
        self._documents = LinkDocuments(DocumentTransfers())
        self._publish_timer: asyncio.TimerHandle | None = None
        self._held_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello, and wait for what the other gateway wants."""
        super().connection_made(transport)
        self.heartbeat = Heartbeat(lambda: self.send(Ping()), self.abort)
        self._loop.call_later(_OPEN_TIMEOUT_S, self._check_opened)
        self.send(Hello(PROTOCOL, __version__, "gateway"))

    # Messages of the landing gateway.

    def _receive(self, payload: bytes) -> None:
        message = decode_landing_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
            return
        match message:
            case Hello():
                raise PeerError("hello twice", code="unexpected_message")
            case Ping():
                self.answer_ping()
            case Pong():
                pass
            case OpenSession(session_id=session_id):
                self._opening.choose(session_id)
            case ShowBegin() | ShowCode() | ProveReturn() | ShowProof() | OpenByWord() | OpenByLogin():
                self._open(message)
            case AskHome() | ShowKey() | GuestLogin():
                self._opening.keys.take(message, self.send, self._loop.time())
            case _:
                if self._session is None:
                    raise PeerError("no session is open on this link", code="unexpected_message")
                self._take(self._session, message)

    def _open(self, message: Question) -> None:
        """Answer a step of a proof. With the first one that is right, the session is relayed on this link."""
        answer = self._opening.answer(message)
        if isinstance(answer, NotOpened):
            logger.info("gateway %s proved no right to a session here", self._landing)
            self._state.audit.refused("relay", self._landing)
        self.send(answer)
        session = self._opening.opened
        if session is not None and self._session is None:
            self._session = session
            self._documents = LinkDocuments(session.document_transfers)
            session.relays.append(self)
            places, proved = self._state.access.guests, self._opening.publishing
            self._publishers = RemotePublishers(session, places, proved, self.send)
            if session.away_since_s is not None:
                self.host_away(session.away_since_s)

    def _take(self, session: HostedSession, message: _Message) -> None:
        match message:
            case Join():
                self._join(session, message)
            case Ack(pane=pane, generation=generation):
                self._panes.acknowledge(PaneId(pane), generation)
                self._publish()
            case WatchDocuments(documents=documents):
                session.watch(-id(self), map(DocumentId, documents), self._watch)
            case DocumentAck():
                self._documents.acknowledge(message)
                self._publish_texts(session)
            case Publish() | PublishedText() | PublishEnd():
                if self._publishers is not None:
                    self._publishers.take(message)
            case RunCommand(client=None):
                raise PeerError("a gateway gives no commands of its own", code="bad_message")
            case _:
                known = self._guests.get(message.client if message.client is not None else -1)
                if known is not None:  # Else the guest has left already.
                    self._take_wish(session, known[0], message)

    def _take_wish(self, session: HostedSession, remote: RemoteGuest, message: _Wish) -> None:
        guest = remote.guest
        match message:
            case Leave(is_lost=is_lost):
                remote.keeps_ticket = is_lost
                guest.leave()
            case Resize(rows=rows, cols=cols):
                guest.resize(Size(rows=rows, cols=cols))
            case Input(data=data):
                guest.type(data)
            case MarkInput(serial=serial):
                guest.mark_input(serial)
            case GoBack():
                guest.go_back()
            case ReplayKeys(data=data):
                guest.type_to_replay(data)
            case FetchHistory():
                remote.fetch_history(message)
            case RunCommand(line=line):
                guest.command(line)
            case RoundTrip(round_trip_ms=round_trip_ms):
                if guest.number is not None:
                    session.send(RoundTrip(guest.number, round_trip_ms))
            case _:
                assert_never(message)

    def _join(self, session: HostedSession, message: Join) -> None:
        """Take a guest who came with what was proved here, and ask the host to let them in."""
        client = message.client
        if client in self._guests:
            raise PeerError("a guest is there twice", code="bad_message")
        admitted = self._opening.admitted(session, message)
        if admitted is None or not self._state.directory.has(session):
            self._state.audit.refused("relay", self._landing)
            self.send(ClientEnded(client, "pairterm: no such session, or the link has ended", 1))
            return
        invitation = session.links.get(message.token_hash) if message.token_hash is not None else None
        may_type = invitation is None or invitation.role == "rw"
        place = Place(session, None, may_type)
        places = self._state.access.guests
        if places.lacks(place) is not None:
            self.send(
                ClientEnded(client, "pairterm: the session has as many guests as it may have, try again later", 1)
            )
            return
        places.take(place)
        remote = RemoteGuest(
            client,
            session,
            admitted,
            self,
            transport=message.transport if message.transport in ("join", "web") else "ssh",
            clock=self._loop,
            share=self._link_share,
            traffic=self._state,
        )
        self._guests[client] = (remote, place)
        if admitted.key.key and not self._is_trusted:
            named = {"session": session.name, "owner": session.owner.id, "gateway": self._landing}
            self._state.audit.write("login-elsewhere", {**named, "key": fingerprint_of(admitted.key.key)})
        remote.guest.ask_in(Size(rows=message.rows, cols=message.cols), term=message.term, ticket=message.ticket)

    # What the guests of the other gateway see: see `Relay`.

    def entered(self) -> None:
        """A guest is in: show them what there is."""
        if self._session is not None:
            self.attend(self._session.attendance)
            self.show_windows()
            self.show_documents()

    def left(self, client: int) -> None:
        """A guest is no longer in the session. Without guests, the other side is told nothing, and all anew later."""
        known = self._guests.pop(client, None)
        if known is None:
            return
        self._state.access.guests.leave(known[1])
        if not self._guests:
            self._forget()

    def _forget(self) -> None:
        self._panes.forget()
        self._documents.forget()

    def show(self, pane: PaneId) -> None:
        """Send a newer frame of a pane, now or when the other gateway can take one."""
        self._publish()

    def show_windows(self) -> None:
        """Send what the other gateway does not know of the windows, and of where its guests look."""
        session = self._session
        if session is None or not self._shows:
            return
        replica = session.replica
        numbers = {remote.guest.number: client for client, (remote, _) in self._guests.items()}
        looks = {
            numbers.get(number): look for number, look in replica.looks.items() if number is None or number in numbers
        }
        leads = replica.windows.leads
        self.send(*self._panes.changes(replace(replica.windows, leads=numbers.get(leads) if leads else None), looks))
        replays = {numbers[number]: pane for number, pane in replica.replays.items() if number in numbers}
        if changes := self._panes.replay_changes(replays):
            self.send(*changes)
        self._publish()

    def show_documents(self) -> None:
        """Send what editors share, and the texts at which guests of the other gateway look."""
        session = self._session
        if session is None or not self._shows:
            return
        shown = session.documents.shown
        listing = self._documents.changed_list(documents_to_wire(shown.sharers, shown.tabs))
        if listing is not None:
            self.send(listing)
        self._publish_texts(session)

    def _publish_texts(self, session: HostedSession) -> None:
        if self._shows:
            for update in self._documents.updates(session.documents.shown.texts, self._loop.time()):
                self.send(update)
            if self._held_timer is not None:
                self._held_timer.cancel()
            is_held = self._documents.is_held
            self._held_timer = self._loop.call_later(HELD_S, self.show_documents) if is_held else None

    def _watch(self, documents: frozenset[DocumentId]) -> None:
        """Send these documents from now on."""
        self._documents.watch(WatchDocuments([*sorted(documents)]))
        self.show_documents()

    def attend(self, attendance: Attendance) -> None:
        """Send who is here."""
        if self._shows:
            self.send(attendance_message(attendance))

    def set_settings(self, settings: ViewSettings) -> None:
        """Send how the owner wants views to be."""
        self.send(settings)

    def host_away(self, since_s: float | None) -> None:
        """Send for how long the host has been away, or that it is back. Then everything is told anew."""
        if since_s is None:
            self._forget()
        self.send(HostAway(None if since_s is None else max(0, int(self._loop.time() - since_s))))

    @property
    def _shows(self) -> bool:
        """Whether anybody there is in."""
        return self.is_open and any(remote.guest.is_in for remote, _ in self._guests.values())

    def _publish(self) -> None:
        """Send the newest frames of the panes at which somebody looks there, as far as the other side can take them."""
        session = self._session
        if session is None or not self._shows:
            return
        now_s, later_s = self._loop.time(), float("inf")
        for pane in self._panes.panes:
            frame = session.replica.frame_of(pane)
            if frame is None:
                continue
            due_s = self._panes.due_s(pane, now_s, frame.generation, is_urgent=frame.is_hidden)
            if due_s is not None and due_s <= now_s:
                update = self._panes.update(pane, frame, now_s)
                if update is not None:
                    self.send(update)
                due_s = self._panes.due_s(pane, now_s, frame.generation, is_urgent=False)  # A part was sent.
            if due_s is not None:
                later_s = min(later_s, due_s)
        if later_s < float("inf") and self._publish_timer is None:
            self._publish_timer = self._loop.call_at(max(later_s, now_s), self._publish_later)

    def _publish_later(self) -> None:
        self._publish_timer = None
        self._publish()

    # The end.

    def end(self) -> None:
        """Close the link, and forget its guests at once: their own gateway brings them to the next home."""
        self._leave()
        self.close()

    def _leave(self) -> None:
        for remote, _ in list(self._guests.values()):
            remote.guest.leave()
        if self._publishers is not None:
            self._publishers.end()

    def _check_opened(self) -> None:
        if self._session is None and self.is_open:
            self.close(PeerError("no session was opened in time", code="no_session"))

    def _gone(self, error: PeerError | None) -> None:
        """The link has ended. Its guests may come back by their tickets, on another one."""
        if self._publish_timer is not None:
            self._publish_timer.cancel()
        session, self._session = self._session, None
        if session is not None:
            session.relays.remove(self)
            session.unwatch(-id(self))
        self._leave()
