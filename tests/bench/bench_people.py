"""How long from an owner's order to its effect, as a guest sees it: `python -m tests.bench.bench_people`.

A gateway and a session on this machine, a guest by SSH in this process, orders by the
session's local socket, as the command line gives them. "answer" is when the order has
been answered: both the session and its host's gate follow it then. "effect" is when the
guest's screen, modelled here, shows it. Milliseconds; figures only, no judgement.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import asyncssh

from pairterm.cli.local_query import run_command
from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.e2e.world import Links, World, open_world

SIZE = Size(rows=24, cols=80)
ROUNDS = 100
PAUSE_S = 0.05
TIMEOUT_S = 10.0


@dataclass
class Figures:
    """The times of one kind of order."""

    answers: list[float] = field(default_factory=list)
    effects: list[float] = field(default_factory=list)


class Guest:
    """A guest and what its screen shows."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._terminal = Terminal(SIZE)
        self._has_more = asyncio.Event()
        self._seen_s = 0.0
        self._is_out = False

    async def come(self) -> None:
        self._connection = await asyncssh.connect(
            "127.0.0.1", self._links.rw.port, username=self._links.rw.user, known_hosts=None, client_keys=None,
            agent_path=None, config=None,
        )  # fmt: skip
        self._process = await self._connection.create_process(term_type="xterm", term_size=(80, 24), encoding=None)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while data := await self._process.stdout.read(65536):
            self._terminal.feed(data)
            self._seen_s = time.perf_counter()
            self._has_more.set()
        self._is_out = True
        self._seen_s = time.perf_counter()
        self._has_more.set()

    async def go(self) -> None:
        self._connection.close()
        await self._connection.wait_closed()
        await self._reading

    def screen(self) -> str:
        return "\n".join("".join(row.cells) for row in self._terminal.snapshot().rows)

    def shows(self, text: str) -> Callable[[], bool]:
        return lambda: text in self.screen()

    def is_out(self) -> bool:
        return self._is_out

    async def when(self, condition: Callable[[], bool]) -> float:
        """Return when the screen first met the condition."""
        async with asyncio.timeout(TIMEOUT_S):
            while not condition():
                self._has_more.clear()
                await self._has_more.wait()
        return self._seen_s


async def order(line: str) -> float:
    """Give an order; return when it was answered."""
    await asyncio.to_thread(run_command, "bench", line)
    return time.perf_counter()


async def timed(found: Figures, guest: Guest, line: str, condition: Callable[[], bool]) -> None:
    began_s = time.perf_counter()
    answered_s, seen_s = await asyncio.gather(order(line), guest.when(condition))
    found.answers.append((answered_s - began_s) * 1000)
    found.effects.append((seen_s - began_s) * 1000)
    await asyncio.sleep(PAUSE_S)


async def measure(world: World, links: Links) -> dict[str, Figures]:
    names = ("revoke", "grant", "panic", "pause", "resume", "kick")
    found = {name: Figures() for name in names}
    guest = Guest(links)
    await guest.come()
    await guest.when(guest.shows("here$"))
    for _ in range(ROUNDS):
        await timed(found["revoke"], guest, "revoke 1", guest.shows("you watch only now"))
        await timed(found["grant"], guest, "grant 1 rw", guest.shows("you may type now"))
        await timed(found["panic"], guest, "panic", guest.shows("you watch only now"))
        await order("panic off")
        await order("grant 1 rw")
        await guest.when(guest.shows("you may type now"))
        await timed(found["pause"], guest, "pause on", guest.shows("paused by the owner"))
        await timed(found["resume"], guest, "pause off", guest.shows("here$"))
    await guest.go()
    for number in range(2, 2 + ROUNDS // 4):
        another = Guest(links)
        await another.come()
        await another.when(another.shows("here$"))
        await timed(found["kick"], another, f"kick {number}", another.is_out)
        await another.go()
    return found


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def main() -> None:
    with open_world() as world:
        os.environ |= {"PAIRTERM_TMPDIR": world.environment["PAIRTERM_TMPDIR"]}
        world.serve()
        found = asyncio.run(measure(world, world.new("bench")))
    print("| order | answer p50 | p99 | effect p50 | p99 | rounds |\n|---|---:|---:|---:|---:|---:|")
    for name, each in found.items():
        figures = [percentile(values, percent) for values in (each.answers, each.effects) for percent in (50, 99)]
        print(f"| {name} | " + " | ".join(f"{figure:.1f}" for figure in figures) + f" | {len(each.effects)} |")


if __name__ == "__main__":
    main()
