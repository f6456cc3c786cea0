"""A line with a delay each way and a loss, for benches: TCP connections and datagrams over loopback."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

__all__ = ["Line"]

_RETRANSMITTED_S = 0.2
"""The least time until Linux sends a lost segment again (TCP_RTO_MIN)."""


class Line:
    """A line with a delay each way: a stream, or datagrams."""

    def __init__(self, one_way_s: float, loss: float) -> None:
        self._one_way_s, self._loss = one_way_s, loss
        self._random = random.Random(1)
        self._port = 0

    @asynccontextmanager
    async def stream(self, target: int) -> AsyncIterator[int]:
        """Carry TCP connections to a port; yield the port where they come in."""

        transports: list[asyncio.WriteTransport] = []
        carried: set[asyncio.Task[None] | None] = set()

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            carried.add(asyncio.current_task())
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
            transports.extend((writer.transport, far_writer.transport))
            with suppress(OSError):
                await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
            writer.transport.abort()
            far_writer.transport.abort()

        server = await asyncio.start_server(carry, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for each in transports:
                each.abort()
            await asyncio.gather(*filter(None, carried), return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop, last_s = asyncio.get_running_loop(), 0.0
        while data := await reader.read(1400):
            late_s = _RETRANSMITTED_S if self._random.random() < self._loss else 0.0
            # Later pieces wait for a lost one. Timers of one time have no order.
            last_s = max(last_s + 1e-6, loop.time() + self._one_way_s + late_s)
            loop.call_at(last_s, writer.write, data)

    @asynccontextmanager
    async def datagrams(self, target: int) -> AsyncIterator[int]:
        """Carry UDP datagrams to a port and back; yield the port where they come in."""
        loop = asyncio.get_running_loop()
        relay = _Relay(lambda send: loop.call_later(self._one_way_s, send), lambda: self._random.random() < self._loss)
        near, _ = await loop.create_datagram_endpoint(lambda: _Side(relay.to_far), local_addr=("127.0.0.1", 0))
        far, _ = await loop.create_datagram_endpoint(lambda: _Side(relay.to_near), remote_addr=("127.0.0.1", target))
        relay.near, relay.far = near, far
        try:
            yield near.get_extra_info("sockname")[1]
        finally:
            near.close()
            far.close()


class _Side(asyncio.DatagramProtocol):
    def __init__(self, on_data: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._on_data = on_data

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._on_data(data, addr)


class _Relay:
    near: asyncio.DatagramTransport
    far: asyncio.DatagramTransport
    client: tuple[str, int] | None = None

    def __init__(self, later: Callable[[Callable[[], None]], object], is_lost: Callable[[], bool]) -> None:
        self._later, self._is_lost = later, is_lost

    def to_far(self, data: bytes, address: tuple[str, int]) -> None:
        self.client = address
        if not self._is_lost():
            self._later(lambda: self.far.sendto(data))

    def to_near(self, data: bytes, address: tuple[str, int]) -> None:
        if not self._is_lost():
            self._later(lambda: self.near.sendto(data, self.client))
