"""A wire between a host and its gateway that a test can cut, freeze, slow down and mend: a TCP proxy in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

__all__ = ["Wire", "open_wire"]

_T = TypeVar("_T")

_PIECE_BYTES = 4096


class Wire:
    """Leads from `port` to the gateway's port, as long as it is whole."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.delay_s = 0.0
        """One way, for every piece."""
        self.bytes_per_s = 0
        """0: as fast as it goes."""
        self.carried_bytes = 0
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread.start()
        self._do(self._open())

    def lead_to(self, target: int) -> None:
        """Lead to another port from the next connection on."""
        self._target = target

    def cut(self) -> None:
        """End every connection at once, and refuse new ones."""
        self._do(self._close())

    def freeze(self) -> None:
        """Carry nothing more, and tell nobody: what a sleeping machine or a lost NAT entry looks like."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def thaw(self) -> None:
        """Carry on, with all that waited."""
        self._loop.call_soon_threadsafe(self._flows.set)

    def mend(self) -> None:
        """Take connections again after a cut."""
        self._do(self._open())

    def close(self) -> None:
        """Be gone."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, what: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    async def _open(self) -> None:
        self._flows.set()
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._target)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        writers = [writer]
        try:
            far_reader, far_writer = await self._dial()
            writers.append(far_writer)
            there = asyncio.create_task(self._pump(reader, far_writer))
            back = asyncio.create_task(self._pump(far_reader, writer))
            try:
                await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
            finally:
                there.cancel()
                back.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            for each in writers:
                each.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_PIECE_BYTES):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if self.bytes_per_s:
                    await asyncio.sleep(len(data) / self.bytes_per_s)
                await self._flows.wait()
                writer.write(data)
                self.carried_bytes += len(data)
                await writer.drain()


@contextlib.contextmanager
def open_wire(target: int) -> Iterator[Wire]:
    """Yield a wire that leads to a port of loopback."""
    wire = Wire(target)
    try:
        yield wire
    finally:
        wire.close()
