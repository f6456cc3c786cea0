"""The connections of browsers: limits of time, on a clock that the test moves, and bounds for each source (T20)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pairterm.gateway.web.connections import WebConnections
from tests.e2e.terminal import DEADLINE_S
from tests.unit.gateway.guests import FakeClock


class Answering(asyncio.Protocol):
    """What the door makes for each connection: it repeats what comes."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Door:
    """Connections on a clock of their own."""

    def __init__(self, *, most: int = 512, most_of_source: int = 128) -> None:
        self.clock = FakeClock()
        self.protocols: list[Answering] = []
        self.connections = WebConnections(
            self._protocol, max_unsettled=most, max_unsettled_of_source=most_of_source, clock=self.clock
        )

    def _protocol(self) -> Answering:
        self.protocols.append(Answering())
        return self.protocols[-1]

    @asynccontextmanager
    async def client(self, address: str = "203.0.113.7") -> AsyncIterator[Client]:
        """Come from an address, and wait until the connection works."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        serving = asyncio.create_task(self.connections.serve(theirs, address, 1))
        client = Client(*await asyncio.open_connection(sock=ours))
        try:
            yield client
        finally:
            client.writer.close()
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await serving


class Client:
    """The other end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def is_served(self) -> bool:
        """Return whether an answer comes; False: the connection has ended."""
        try:
            self.writer.write(b"?")
            async with asyncio.timeout(DEADLINE_S):
                return await self.reader.read(1) == b"?"
        except OSError:
            return False


async def test_a_connection_without_a_request_ends_after_ten_seconds() -> None:
    door = Door()
    async with door.client() as client:
        assert await client.is_served()
        door.clock.pass_s(9.9)
        assert await client.is_served(), "bytes of a request that never ends are no request"
        door.clock.pass_s(0.2)
        assert not await client.is_served()


async def test_a_connection_that_becomes_no_guest_ends_after_a_minute() -> None:
    """A page that is loaded slowly, and one whose files are asked for and never read."""
    door = Door()
    async with door.client() as client:
        assert await client.is_served()
        door.clock.pass_s(9.0)
        door.connections.answered(door.protocols[0])
        door.clock.pass_s(59.0)
        assert await client.is_served()
        door.connections.answered(door.protocols[0])  # A second answer gives no further minute.
        door.clock.pass_s(2.0)
        assert not await client.is_served()


async def test_a_guests_connection_has_no_limit() -> None:
    door = Door(most=1, most_of_source=1)
    async with door.client() as guest:
        assert await guest.is_served()
        door.connections.settled(door.protocols[0])
        async with door.client() as other:
            assert await other.is_served()
            door.clock.pass_s(9.0)
            assert await other.is_served()
        door.clock.pass_s(1e6)
        assert await guest.is_served()


async def test_too_many_of_a_source_end_its_own_oldest_and_nobody_elses() -> None:
    door = Door(most_of_source=2)
    async with door.client("198.51.100.1") as other, door.client() as first, door.client() as second:
        for each in (other, first, second):
            assert await each.is_served()
        async with door.client() as third:
            assert [await each.is_served() for each in (other, first, second, third)] == [True, False, True, True]


async def test_too_many_in_all_end_the_oldest_of_the_most_crowded_source() -> None:
    door = Door(most=3)
    async with door.client("198.51.100.1") as other, door.client() as first, door.client() as second:
        for each in (other, first, second):
            assert await each.is_served()
        async with door.client("198.51.100.2") as late:
            assert [await each.is_served() for each in (other, first, second, late)] == [True, False, True, True]


async def test_a_half_open_connection_is_watched_for_its_death_by_the_kernel() -> None:
    """A client whose machine has gone sends no more, not even an end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = Door()
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        accepted, _ = listener.accept()
        accepted.setblocking(False)
        serving = asyncio.create_task(door.connections.serve(accepted, "127.0.0.1", 1))
        assert await Client(reader, writer).is_served()
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert 0 < accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 60_000
        assert accepted.getsockopt(socket.IPPROTO_TCP, 16) == 1, (
            "lost data is sent again soon (TCP_THIN_LINEAR_TIMEOUTS)"
        )
        writer.close()
        async with asyncio.timeout(DEADLINE_S):
            await serving
        assert door.connections.count == 0


async def test_a_flood_reaches_aiohttp_a_little_at_a_time() -> None:
    """One client's crowd of small messages must not take a long turn of the loop."""
    door, size_bytes = Door(), 1 << 18
    pieces: list[int] = []
    all_came = asyncio.Event()

    def take(data: bytes) -> None:
        pieces.append(len(data))
        if sum(pieces) == size_bytes:
            all_came.set()

    async with door.client() as client:
        assert await client.is_served()
        door.protocols[0].data_received = take  # type: ignore[method-assign]
        client.writer.write(b"x" * size_bytes)
        async with asyncio.timeout(DEADLINE_S):
            await all_came.wait()
    assert max(pieces) <= 4096
