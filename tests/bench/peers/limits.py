"""pairterm's own limits, which have no peer beside them: hundreds of observers, idle sessions, a slow watcher."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.bench.peers.account import cpu_s, pss_bytes
from tests.bench.peers.client import Client, connect
from tests.bench.peers.course import Samples
from tests.bench.peers.crowd import PROMPT, Crowd
from tests.bench.peers.targets import Pairterm, Target

__all__ = ["run_idle", "run_observers", "run_relayed", "run_slow_watcher"]

_SIZE = Size(rows=24, cols=80)

_WATCHED = 10
"""Observers whose screens are modelled, the last that came among them. The others only read."""

_FRAMES_PER_S = 10

_SLOW_BYTES_PER_S = 8000
"""64 kbit/s."""

_LONG_S = 15.0


class _Ages:
    """How old what a client shows is, at each arrival."""

    def __init__(self, client: Client) -> None:
        self.samples: list[float] = []
        self._terminal = Terminal(_SIZE)
        client.on_data = self._take

    def _take(self, data: bytes) -> None:
        self._terminal.feed(data)
        text = "".join(self._terminal.snapshot().rows[0].cells)
        if text.startswith("@"):
            self.samples.append(time.monotonic() - float(text[1:].split()[0]))


async def _watch(crowd: Crowd, watched: list[Client], seconds: float) -> list[float]:
    """Return the ages that these clients saw for a while of a busy screen."""
    ages = [_Ages(each) for each in watched]
    program = Path(__file__).with_name("screen.py")
    crowd.driver.type(f"clear; {sys.executable} {program} {_FRAMES_PER_S}\r".encode())
    await asyncio.sleep(2.0)
    for each in ages:
        each.samples.clear()
    await asyncio.sleep(seconds)
    for client in watched:
        client.on_data = None
    await crowd.until_seen(PROMPT, lambda: crowd.driver.type(b"\x03"), [crowd.driver, *watched])
    return [sample for each in ages for sample in each.samples]


async def run_observers(observers: int, seconds: float = _LONG_S, target: Pairterm | None = None) -> Samples:
    """So many watch a screen that changes ten times a second."""
    target = target or Pairterm()
    await asyncio.to_thread(target.start, _SIZE)
    try:
        async with Crowd(target, _SIZE) as crowd:
            await crowd.grow_to(observers)
            watched = crowd.watchers[-_WATCHED:]
            drain = crowd.drain(crowd.watchers[:-_WATCHED])
            before = watched[0].received_bytes
            await asyncio.sleep(1.0)
            pids = target.server_pids()
            before_s, started_s = cpu_s(pids), time.monotonic()
            ages = await _watch(crowd, watched, seconds)
            share = (cpu_s(pids) - before_s) / (time.monotonic() - started_s)
            memory = float(pss_bytes(pids))
            received = watched[0].received_bytes - before
            least, most = await drain.close()
            name = f"{observers} observers"
            return {
                f"{name}: age": ages,
                f"{name}: cpu, share of a core": [share],
                f"{name}: memory": [memory],
                f"{name}: bytes of one that is looked at": [received],
                f"{name}: bytes of one of the others, encrypted, least": [least],
                f"{name}: bytes of one of the others, encrypted, most": [most],
            }
    finally:
        await asyncio.to_thread(target.stop)


async def run_slow_watcher(target: Target, watchers: int = 10, seconds: float = _LONG_S) -> Samples:
    """The others' ages without a slow one among them, and with it."""
    await asyncio.to_thread(target.start, _SIZE)
    try:
        async with Crowd(target, _SIZE) as crowd:
            await crowd.grow_to(watchers)
            others = crowd.watchers[1:]
            without = await _watch(crowd, others, seconds)
            slow = crowd.watchers[0]
            crowd.eyes.slow_down(slow, _SLOW_BYTES_PER_S)
            crowd.watchers.remove(slow)
            among = await _watch(crowd, others, seconds)
            slow.close()
            return {"ten watchers: age": without, "one of them at 64 kbit/s: the others' age": among}
    finally:
        await asyncio.to_thread(target.stop)


async def run_idle(sessions: int, clients: int, seconds: float = 30.0, target: Pairterm | None = None) -> Samples:
    """So many sessions with so many clients each, where nothing happens."""
    target = target or Pairterm()
    await asyncio.to_thread(lambda: target.start(_SIZE, sessions=sessions))
    try:
        attached = [
            await connect(target.door(may_type=False, session=session), _SIZE)
            for session in range(sessions)
            for _ in range(clients)
        ]
        await asyncio.sleep(3.0)
        pids = target.server_pids()
        before_s = cpu_s(pids)
        await asyncio.sleep(seconds)
        used_s = cpu_s(pids) - before_s
        memory = float(pss_bytes(pids))
        for each in attached:
            each.close()
        name = f"{sessions} idle sessions of {clients}"
        return {f"{name}: cpu, share of a core": [used_s / seconds], f"{name}: memory": [memory]}
    finally:
        await asyncio.to_thread(target.stop)


async def run_relayed(keys: int) -> Samples:
    """A driver's echo where the host dialled out to the gateway, beside one whose host is on the gateway's machine."""
    samples: Samples = {}
    for name, is_relayed in (("local session", False), ("relayed session", True)) * 2:
        target = Pairterm(is_relayed=is_relayed)
        await asyncio.to_thread(target.start, _SIZE)
        try:
            async with Crowd(target, _SIZE) as crowd:
                await asyncio.sleep(1.0)
                samples.setdefault(f"{name}: echo", []).extend(await crowd.type_keys(keys))
        finally:
            await asyncio.to_thread(target.stop)
    return samples
