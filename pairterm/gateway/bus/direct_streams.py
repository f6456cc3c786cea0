"""Streams between gateways without the servers of the bus: one TCP connection each, by the same TLS (`sealed_streams`).

A gateway that takes them says its address in its lease. If another one can't connect there within a second, its streams
go over the bus for a while. Nothing here asks the bus or a lease whether the other gateway is alive. A stream ends when
either end closes it, or when the kernel or the link's heartbeat finds that the other end is gone. So a session between
two gateways goes on while the bus is away.

Everybody who reaches the port can connect. A connection that has proved nothing is one of few, and has little time.
When there are too many of them, the oldest one ends: an honest gateway needs a few milliseconds.

A stream of a gateway to itself is a pair of sockets, also if it takes no direct streams.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import partial
from weakref import WeakSet

from pairterm.config import parse_address
from pairterm.errors import PeerError, UsageError
from pairterm.gateway.bus.direct_address import DirectAddress
from pairterm.gateway.bus.sealed_streams import StreamTls
from pairterm.gateway.dead_peers import watch_for_death
from pairterm.gateway.listeners import GONE_ALREADY, bind
from pairterm.runtime.lost_segments import resend_soon
from pairterm.runtime.supervisor import Supervisor

__all__ = ["DirectStreams"]

logger = logging.getLogger(__name__)

_CONNECT_S = 1.0
"""How long a gateway may take to answer and to prove itself. A guest waits for this, and then for the bus."""

_AVOID_S = 30.0
"""How long streams go over the bus after a failure."""

_PROVE_S = 2.0
"""How long a connection may take to prove itself."""

_MAX_UNPROVED = 128
"""Connections that have proved nothing yet."""

_MAX_STREAMS = 1000
"""Each stream is a descriptor. Further ones go over the bus."""

_UNACKNOWLEDGED_MS = 5000
"""How long the other machine may be silent while bytes are on their way to it. Then the bus may have another way."""

_SHORTAGE_PAUSE_S = 0.5
"""The pause after `accept` failed: no busy loop."""


class DirectStreams:
    """The direct streams of one gateway."""

    def __init__(
        self,
        own: str,
        address: DirectAddress | None,
        tls: StreamTls,
        tasks: Supervisor,
        is_near: Callable[[str], bool],
    ) -> None:
        """Make it without streams.

        Args:
            own: This gateway.
            address: Where it takes direct streams; None: it takes none.
            tls: Encrypts the streams, and proves who is at the other end.
            tasks: Takes new connections.
            is_near: Tells whether a gateway is a worker of this machine. It has another way to us.
        """
        self._own = own
        self._address = address
        self._tls = tls
        self._tasks = tasks
        self._is_near = is_near
        self._loop = asyncio.get_running_loop()
        self._listeners: dict[socket.socket, asyncio.Task[None]] = {}
        self._unproved: dict[asyncio.Task[None], None] = {}
        self._transports: WeakSet[asyncio.Transport] = WeakSet()
        """All ends of streams here, and some that have ended."""
        self._avoid_until_s: dict[str, float] = {}
        """Gateways that could not be reached."""
        self._new_protocol: Callable[[str], asyncio.Protocol] | None = None

    def __len__(self) -> int:
        return sum(not each.is_closing() for each in self._transports)

    def accept(self, new_protocol: Callable[[str], asyncio.Protocol]) -> None:
        """Take streams of other gateways from now on."""
        self._new_protocol = new_protocol

    def start(self) -> str:
        """Listen, and return the address for the others; "" if this gateway takes no direct streams.

        Raises:
            SystemFault: The address can't be had.
        """
        if self._address is None:
            return ""
        for listener in bind(self._address.host, self._address.port, is_for_guests=False):
            self._listeners[listener] = self._tasks.keep("taking direct streams", partial(self._accept, listener))
        port = next(iter(self._listeners)).getsockname()[1]
        logger.info("other gateways connect at port %d", port)
        return self._address.advertised(port)

    async def connect(self, gateway: str, address: str, protocol: asyncio.Protocol) -> bool:
        """Open a stream to `gateway`, and give it to `protocol`. Return False if there is no direct way now.

        `address`: where it takes direct streams; "" if it takes none.
        """
        if gateway == self._own:
            await self._connect_to_itself(protocol)
            return True
        is_avoided = self._avoid_until_s.get(gateway, 0.0) > self._loop.time()
        if not address or is_avoided or len(self) >= _MAX_STREAMS:
            return False
        try:
            async with asyncio.timeout(_CONNECT_S):
                await self._dial(gateway, address, protocol)
        except (OSError, ValueError, PeerError, UsageError) as error:  # ValueError: a name that the DNS can't have.
            logger.warning(
                "no direct stream to gateway %s at %s: %s; its streams go over NATS",
                gateway,
                address,
                error or "no answer",
            )
            now_s = self._loop.time()
            self._avoid_until_s = {each: until_s for each, until_s in self._avoid_until_s.items() if until_s > now_s}
            self._avoid_until_s[gateway] = now_s + _AVOID_S
            return False
        return True

    def close(self) -> None:
        """Take no more streams, and end all."""
        self._new_protocol = None
        for listener, task in self._listeners.items():
            task.cancel()
            self._loop.remove_reader(listener.fileno())  # At once: another socket may get its number.
            listener.close()
        self._listeners.clear()
        for unproved in list(self._unproved):
            unproved.cancel()
        for each in list(self._transports):
            each.abort()

    async def _dial(self, gateway: str, address: str, protocol: asyncio.Protocol) -> None:
        """Connect to a gateway, and give the stream to `protocol` when it is proved."""
        host, port = parse_address(address)
        transport, _ = await self._loop.create_connection(_Unread, host, port)
        try:
            self._prepare(transport)
            await self._tls.connected(transport, gateway, lambda: protocol)
        except BaseException:
            transport.abort()
            raise

    async def _connect_to_itself(self, protocol: asyncio.Protocol) -> None:
        new_protocol = self._new_protocol
        if new_protocol is None:
            return
        here, there = socket.socketpair()
        try:
            made, _ = await self._loop.create_connection(lambda: new_protocol(self._own), sock=there)
        except BaseException:  # Nobody waits for the stream any more. asyncio closes the other end.
            here.close()
            raise
        self._transports.add(made)
        self._transports.add((await self._loop.create_connection(lambda: protocol, sock=here))[0])

    async def _accept(self, listener: socket.socket) -> None:
        """Take connections for ever."""
        while True:
            try:
                sock, address = await self._loop.sock_accept(listener)
            except OSError as error:
                if error.errno not in GONE_ALREADY:
                    logger.warning("taking a direct stream: %s", error)
                    await asyncio.sleep(_SHORTAGE_PAUSE_S)
                continue
            if len(self) >= _MAX_STREAMS:
                sock.close()
                continue
            if len(self._unproved) >= _MAX_UNPROVED:
                oldest = next(iter(self._unproved))
                del self._unproved[oldest]
                oldest.cancel()
            task = self._tasks.once("taking a direct stream", self._take(sock, str(address[0])))
            self._unproved[task] = None
            task.add_done_callback(lambda ended: self._unproved.pop(ended, None))
            await asyncio.sleep(0)  # It owns the socket from now on. `sock_accept` alone does not always wait.

    async def _take(self, sock: socket.socket, source: str) -> None:
        """Let one connection prove itself, and give it to a new protocol."""
        transport: asyncio.Transport | None = None
        try:
            async with asyncio.timeout(_PROVE_S):
                transport, _ = await self._loop.connect_accepted_socket(_Unread, sock)
                self._prepare(transport)
                await self._tls.accepted(transport, None, self._new_end)
        except (OSError, PeerError) as error:
            logger.info("a connection from %s gets no direct stream: %s", source, error or "it proved nothing in time")
            if transport is not None:
                transport.abort()
        except BaseException:
            if transport is not None:
                transport.abort()
            raise

    def _new_end(self, gateway: str) -> asyncio.Protocol:
        """Return the protocol for a stream of a gateway that has proved its name.

        Raises:
            PeerError: It has to come another way.
        """
        if self._new_protocol is None or gateway == self._own or self._is_near(gateway):
            raise PeerError("a direct stream in the name of a worker of this machine", code="cluster_stream")
        return self._new_protocol(gateway)

    def _prepare(self, transport: asyncio.Transport) -> None:
        """Remember a connection, and have the kernel watch it. asyncio has set TCP_NODELAY."""
        self._transports.add(transport)
        sock = transport.get_extra_info("socket")
        watch_for_death(sock, unacknowledged_ms=_UNACKNOWLEDGED_MS)
        resend_soon(sock)


class _Unread(asyncio.Protocol):
    """Leaves everything in the kernel until TLS reads it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
