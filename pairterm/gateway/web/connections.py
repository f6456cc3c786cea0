"""The connections of browsers: TLS, and bounds for those that have not become a guest.

A connection counts as *unsettled* until `settled` says that a guest came in on it. An unsettled
one has ten seconds for its first request, and a minute in all: enough for a page and its files on a
slow network. If a source has too many, its oldest ends; if there are too many in all, the
oldest of the most crowded source ends. So slow and silent clients delay only their own source.
Behind a trusted proxy all clients have the proxy's address until a request names theirs, so only
the bound in all holds there.

asyncio's transports give a protocol up to 256 KiB at a time. Here it gets little, so that no
client's crowd of small messages takes a long turn of the loop. aiohttp's protocol is wrapped
for this: nothing of aiohttp is overridden.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol, cast

from pairterm.access.named_networks import NamedNetworks
from pairterm.access.penalties import source_of
from pairterm.access.quotas import MAX_UNSETTLED
from pairterm.gateway.dead_peers import watch_for_death
from pairterm.gateway.guest_clock import Clock, Timer
from pairterm.runtime.lost_segments import resend_soon

__all__ = ["Contexts", "WebConnections"]

logger = logging.getLogger(__name__)

_HANDSHAKE_S = 10.0
_FIRST_REQUEST_S = 10.0
"""Also for the rest of a request that has begun: its answer sets the next limit."""

_UNSETTLED_S = 60.0

_SHUTDOWN_S = 2.0
"""How long TLS may take to say goodbye. A client that is gone says nothing."""

_MAX_UNSETTLED_OF_SOURCE = 128
"""A browser has six at a time; a class behind one address opens the page at once."""

_TURN_BYTES = 4096
"""What is read of a connection in one turn of the loop, as of an ssh guest's."""

_turn_buffer = memoryview(bytearray(_TURN_BYTES))
"""All connections read into it, one after the other: its content is taken out before the next one reads."""


class Contexts(Protocol):
    """Gives the TLS context for a new connection: a `Certificate`."""

    def context(self) -> ssl.SSLContext:
        """Return it."""


