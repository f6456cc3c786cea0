"""Typing words at several paces, in front of watchers: all targets are open at once and take short turns.

So a machine that gets busy with other work is as busy for all of them, and the ratios hold.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack

from tests.bench.peers.account import cpu_s
from tests.bench.peers.course import Samples, Scale
from tests.bench.peers.crowd import WORDS, Crowd
from tests.bench.peers.targets import Target

__all__ = ["run_pace"]

_TURN_KEYS = 12

_SETTLE_S = 1.0


async def run_pace(targets: list[Target], scale: Scale) -> dict[str, Samples]:
    """Type about `scale.keys` keys at each pace, alone and in front of each crowd. Return each target's samples."""
    results: dict[str, Samples] = {target.name: {} for target in targets}
    async with AsyncExitStack() as stack:
        crowds: list[Crowd] = []
        for target in targets:
            await asyncio.to_thread(target.start, scale.size)
            stack.push_async_callback(asyncio.to_thread, target.stop)
            crowds.append(await stack.enter_async_context(Crowd(target, scale.size, text=WORDS)))
        for watchers in (0, *scale.crowds):
            for crowd in crowds:
                await crowd.grow_to(watchers)
            await asyncio.sleep(_SETTLE_S)
            await _take_turns(crowds, watchers, scale, results)
    return results


async def _take_turns(crowds: list[Crowd], watchers: int, scale: Scale, results: dict[str, Samples]) -> None:
    turns = [(crowd, crowd.target.server_pids(), results[crowd.target.name]) for crowd in crowds]
    for crowd in crowds:
        await crowd.begin_typing()
    for _ in range(max(1, scale.keys // _TURN_KEYS)):
        for pause_ms in scale.pauses_ms:
            random.shuffle(turns)
            for crowd, pids, samples in turns:
                before_s = cpu_s(pids)
                echoes = await crowd.type_on(_TURN_KEYS, pause_ms / 1000)
                name = f"at {pause_ms} ms, {watchers}"
                samples.setdefault(f"echo {name}", []).extend(echoes)
                samples.setdefault(f"cpu per key {name}", []).append((cpu_s(pids) - before_s) / _TURN_KEYS)
    for crowd in crowds:
        await crowd.end_typing()
