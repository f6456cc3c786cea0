"""A link on a real socket: asyncio around `link.framing`, and who stands at the other end.

One `LinkStream` serves a host, a gateway and an attached terminal alike. A
payload goes to its callback as it arrives, without a task in between: a
keystroke crosses two of these. A peer that breaks a rule loses its link here. A link
with a `Share` takes its part of the loop's time and no more: after that it is not read
for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from pairterm.access.rate_limits import Share
from pairterm.errors import PeerError, SystemFault
from pairterm.link.codec import LinkMessage, encode
from pairterm.link.framing import MAX_MESSAGE_BYTES, FrameReader, framed
from pairterm.link.messages import Pong

__all__ = ["LinkStream", "connect_unix", "kernel_round_trip_ms", "peer_uid"]

logger = logging.getLogger(__name__)

_MAX_WAITING_BYTES = 32 << 20
"""What may wait for the other side when one more message is sent to it: four of the largest. Pacing keeps it near
zero. Where the other side is not trusted, it is less."""

_MAX_WAITING_FOR_PONG_BYTES = 64 << 10
"""A peer that leaves so much unread gets no answer to its pings: they would pile up."""

_TURN_S = 0.002
"""After which the messages that came with the one before wait for the next turn of the loop."""

_LAST_BYTES = 1 << 20
"""More than a Unix socket holds (208 KiB on Linux): what the other side said last is one piece."""


class LinkStream(asyncio.Protocol):
    """One link's byte stream as messages.

    `on_payload` gets each message's payload and may raise `PeerError`, which ends
    the link. `on_lost` is called once, with the error that ended it or None.
    """

    def __init__(
        self,
        on_payload: Callable[[bytes], None],
        on_lost: Callable[[PeerError | None], None],
        *,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        max_waiting_bytes: int = _MAX_WAITING_BYTES,
        share: Share | None = None,
    ) -> None:
        """Make a link that is not connected yet.

        Args:
            on_payload: Gets each message's payload.
            on_lost: Is told of the link's end.
            max_message_bytes: The longest that the other side may have to say.
            max_waiting_bytes: What may wait for the other side when one more message is sent to it.
            share: What the other side may take of the loop's time; None: all of it.
        """
        self._on_payload = on_payload
        self._on_lost = on_lost
        self._reader = FrameReader(max_message_bytes)
        self._transport: asyncio.Transport | None = None
        self._error: PeerError | None = None
        self._is_closing = False
        self._max_waiting_bytes = max_waiting_bytes
        self._share = share
        self._next_turn: asyncio.TimerHandle | None = None
        self._owes_pong = False

    @property
    def is_open(self) -> bool:
        """True until either side ended the link."""
        return self._transport is not None and not self._is_closing

    @property
    def waiting_bytes(self) -> int:
        """What was sent and the other side has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (asyncio calls this)."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Cut what arrived into messages (asyncio calls this)."""
        if self._share is None:
            self._hear(data, float("inf"))
        else:
            self._take_turn(data, self._share)

    def _take_turn(self, data: bytes, share: Share) -> None:
        """Take messages for a while, and read on only when the next turn is due."""
        self._next_turn = None
        began_s = time.thread_time()
        has_more = self._hear(data, began_s + _TURN_S)
        now_s = time.monotonic()
        share.spend(now_s, time.thread_time() - began_s)
        wait_s = share.wait_s(now_s)
        if self._transport is None or self._is_closing:
            return
        if has_more or wait_s:
            self._transport.pause_reading()
            self._next_turn = asyncio.get_running_loop().call_later(wait_s, self._take_turn, b"", share)
        else:
            self._transport.resume_reading()

    def _hear(self, data: bytes, until_s: float) -> bool:
        """Take what arrived; return True if the time was over before the last message was taken."""
        has_more = self._take_messages(data, until_s)
        if self._owes_pong:
            self._owes_pong = False
            if self.waiting_bytes < _MAX_WAITING_FOR_PONG_BYTES:
                self.send(Pong())
        return has_more

    def answer_ping(self) -> None:
        """Give a sign of life, one for all pings that came together."""
        self._owes_pong = True

    def _take_messages(self, data: bytes, until_s: float) -> bool:
        try:
            with contextlib.closing(self._reader.feed(data)) as payloads:
                for payload in payloads:
                    if self._is_closing:
                        return False
                    self._on_payload(payload)
                    if until_s < float("inf") and time.thread_time() >= until_s:
                        return True
        except PeerError as error:
            logger.warning("link dropped: %s", error)
            self.close(error)
        except Exception as error:
            logger.exception("a message made us fail: link dropped")
            self.close(PeerError(f"internal error: {type(error).__name__}", code="internal"))
        return False

    def eof_received(self) -> None:
        """Close when the other side does (asyncio calls this)."""
        try:
            self._reader.check_end()
        except PeerError as error:
            self._error = self._error or error

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner of the link (asyncio calls this)."""
        if exc is not None and not self._is_closing:
            self._hear_out()
        self._is_closing = True
        self._transport = None
        if self._next_turn is not None:
            self._next_turn.cancel()
        self._on_lost(self._error)

    def _hear_out(self) -> None:
        """Take what the other side said before it closed: asyncio drops that when a write fails first."""
        assert self._transport is not None
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                self._hear(os.read(sock.fileno(), _LAST_BYTES), float("inf"))

    def send(self, *messages: LinkMessage) -> None:
        """Send messages, which arrive together; nothing happens on a link that has ended."""
        if self._transport is None or self._is_closing:
            return
        if self._transport.get_write_buffer_size() > self._max_waiting_bytes:
            logger.info("a link's other side does not read: dropped")
            self.abort()
            return
        if len(messages) == 1:
            self._transport.write(framed(encode(messages[0])))
        else:
            self._transport.write(b"".join([framed(encode(each)) for each in messages]))

    def close(self, error: PeerError | None = None) -> None:
        """End the link after what is still to be sent; `on_lost` is told `error`."""
        if self._transport is not None and not self._is_closing:
            self._error = self._error or error
            self._is_closing = True
            self._transport.close()

    def abort(self) -> None:
        """End the link at once: nobody is there to read what is still to be sent."""
        if self._transport is not None:
            self._is_closing = True
            self._transport.abort()

    def peer_socket(self) -> socket.socket:
        """Return the socket below, for its peer's credentials."""
        assert self._transport is not None
        return cast(socket.socket, self._transport.get_extra_info("socket"))