class WebConnections:
    """All connections of browsers to one gateway."""

    def __init__(
        self,
        new_protocol: Callable[[], asyncio.BaseProtocol],
        *,
        certificate: Contexts | None = None,
        proxies: NamedNetworks | None = None,
        max_unsettled: int = MAX_UNSETTLED,
        max_unsettled_of_source: int = _MAX_UNSETTLED_OF_SOURCE,
        clock: Clock | None = None,
    ) -> None:
        """`new_protocol` makes a connection's protocol: aiohttp's server. Without a certificate there is no TLS.

        `clock` runs the limits of time; None: the event loop does.
        """
        self._clock = clock
        self._new_protocol = new_protocol
        self._certificate = certificate
        self._proxies = proxies or NamedNetworks()
        self._max_unsettled = max_unsettled
        self._max_unsettled_of_source = max_unsettled_of_source
        self._open: dict[asyncio.BaseProtocol, _Connection] = {}
        self._unsettled: OrderedDict[str, OrderedDict[_Connection, None]] = OrderedDict()
        self._unsettled_count = 0

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._open)

    async def serve(self, sock: socket.socket, address: str, port: int) -> None:
        """Serve a connection that was accepted to its end. `address` and `port` are the client's.

        Raises:
            OSError: The connection was lost before it began, or TLS failed (`ssl.SSLError`).
            TimeoutError: TLS took too long.
        """
        loop = asyncio.get_running_loop()
        connection = _Connection(self._new_protocol(), sock, address, port, clock=self._clock or loop)
        self._add(connection)
        try:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                watch_for_death(sock)
                resend_soon(sock)
            context = self._certificate.context() if self._certificate is not None else None
            connection.end_after(_FIRST_REQUEST_S + (0.0 if context is None else _HANDSHAKE_S))
            limits = {} if context is None else {
                "ssl_handshake_timeout": _HANDSHAKE_S, "ssl_shutdown_timeout": _SHUTDOWN_S
            }  # fmt: skip
            await loop.connect_accepted_socket(lambda: connection, sock, ssl=context, **limits)
            await connection.closed
        finally:
            connection.abort()
            self._remove(connection)

    def answered(self, protocol: asyncio.BaseProtocol | None) -> None:
        """Give a connection the rest of its time: a request of it has been answered."""
        connection = self._open.get(protocol) if protocol is not None else None
        if connection is not None and not connection.has_answer and not connection.is_settled:
            connection.has_answer = True
            connection.end_after(_UNSETTLED_S)

    def settled(self, protocol: asyncio.BaseProtocol | None) -> None:
        """Take the limits off a connection: a guest is in."""
        connection = self._open.get(protocol) if protocol is not None else None
        if connection is not None and not connection.is_settled:
            connection.is_settled = True
            connection.end_after(None)
            self._stop_counting(connection)

    def address_of(self, protocol: asyncio.BaseProtocol | None) -> tuple[str, int] | None:
        """Return where a connection comes from, as its PROXY header said; None if it is none of ours."""
        connection = self._open.get(protocol) if protocol is not None else None
        return (connection.address, connection.port) if connection is not None else None

    def close(self) -> None:
        """End all connections at once."""
        for each in list(self._open.values()):
            each.abort()

    def _add(self, connection: _Connection) -> None:
        self._open[connection.inner] = connection
        self._unsettled.setdefault(connection.source, OrderedDict())[connection] = None
        self._unsettled_count += 1
        of_source = self._unsettled[connection.source]
        if len(of_source) > self._max_unsettled_of_source and not self._proxies.has(connection.address):
            self._drop_oldest(of_source)
        if self._unsettled_count > self._max_unsettled:
            self._drop_oldest(max(self._unsettled.values(), key=len))

    def _drop_oldest(self, crowd: OrderedDict[_Connection, None]) -> None:
        oldest = next(iter(crowd))
        logger.debug("too many connections of browsers: one of %s ends", oldest.source)
        self._stop_counting(oldest)
        oldest.abort()

    def _stop_counting(self, connection: _Connection) -> None:
        of_source = self._unsettled.get(connection.source)
        if of_source is not None and connection in of_source:
            del of_source[connection]
            self._unsettled_count -= 1
            if not of_source:
                del self._unsettled[connection.source]

    def _remove(self, connection: _Connection) -> None:
        connection.end_after(None)
        self._stop_counting(connection)
        self._open.pop(connection.inner, None)


class _Connection(asyncio.BufferedProtocol):
    """One connection. It passes to aiohttp's protocol what arrives, a little at a time."""

    def __init__(
        self, inner: asyncio.BaseProtocol, sock: socket.socket, address: str, port: int, *, clock: Clock
    ) -> None:
        self.inner = cast("asyncio.Protocol", inner)
        self.address, self.port = address, port
        self.source = source_of(address)
        self.has_answer = False
        self.is_settled = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._clock = clock
        self._sock = sock
        self._transport: asyncio.Transport | None = None
        self._is_aborted = False
        self._timer: Timer | None = None

    def end_after(self, delay_s: float | None) -> None:
        """End the connection after so long; None sets no limit."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if delay_s is None else self._clock.call_later(delay_s, self.abort)

    def abort(self) -> None:
        """End the connection now."""
        self._is_aborted = True
        if self._transport is not None:
            self._transport.abort()
        else:  # TLS has not begun, or is about to fail for it.
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless the connection had to make room meanwhile."""
        self._transport = cast("asyncio.Transport", transport)
        self.inner.connection_made(transport)
        if self._is_aborted:
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to read to, and so how much at most."""
        return _turn_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Pass on what was read."""
        self.inner.data_received(bytes(_turn_buffer[:nbytes]))

    def eof_received(self) -> bool | None:
        """Pass on the end of what the client sends."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """Pass on that the client takes nothing for now."""
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the client takes more."""
        self.inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on the end."""
        try:
            self.inner.connection_lost(exc)
        finally:
            if not self.closed.done():
                self.closed.set_result(None)
