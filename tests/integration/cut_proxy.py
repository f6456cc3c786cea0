"""A TCP proxy on loopback that can stall or cut what runs through it: a network that fails."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["CutProxy", "open_proxy"]


class CutProxy:
    """Carries connections to one port, until it is told to stall or to cut them."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._flows = asyncio.Event()
        self._flows.set()
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._carriers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)

    def stall(self) -> None:
        """Carry nothing more, and say nothing: as if a cable was pulled."""
        self._flows.clear()

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        self._is_cut = True
        for each in self._writers:
            each.transport.abort()

    def mend(self) -> None:
        """Carry again."""
        self._is_cut = False
        self._flows.set()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        self._flows.set()
        await asyncio.gather(*self._carriers)
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carriers.add(task)
        self._writers.add(writer)
        try:
            if not self._is_cut:
                await self._carry_on(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.transport.abort()
            self._carriers.discard(task)

    async def _carry_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, thither = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            return  # Nobody listens there now.
        self._writers.add(thither)
        try:
            if not self._is_cut:
                await asyncio.gather(self._copy(reader, thither), self._copy(there, writer))
        finally:
            self._writers.discard(thither)
            thither.transport.abort()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def open_proxy(target: int) -> AsyncIterator[CutProxy]:
    proxy = CutProxy(target)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()
