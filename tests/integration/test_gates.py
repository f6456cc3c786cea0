"""Both gates, while somebody types without a pause: after each change that closes them not one byte more arrives.

The guest sends a byte every few milliseconds over a real connection. The owner
changes something and, once that has been answered, types a mark. What the guest
sent after the answer must not stand behind the mark, whatever was under way.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.e2e.recorder import RECORDER
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.world import World
from tests.integration.test_hostile_ssh import connected, opened, shows

_CHUNKS_AFTER = 200
"""How often the guest types on after the gate was shut: half a second's worth."""


@asynccontextmanager
async def typing_guest(world: World, *options: str) -> AsyncIterator[tuple[list[int], Path]]:
    """Start a session that records, with a guest who types the letter a without end; yield the count and the record."""
    path = world.root / "record"
    links = world.new("ours", sys.executable, str(RECORDER), str(path), options=options)
    sent: list[int] = []

    async with connected(links.rw) as connection:
        process = await opened(connection)
        await shows(process, b"recording")

        async def type_on() -> None:
            while not process.channel.is_closing():
                process.stdin.write(b"a")
                sent.append(1)
                await asyncio.sleep(0.002)

        task = asyncio.create_task(type_on())
        yield sent, path
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def order(world: World, *words: str) -> None:
    """Have the owner's shell give a command, and wait for its answer."""
    await asyncio.to_thread(world.run, words[0], "-t", "ours", *words[1:])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 -- what is waited for is in other processes
            await asyncio.sleep(0.01)


def read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


async def settled(world: World, path: Path, mark: str) -> bytes:
    """Have the owner type a mark, and return the record up to it: all that was typed before it is there."""
    await order(world, "send-keys", "-l", mark)
    await until(lambda: mark.encode() in read(path))
    return read(path)


@pytest.mark.parametrize(
    "change",
    [
        ["revoke", "guest-1"],
        ["kick", "guest-1"],
        ["kick", "guest-1", "--ban"],
        ["grant", "guest-1", "ro"],
        ["set", "seat", "on"],
        ["panic"],
        ["pause"],
        ["link", "rotate", "rw", "--kick"],
    ],
    ids=" ".join,
)
async def test_not_one_byte_after_the_answer(world: World, change: list[str]) -> None:
    async with typing_guest(world) as (sent, path):
        await until(lambda: b"a" in read(path))
        if change[0] == "link":
            await asyncio.to_thread(world.run, *change[:2], "-t", "ours", *change[2:])
        else:
            await order(world, *change)
        before = await settled(world, path, "1")
        count = len(sent)
        if change[0] not in ("kick", "link"):
            await until(lambda: len(sent) > count + _CHUNKS_AFTER)
        assert await settled(world, path, "2") == before + b"2", "bytes arrived after the gate was shut"


async def test_a_panic_ends_while_the_flood_goes_on_and_opens_no_gate(world: World) -> None:
    async with typing_guest(world) as (sent, path):
        await until(lambda: b"a" in read(path))
        await order(world, "panic")
        before = await settled(world, path, "1")
        await order(world, "panic", "--off")
        count = len(sent)
        await until(lambda: len(sent) > count + _CHUNKS_AFTER)
        assert await settled(world, path, "2") == before + b"2", "the end of a panic gave back what it took"
        await order(world, "grant", "guest-1", "rw")
        await until(lambda: len(read(path)) > len(before))


async def test_bytes_go_on_arriving_after_what_shuts_no_gate(world: World) -> None:
    """Without this, a guest who never typed would pass all tests of this file."""
    async with typing_guest(world) as (_, path):
        await until(lambda: b"a" in read(path))
        await order(world, "set", "max-guests", "5")
        count = len(read(path))
        await until(lambda: len(read(path)) > count + 50)


async def test_a_grant_opens_both_gates_and_its_end_shuts_them(world: World) -> None:
    async with typing_guest(world) as (sent, path):
        await order(world, "revoke", "guest-1")
        before = await settled(world, path, "1")
        await order(world, "grant", "guest-1", "rw", "--for", "3s")
        await until(lambda: len(read(path)) > len(before))
        await until(lambda: b"revoke" in world.run("audit", "-t", "ours", "--json").stdout.encode().split(b"grant")[-1])
        after = await settled(world, path, "2")
        count = len(sent)
        await until(lambda: len(sent) > count + _CHUNKS_AFTER)
        assert read(path) == after


_COUNTER = """
import os, sys, time
record = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
n = 100000
while True:
    n += 1
    os.pwrite(record, b"%d" % n, 0)
    os.write(1, b"\\r<%d>" % n)
    time.sleep(0.002)
"""
"""Counts, and writes each number to a file before it prints it: what was printed by now is no higher than that."""


async def test_no_picture_of_a_pause_holds_what_came_after_it_began(world: World) -> None:
    path = world.root / "count"
    links = world.new("ours", sys.executable, "-c", _COUNTER, str(path))
    async with connected(links.ro) as connection:
        guest = _Screen(await opened(connection))
        for _ in range(10):
            await until(lambda: guest.number > 0)
            await order(world, "pause")
            limit = int(read(path))
            await until(lambda: guest.shows("paused by the owner"))
            guest.numbers.clear()
            await until(lambda limit=limit: int(read(path)) > limit + 100)  # type: ignore[misc]  # bound now
            assert not guest.numbers, "a number was painted during the pause"
            assert guest.highest <= limit, "a picture holds what came after the pause had begun"
            await order(world, "pause", "--off")
            await until(lambda limit=limit: guest.number > limit)  # type: ignore[misc]  # bound now
        await guest.close()


class _Screen:
    """A guest's screen, modelled, and the numbers that it has shown."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._process = process
        self._terminal = Terminal(Size(rows=24, cols=80))
        self.number = 0
        self.highest = 0
        self.numbers: list[int] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while data := await self._process.stdout.read(65536):
            self._terminal.feed(data)
            found = re.search(r"<(\d+)>", self._text())
            before, self.number = self.number, int(found[1]) if found is not None else 0
            self.highest = max(self.highest, self.number)
            if self.number not in (0, before):  # One picture may come in pieces.
                self.numbers.append(self.number)

    def _text(self) -> str:
        return "\n".join("".join(row.cells) for row in self._terminal.snapshot().rows)

    def shows(self, text: str) -> bool:
        return text in self._text()

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
