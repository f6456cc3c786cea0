"""One end of a stream between gateways: an asyncio transport on the frames of `stream_frames`.

A stream ends at both ends when either closes it, when the bus is lost for long, or when the lease of the other gateway
is over. It survives frames that are lost, and a bus that is back soon: what the other end does not have is sent again.
It holds at most one window of what arrived, one of what is not confirmed, and what its protocol wrote.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol, assert_never, cast

from pairterm.cluster.stream_frames import Frame, FrameKind, ReceiveWindow, SendWindow
from pairterm.errors import PeerError

__all__ = ["StreamCarrier", "StreamTransport"]

logger = logging.getLogger(__name__)

_MAX_REPEATS = 4
"""How often within a second the other end may ask for a part again: each time is a window of bytes at most."""

_HIGH_WATER_BYTES = 64 << 10
"""The protocol stops writing when more than this waits for the bus, as for a socket's transport."""

_HAVE_POSITION = frozenset({FrameKind.DATA, FrameKind.EOF, FrameKind.PROBE})
"""The frames that tell how much was sent."""


class StreamCarrier(Protocol):
    """What carries the frames of streams."""

    def wants_turn(self, stream: StreamTransport) -> None:
        """Call `stream.next_frame` soon, until it returns None."""

    def reset(self, peer: str, stream_id: str) -> None:
        """Tell the other end of a stream that it has ended."""

    def ended(self, stream: StreamTransport) -> None:
        """Forget a stream: it takes no more frames."""


