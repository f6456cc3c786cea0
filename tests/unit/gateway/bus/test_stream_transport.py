"""Unit tests of the ends of a stream between gateways, over a bus that loses, repeats and cuts."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.cluster.stream_frames import WINDOW_BYTES, Frame, FrameKind
from pairterm.gateway.bus.stream_transport import StreamTransport
from tests.integration.service_gateways import StreamEnd


class Wire:
    """Carries the frames of one stream between two ends, as far as it is told to."""

    def __init__(self) -> None:
        self.ends = StreamTransport(_Side(self, 0), "b" * 16, "1"), StreamTransport(_Side(self, 1), "a" * 16, "1")
        self.protocols = StreamEnd(), StreamEnd()
        for transport, protocol in zip(self.ends, self.protocols, strict=True):
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
        self.resets: deque[int] = deque()
        self.forgotten = [False, False]
        self.ends[0].open()
        self.carry()

    def next_frames(self, sender: int) -> list[Frame]:
        """Return all that an end sends now."""
        frames: list[Frame] = []
        while (frame := self.ends[sender].next_frame()) is not None:
            frames.append(Frame.decode(frame.encode()))
        return frames

    def deliver(self, receiver: int, frame: Frame) -> None:
        if self.forgotten[receiver]:
            if frame.kind is not FrameKind.RESET:
                self.resets.append(receiver)
        else:
            self.ends[receiver].received(frame)

    def carry(self, is_lost: Callable[[], bool] = lambda: False) -> None:
        """Carry frames until nobody has one; some are lost."""
        is_quiet = False
        while not is_quiet:
            is_quiet = True
            for sender in (0, 1):
                for frame in self.next_frames(sender):
                    is_quiet = False
                    if not is_lost():
                        self.deliver(1 - sender, frame)
            while self.resets:
                self.deliver(1 - self.resets.popleft(), Frame(FrameKind.RESET))

    def tick(self) -> None:
        for end in self.ends:
            end.tick()


class _Side:
    """The bus, as one end sees it."""

    def __init__(self, wire: Wire, number: int) -> None:
        self._wire, self._number = wire, number

    def wants_turn(self, stream: StreamTransport) -> None: ...

    def reset(self, peer: str, stream_id: str) -> None:
        self._wire.resets.append(self._number)

    def ended(self, stream: StreamTransport) -> None:
        self._wire.forgotten[self._number] = True


async def settle() -> None:
    """Let what is due run: a transport tells its protocol of the end with the next turn of the loop."""
    for _ in range(5):
        await asyncio.sleep(0)


_WRITES = st.lists(st.tuples(st.integers(0, 1), st.integers(1, 200_000)), min_size=1, max_size=12)


@settings(max_examples=60)
@given(_WRITES, st.lists(st.booleans(), max_size=60))
def test_every_byte_comes_once_and_in_order_whatever_is_lost(writes: list[tuple[int, int]], lost: list[bool]) -> None:
    """A stream goes on as long as the bus loses something now and then, and not everything for ever."""

    async def run() -> None:
        wire, losses = Wire(), deque(lost)

        def is_lost() -> bool:
            return bool(losses) and losses.popleft()

        wanted = [bytearray(), bytearray()]
        for number, (sender, size) in enumerate(writes):
            data = bytes([number + 1]) * size
            wanted[1 - sender] += data
            wire.ends[sender].write(data)
            wire.carry(is_lost)
        for _ in range(2 * len(lost) + 4):
            wire.tick()
            wire.carry(is_lost)
        assert [each.received for each in wire.protocols] == wanted
        for each in wire.ends:
            each.close()
        for _ in range(4):
            wire.tick()
            wire.carry()
        await settle()
        assert wire.forgotten == [True, True]
        assert [each.error for each in wire.protocols] == [None, None]

    asyncio.run(run())


async def test_a_stream_goes_on_after_everything_that_was_under_way_is_lost() -> None:
    wire = Wire()
    wire.ends[0].write(b"one ")
    wire.carry()
    wire.ends[0].write(b"two ")
    wire.ends[1].write(b"three")
    for sender in (0, 1):
        assert wire.next_frames(sender)  # They are lost.
    wire.ends[0].write(b"four")
    wire.ends[0].resume()  # Only this end has noticed.
    wire.carry()
    assert wire.protocols[1].received == b"one two four"
    assert wire.protocols[0].received == b"three"


async def test_what_is_confirmed_is_not_kept() -> None:
    wire = Wire()
    for _ in range(100):
        wire.ends[0].write(b"x" * 10_000)
        wire.carry()
    wire.tick()
    wire.carry()
    assert not wire.ends[0]._sending._kept
    assert len(wire.protocols[1].received) == 1_000_000
    wire.tick()
    assert not wire.next_frames(0)
    assert not wire.next_frames(1), "an idle stream says nothing"


async def test_a_reader_that_stalls_holds_one_window_at_each_end() -> None:
    wire = Wire()
    wire.ends[1].pause_reading()
    for _ in range(40):
        wire.ends[0].write(b"x" * 65_536)
        wire.carry()
    assert wire.protocols[0].is_paused
    assert len(wire.ends[1]._arrived) == WINDOW_BYTES
    wire.ends[1].resume_reading()
    while len(wire.protocols[1].received) < 40 * 65_536:
        await settle()
        wire.carry()
    await settle()
    assert not wire.protocols[0].is_paused


async def test_a_gateway_that_asks_for_a_part_again_and_again_gets_it_a_few_times_a_second() -> None:
    wire = Wire()
    wire.ends[0].write(b"x" * 1000)
    wire.next_frames(0)
    sent = 0
    for _ in range(100):
        wire.ends[0].received(Frame(FrameKind.AGAIN, 0, WINDOW_BYTES))
        sent += len(wire.next_frames(0))
    assert sent == 4
    wire.ends[0].tick()
    wire.ends[0].received(Frame(FrameKind.AGAIN, 0, WINDOW_BYTES))
    assert [each.kind for each in wire.next_frames(0)][-1:] == [FrameKind.DATA]


async def test_an_end_that_closes_is_forgotten_when_the_other_end_has_everything() -> None:
    wire = Wire()
    wire.ends[0].write(b"last words")
    wire.ends[0].close()
    assert wire.next_frames(0)  # They are lost.
    await settle()
    assert not wire.forgotten[0]
    for _ in range(2):  # It has sent something since the last tick.
        wire.tick()
        wire.carry()
    await settle()
    assert wire.protocols[1].received == b"last words"
    assert wire.forgotten == [True, True]
    assert [each.error for each in wire.protocols] == [None, None]


async def test_a_stream_that_the_other_end_has_forgotten_ends_with_an_error() -> None:
    wire = Wire()
    wire.ends[1].lost("its gateway gave it up")
    wire.ends[0].resume()
    wire.carry()
    await settle()
    assert isinstance(wire.protocols[0].error, ConnectionResetError)


@pytest.mark.parametrize(
    "frame",
    [
        Frame(FrameKind.OPEN, 0, 10),
        Frame(FrameKind.CREDIT, 5, 10),
        Frame(FrameKind.DATA, 0, data=bytes(WINDOW_BYTES + 1)),
    ],
    ids=["it opens twice", "it confirms what was not sent", "it sends more than it may"],
)
async def test_a_wrong_frame_ends_the_stream(frame: Frame) -> None:
    wire = Wire()
    wire.ends[0].received(frame)
    wire.carry()
    await settle()
    assert wire.forgotten == [True, True]
    assert isinstance(wire.protocols[0].error, ConnectionAbortedError)
