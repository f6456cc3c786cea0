"""What windows and panes cost: the echo of a key in one pane, beside a quiet and a flooding pane, and idle panes.

`python -m tests.bench.bench_windows [--repo PATH]…` prints a table in Markdown. With `--repo`, it also
types in a session of one pane, with each of these checkouts in turn. The client is the one of `tests.bench.peers`: an
SSH guest who may type. All figures that are compared come from turns in one run. It passes no judgement.

Idle panes are counted after they are all open: the CPU time of the host and the gateway, and the memory that
the host has more than with one pane.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from pairterm.types import Size
from tests.bench.peers.account import cpu_s, pss_bytes
from tests.bench.peers.crowd import PROMPT, Crowd
from tests.bench.peers.targets import Pairterm

_ONE, _FOUR = Size(rows=24, cols=80), Size(rows=50, cols=200)

_SETTLE_S = 1.0
"""Before a step begins: everything that the step before has begun is over."""

_IDLE_PANES = 20

_PANES_A_WINDOW = 4

_SHELL = "env 'PS1=%READY% ' bash --norc --noprofile"


async def _one_pane(repos: list[Path], keys: int, rounds: int) -> list[tuple[list[float], list[float]]]:
    """Type in sessions of one pane, each with the code of a checkout. All are open at once and take short turns.

    So a machine that gets busy is as busy for all of them.

    Returns:
        For each checkout the seconds of each key's echo, and the CPU time of host and gateway for a key of each turn.
    """
    figures: list[tuple[list[float], list[float]]] = [([], []) for _ in repos]
    async with AsyncExitStack() as stack:
        sessions = []
        for repo in repos:
            with _code_of(repo):
                sessions.append(await stack.enter_async_context(_session(_ONE)))
        await asyncio.sleep(_SETTLE_S)
        turns = list(zip(sessions, figures, strict=True))
        for _ in range(rounds):
            random.shuffle(turns)
            for (target, crowd), (echoes, cpu_a_key) in turns:
                pids = target.server_pids()
                before_s = cpu_s(pids)
                echoes += await crowd.type_keys(keys)
                cpu_a_key.append((cpu_s(pids) - before_s) / keys)
    return figures


async def _four_panes(keys: int, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Return the echoes while the other panes are quiet, and while one floods, and the seconds until C-c ends it."""
    quiet: list[float] = []
    flooded: list[float] = []
    interrupts: list[float] = []
    async with _session(_FOUR) as (_, crowd):
        for _ in range(3):
            await _command(crowd, f"split-window {_SHELL}")
            await _command(crowd, "select-layout tiled")
        for _ in range(rounds):
            await _command(crowd, "select-pane -t :.3")
            quiet += await crowd.type_keys(keys)
            await _command(crowd, "select-pane -t :.0")
            crowd.driver.type(b"yes 5\r")
            await _command(crowd, "select-pane -t :.3")
            flooded += await crowd.type_keys(keys)
            await _command(crowd, "select-pane -t :.0")
            interrupts.append(await crowd.until_seen(PROMPT, lambda: crowd.driver.type(b"\x03")))
            crowd.driver.type(b"clear\r")
    return quiet, flooded, interrupts


async def _idle_panes(seconds: float) -> tuple[float, float]:
    """Return the share of a CPU that the idle panes take, and the host's bytes for each of them."""
    async with _session(_FOUR) as (target, crowd):
        await asyncio.sleep(_SETTLE_S)
        alone_bytes = pss_bytes(target.host_pids())
        for number in range(1, _IDLE_PANES):
            await _command(crowd, f"{'split-window' if number % _PANES_A_WINDOW else 'new-window'} {_SHELL}")
            await _command(crowd, "select-layout tiled")
        await asyncio.sleep(3 * _SETTLE_S)
        more_bytes = pss_bytes(target.host_pids()) - alone_bytes
        pids = target.server_pids()
        before_s = cpu_s(pids)
        await asyncio.sleep(seconds)
        return (cpu_s(pids) - before_s) / seconds, more_bytes / (_IDLE_PANES - 1)


async def _command(crowd: Crowd, line: str) -> None:
    """Type a command at the driver's prompt."""
    crowd.driver.type(b"\x02:" + line.encode() + b"\r")
    await asyncio.sleep(_SETTLE_S)


@asynccontextmanager
async def _session(size: Size) -> AsyncIterator[tuple[Pairterm, Crowd]]:
    target = Pairterm()
    await asyncio.to_thread(target.start, size)
    try:
        async with Crowd(target, size) as crowd:
            yield target, crowd
    finally:
        await asyncio.to_thread(target.stop)


@contextmanager
def _code_of(repo: Path) -> Iterator[None]:
    """Let the commands that are started meanwhile run the code of a checkout."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(repo.resolve())
    try:
        yield
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _row(name: str, samples: list[float], base: list[float] | None = None) -> str:
    median, high = statistics.median(samples), statistics.quantiles(samples, n=20)[-1]
    ratio = f"{median / statistics.median(base):.2f}" if base else ""
    low = statistics.quantiles(samples, n=4)[0]
    low_ratio = f"{low / statistics.quantiles(base, n=4)[0]:.2f}" if base else ""
    return f"| {name} | {low * 1e3:.2f} | {low_ratio} | {median * 1e3:.2f} | {high * 1e3:.2f} | {ratio} |"


async def _run(options: argparse.Namespace) -> None:
    print("| | lower quartile, ms | ratio | median, ms | 95 %, ms | ratio of medians |\n|---|---|---|---|---|---|")
    alone = await _one_pane(options.repo, options.keys, options.turns) if options.repo else []
    for repo, (echoes, cpu_a_key) in zip(options.repo, alone, strict=True):
        print(_row(f"one pane, {repo.resolve().name}", echoes, alone[0][0]))
        print(_row(f"CPU of a key, {repo.resolve().name}", cpu_a_key, alone[0][1]), flush=True)
    quiet, flooded, interrupts = await _four_panes(options.keys, options.rounds)
    print(_row("one of four panes, the others quiet", quiet))
    print(_row("one of four panes, another floods", flooded, quiet))
    print(f"\nC-c in the flooding pane: the prompt after {statistics.median(interrupts) * 1e3:.0f} ms (median)")
    share, bytes_a_pane = await _idle_panes(options.seconds)
    print(f"{_IDLE_PANES} idle panes: {share:.2%} of a CPU, {bytes_a_pane / 1024:.0f} KiB of the host for each pane")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_windows", description=__doc__)
    parser.add_argument("--repo", type=Path, action="append", default=[], help="a checkout; the first is the base")
    parser.add_argument("--keys", type=int, default=100, help="keys a turn")
    parser.add_argument("--rounds", type=int, default=4, help="turns beside a quiet and a flooding pane")
    parser.add_argument("--turns", type=int, default=20, help="turns of each checkout in a session of one pane")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the idle panes are watched")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
