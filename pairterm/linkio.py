"""A link on a real socket: asyncio around `link.framing`, and who stands at the other end.

One `LinkStream` serves a host, a gateway and an attached terminal alike. A
payload goes to its callback as it arrives, without a task in between: a
keystroke crosses two of these. A peer that breaks a rule loses its link here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

from pairterm.errors import PeerError, SystemFault
from pairterm.link.codec import LinkMessage, encode
from pairterm.link.framing import MAX_MESSAGE_BYTES, FrameReader, framed

__all__ = ["LinkStream", "connect_unix", "kernel_round_trip_ms", "peer_uid"]

logger = logging.getLogger(__name__)

_MAX_BUFFERED_BYTES = 32 << 20
"""What may wait for a peer that does not read: four of the largest messages. Pacing keeps it near zero."""

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
    ) -> None:
        """`max_message_bytes`: the longest that the other side may have to say."""
        self._on_payload = on_payload
        self._on_lost = on_lost
        self._reader = FrameReader(max_message_bytes)
        self._transport: asyncio.Transport | None = None
        self._error: PeerError | None = None
        self._is_closing = False

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
        try:
            for payload in self._reader.feed(data):
                if self._is_closing:
                    return
                self._on_payload(payload)
        except PeerError as error:
            logger.warning("link dropped: %s", error)
            self.close(error)
        except Exception as error:
            logger.exception("a message made us fail: link dropped")
            self.close(PeerError(f"internal error: {type(error).__name__}", code="internal"))

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
        self._on_lost(self._error)

    def _hear_out(self) -> None:
        """Take what the other side said before it closed: asyncio drops that when a write fails first."""
        assert self._transport is not None
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                self.data_received(os.read(sock.fileno(), _LAST_BYTES))

    def send(self, *messages: LinkMessage) -> None:
        """Send messages, which arrive together; nothing happens on a link that has ended."""
        if self._transport is None or self._is_closing:
            return
        if len(messages) == 1:
            self._transport.write(framed(encode(messages[0])))
        else:
            self._transport.write(b"".join([framed(encode(each)) for each in messages]))
        if self._transport.get_write_buffer_size() > _MAX_BUFFERED_BYTES:
            self._transport.abort()
            self._is_closing = True

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
