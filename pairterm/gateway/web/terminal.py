"""The terminal in a page: bytes and messages to it, as frames of its websocket.

A painting has to leave in the turn in which it is painted, and aiohttp sends by a coroutine that may wait.
So frames are written here: a server's frames have a length and no mask (RFC 6455 §5.2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from pairterm.gateway.web.ack_window import AckWindow
from pairterm.gateway.web.messages import encoded
from pairterm.runtime.live_view import kernel_holds_bytes
from pairterm.types import Size

__all__ = ["WebTerminal", "frame"]

_TEXT, _BINARY = 0x81, 0x82
"""The first byte of a frame that is a whole message."""

_LITTLE_BYTES = 2048
"""So much may be on its way without a question to the kernel: see `ssh.outgoing`."""

_MAX_UNREAD_BYTES = 1 << 20
"""How much a page may leave unread before it is dropped. Paintings stop long before."""

_LINGER_S = 2.0
"""How long a page may take to read its last message."""

_DEAD_S = 60.0
"""How long a page may leave pings unanswered. A browser may slow the timers of a hidden page, but answers messages."""

_PING_S = 20.0
"""The time between pings. Proxies close a connection that is silent for a minute."""


def frame(first: int, payload: bytes) -> bytes:
    """Return a frame."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


class WebTerminal:
    """The terminal of one page."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport, size: Size) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = socket
        self._transport = transport
        self._size = size
        self._acks = AckWindow()
        self._is_over = False
        self._pings = 0
        self._pinged_s = 0.0
        self._heard_s = self._loop.time()
        self._round_trip_ms: int | None = None
        self._ping_timer: asyncio.TimerHandle | None = None
        self.closing: asyncio.Task[bool] | None = None
        """Closes the websocket, once somebody has ended it."""
        self.on_sent: Callable[[int], None] = lambda size_bytes: None
        """Is told how much was sent besides paintings."""

    @property
    def size(self) -> Size:
        """The terminal's size now."""
        return self._size

    @size.setter
    def size(self, size: Size) -> None:
        self._size = size

    @property
    def is_over(self) -> bool:
        """Whether it has been ended."""
        return self._is_over

    @property
    def is_quiet(self) -> bool:
        """Whether little of what was sent waits in this process."""
        return self._transport.get_write_buffer_size() <= _LITTLE_BYTES

    def write(self, data: bytes) -> None:
        """Show bytes."""
        if data and not self._is_over:
            self._acks.sent(len(data), self._loop.time())
            self._send(frame(_BINARY, data))

    def say(self, kind: str, **fields: object) -> None:
        """Send a message."""
        if not self._is_over:
            sent = frame(_TEXT, encoded(kind, **fields))
            self._send(sent)
            self.on_sent(len(sent))

    def _send(self, sent: bytes) -> None:
        if self._transport.get_write_buffer_size() > _MAX_UNREAD_BYTES:
            self.abort()
        elif not self._transport.is_closing():
            self._transport.write(sent)

    def write_error(self, line: str) -> None:
        """Show a line that is not part of the session."""
        self.say("wait", text=line.removeprefix("pairterm: "))

    def held_bytes(self) -> int | None:
        """Return how much of what was written is more than may be on its way."""
        if self._acks.unacknowledged_bytes <= _LITTLE_BYTES:
            return 0
        waiting = self._transport.get_write_buffer_size()
        sock = self._transport.get_extra_info("socket")
        return self._acks.held_bytes + waiting + (kernel_holds_bytes(sock.fileno()) if sock is not None else 0)

    def acknowledged(self, total_bytes: int) -> bool:
        """Take note of what is shown. Return False if that can't be."""
        return self._acks.acknowledged(total_bytes, self._loop.time())

    # The round trip.

    def ping(self) -> None:
        """Measure the round trip now and every 20 s; end a page that does not answer."""
        self._ping_timer = None
        now_s = self._loop.time()
        if self._is_over:
            return
        if now_s > self._heard_s + _DEAD_S:
            self.abort()
            return
        self._pings += 1
        self._pinged_s = now_s
        self.say("ping", n=self._pings)
        self._ping_timer = self._loop.call_later(_PING_S, self.ping)

    def ponged(self, number: int) -> None:
        """Take the answer to a ping."""
        self._heard_s = self._loop.time()
        if number == self._pings:
            self._round_trip_ms = round(1000 * (self._heard_s - self._pinged_s))

    def round_trip_ms(self) -> int | None:
        """Return how long messages take to the page and back; None: not known."""
        return self._round_trip_ms

    # The end.

    def finish(self, line: str, status: int, *, may_return: bool) -> None:
        """Send the last message, and close. `may_return`: the page comes back by itself."""
        text = line.removeprefix("pairterm: ")
        self.say("end", text=text, status=status, may_return=may_return)
        self.close_with(1012 if may_return else 1000)

    def close(self, status: int) -> None:
        """Close after what is written."""
        self.close_with(1000)

    def close_with(self, code: int) -> None:
        """Close with a websocket's code (RFC 6455 §7.4.1)."""
        if not self._is_over:
            self.stop()
            self.closing = self._loop.create_task(self._socket.close(code=code))
            self._loop.call_later(_LINGER_S, self._transport.abort)

    def abort(self) -> None:
        """Close at once."""
        self.stop()
        self._transport.abort()

    def stop(self) -> None:
        """Send nothing more."""
        self._is_over = True
        if self._ping_timer is not None:
            self._ping_timer.cancel()
