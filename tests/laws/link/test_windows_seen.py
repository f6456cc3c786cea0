"""Laws 10 to 12 with windows: what guests may never get, and what everybody sees at last.

Law 11: A client sees the composition of the newest frames of the panes that it looks at, and nothing else.
Law 12: No message to a link with a guest on it contains anything of a hidden window or a pause, from the moment the
owner's key is answered.

A real host (`SessionCore`) has three links (`Peer`) to viewer's sides (`SessionReplica`): one of the
owner, and two of gateways, with guests and owners who came from afar. Each pane prints a letter of its
own, each window has one in its name, and each pause has one. So each encoded message on a guest's link
can be searched for what it must not have.
"""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from pairterm import __version__
from pairterm.access.invitations import InvitationTable
from pairterm.access.tokens import new_tokens, owner_proof, token_hash
from pairterm.host.viewer_link import Peer
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.messages import PROTOCOL, Ack, Echo, FetchHistory, Hello, HostMessage, LookAt, ScreenUpdate, Windows
from pairterm.link.session_replica import HIDDEN_TEXT, SessionReplica
from pairterm.session.core import SessionCore
from pairterm.session.effects import Announce, ChangeRole, Effect, Publish, Refuse, ShowWindows, Tell, Welcome
from pairterm.session.people import Origin
from pairterm.session.session_admission import Admission, Visitor
from pairterm.session.session_parts import SessionParts
from pairterm.terminal.frame import Frame
from pairterm.types import ClientId, PaneId, Role, Size
from pairterm.view.window_composer import WindowComposer
from tests.laws.link.test_resume import HostEnd

_PANE_LETTERS, _WINDOW_LETTERS, _PAUSE_LETTERS = 0x1200, 0x13A0, 0x1401
"""Ethiopic, Cherokee and Canadian letters: one cell wide, three bytes long, and nowhere else in a message."""

_LINES = [
    "new-window",
    "split-window",
    "split-window -h",
    "select-window -t :{}",
    "next-window",
    "last-window",
    "select-pane -t :.+",
    "resize-pane -Z",
    "resize-pane -R 3",
    "swap-pane -D",
    "swap-window -t :{}",
    "break-pane",
    "join-pane -s :{}",
    "kill-pane",
    "next-layout",
    "rotate-window",
    "follow",
    "follow off",
    "who",
    "choose-tree",
    "find-window ''",
    "move-window -r",
    "move-window -a -t :{}",
    "swap-window -s :+ -t :{}",
    "list-windows",
    "list-panes -s",
    "display-message -p '#W #T #{{pane_title}} #{{window_width}}'",
]

_OWNER_LINES = [
    "set-window hidden",
    "set-window hidden",
    "set-window hidden -t :{}",
    "gather",
    "pause",
    "set follow owner",
    "set follow leader",
    "set seat on",
    "give 2 --window {}",
    "take",
    "grant 2 rw",
    "grant 2 ro",
]


class RecordingWire:
    """The host's end of a link: it keeps each message as it was encoded."""

    waiting_bytes = 0

    def __init__(self) -> None:
        self.waiting: list[HostMessage] = []
        self.sent = b""

    def send(self, message: HostMessage) -> None:
        data = encode(message)
        self.sent += data
        self.waiting.append(decode_host_message(data))

    def close(self) -> None: ...

    def answer_ping(self) -> None: ...


class Seat:
    """One link, with its viewer's side."""

    def __init__(self, host: Host, number: int, *, is_local: bool) -> None:
        self.wire = RecordingWire()
        self.peer = Peer(number, host, self.wire, is_local=is_local)
        self.peer.receive(encode(Hello(PROTOCOL, __version__, "gateway")))
        self.replica = SessionReplica()
        self.is_local = is_local
        self.last = 0

    def deliver(self) -> bool:
        """Take one message, and acknowledge a picture; return whether there was one."""
        if not self.wire.waiting:
            return False
        match self.wire.waiting.pop(0):
            case Windows() as windows:
                self.replica.take_windows(windows)
            case LookAt() as look:
                self.replica.take_look(look)
            case ScreenUpdate() | Echo() as update:
                self.replica.update(update)
                self.peer.receive(encode(Ack(update.pane, update.generation)))
            case _:
                pass
        return True


