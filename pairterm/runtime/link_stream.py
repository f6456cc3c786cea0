"""A link on a socket: asyncio around `link.framing`.

Hosts, gateways and attached terminals all use `LinkStream`. A message goes to its callback as soon
as it arrives, without a task in between, because each key crosses two of these links. If a peer
breaks a rule, its link is closed here. A link with a `Share` may use only its share of the loop's
time. When it is used up, the link is not read for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from pairterm.access.rate_limits import Share
from pairterm.errors import PeerError, SystemFault
from pairterm.link.codec import LinkMessage, encode
from pairterm.link.framing import MAX_MESSAGE_BYTES, FrameReader, framed
from pairterm.link.messages import Pong
from pairterm.runtime.direct_loop import DirectLoop
from pairterm.runtime.heartbeat import Heartbeat

__all__ = ["LinkStream", "connect_unix"]

logger = logging.getLogger(__name__)

_MAX_WAITING_BYTES = 32 << 20
"""If more than this waits for the other side when a message is sent, the link is dropped: four of the largest
messages. Pacing keeps it near zero. For a side that is not trusted, the limit is lower."""

_MAX_WAITING_FOR_PONG_BYTES = 64 << 10
"""A peer that leaves this much unread gets no answers to its pings, because they would pile up."""

_TURN_S = 0.002
"""After this time, further messages that have arrived wait for the next turn of the loop."""

_LAST_BYTES = 1 << 20
"""More than a Unix socket holds (208 KiB on Linux), so one read takes all that the other side sent last."""


class LinkStream(asyncio.Protocol):
    """Turns one link's byte stream into messages.

    `on_payload` gets the payload of each message. If it raises `PeerError`, the link ends.
    `on_lost` is called once, with the error that ended the link, or None.
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
            on_payload: Gets the payload of each message.
            on_lost: Is called at the end of the link.
            max_message_bytes: The longest message that the other side may send.
            max_waiting_bytes: If more than this waits for the other side when a message is sent, the link is dropped.
            share: The share of the loop's time that the other side may use; None: no limit.
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
        self._is_paused = False
        self._owes_pong = False
        self.heartbeat: Heartbeat | None = None
        """Finds out that the other side is gone: all that arrives is a sign of life. None: the kernel says so."""

    @property
    def is_open(self) -> bool:
        """True until either side has ended the link."""
        return self._transport is not None and not self._is_closing

    @property
    def waiting_bytes(self) -> int:
        """How many bytes were sent, but are still in our buffers."""
        transport = self._transport
        return transport.get_write_buffer_size() if transport is not None else 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (asyncio calls this)."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take the messages in the data that arrived (asyncio calls this)."""
        if self.heartbeat is not None:
            self.heartbeat.heard()
        if self._share is None:
            self._hear(data, float("inf"))
        else:
            self._take_turn(data, self._share)

    def _take_turn(self, data: bytes, share: Share) -> None:
        """Take messages for a while. If the share is used up, stop reading until the next turn."""
        self._next_turn = None
        began_s = time.thread_time()
        has_more = self._hear(data, began_s + _TURN_S)
        now_s = time.monotonic()
        wait_s = share.spend(now_s, time.thread_time() - began_s)
        if self._transport is None or self._is_closing:
            return
        if has_more or wait_s:
            self._is_paused = True
            self._transport.pause_reading()
            self._next_turn = asyncio.get_running_loop().call_later(wait_s, self._take_turn, b"", share)
        elif self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()

    def _hear(self, data: bytes, until_s: float) -> bool:
        """Take the messages in `data`. Return True if the time was over before the last one."""
        has_more = False
        try:
            short = self._reader.take_whole(data)
            if short is None:
                has_more = self._take_messages(data, until_s)
            else:
                for payload in short:
                    if not self._is_closing:
                        self._on_payload(payload)
        except PeerError as error:
            logger.warning("link dropped: %s", error)
            self.close(error)
        except Exception as error:
            logger.exception("an internal error while taking a message: link dropped")
            self.close(PeerError(f"internal error: {type(error).__name__}", code="internal"))
        if self._owes_pong:
            self._owes_pong = False
            if self.waiting_bytes < _MAX_WAITING_FOR_PONG_BYTES:
                self.send(Pong())
        return has_more

    def answer_ping(self) -> None:
        """Answer a ping. All pings that arrive together get one answer."""
        self._owes_pong = True

    def _take_messages(self, data: bytes, until_s: float) -> bool:
        """Take the messages of any data. Return as `_hear`.

        Raises:
            PeerError: The other side broke a rule.
        """
        with contextlib.closing(self._reader.feed(data)) as payloads:
            for payload in payloads:
                if self._is_closing:
                    return False
                self._on_payload(payload)
                if until_s < float("inf") and time.thread_time() >= until_s:
                    return True
        return False

    def eof_received(self) -> None:
        """Check that no message is cut off. asyncio closes the link then (asyncio calls this)."""
        try:
            self._reader.check_end()
        except PeerError as error:
            self._error = self._error or error

    def connection_lost(self, exc: Exception | None) -> None:
        """Call `on_lost` (asyncio calls this)."""
        if exc is not None and not self._is_closing:
            self._hear_out()
        self._is_closing = True
        self._transport = None
        if self._next_turn is not None:
            self._next_turn.cancel()
        if self.heartbeat is not None:
            self.heartbeat.stop()
        self._on_lost(self._error)

    def _hear_out(self) -> None:
        """Take the messages that the other side sent before it closed. asyncio drops them if a write fails first."""
        assert self._transport is not None
        sock = self._transport.get_extra_info("socket")
        if sock is not None and self._transport.get_extra_info("ssl_object") is None:  # TLS has read what it could.
            with contextlib.suppress(OSError):
                self._hear(os.read(sock.fileno(), _LAST_BYTES), float("inf"))

    def send(self, *messages: LinkMessage) -> None:
        """Send messages together. Nothing happens if the link has ended."""
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
        """End the link when all data is sent. `on_lost` gets `error`."""
        if self._transport is not None and not self._is_closing:
            self._error = self._error or error
            self._is_closing = True
            self._transport.close()

    def abort(self) -> None:
        """End the link at once, without sending the rest: the other side does not read it."""
        if self._transport is not None:
            self._is_closing = True
            self._transport.abort()

    def charge(self, now_s: float, took_s: float) -> None:
        """Count so much time against the other side's share."""
        if self._share is not None:
            self._share.spend(now_s, took_s)

    def direct_fd(self, loop: DirectLoop) -> int | None:
        """Return the descriptor of the socket below, if whoever reads it may give `data_received` what they read.

        None: the link is inside of another connection, something waits here, or each byte is a sign of life.
        """
        transport = self._transport
        if transport is None or self._is_closing or self.heartbeat is not None or self._reader.is_waiting:
            return None
        sock = transport.get_extra_info("socket")
        fd = sock.fileno() if sock is not None else -1
        return fd if loop.is_read_by(fd, transport) else None

    def peer_socket(self) -> socket.socket:
        """Return the socket below, for its peer's credentials."""
        assert self._transport is not None
        return cast(socket.socket, self._transport.get_extra_info("socket"))


async def connect_unix(path: Path, stream: LinkStream, *, timeout_s: float = 5.0) -> None:
    """Connect `stream` to the socket at `path`.

    Raises:
        SystemFault: Nobody listens there, or the connection takes too long.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            await loop.create_unix_connection(lambda: stream, str(path))
    except TimeoutError as error:
        raise SystemFault(f"no answer at {path}", code="unreachable") from error
    except OSError as error:
        raise SystemFault(f"nobody listens at {path}: {error.strerror or error}", code="unreachable") from error
