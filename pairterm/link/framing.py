"""Length frames on a byte stream: four bytes of length, big-endian, then the payload of one message.

Sans-I/O. A frame with a length over the bound ends the stream with an error, before
any of its bytes are kept.
"""

from __future__ import annotations

from collections.abc import Generator

from pairterm.errors import PeerError

__all__ = ["HEADER_BYTES", "MAX_MESSAGE_BYTES", "FrameReader", "framed"]

HEADER_BYTES = 4

_SHORT_BYTES = 512
_SHORT_FRAMES = 2
"""So many frames, of so many bytes together, are taken at once: the messages of a person who types."""

MAX_MESSAGE_BYTES = 8 << 20
"""The size of the largest message. A screen of 200 × 500 cells with eight combining marks each is under 4 MiB."""


def framed(payload: bytes) -> bytes:
    """Return the payload with its length in front of it."""
    if len(payload) > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {len(payload)} bytes is larger than the link allows")
    return len(payload).to_bytes(HEADER_BYTES, "big") + payload


class FrameReader:
    """Cuts a byte stream into payloads. It holds at most one frame that is not complete yet."""

    def __init__(self, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._max_message_bytes = max_message_bytes
        self._pending = bytearray()

    @property
    def is_waiting(self) -> bool:
        """True if the rest of a frame has yet to come."""
        return bool(self._pending)

    def take_whole(self, data: bytes) -> list[bytes] | None:
        """Return the payloads of `data` if it is nothing but one or two whole, short frames. None: give it to `feed`.

        Most reads of a link are so: a key comes with the acknowledgement of the echo before it.
        """
        if self._pending or len(data) > _SHORT_BYTES:
            return None
        payloads: list[bytes] = []
        start, stop = 0, len(data)
        while start < stop and len(payloads) < _SHORT_FRAMES:
            end = start + HEADER_BYTES + int.from_bytes(data[start : start + HEADER_BYTES], "big")
            if not start + HEADER_BYTES <= end <= stop:
                return None
            payloads.append(data[start + HEADER_BYTES : end])
            start = end
        return payloads if start == stop else None

    def feed(self, data: bytes) -> Generator[bytes, None, None]:
        """Yield each payload that is complete now.

        Raises:
            PeerError: A frame's length is over the bound. The rest of the stream can't be read.
        """
        pending = self._pending
        if (
            not pending
            and len(data) >= HEADER_BYTES
            and int.from_bytes(data[:HEADER_BYTES], "big") == (len(data) - HEADER_BYTES) <= self._max_message_bytes
        ):  # a common case: exactly one message
            yield data[HEADER_BYTES:]
            return
        pending += data
        start = 0
        try:
            while len(pending) - start >= HEADER_BYTES:
                length = int.from_bytes(pending[start : start + HEADER_BYTES], "big")
                if length > self._max_message_bytes:
                    raise PeerError(
                        f"a message of {length} bytes is larger than the link allows", code="oversized_message"
                    )
                end = start + HEADER_BYTES + length
                if len(pending) < end:
                    break
                payload = bytes(pending[start + HEADER_BYTES : end])
                start = end
                yield payload
        finally:
            del pending[:start]

    def missing_bytes(self, data: bytes) -> int:
        """Return how many bytes at the beginning of `data` belong to the frame that is not complete; 0 for none.

        If not even the length has come, that is all that `data` has, or the rest of the length.
        """
        known = bytes(self._pending[:HEADER_BYTES]) + data[:HEADER_BYTES]
        if len(known) < HEADER_BYTES:
            return len(data)
        return max(0, HEADER_BYTES + int.from_bytes(known[:HEADER_BYTES], "big") - len(self._pending))

    def check_end(self) -> None:
        """Check that the stream can end here.

        Raises:
            PeerError: It ended in the middle of a message.
        """
        if self._pending:
            raise PeerError("the link ended in the middle of a message", code="truncated_message")