class Host(HostEnd):
    """The core, and the actor's part of it, for several links."""

    def __init__(self) -> None:
        self.tokens = new_tokens()
        invitations = InvitationTable(self.tokens)
        _, self.owner_token = invitations.new(Role.OWNER)
        self.parts = SessionParts(Admission(invitations), name="s")
        self.core = SessionCore(self.parts, size=Size(rows=12, cols=40))
        self.now_s = 0.0
        self.typed = []
        self.seats: list[Seat] = []

    def carry_out(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case ShowWindows():
                    self.show_windows()
                case Publish(pane):
                    self.publish(pane)
                case Announce():
                    for seat in self.seats:
                        if seat.peer.clients:
                            seat.peer.announce(self.core.visible.attendance(seat.peer.clients))
                case Tell() | Welcome() | ChangeRole() | Refuse():
                    self._send(effect)
                case _:
                    pass

    def _send(self, effect: Tell | Welcome | ChangeRole | Refuse) -> None:
        peer = next((each.peer for each in self.seats if effect.client in each.peer.clients), None)
        if peer is None:
            return
        match effect:
            case Tell():
                peer.tell(effect)
            case Welcome(client, role, may_type, ticket, number):
                peer.welcome(client, role, may_type=may_type, ticket=ticket, number=number)
            case ChangeRole(client, role, may_type):
                peer.change_role(client, role, may_type=may_type)
            case Refuse(client, code, text):
                peer.refuse(client, code, text)

    def show_windows(self) -> None:
        core = self.core
        for clients, peer in [(each.peer.clients, each.peer) for each in self.seats]:
            if clients:
                peer.show_windows(
                    core.visible.windows(clients), core.visible.looks(clients), core.visible.leader(clients)
                )

    def publish(self, pane: PaneId | None = None) -> None:
        self.now_s += 1.0  # Pacing is not what is tested here: it is always time.
        for peer in [each.peer for each in self.seats]:
            for each in peer.panes:
                sight = self.core.visible.pane(each, peer.clients)
                if pane not in (None, each) or not peer.clients or sight is None:
                    continue
                if peer.due_s(each, self.now_s, sight.generation, is_urgent=sight.is_urgent) is not None:
                    peer.send_frame(each, sight.frame(), self.now_s)

    def leave(self, client: ClientId) -> None:
        self.carry_out(self.core.leave(client, self.now_s))

    def join_by(self, seat: Seat, role: Role, size: Size) -> None:
        seat.last += 1
        client = ClientId(f"{self.seats.index(seat) + 1}:{seat.last}")
        seat.peer.clients[client] = seat.last
        if role is Role.OWNER and not seat.is_local:
            origin = Origin(address="192.0.2.1", transport="web", owner_proof=owner_proof(self.owner_token))
            visitor = Visitor(origin=origin, token_hash=token_hash(self.owner_token))
        elif role is Role.OWNER:
            visitor = Visitor(origin=Origin(address="olga", transport="local"), name="olga", local_role=role)
        else:
            token = self.tokens.read_write if role is Role.READ_WRITE else self.tokens.read_only
            visitor = Visitor(origin=Origin(address="192.0.2.1", transport="ssh"), token_hash=token_hash(token))
        self.now_s += 100.0  # Guests may not join too often.
        self.carry_out(self.core.join(client, visitor, size, self.now_s))


_SIZES = st.builds(Size, rows=st.integers(6, 20), cols=st.integers(20, 60))


class SeenWindows(RuleBasedStateMachine):
    """Laws 11 and 12."""

    @initialize()
    def begin(self) -> None:
        self.host = Host()
        self.host.seats = [Seat(self.host, number, is_local=number == 1) for number in (1, 2, 3)]
        self.searched = [0, 0, 0]
        self.pauses = 0
        self.host.join_by(self.host.seats[0], Role.OWNER, Size(rows=12, cols=40))
        self.host.join_by(self.host.seats[1], Role.READ_WRITE, Size(rows=12, cols=40))
        self.mark()
        self.search()

    def mark(self) -> None:
        """Print what is each pane's own, and name the windows."""
        host = self.host
        for window in host.parts.windows:
            window.rename(chr(_WINDOW_LETTERS + window.id))
            for pane in list(window.panes):
                letter = chr(_PANE_LETTERS + pane)
                in_pause = chr(_PAUSE_LETTERS + self.pauses) if host.parts.gate.is_paused else ""
                text = f"\x1b]2;{letter}{in_pause}\x07\r\n{letter}{in_pause}"
                host.carry_out(host.core.feed(pane, text.encode(), host.now_s))
        host.parts.windows.changed()
        host.carry_out(host.core.tick(host.now_s))

    def search(self) -> None:
        """Law 12, for all that was sent since the last search."""
        windows = list(self.host.parts.windows)
        forbidden = [chr(_WINDOW_LETTERS + each.id) for each in windows if each.is_hidden]
        forbidden += [chr(_PANE_LETTERS + pane) for each in windows if each.is_hidden for pane in each.panes]
        if self.host.parts.gate.is_paused:
            forbidden.append(chr(_PAUSE_LETTERS + self.pauses))
        for at, seat in enumerate(self.host.seats):
            sent = seat.wire.sent[self.searched[at] :]
            self.searched[at] = len(seat.wire.sent)
            if not seat.is_local:
                for letter in forbidden:
                    assert letter.encode() not in sent

    def clients(self) -> list[tuple[Seat, ClientId]]:
        return [(seat, client) for seat in self.host.seats for client in seat.peer.clients]

    def step(self, client: ClientId, line: str) -> None:
        """Give a command. Its own messages are searched as well, by what is hidden after it."""
        host = self.host
        panes = [pane for window in host.parts.windows for pane in window.panes]
        if line == "kill-pane" and len(panes) == 1:
            return
        if line == "pause" and not host.parts.gate.is_paused:
            self.pauses += 1
        host.now_s += 100.0
        host.carry_out(host.core.command(client, line, host.now_s))
        self.search()
        self.mark()
        self.search()

    @rule(line=st.sampled_from(_LINES + _OWNER_LINES), index=st.integers(0, 4))
    def owner_says(self, line: str, index: int) -> None:
        owners = list(self.host.seats[0].peer.clients)
        if owners:
            self.step(owners[0], line.format(index))

    @rule(line=st.sampled_from(_LINES), index=st.integers(0, 4), at=st.integers(0, 9))
    def anyone_says(self, line: str, index: int, at: int) -> None:
        clients = self.clients()
        if clients:
            self.step(clients[at % len(clients)][1], line.format(index))

    @rule(line=st.sampled_from(_LINES + _OWNER_LINES), index=st.integers(0, 4))
    def owner_says_from_afar(self, line: str, index: int) -> None:
        """An owner who came by a gateway is on a link that may carry guests: they see no more than guests."""
        people = self.host.core.people
        owners = [each for seat, each in self.clients() if not seat.is_local and people[each].role is Role.OWNER]
        if owners:
            self.step(owners[0], line.format(index))

    @precondition(lambda self: len(self.clients()) < 6)
    @rule(at=st.integers(1, 2), role=st.sampled_from([Role.READ_WRITE, Role.READ_ONLY, Role.OWNER]), size=_SIZES)
    def join(self, at: int, role: Role, size: Size) -> None:
        self.host.join_by(self.host.seats[at], role, size)
        self.search()

    @rule(at=st.integers(1, 9))
    def leave(self, at: int) -> None:
        guests = [(seat, client) for seat, client in self.clients() if not seat.is_local]
        if guests:
            seat, client = guests[at % len(guests)]
            del seat.peer.clients[client]
            self.host.leave(client)
            if not seat.peer.clients:
                self.lose(self.host.seats.index(seat))
            self.search()

    @rule(at=st.integers(1, 2))
    def lose(self, at: int) -> None:
        """The link is lost, with what was under way, and another one is there, with nobody on it."""
        self.host.seats[at].peer.lost()
        seat = Seat(self.host, at + 1, is_local=False)
        seat.last = self.host.seats[at].last
        self.host.seats[at] = seat
        self.searched[at] = 0

    @rule(at=st.integers(0, 9), pane=st.integers(0, 6), place=st.none() | st.just(0))
    def fetch_history(self, at: int, pane: int, place: int | None) -> None:
        """Anybody asks for the history of any pane."""
        guests = [(seat, client) for seat, client in self.clients() if not seat.is_local]
        if guests:
            seat, client = guests[at % len(guests)]
            seat.peer.receive(encode(FetchHistory(seat.peer.clients[client], pane, 0, 50, place)))
            self.search()

    @rule(at=st.integers(0, 9), size=_SIZES)
    def resize(self, at: int, size: Size) -> None:
        clients = self.clients()
        if clients:
            host = self.host
            host.carry_out(host.core.resize(clients[at % len(clients)][1], size, host.now_s))
            self.search()

    @rule(at=st.integers(0, 2), most=st.integers(1, 9))
    def deliver(self, at: int, most: int) -> None:
        for _ in range(most):
            self.host.seats[at].deliver()
        self.search()

    def teardown(self) -> None:
        """Law 11: when all is delivered, everybody sees the composition of what the host has for them."""
        if not hasattr(self, "host"):
            return
        host = self.host
        for _ in range(10):
            host.now_s += 100.0
            host.carry_out(host.core.tick(host.now_s))
            host.publish()
            while any(seat.deliver() for seat in host.seats):
                host.publish()
        self.search()
        for window in host.parts.windows:
            for rect in window.layout.rects.values():
                assert rect.rows >= 1
                assert rect.cols >= 2
        for seat, client in self.clients():
            picture = seat.replica.picture(seat.peer.clients[client])
            assert picture is not None
            self.check(client, picture.frame)

    def check(self, client: ClientId, shown: Frame) -> None:
        host = self.host
        is_guest = not any(client in seat.peer.clients for seat in host.seats if seat.is_local)
        look = host.parts.looks.of(client)
        if is_guest and host.parts.gate.is_paused:
            assert shown.is_hidden
            return
        if look is None:
            assert cells(shown) == [tuple(HIDDEN_TEXT)]
            return
        window = host.parts.windows[look.window]
        assert not (is_guest and window.is_hidden)
        if look.is_zoomed or len(window.panes) == 1:
            assert cells(shown) == cells(host.core.frame(look.pane))
            return
        frames = {pane: host.core.frame(pane) for pane in window.panes}
        rects = tuple(window.layout.rects.items())
        assert cells(shown) == cells(WindowComposer(window.size, rects, look.pane).compose(frames))


def cells(frame: Frame) -> list[tuple[str, ...]]:
    return [row.cells for row in frame.rows]


TestSeenWindows = SeenWindows.TestCase
TestSeenWindows.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)
