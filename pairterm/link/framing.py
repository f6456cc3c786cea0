"""Length frames on a byte stream: four bytes of length, big-endian, then one message's payload.

Sans-I/O. A frame that claims more than the bound ends the stream with an error
before a byte of it is kept.
"""

from __future__ import annotations

from collections.abc import Generator

from pairterm.errors import PeerError

__all__ = ["HEADER_BYTES", "MAX_MESSAGE_BYTES", "FrameReader", "framed"]

HEADER_BYTES = 4

MAX_MESSAGE_BYTES = 8 << 20
"""A whole screen of 200 × 500 cells with eight combining marks each is under 4 MiB."""


def framed(payload: bytes) -> bytes:
    """Return the payload with its length before it."""
    if len(payload) > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {len(payload)} bytes is over the link's bound")
    return len(payload).to_bytes(HEADER_BYTES, "big") + payload


class FrameReader:
    """Cuts a byte stream into payloads. Holds at most one frame that is not yet whole."""

    def __init__(self, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._max_message_bytes = max_message_bytes
        self._pending = bytearray()

    def feed(self, data: bytes) -> Generator[bytes, None, None]:
        """Yield each payload that is whole now.

        Raises:
            PeerError: A frame claims more than the bound; the stream can't be read on.
        """
        pending = self._pending
        if (
            not pending
            and len(data) >= HEADER_BYTES
            and int.from_bytes(data[:HEADER_BYTES], "big") == (len(data) - HEADER_BYTES) <= self._max_message_bytes
        ):  # the commonest: one message, whole
            yield data[HEADER_BYTES:]
            return
        pending += data
        start = 0
        try:
            while len(pending) - start >= HEADER_BYTES:
                length = int.from_bytes(pending[start : start + HEADER_BYTES], "big")
                if length > self._max_message_bytes:
                    raise PeerError(f"a message of {length} bytes is over the link's bound", code="oversized_message")
                end = start + HEADER_BYTES + length
                if len(pending) < end:
                    break
                payload = bytes(pending[start + HEADER_BYTES : end])
                start = end
                yield payload
        finally:
            del pending[:start]

    def check_end(self) -> None:
        """Say that the stream ended here.

        Raises:
            PeerError: It ended in the middle of a message.
        """
        if self._pending:
            raise PeerError("the link ended in the middle of a message", code="truncated_message")