async def connect_unix(path: Path, stream: LinkStream, *, timeout_s: float = 5.0) -> None:
    """Connect `stream` to the socket at `path`.

    Raises:
        SystemFault: Nobody listens there, or not in time.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            await loop.create_unix_connection(lambda: stream, str(path))
    except TimeoutError as error:
        raise SystemFault(f"no answer at {path}", code="unreachable") from error
    except OSError as error:
        raise SystemFault(f"nobody listens at {path}: {error.strerror or error}", code="unreachable") from error


_SOL_LOCAL = 0
_LOCAL_PEERCRED = 1
"""macOS and the BSDs: `struct xucred` with the version, then the effective uid (unix(4))."""


def peer_uid(sock: socket.socket) -> int:
    """Return the uid of the process at the other end of a Unix socket, as the kernel knows it."""
    if sys.platform == "linux":
        size = struct.calcsize("3i")
        _pid, uid, _gid = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    else:
        _version, uid = struct.unpack("2I", sock.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, 76)[:8])
    return int(uid)


_TCPI_RTT_OFFSET = 68
"""Linux: `tcpi_rtt` in `struct tcp_info`, in microseconds (linux/tcp.h): eight bytes, then the sixteenth u32."""


def kernel_round_trip_ms(sock: socket.socket) -> int | None:
    """Return a TCP connection's smoothed round trip as the kernel knows it; None where it does not say."""
    if sys.platform != "linux":
        return None
    try:
        found = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCPI_RTT_OFFSET + 4)
        (microseconds,) = struct.unpack_from("I", found, _TCPI_RTT_OFFSET)
    except (OSError, struct.error):
        return None
    return min(int(microseconds) // 1000, 600_000)
