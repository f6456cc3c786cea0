"""One end of a stream between gateways: an asyncio transport on the frames of `stream_frames`.

A stream ends at both ends when either closes it, when frames are missing, when the bus is lost, or when the lease of
the other gateway is over. It holds at most one window of what arrived, and what its protocol wrote.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, Protocol, cast

from pairterm.cluster.stream_frames import MAX_DATA_BYTES, Frame, FrameKind, ReceiveWindow, SendWindow
from pairterm.errors import PeerError

__all__ = ["StreamCarrier", "StreamTransport"]

logger = logging.getLogger(__name__)

_HIGH_WATER_BYTES = 64 << 10
"""The protocol stops writing when more than this waits for the bus, as for a socket's transport."""


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
        self._controls: deque[tuple[FrameKind, int]] = deque()
        self._unsent, self._arrived = bytearray(), bytearray()
        self._is_reading, self._is_writing_paused = True, False
        self._high, self._low = _HIGH_WATER_BYTES, _HIGH_WATER_BYTES // 4
        self._ends_sending = self._sent_eof = False
        self._got_eof = self._told_eof = False
        self._is_closing = self._is_over = False
        self._sent_lately = self._is_unprobed = False

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
        self._unsent += data
        if not self._is_writing_paused and len(self._unsent) > self._high:
            self._is_writing_paused = True
            self._protocol.pause_writing()
        self._carrier.wants_turn(self)

    def can_write_eof(self) -> bool:
        """Return True: each direction has an end of its own."""
        return True

    def write_eof(self) -> None:
        """Send no more data after what waits."""
        self._ends_sending = True
        self._carrier.wants_turn(self)

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait here."""
        return len(self._unsent)

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
        self._control(FrameKind.OPEN, self._receiving.limit)

    def received(self, frame: Frame) -> None:
        """Take a frame of the other end. A bad one ends the stream, and nothing else."""
        if self._is_over:
            return
        try:
            if frame.kind is FrameKind.RESET:
                self._end(None if self._got_eof else ConnectionResetError("the other gateway ended the stream"))
            else:
                self._receiving.take(frame)
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
        frame = self._next_frame()
        if frame is None and self._is_closing and self._sent_eof:
            self._end(None)
        elif frame is not None and frame.kind is not FrameKind.PROBE:
            self._sent_lately = self._is_unprobed = True
        return frame

    def tick(self) -> None:
        """Once a second: if nothing was sent since the last tick, send one probe after what was sent before it."""
        if self._is_unprobed and not self._sent_lately:
            self._is_unprobed = False
            self._control(FrameKind.PROBE)
        self._sent_lately = False

    def lost(self, reason: str) -> None:
        """End this end: the bus or the other gateway is gone."""
        self._end(ConnectionResetError(reason))

    def _next_frame(self) -> Frame | None:
        if self._controls:
            kind, limit = self._controls.popleft()
            return self._sending.frame(kind, limit=limit)
        if self._unsent:
            return self._data_frame()
        if self._ends_sending and not self._sent_eof and self._sending.is_open:
            self._sent_eof = True
            return self._sending.frame(FrameKind.EOF)
        return None

    def _data_frame(self) -> Frame | None:
        size = min(self._sending.room, len(self._unsent), MAX_DATA_BYTES)
        if size <= 0:
            return None
        data = bytes(memoryview(self._unsent)[:size])
        del self._unsent[:size]
        if self._is_writing_paused and len(self._unsent) <= self._low:
            self._is_writing_paused = False
            self._loop.call_soon(self._resume_writing)
        return self._sending.frame(FrameKind.DATA, data=data)

    def _resume_writing(self) -> None:
        if not self._is_over and not self._is_writing_paused:
            self._protocol.resume_writing()

    def _control(self, kind: FrameKind, limit: int = 0) -> None:
        self._controls.append((kind, limit))
        self._carrier.wants_turn(self)

    def _take(self, frame: Frame) -> None:
        match frame.kind:
            case FrameKind.OPEN | FrameKind.ACCEPT:
                if self.opened.done():
                    raise PeerError("a stream was opened twice", code="cluster_stream")
                self._sending.allow(frame.limit)
                self.opened.set_result(None)
                if frame.kind is FrameKind.OPEN:
                    self._control(FrameKind.ACCEPT, self._receiving.limit)
                self._carrier.wants_turn(self)
            case FrameKind.CREDIT:
                self._sending.allow(frame.limit)
                self._carrier.wants_turn(self)
            case FrameKind.DATA:
                if self._got_eof:
                    raise PeerError("a stream goes on after its end", code="cluster_stream")
                if not self._is_closing:
                    self._arrived += frame.data
                    self._deliver()
            case FrameKind.EOF:
                self._got_eof = True
                self._deliver()

    def _deliver(self) -> None:
        """Give what arrived to the protocol, if it reads."""
        if self._arrived and self.is_reading():
            data = bytes(self._arrived)
            self._arrived.clear()
            if self._receiving.used(len(data)):
                self._control(FrameKind.CREDIT, self._receiving.limit)
            _give(self._protocol, data)
        if self._got_eof and not self._arrived and not self._told_eof and self._is_reading and not self._is_over:
            self._told_eof = True
            if self._is_closing or not cast(asyncio.Protocol, self._protocol).eof_received():
                self.close()

    def _end(self, error: Exception | None, *, tells_peer: bool = False) -> None:
        if self._is_over:
            return
        self._is_over = self._is_closing = self._ends_sending = True
        self._unsent.clear()
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
