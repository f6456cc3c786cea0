"""Law 9: replica equals original: after any loss of the link and resume, the gateway shows what the host has.

A state machine of a real host's end (`Peer` around a `SessionCore`) and a real
gateway's end (`HostedSession`), with wires that deliver when the machine says so,
lose what is under way when they are cut, and a gateway that forgets everything.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pairterm import __version__
from pairterm.access.invitations import InvitationTable
from pairterm.access.name_claims import Claim
from pairterm.access.tokens import Tokens, new_tokens, token_hash
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.host.viewer_link import Peer
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    AdmissionRules,
    AttendanceWire,
    Echo,
    Hello,
    History,
    HostMessage,
    Joined,
    LookAt,
    RecorderNews,
    Refused,
    RoleChanged,
    ScreenUpdate,
    SessionInfo,
    ShowText,
    ViewerMessage,
    ViewSettings,
    Windows,
)
from pairterm.link.session_replica import Picture
from pairterm.session.core import SessionCore
from pairterm.session.effects import Refuse, Welcome, WritePty
from pairterm.session.session_admission import Admission, Visitor
from pairterm.session.session_parts import SessionParts
from pairterm.terminal.excerpt import CapturedLines, HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import ClientId, PaneId, Role, Size
from tests.laws.link.no_replays import NoReplays
from tests.unit.gateway.guests import SilentGuest

OUTPUT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40).map(str.encode),
    st.sampled_from(
        [b"\r\n", b"\x1b[2J", b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[7m", b"\x1b]0;title\x07", b"\x1b[5;5H"]
    ),
    st.integers(1, 60).map(lambda lines: b"".join(b"line %d\r\n" % number for number in range(lines))),
)


class Watcher(SilentGuest):
    """What one guest sees and is told."""

    def __init__(self, session: HostedSession, credentials: Credentials) -> None:
        super().__init__(session, credentials)
        self._session = session
        self.frame: Frame | None = None
        self.roles: list[Role] = []
        self.is_away = False
        self.is_over = False

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None:
        self.roles.append(role)
        self.show_windows()

    def show(self, picture: Picture) -> None:
        self.frame = picture.frame

    def show_windows(self) -> None:
        number = self.guest.number
        picture = self._session.picture(number) if number is not None else None
        if picture is not None:
            self.show(picture)

    def host_away(self, since_s: float | None) -> None:
        self.is_away = since_s is not None

    def end(self, line: str, status: int, *, may_return: bool) -> None:
        self.is_over = True


class HostEnd:
    """A host: the core, and the actor's part of it that a peer needs."""

    replays = NoReplays()

    def __init__(self, tokens: Tokens) -> None:
        self.core = SessionCore(SessionParts(Admission(InvitationTable(tokens)), name="s"), size=Size(rows=6, cols=20))
        self.typed: list[bytes] = []
        self.peer: Peer | None = None
        self.now_s = 0.0

    def capture(self, start: int, stop: int, pane: PaneId | None, *, is_primary: bool = False) -> CapturedLines:
        raise AssertionError("only the owner captures")

    def join(self, peer: Peer, client: ClientId, number: int, visitor: Visitor, size: Size) -> None:
        peer.clients[client] = number
        for effect in self.core.join(client, visitor, size, self.now_s):
            if isinstance(effect, Welcome):
                peer.welcome(client, effect.role, may_type=effect.may_type, ticket=effect.ticket, number=effect.number)
            elif isinstance(effect, Refuse):
                peer.refuse(client, effect.code, effect.text)
        self.publish()

    def leave(self, client: ClientId) -> None:
        self.core.leave(client, self.now_s)

    def lose(self, client: ClientId) -> None:
        self.leave(client)

    def resize(self, client: ClientId, size: Size) -> None:
        self.core.resize(client, size, self.now_s)
        self.publish()

    def input(self, client: ClientId, data: bytes) -> None:
        for effect in self.core.input(client, data, self.now_s):
            if isinstance(effect, WritePty):
                self.typed.append(effect.data)

    def mark_input(self, peer: Peer, client: ClientId, serial: int) -> None: ...

    def command(self, client: ClientId, line: str) -> None: ...

    def wait_for(self, peer: Peer, line: str) -> tuple[str, bool] | None:
        return None

    def owner_command(self, line: str, pane: PaneId | None) -> tuple[str, bool]:
        return "", False

    def measured(self, client: ClientId, round_trip_ms: int) -> None: ...

    def history(self, client: ClientId, pane: PaneId, start: int, stop: int, place: int | None) -> HistoryLines:
        return self.core.visible.history(client, pane, start, stop, place)

    def admits(self) -> AdmissionRules:
        raise NotImplementedError

    def tried(self, nameplate: str, *, is_refused: bool) -> None: ...

    def kill(self, status: int | None = None) -> None: ...

    def record(self, peer: Peer, number: int) -> None:
        raise AssertionError("only the owner's recorder records")

    def recorder_says(self, peer: Peer, news: RecorderNews) -> None:
        raise AssertionError("only the owner's recorder says this")

    def take_document_message(self, peer: Peer, message: object) -> None:
        raise AssertionError("nobody looks at documents")

    def info(self) -> SessionInfo:
        raise NotImplementedError

    def publish(self, pane: PaneId | None = None) -> None:
        self.now_s += 1.0  # Pacing is not what is tested here: it is always time.
        peer = self.peer
        if peer is None or not peer.clients:
            return
        clients = peer.clients
        looks, leader = self.core.visible.looks(clients), self.core.visible.leader(clients)
        peer.show_windows(self.core.visible.windows(clients), looks, leader)
        for each in peer.panes:
            sight = self.core.visible.pane(each, peer.clients)
            if sight is None or not sight.may_publish:
                continue
            if peer.due_s(each, self.now_s, sight.generation) is not None:
                peer.send_frame(each, sight.frame(), self.now_s)


