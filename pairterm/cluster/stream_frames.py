"""The frames of a stream between two gateways over a bus that may lose messages. Sans-I/O.

The bus carries messages, in order, but without a promise: its servers drop what a receiver does not take, and what is
under way when a gateway loses its connection. So each frame of data says at which byte it begins, and each end keeps
what it has sent until the other one has it. If something is missing, the receiver asks for it again, from there on.
Each end also says up to which byte the other may send. So a stalled reader holds one window of bytes, a sender keeps
no more than that, and nobody else waits for them. These are TCP's rules (RFC 9293 §3), without its clocks.

Positions are bytes since the start of the stream. The end of a direction takes one position, as a FIN does.
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
    """Bytes; the first of them has this position."""
    CREDIT = 4
    """Everything before this position has come. The other end may send up to the limit."""
    EOF = 5
    """No more data comes in this direction. This takes the position after the last byte."""
    PROBE = 6
    """Everything before this position was sent. If something was lost, the other end notices it now."""
    AGAIN = 7
    """As CREDIT, and what was sent after this position did not come: send it again."""
    RESET = 8
    """The stream has ended. There is no answer."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame."""

    kind: FrameKind
    position: int = 0
    limit: int = 0
    """OPEN, ACCEPT, CREDIT, AGAIN: the position up to which the other end may send data."""
    data: bytes = b""

    def encode(self) -> bytes:
        """Return the frame as bytes."""
        return _HEAD.pack(self.kind, self.position, self.limit) + self.data

    @classmethod
    def decode(cls, payload: bytes) -> Frame:
        """Return the frame in `payload`.

        Raises:
            PeerError: There is none in it.
        """
        try:
            kind, position, limit = _HEAD.unpack_from(payload)
            return cls(FrameKind(kind), position, limit, payload[_HEAD.size :])
        except (struct.error, ValueError) as error:
            raise PeerError("a bad frame", code="cluster_stream") from error


class SendWindow:
    """What this end sends: the bytes that the other end has not confirmed, and how far it takes them."""

    def __init__(self) -> None:
        self._kept = bytearray()
        """The bytes from `_confirmed` to `_written`."""
        self._written = 0
        """All bytes that were given to this end."""
        self._confirmed = 0
        self._sent = 0
        """The position before which everything was sent. It goes back if something has to be sent again."""
        self._most_sent = 0
        self._limit = 0
        self._has_end = False

    @property
    def waiting_bytes(self) -> int:
        """How many bytes were not sent yet, or have to be sent again."""
        return max(0, self._written - self._sent)

    @property
    def sent(self) -> int:
        """The position before which everything was sent."""
        return self._sent

    @property
    def is_confirmed(self) -> bool:
        """Whether the other end has everything that was sent."""
        return self._confirmed == self._most_sent

    @property
    def is_all_sent(self) -> bool:
        """Whether everything was sent, and that no more comes."""
        return self._sent > self._written

    @property
    def is_complete(self) -> bool:
        """Whether the other end has everything, and knows that no more comes."""
        return self._confirmed > self._written

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send these bytes after the others."""
        self._kept += data
        self._written += len(data)

    def end(self) -> None:
        """Send no more after what was written."""
        self._has_end = True

    def next_frame(self) -> Frame | None:
        """Return the next frame with data, or the end; None: there is none that the other end takes now."""
        size = min(self._limit, self._written, self._sent + MAX_DATA_BYTES) - self._sent
        if size > 0:
            position = self._sent
            with memoryview(self._kept) as kept:
                data = bytes(kept[position - self._confirmed :][:size])
            self._advance(size)
            return Frame(FrameKind.DATA, position, data=data)
        if self._has_end and self._sent == self._written and self._limit:
            self._advance(1)
            return Frame(FrameKind.EOF, self._written)
        return None

    def confirmed(self, position: int, limit: int) -> None:
        """Forget what the other end has: everything before `position`. Send up to `limit`, which never shrinks.

        Raises:
            PeerError: It confirms more than was sent, or takes more than a window that it does not confirm.
        """
        if position > self._most_sent:
            raise PeerError("a gateway confirms what was not sent", code="cluster_stream")
        if limit > position + WINDOW_BYTES:  # All of it would be kept here.
            raise PeerError("a gateway takes more than a window", code="cluster_stream")
        self._limit = max(self._limit, limit)
        if position > self._confirmed:
            del self._kept[: position - self._confirmed]
            self._confirmed = position
            self._sent = max(self._sent, position)

    def send_again(self, position: int) -> None:
        """Send everything from `position` on again. Bytes that are confirmed stay so."""
        self._sent = max(position, self._confirmed)

    def send_unconfirmed_again(self) -> None:
        """Send everything again that is not confirmed: it may be lost."""
        self._sent = self._confirmed

    def _advance(self, size: int) -> None:
        self._sent += size
        self._most_sent = max(self._most_sent, self._sent)


class ReceiveWindow:
    """What has come from the other end, what it may send, and whether something is missing."""

    def __init__(self) -> None:
        self.position = 0
        """Everything before this has come."""
        self._taken = 0
        """What the protocol took."""
        self.limit = WINDOW_BYTES
        """The position up to which the other end may send data."""
        self.has_end = False
        self._asked = -1
        """The position from which the other end was asked to send again."""
        self._told = 0
        """The position that was confirmed last."""

    @property
    def is_confirmed(self) -> bool:
        """Whether the other end was told of everything that has come."""
        return self._told == self.position

    def take(self, frame: Frame) -> bytes:
        """Return the bytes of a DATA frame that are new; b"" if they came before, or some before them are missing.

        Raises:
            PeerError: The other end sends more than it may.
        """
        after = frame.position + len(frame.data)
        if after > self.limit or (self.has_end and after >= self.position):
            raise PeerError("a gateway sends more than it may", code="cluster_stream")
        if self.lacks(frame.position) or after <= self.position:
            return b""
        data = frame.data[self.position - frame.position :]
        self.position += len(data)
        return data

    def take_end(self, position: int) -> None:
        """Take that the direction ends at this position."""
        if position == self.position and not self.has_end:
            self.has_end = True
            self.position += 1

    def lacks(self, position: int) -> bool:
        """Return whether something before `position` has not come."""
        return position > self.position

    def asks_again(self) -> bool:
        """Return whether the other end has to be asked for what is missing: once for each position, until `tick`."""
        if self._asked == self.position:
            return False
        self._asked = self.position
        return True

    def tick(self) -> None:
        """Ask again for what is missing, if it still does not come. To be called once a second."""
        self._asked = -1

    def told(self) -> tuple[int, int]:
        """Return what a CREDIT or AGAIN frame says now: the position, and the limit."""
        self._told = self.position
        return self.position, self.limit

    def used(self, size: int) -> bool:
        """Count data that the protocol took. Return whether a CREDIT frame is due."""
        self._taken += size
        if self._taken + WINDOW_BYTES - self.limit < WINDOW_BYTES // 4:
            return False
        self.limit = self._taken + WINDOW_BYTES
        return True
