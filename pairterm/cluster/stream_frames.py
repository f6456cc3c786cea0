"""The frames of a stream between two gateways over a bus that may lose messages. Sans-I/O.

The bus carries messages, in order, but without a promise: its servers drop what a receiver does not take. So each end
numbers its frames. If a number is missing, the stream has lost bytes, and ends with an error. Each end also says up to
which byte the other may send. So a stalled reader holds one window of bytes, and nobody else waits for it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from pairterm.errors import PeerError

__all__ = ["MAX_DATA_BYTES", "WINDOW_BYTES", "Frame", "FrameKind", "ReceiveWindow", "SendWindow"]

WINDOW_BYTES = 512 << 10
"""The bytes that may be under way in one direction. Between gateways 10 ms apart, that is 50 MB a second."""

MAX_DATA_BYTES = 64 << 10
"""The data of one frame: streams take turns after each. NATS takes 1 MiB unless its operator says otherwise."""

_HEAD = struct.Struct(">BQQ")


class FrameKind(IntEnum):
    """What a frame says."""

    OPEN = 1
    """A gateway opens the stream."""
    ACCEPT = 2
    """The other gateway takes it."""
    DATA = 3
    CREDIT = 4
    """The other end may send up to this byte, counted from the start of the stream."""
    EOF = 5
    """No more data comes in this direction."""
    PROBE = 6
    """Nothing, with the next number: a frame that was lost before it is noticed."""
    RESET = 7
    """The stream has ended. It has no number, and no answer."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame."""

    kind: FrameKind
    number: int
    limit: int = 0
    """OPEN, ACCEPT, CREDIT: the byte up to which the other end may send."""
    data: bytes = b""

    def encode(self) -> bytes:
        """Return the frame as bytes."""
        return _HEAD.pack(self.kind, self.number, self.limit) + self.data

    @classmethod
    def decode(cls, payload: bytes) -> Frame:
        """Return the frame in `payload`.

        Raises:
            PeerError: There is none in it.
        """
        try:
            kind, number, limit = _HEAD.unpack_from(payload)
            return cls(FrameKind(kind), number, limit, payload[_HEAD.size :])
        except (struct.error, ValueError) as error:
            raise PeerError("a bad frame", code="cluster_stream") from error


class SendWindow:
    """How much this end may send, and the numbers of its frames."""

    def __init__(self) -> None:
        self._next = 0
        self._sent = 0
        self._limit = 0

    @property
    def is_open(self) -> bool:
        """Return whether the other end has said how much it takes."""
        return self._limit > 0

    @property
    def room(self) -> int:
        """How many bytes of data may go now."""
        return self._limit - self._sent

    def allow(self, limit: int) -> None:
        """Send up to byte `limit`. A limit never shrinks."""
        self._limit = max(self._limit, limit)

    def frame(self, kind: FrameKind, *, limit: int = 0, data: bytes = b"") -> Frame:
        """Return the next frame. The caller looks at `room`."""
        frame = Frame(kind, self._next, limit, data)
        self._next += 1
        self._sent += len(data)
        return frame


class ReceiveWindow:
    """What the other end may send, and whether something is missing."""

    def __init__(self) -> None:
        self._next = 0
        self._received = 0
        self._taken = 0
        self.limit = WINDOW_BYTES
        """The byte up to which the other end may send."""

    def take(self, frame: Frame) -> None:
        """Check the number of a frame, and count its data.

        Raises:
            PeerError: Frames are missing, or the other end sends more than it may.
        """
        if frame.number != self._next:
            raise PeerError("the bus has lost a part of a stream", code="cluster_stream")
        self._next += 1
        self._received += len(frame.data)
        if self._received > self.limit:
            raise PeerError("a gateway sends more than it may", code="cluster_stream")

    def used(self, size: int) -> bool:
        """Count data that the protocol took. Return whether a CREDIT frame with `limit` is due."""
        self._taken += size
        if self._taken + WINDOW_BYTES - self.limit < WINDOW_BYTES // 4:
            return False
        self.limit = self._taken + WINDOW_BYTES
        return True