class Link:
    """A wire of two directions: what was sent waits until it is delivered, or is lost."""

    waiting_bytes = 0

    def __init__(self) -> None:
        self.to_gateway: list[HostMessage] = []
        self.to_host: list[ViewerMessage] = []


class HostWire:
    """The host's end."""

    waiting_bytes = 0

    def __init__(self, link: Link) -> None:
        self._link = link

    def send(self, message: HostMessage) -> None:
        self._link.to_gateway.append(decode_host_message(encode(message)))

    def close(self) -> None: ...

    def answer_ping(self) -> None: ...


class GatewayWire:
    """The gateway's end."""

    waiting_bytes = 0

    def __init__(self, link: Link) -> None:
        self._link = link

    def send(self, message: ViewerMessage) -> None:
        self._link.to_host.append(message)

    def excuse(self, took_s: float) -> None: ...

    def close(self) -> None: ...


def pictured(frame: Frame) -> tuple[object, ...]:
    """Return all of a frame that can be seen."""
    rows = [(row.cells, row.pens, row.wrapped) for row in frame.rows]
    return frame.size, rows, frame.cursor, frame.title, frame.modes, frame.scrolled, frame.is_alternate


class Resume(RuleBasedStateMachine):
    """Law 9."""

    @initialize()
    def begin(self) -> None:
        self.tokens = new_tokens()
        self.host = HostEnd(self.tokens)
        self.link: Link | None = None
        self.guests: dict[int, Watcher] = {}
        self.sent: list[bytes] = []
        self.restart_gateway()
        self.connect()

    def new_session(self) -> HostedSession:
        roles = {
            token_hash(self.tokens.read_write): Role.READ_WRITE,
            token_hash(self.tokens.read_only): Role.READ_ONLY,
        }
        return HostedSession("s", HostOwner("key x", 9, None, True), roles, Claim("key x", b"i", 1), "")

    @rule()
    def restart_gateway(self) -> None:
        """The gateway was killed: its guests are gone, and it knows nothing."""
        self.cut()
        self.session = self.new_session()
        self.session.disconnect(0.0)
        self.guests.clear()

    @rule()
    def cut(self) -> None:
        """The link is lost, with what was under way."""
        if self.link is not None:
            self.link = None
            assert self.host.peer is not None
            peer, self.host.peer = self.host.peer, None
            peer.lost()
            self.session.disconnect(1.0)

    @precondition(lambda self: self.link is None)
    @rule()
    def connect(self) -> None:
        """The host comes back."""
        self.link = Link()
        self.host.peer = Peer(1, self.host, HostWire(self.link), is_local=False)
        self.host.peer.receive(encode(Hello(PROTOCOL, __version__, "gateway")))
        self.session.connect(GatewayWire(self.link), ViewSettings())

    @rule(may_type=st.booleans(), rows=st.integers(2, 12), cols=st.integers(2, 40))
    def join(self, may_type: bool, rows: int, cols: int) -> None:
        token = self.tokens.read_write if may_type else self.tokens.read_only
        credentials = Credentials(token_hash=token_hash(token), address="192.0.2.1")
        watcher = Watcher(self.session, credentials)
        watcher.guest.ask_in(Size(rows=rows, cols=cols), term="xterm")
        assert watcher.guest.number is not None
        self.guests[watcher.guest.number] = watcher

    @precondition(lambda self: self.guests)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.guests)))
        self.guests.pop(number).guest.leave()

    @precondition(lambda self: self.guests)
    @rule(data=st.data(), rows=st.integers(2, 12), cols=st.integers(2, 40))
    def resize(self, data: st.DataObject, rows: int, cols: int) -> None:
        self.guests[data.draw(st.sampled_from(sorted(self.guests)))].guest.resize(Size(rows=rows, cols=cols))

    @precondition(lambda self: self.guests)
    @rule(data=st.data())
    def type(self, data: st.DataObject) -> None:
        """Each piece that is typed is unlike all others, so that one typed twice would show."""
        piece = b"<%d>" % len(self.sent)
        self.sent.append(piece)
        self.session.input(data.draw(st.sampled_from(sorted(self.guests))), piece)

    @rule(data=OUTPUT)
    def print(self, data: bytes) -> None:
        self.host.core.feed(PaneId(0), data, self.host.now_s)
        self.host.publish()

    @precondition(lambda self: self.link is not None)
    @rule(most=st.integers(1, 5))
    def deliver(self, most: int) -> None:
        """Some of what is under way arrives, in order."""
        assert self.link is not None
        for _ in range(most):
            if self.link.to_gateway:
                self.take(self.link.to_gateway.pop(0))
            if self.link.to_host:
                assert self.host.peer is not None
                self.host.peer.receive(encode(self.link.to_host.pop(0)))

    def take(self, message: HostMessage) -> None:
        assert self.link is not None
        match message:
            case ScreenUpdate() | Echo():
                self.session.update(message)
                self.link.to_host.append(Ack(message.pane, message.generation))
            case Windows() | LookAt():
                self.session.take_windows(message)
            case Joined() | Refused() | ShowText() | History():
                self.session.take_for_guest(message)
            case AttendanceWire() | Hello() | ViewSettings() | RoleChanged():
                pass
            case _:
                raise AssertionError(message)

    @invariant()
    def nothing_is_typed_twice_or_out_of_order(self) -> None:
        typed = (getattr(self, "host", None) and self.host.typed) or []
        numbers = [int(piece[1:-1]) for piece in typed]
        assert numbers == sorted(set(numbers))

    @invariant()
    def guests_know_whether_the_host_is_away(self) -> None:
        for guest in getattr(self, "guests", {}).values():
            assert guest.is_away == (self.link is None)

    def teardown(self) -> None:
        """Once the link is there and quiet, every guest sees what the host has."""
        if not hasattr(self, "host"):
            return
        if self.link is None:
            self.connect()
        assert self.link is not None
        self.host.core.tick(self.host.now_s + 1000)
        self.host.now_s += 1001
        for _ in range(10_000):
            self.host.publish()
            if not self.link.to_gateway and not self.link.to_host:
                break
            self.deliver(5)
        if not self.guests:
            return
        original = self.host.core.frame()
        for guest in self.guests.values():
            assert not guest.is_over
            assert guest.frame is not None
            assert pictured(guest.frame) == pictured(original)


TestResume = Resume.TestCase
TestResume.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