class StreamTransport(asyncio.Transport):
    """One end of a stream."""

    _start_tls_compatible = True  # `loop.start_tls` asks transports that are not asyncio's own for this.

    def __init__(self, carrier: StreamCarrier, peer: str, stream_id: str) -> None:
        """Make an end that is not open yet: of the stream `stream_id` with the gateway `peer`."""
        super().__init__({"peername": peer})
        self.peer = peer
        self.stream_id = stream_id
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self._loop.create_future()
        """Is done when the other end takes the stream. It fails if it does not."""
        self._carrier = carrier
        self._protocol: asyncio.BaseProtocol = asyncio.Protocol()
        self._sending, self._receiving = SendWindow(), ReceiveWindow()
        self._controls: dict[FrameKind, None] = {}
        """What is to be said before the next data."""
        self._arrived = bytearray()
        self._is_reading, self._is_writing_paused = True, False
        self._high, self._low = _HIGH_WATER_BYTES, _HIGH_WATER_BYTES // 4
        self._ends_sending = self._told_eof = False
        self._is_closing = self._is_over = False
        self._sent_lately = False
        self._repeats = 0
        """How often a part was sent again since the last tick."""

    # What the protocol calls (asyncio.Transport).

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what arrives to `protocol` from now on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol."""
        return self._protocol

    def is_closing(self) -> bool:
        """Return whether this end closes, or has closed."""
        return self._is_closing

    def is_reading(self) -> bool:
        """Return whether the protocol takes data."""
        return self._is_reading and not self._is_closing

    def pause_reading(self) -> None:
        """Keep what arrives: at most one window."""
        self._is_reading = False

    def resume_reading(self) -> None:
        """Give what was kept to the protocol."""
        if not self._is_reading:
            self._is_reading = True
            self._loop.call_soon(self._deliver)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send data when the other end has room for it."""
        if self._ends_sending or self._is_over or not data:
            return
        self._sending.write(data)
        if not self._is_writing_paused and self._sending.waiting_bytes > self._high:
            self._is_writing_paused = True
            self._protocol.pause_writing()
        self._carrier.wants_turn(self)

    def can_write_eof(self) -> bool:
        """Return True: each direction has an end of its own."""
        return True

    def write_eof(self) -> None:
        """Send no more data after what waits."""
        self._ends_sending = True
        self._sending.end()
        self._carrier.wants_turn(self)

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait here."""
        return self._sending.waiting_bytes

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the low and the high mark."""
        return self._low, self._high

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the marks at which the protocol stops writing and goes on."""
        self._high = high if high is not None else 4 * low if low is not None else _HIGH_WATER_BYTES
        self._low = low if low is not None else self._high // 4

    def close(self) -> None:
        """Close when what waits is sent. Drop all that still arrives."""
        if not self._is_closing:
            self._is_closing = True
            self._arrived.clear()
            self.write_eof()

    def abort(self) -> None:
        """Close at once."""
        self._end(None, tells_peer=True)

    def _force_close(self, error: BaseException | None) -> None:
        """Close at once with an error (asyncio's TLS calls this when a record is wrong)."""
        self._end(error if isinstance(error, Exception) else None, tells_peer=True)

    # What the bus calls.

    def open(self) -> None:
        """Ask the other end to take the stream."""
        self._control(FrameKind.OPEN)

    def received(self, frame: Frame) -> None:
        """Take a frame of the other end. A bad one ends the stream, and nothing else."""
        if self._is_over:
            return
        try:
            self._take(frame)
        except PeerError as error:
            logger.warning("a stream with gateway %s ended: %s", self.peer, error)
            self._end(ConnectionAbortedError(error.message), tells_peer=True)
        except Exception as error:
            logger.exception("an internal error while taking a stream's data: the stream ends")
            self._end(error, tells_peer=True)

    def next_frame(self) -> Frame | None:
        """Return the next frame that may go to the other end; None: there is none now."""
        if self._is_over:
            return None
        if self._controls:
            kind = next(iter(self._controls))
            del self._controls[kind]
            return self._control_frame(kind)
        frame = self._sending.next_frame()
        if frame is not None:
            self._sent_lately = True
            if self._is_writing_paused and self._sending.waiting_bytes <= self._low:
                self._is_writing_paused = False
                self._loop.call_soon(self._resume_writing)
        return frame

    def tick(self) -> None:
        """Once a second: confirm what has come, and let the other end notice what was lost after the last frame."""
        self._receiving.tick()
        self._repeats = 0
        if not self._receiving.is_confirmed:
            self._control(FrameKind.CREDIT)
        if not self._sending.is_confirmed and not self._sent_lately:
            self._control(FrameKind.PROBE)
        self._sent_lately = False

    def resume(self) -> None:
        """The bus is back: in both directions, send again what was under way."""
        self._sending.send_unconfirmed_again()
        self._control(FrameKind.AGAIN)

    def lost(self, reason: str) -> None:
        """End this end: the bus or the other gateway is gone."""
        self._end(ConnectionResetError(reason))

    def _control_frame(self, kind: FrameKind) -> Frame:
        match kind:
            case FrameKind.PROBE:
                return Frame(kind, self._sending.sent)
            case _:
                return Frame(kind, *self._receiving.told())

    def _resume_writing(self) -> None:
        if not self._is_over and not self._is_writing_paused:
            self._protocol.resume_writing()

    def _control(self, kind: FrameKind) -> None:
        self._controls[kind] = None
        self._carrier.wants_turn(self)

    def _take(self, frame: Frame) -> None:
        match frame.kind:
            case FrameKind.RESET:
                is_clean = self._receiving.has_end or (self._is_closing and self._sending.is_all_sent)
                self._end(None if is_clean else ConnectionResetError("the other gateway ended the stream"))
            case FrameKind.OPEN | FrameKind.ACCEPT:
                self._take_opening(frame)
            case FrameKind.CREDIT | FrameKind.AGAIN:
                self._take_confirmation(frame)
            case FrameKind.DATA:
                data = self._receiving.take(frame)
                if data and not self._is_closing:
                    self._arrived += data
                    self._deliver()
            case FrameKind.EOF:
                self._receiving.take_end(frame.position)
                if self._receiving.has_end:
                    self._control(FrameKind.CREDIT)  # The other end waits for this before it forgets the stream.
                    self._deliver()
            case FrameKind.PROBE:
                self._control(FrameKind.CREDIT)  # The one before may be lost.
            case _:
                assert_never(frame.kind)
        if frame.kind in _HAVE_POSITION and self._receiving.lacks(frame.position) and self._receiving.asks_again():
            self._control(FrameKind.AGAIN)

    def _take_opening(self, frame: Frame) -> None:
        if self.opened.done():
            raise PeerError("a stream was opened twice", code="cluster_stream")
        self._sending.confirmed(0, frame.limit)
        self.opened.set_result(None)
        if frame.kind is FrameKind.OPEN:
            self._control(FrameKind.ACCEPT)
        self._carrier.wants_turn(self)

    def _take_confirmation(self, frame: Frame) -> None:
        self._sending.confirmed(frame.position, frame.limit)
        if frame.kind is FrameKind.AGAIN and self._repeats < _MAX_REPEATS:
            self._repeats += 1
            self._sending.send_again(frame.position)
        if self._is_closing and self._sending.is_complete:
            self._end(None)
        else:
            self._carrier.wants_turn(self)

    def _deliver(self) -> None:
        """Give what arrived to the protocol, if it reads."""
        if self._arrived and self.is_reading():
            data = bytes(self._arrived)
            self._arrived.clear()
            if self._receiving.used(len(data)):
                self._control(FrameKind.CREDIT)
            _give(self._protocol, data)
        has_ended = self._receiving.has_end and not self._arrived
        if has_ended and not self._told_eof and self._is_reading and not self._is_over:
            self._told_eof = True
            if self._is_closing or not cast(asyncio.Protocol, self._protocol).eof_received():
                self.close()

    def _end(self, error: Exception | None, *, tells_peer: bool = False) -> None:
        if self._is_over:
            return
        self._is_over = self._is_closing = self._ends_sending = True
        self._arrived.clear()
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionResetError("the stream was closed"))
            self.opened.exception()  # Perhaps nobody waits for it.
        if tells_peer:
            self._carrier.reset(self.peer, self.stream_id)
        self._carrier.ended(self)
        self._loop.call_soon(self._protocol.connection_lost, error)


def _give(protocol: asyncio.BaseProtocol, data: bytes) -> None:
    """Give data to a protocol of either kind. asyncio's TLS has its own buffer."""
    if not isinstance(protocol, asyncio.BufferedProtocol):
        cast(asyncio.Protocol, protocol).data_received(data)
        return
    rest = memoryview(data)
    while rest:
        buffer = memoryview(protocol.get_buffer(len(rest)))
        size = min(len(buffer), len(rest))
        buffer[:size] = rest[:size]
        protocol.buffer_updated(size)
        rest = rest[size:]
