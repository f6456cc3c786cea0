"""A guest in a crowd is shown what a guest alone is shown.

Law: whatever happens to guests, to their connections and to the session, the terminal of a guest whose connection can
be lent to a crowd ends up with the same picture as that of a guest whose connection can't. No packet is sent with a
wrong number, or while the connection is not lent. The session, its guests, their views and the crowd are the real ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import chain
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.rate_limits import Share
from pairterm.access.tokens import token_hash
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts import hosted_session
from pairterm.gateway.outlet import Outlet
from pairterm.gateway.painted_guest import PaintedGuest
from pairterm.link.messages import ShowText
from pairterm.terminal import Terminal
from pairterm.types import Size
from pairterm.view import TerminalKind
from tests.laws.gateway.test_web_pictures import Stage

_SIZE = Size(rows=8, cols=30)
_SESSION_SIZE = Size(rows=7, cols=30)
"""The status line has the last row."""

_MUCH_BYTES = 100_000

_DEADLINE_S = 60

_LONGEST = 3
"""The bytes that a socket takes of a packet when it is full."""


@pytest.fixture(scope="module", autouse=True)
def _small_crowds() -> Iterator[None]:
    """Let so few guests have a crowd: they are enough to show what it does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hosted_session, "FEW_GUESTS", 3)
        yield


class _Lent(Outlet):
    """A sending side that keeps the rules of a connection."""

    __slots__ = ("terminal",)

    terminal: _Screen

    def ask_held_bytes(self) -> int:
        self.held_bytes = self.terminal.held
        return self.held_bytes

    def give_back(self, rest: bytes) -> None:
        assert self.terminal.outlet is self
        self.terminal.outlet = None
        self.terminal.seq = self.seq
        self.terminal.shown += rest


class _Screen:
    """A client's terminal. Each write to it has a number, as SSH's packets have."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.shown = bytearray()
        self.held = 0
        self.room = _MUCH_BYTES
        self.seq = 0xFFFFFFFA
        self.is_wrong = False
        """A packet had a wrong number. The crowd would survive an assertion."""
        self.outlet: Outlet | None = None
        self.lent_packets = 0
        self.is_full = False

    def lend(self, on_taken: Callable[[], None]) -> Outlet | None:
        assert self.outlet is None
        lent = _Lent(
            form=0,
            pack=lambda data: (b"", data),
            seal=self._seal,
            send=self._send,
            seq=self.seq,
            room_bytes=self.room,
            held_bytes=self.held,
            on_taken=on_taken,
        )
        lent.terminal = self
        self.outlet = lent
        return lent

    def _seal(self, seq: int, header: bytes, packet: bytes) -> bytes:
        self.is_wrong = self.is_wrong or self.outlet is None or seq != self.seq
        self.seq = (seq + 1) & 0xFFFFFFFF
        return packet

    def _send(self, sealed: bytes) -> int:
        if self.is_full and not len(sealed) % 2:
            raise BlockingIOError
        taken = sealed[:_LONGEST] if self.is_full else sealed
        self.shown += taken
        self.lent_packets += 1
        return len(taken)

    def write(self, data: bytes) -> None:
        self.take_back()
        self.seq = (self.seq + 1) & 0xFFFFFFFF
        self.shown += data

    def take_back(self) -> None:
        if self.outlet is not None:
            self.outlet.on_taken()
        assert self.outlet is None

    def write_error(self, line: str) -> None: ...
    def held_bytes(self) -> int | None:
        return self.held

    def round_trip_ms(self) -> int | None:
        return None

    def close(self, status: int) -> None: ...
    def abort(self) -> None:
        raise AssertionError("a guest made us fail")


class _Client:
    """One guest."""

    def __init__(self, stage: Stage, *, may_sit: bool) -> None:
        self.screen = _Screen(_SIZE)
        self.painted = PaintedGuest(
            stage.session,
            Credentials(token_hash=token_hash(stage.tokens.read_write), address="203.0.113.7"),
            SimpleNamespace(bytes_in=0, bytes_out=0),
            terminal=self.screen,
            kind=TerminalKind.of("xterm-256color", lang="C.UTF-8"),
            share=Share(1e9, 1.0),
            lend=self.screen.lend if may_sit else None,
        )
        stage.now_s += 100.0  # Guests may not join too often.
        self.painted.ask_in("xterm-256color")
        stage.deliver()

    def resize(self, size: Size) -> None:
        self.screen.size = size
        self.painted._resize()

    def shows(self) -> tuple[object, ...]:
        terminal = Terminal(self.screen.size)
        terminal.feed(bytes(self.screen.shown))
        frame = terminal.snapshot()
        return [(row.cells, row.pens) for row in frame.rows], frame.cursor, frame.modes


_LARGE = b"\x1b[H" + b"".join(b"\x1b[3%dm%d" % (number % 7 + 1, number % 10) for number in range(150)) + b"\x1b[m"
"""A picture of which only a few are sent at once. Backwards it is another one, of plain text."""

_WHO = st.integers(0, 2)
_EVENTS = st.one_of(
    st.tuples(
        st.just("print"),
        st.sampled_from(
            [
                b"a",
                b"bc",
                b"\r\nline",
                b"\x1b[2J\x1b[H",
                b"\x1b[?2004h",
                b"\x1b[31mred\x1b[m",
                b"\x1b[?25l",
                b"\x1b[?25h",
            ]
        ),
    ),
    st.tuples(st.just("print"), st.sampled_from([b"x", b"y", _LARGE, _LARGE[::-1]])),
    st.tuples(st.sampled_from(["key", "tell", "resize", "full", "free", "hold", "narrow", "taken", "turn"]), _WHO),
)


@given(st.lists(_EVENTS, max_size=40))
def test_a_guest_in_a_crowd_is_shown_what_a_guest_alone_is_shown(events: list[tuple[str, bytes | int]]) -> None:
    asyncio.run(_play(events))


async def _play(events: list[tuple[str, bytes | int]]) -> None:
    stage = Stage(_SESSION_SIZE)
    pairs = [(_Client(stage, may_sit=True), _Client(stage, may_sit=False)) for _ in range(3)]
    for what, value in events:
        if isinstance(value, bytes):
            stage.print(value)
        elif what == "turn":
            await asyncio.sleep(0)
        else:
            for each in pairs[value]:
                _befall(stage, each, what)
    for each in chain(*pairs):
        each.painted.keys(b"q")  # leaves the page that a key may have opened
    stage.print(b".")
    for each in chain(*pairs):
        each.screen.held, each.screen.is_full = 0, False
    async with asyncio.timeout(_DEADLINE_S):
        for sitting, alone in pairs:
            while _is_behind(sitting) or _is_behind(alone):  # noqa: ASYNC110 -- a view has no event for it
                await asyncio.sleep(0.001)
    for sitting, alone in pairs:
        assert sitting.shows() == alone.shows()
    for each in chain(*pairs):
        each.painted.guest.leave()
        assert each.screen.outlet is None
        assert not each.screen.is_wrong


def _is_behind(client: _Client) -> bool:
    """Return whether a crowd has yet to paint for this guest, and bring the guest's view up to date."""
    live = client.painted.live
    assert live is not None
    live.leave_crowd()
    return client.painted._view.is_dirty


