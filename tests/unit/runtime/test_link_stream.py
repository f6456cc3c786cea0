"""A link's stream: what waits for a peer that does not read is bounded, and what it sends costs a share of the loop."""

from __future__ import annotations

import asyncio
from typing import Any

from pairterm.access.rate_limits import Share
from pairterm.errors import PeerError
from pairterm.link.codec import decode_viewer_message, encode
from pairterm.link.framing import FrameReader, framed
from pairterm.link.messages import Ping, Pong, ShowText
from pairterm.runtime.link_stream import LinkStream

MIB = 1 << 20


class Transport(asyncio.Transport):
    """Takes what is written, and never sends it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.is_aborted = False
        self.pauses = 0
        self.is_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return len(self.written)

    def abort(self) -> None:
        self.is_aborted = True

    def close(self) -> None: ...

    def pause_reading(self) -> None:
        self.pauses += 1
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False


def linked(on_payload: Any = None, **options: Any) -> tuple[LinkStream, Transport]:
    ended: list[PeerError | None] = []
    stream = LinkStream(on_payload or (lambda payload: None), ended.append, **options)
    transport = Transport()
    stream.connection_made(transport)
    return stream, transport


def test_many_pings_get_one_answer_and_a_peer_that_does_not_read_gets_none() -> None:
    """A host that flooded Ping and never read cost 32 MiB."""
    stream, transport = linked()
    stream._on_payload = lambda payload: stream.answer_ping()
    pings = framed(encode(Ping())) * 1000
    stream.data_received(pings)
    assert list(map(decode_viewer_message, FrameReader().feed(bytes(transport.written)))) == [Pong()]
    transport.written = bytearray(64 << 10)
    stream.data_received(pings)
    assert len(transport.written) == 64 << 10


def test_a_peer_that_does_not_read_is_dropped_before_another_message_waits() -> None:
    stream, transport = linked(max_waiting_bytes=MIB)
    message = ShowText(None, "x" * 8000)
    for _ in range(1000):
        stream.send(message)
    assert transport.is_aborted
    assert not stream.is_open
    assert len(transport.written) <= MIB + len(framed(encode(message)))


def test_a_message_larger_than_what_may_wait_is_sent_where_nothing_waits() -> None:
    """The rule looks at what waits, not at the message: a large screen passes."""
    stream, transport = linked(max_waiting_bytes=1000)
    stream.send(ShowText(None, "x" * 8000))
    assert len(transport.written) > 8000
    assert not transport.is_aborted


async def test_a_flood_of_messages_is_taken_in_turns_and_none_is_lost() -> None:
    taken: list[bytes] = []

    def take(payload: bytes) -> None:
        taken.append(payload)
        sum(range(5000))  # some work: far more than a turn's in all

    stream, transport = linked(take, share=Share(0.001, 1.0))
    stream.data_received(framed(b"a") * 2000)
    assert transport.pauses
    first = len(taken)
    assert 0 < first < 2000, "all in one turn"
    async with asyncio.timeout(60):
        while len(taken) < 2000 or transport.is_paused:  # noqa: ASYNC110 -- a fake transport tells nobody
            await asyncio.sleep(0.001)
