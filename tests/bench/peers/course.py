"""The course that every target runs: one measure after the other, from one client to a full house.

Each step returns samples by the figure's name: latencies one a key, the rest one a
round. Seconds and bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pairterm.types import Size
from tests.bench.peers.account import cpu_s, pss_bytes
from tests.bench.peers.crowd import PROMPT, Crowd
from tests.bench.peers.targets import Pairterm, SshTmux, Target

__all__ = ["Samples", "Scale", "run_course", "run_detached_flood"]

Samples = dict[str, list[float]]

_SETTLE_S = 1.0
"""Before memory is read or a step begins: what the step before it set going is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything."""

    size: Size
    keys: int = 250
    pauses_ms: tuple[int, ...] = (2, 5, 10, 35)
    """Between a key and the next: a held key, fast fingers on two hands, and the pace of the other steps."""
    crowds: tuple[int, ...] = (10, 50)
    memory_crowds: tuple[int, ...] = (50, 200)
    flood_lines: int = 3_000_000
    steps: frozenset[str] = frozenset({"echo", "flood", "interrupt", "join", "memory"})


async def run_course(target: Target, scale: Scale) -> Samples:
    """Start the target, run the steps, end it."""
    samples: Samples = {}
    await asyncio.to_thread(target.start, scale.size)
    try:
        if isinstance(target, Pairterm):
            await asyncio.sleep(_SETTLE_S)
            samples["idle host memory"] = [float(pss_bytes(target.host_pids()))]
        async with Crowd(target, scale.size) as crowd:
            for watchers in (0, *scale.crowds):
                await crowd.grow_to(watchers)
                await _with_crowd(crowd, watchers, scale, samples)
        if "join" in scale.steps:
            await _join(target, scale, samples)
        if "memory" in scale.steps:
            await _memory(target, scale, samples)
    finally:
        await asyncio.to_thread(target.stop)
    return samples


async def _with_crowd(crowd: Crowd, watchers: int, scale: Scale, samples: Samples) -> None:
    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "echo": lambda: _echo(crowd, watchers, scale, samples),
        "flood": lambda: _flood(crowd, watchers, scale, samples),
        "interrupt": lambda: _interrupt(crowd, watchers, samples),
    }
    for name, step in steps.items():
        if name in scale.steps and (watchers or name == "echo"):
            await asyncio.sleep(_SETTLE_S)
            await step()


async def _echo(crowd: Crowd, watchers: int, scale: Scale, samples: Samples) -> None:
    pids = crowd.target.server_pids()
    before_s = cpu_s(pids)
    samples[f"echo {watchers}"] = await crowd.type_keys(scale.keys)
    samples[f"cpu per key {watchers}"] = [(cpu_s(pids) - before_s) / scale.keys]


async def _flood(crowd: Crowd, watchers: int, scale: Scale, samples: Samples) -> None:
    pids = crowd.target.server_pids()
    before = sum(each.received_bytes for each in crowd.watchers)
    before_s = cpu_s(pids)
    taken_s = await crowd.run(f"seq 1 {scale.flood_lines}")
    samples[f"flood {watchers}"] = [taken_s]
    samples[f"flood cpu {watchers}"] = [cpu_s(pids) - before_s]
    samples[f"flood bytes {watchers}"] = [(sum(each.received_bytes for each in crowd.watchers) - before) / watchers]


async def _interrupt(crowd: Crowd, watchers: int, samples: Samples) -> None:
    crowd.driver.type(b"clear; yes\r")
    await asyncio.sleep(2.0)
    samples[f"interrupt {watchers}"] = [await crowd.until_seen(PROMPT, lambda: crowd.driver.type(b"\x03"))]


async def _join(target: Target, scale: Scale, samples: Samples) -> None:
    rows, cols = scale.size.rows, scale.size.cols
    async with Crowd(target, scale.size) as crowd:
        fill = f"clear; for i in $(seq {rows - 2}); do printf '%s\\n' $(seq -s. 1 99 | cut -c1-{cols - 1}); done"
        await crowd.run(f"{fill}; printf '=%sL=' FUL")
        await asyncio.sleep(_SETTLE_S)
        watchers = scale.crowds[-1]
        pids = target.server_pids()
        before_s = cpu_s(pids)
        samples[f"join {watchers}"] = [await crowd.join_at_once(watchers, b"=FULL=")]
        samples[f"join cpu {watchers}"] = [cpu_s(target.server_pids()) - before_s]
        crowd.driver.type(b"\x15clear\r")


async def _memory(target: Target, scale: Scale, samples: Samples) -> None:
    async with Crowd(target, scale.size) as crowd:
        await asyncio.sleep(_SETTLE_S)
        alone = pss_bytes(target.server_pids())
        samples["memory 0"] = [float(alone)]
        for watchers in scale.memory_crowds:
            await crowd.grow_to(watchers)
            await asyncio.sleep(_SETTLE_S)
            samples[f"memory per watcher {watchers}"] = [(pss_bytes(target.server_pids()) - alone) / watchers]


async def run_detached_flood(scale: Scale) -> Samples:
    """Let a tmux that nobody looks at go through the flood: what the pty and a terminal in C take by themselves."""
    target = SshTmux()
    await asyncio.to_thread(target.start, scale.size)
    try:
        loop = asyncio.get_running_loop()
        target.tmux("send-keys", "-t", "bench", f"seq 1 {scale.flood_lines}; tmux -S {target.socket} wait-for -S done")
        started_s = loop.time()
        target.tmux("send-keys", "-t", "bench", "Enter")
        await asyncio.to_thread(target.tmux, "wait-for", "done")
        return {"flood detached tmux": [loop.time() - started_s]}
    finally:
        await asyncio.to_thread(target.stop)