def _befall(stage: Stage, client: _Client, what: str) -> None:
    """Let something happen to one guest."""
    screen, number = client.screen, client.painted.guest.number
    assert number is not None
    match what:
        case "key":
            client.painted.keys(b"\x02?")  # the page of keys covers the session
        case "tell":
            stage.session.take_for_guest(ShowText(number, "hello"))
        case "resize":
            client.resize(Size(rows=7, cols=33) if screen.size == _SIZE else _SIZE)
        case "full":
            screen.is_full = True
        case "free":
            screen.is_full, screen.held, screen.room = False, 0, _MUCH_BYTES
        case "hold":
            screen.held = _MUCH_BYTES
            if screen.outlet is not None:
                screen.outlet.held_bytes = _MUCH_BYTES
        case "narrow":
            screen.room = 1
            if screen.outlet is not None:
                screen.outlet.room_bytes = 1
        case "taken":
            screen.take_back()


async def test_those_in_step_are_sent_the_same_without_their_views() -> None:
    """The law says nothing if nobody ever sits down."""
    stage = Stage(_SESSION_SIZE)
    clients = [_Client(stage, may_sit=True) for _ in range(4)]
    for text in (b"a", b"b", b"c", b"d"):
        stage.print(text)
    sent = [each.screen.lent_packets for each in clients]
    assert sent == [3] * 4, "the first picture is painted by each view, and they sit down"
    clients[1].painted.keys(b"\x02?")
    stage.print(b"e")
    assert [each.screen.lent_packets for each in clients] == [4, 3, 4, 4], (
        "a page of one's own takes nobody else's seat"
    )
    traffic = clients[0].painted.guest._traffic
    for each in clients:
        each.painted.guest.leave()
    assert traffic.bytes_out == len(clients[0].screen.shown)
