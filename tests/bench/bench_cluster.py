"""Several gateway processes for one session: an echo at another worker or gateway, a large audience, 50 watchers.

`python -m tests.bench.bench_cluster` prints tables in Markdown with ratios of one run. It passes no judgement.
The clients run in this process, on the same machine: with few processors, they take most of them.
An age is how old the picture on a watcher's screen is. `--observers N` sets the size of the audience.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics

from pairterm.types import Size
from tests.bench.peers.crowd import Crowd
from tests.bench.peers.limits import run_observers
from tests.bench.peers.report import percentile
from tests.bench.peers.service_target import PairtermByNats
from tests.bench.peers.targets import Pairterm, SshTmux, Target, missing_for_sshd

_SIZE = Size(rows=24, cols=80)

_KEYS = 200

_TURNS = 5
"""Two that are compared type in turns: the machine is as busy for both."""

_WATCHERS = 50

_MAX_TRIES = 40
"""Clients that come in until one is at the wanted worker: the kernel chooses."""


async def echo_at(target: Pairterm, *, is_home: bool) -> list[float]:
    """Type at the worker that has the session's host, or at another one; return each key's seconds."""
    for _ in range(_MAX_TRIES):
        async with Crowd(target, _SIZE) as crowd:
            workers = await asyncio.to_thread(target.workers)
            (here,) = [each for each in workers if each["guests"]]
            if bool(here["sessions"]) is is_home:
                return await crowd.type_keys(_KEYS, pause_s=0.02)
    raise RuntimeError("no client came to the wanted worker")


async def echo() -> None:
    """Print what a key costs at another worker."""
    target = Pairterm(workers=2)
    await asyncio.to_thread(target.start, _SIZE)
    try:
        home = await echo_at(target, is_home=True)
        elsewhere = await echo_at(target, is_home=False)
    finally:
        await asyncio.to_thread(target.stop)
    print_echoes("two workers", "the host's worker", home, "another worker", elsewhere)


async def echo_between_gateways(*, is_direct: bool) -> None:
    """Print what a key costs at another gateway, beside the gateway that has the host: in turns, in one run."""
    target = PairtermByNats(is_direct=is_direct)
    await asyncio.to_thread(target.start, _SIZE, sessions=2)
    try:
        async with Crowd(target.at(0, 0), _SIZE) as home, Crowd(target.at(1, 1), _SIZE) as far:
            samples: dict[Crowd, list[float]] = {home: [], far: []}
            for crowd in samples:
                await crowd.begin_typing()
            for _ in range(_TURNS):
                for crowd, taken_s in samples.items():
                    taken_s += await crowd.type_on(_KEYS // _TURNS, 0.02)
            for crowd in samples:
                await crowd.end_typing()
    finally:
        await asyncio.to_thread(target.stop)
    way = "direct streams" if is_direct else "NATS"
    print_echoes(f"two gateways by {way}", "the host's gateway", samples[home], "another gateway", samples[far])


async def stalled() -> None:
    """Print what a key costs while another gateway with a watcher, or the NATS server, is stopped: in turns."""
    target = PairtermByNats(others=2)
    await asyncio.to_thread(target.start, _SIZE)
    samples: dict[str, list[float]] = {}
    try:
        async with (
            Crowd(target.at(0, 0), _SIZE) as home,
            Crowd(target.at(0, 1), _SIZE) as far,
            Crowd(target.at(0, 2), _SIZE),
        ):
            await home.begin_typing()

            async def type_at(crowd: Crowd, gateway: str, stopped: str) -> None:
                row = samples.setdefault(f"{gateway} | {stopped}", [])
                row += await crowd.type_on(_KEYS // _TURNS, 0.01)

            for _ in range(_TURNS):
                for crowd, name in ((home, "the host's gateway"), (far, "another gateway")):
                    await type_at(crowd, name, "nothing")
                    with target.frozen(2):
                        await type_at(crowd, name, "a third gateway")
                target.nats.freeze()
                try:
                    await type_at(home, "the host's gateway", "the NATS server")
                finally:
                    target.nats.thaw()
                await far.until_seen(b"#", lambda: home.driver.type(b"#"), [far.driver])
            await home.end_typing()
    finally:
        await asyncio.to_thread(target.stop)
    print(f"\nA key's echo while something is stopped (kill -STOP), {_KEYS} keys\n")
    print("| the guest is at | stopped | p50 ms | p99 ms |\n|---|---|---|---|")
    for name, taken_s in samples.items():
        print(f"| {name} | {statistics.median(taken_s) * 1e3:.2f} | {percentile(taken_s, 99) * 1e3:.2f} |")


def print_echoes(title: str, at_home: str, home: list[float], at_other: str, elsewhere: list[float]) -> None:
    """Print one table."""
    print(f"\nA key's echo, {_KEYS} keys, {title}\n")
    print("| the guest is at | p50 ms | p99 ms |\n|---|---|---|")
    for name, samples in ((at_home, home), (at_other, elsewhere)):
        print(f"| {name} | {statistics.median(samples) * 1e3:.2f} | {percentile(samples, 99) * 1e3:.2f} |")
    print(f"\nratio of the medians: {statistics.median(elsewhere) / statistics.median(home):.2f}")


async def audience(observers: int) -> None:
    """Print how old the picture of a large audience is, with one worker and with four."""
    print(f"\n{observers} watchers of one session that draws ten pictures a second\n")
    print("| workers | age p50 ms | age p99 ms | processors | kB to one that is looked at | to others, least | most |")
    print("|---|---|---|---|---|---|---|")
    for workers in (1, 4):
        samples = await run_observers(observers, 20.0, Pairterm(workers=workers))
        ages = samples[f"{observers} observers: age"]
        (share,) = samples[f"{observers} observers: cpu, share of a core"]
        received = " | ".join(f"{each[0] / 1000:.0f}" for name, each in samples.items() if "bytes" in name)
        figures = f"{statistics.median(ages) * 1e3:.0f} | {percentile(ages, 99) * 1e3:.0f} | {share:.2f} | {received}"
        print(f"| {workers} | {figures} |", flush=True)


async def last_of_watchers() -> None:
    """Print when the last of 50 watchers sees a key, and has its first picture, beside sshd and tmux."""
    if missing := missing_for_sshd():
        print(f"\nno comparison with sshd + tmux: {missing} is not installed")
        return
    targets: dict[str, Target] = {
        "sshd + tmux": SshTmux(),
        "pairterm": Pairterm(),
        "pairterm, 2 workers": Pairterm(workers=2),
    }
    print(f"\nThe last of {_WATCHERS} watchers\n")
    print("| target | key p50 ms | ratio | first picture s | ratio |\n|---|---|---|---|---|")
    first: tuple[float, float] | None = None
    for name, target in targets.items():
        await asyncio.to_thread(target.start, _SIZE)
        try:
            async with Crowd(target, _SIZE) as crowd:
                await crowd.grow_to(_WATCHERS)
                key_s = statistics.median(await crowd.type_keys(_KEYS))
            async with Crowd(target, _SIZE) as crowd:
                await crowd.run("clear; printf '=%sL=' FUL")
                join_s = await crowd.join_at_once(_WATCHERS, b"=FULL=")
        finally:
            await asyncio.to_thread(target.stop)
        first = first or (key_s, join_s)
        print(f"| {name} | {key_s * 1e3:.1f} | {key_s / first[0]:.2f} | {join_s:.2f} | {join_s / first[1]:.2f} |")


async def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observers", type=int, default=2000)
    parser.add_argument("--only", choices=("echo", "nats", "direct", "stalled", "audience", "last"))
    given = parser.parse_args()
    if given.only in (None, "echo"):
        await echo()
    if given.only in (None, "nats"):
        await echo_between_gateways(is_direct=False)
    if given.only in (None, "direct"):
        await echo_between_gateways(is_direct=True)
    if given.only in (None, "stalled"):
        await stalled()
    if given.only in (None, "last"):
        await last_of_watchers()
    if given.only in (None, "audience"):
        await audience(given.observers)


if __name__ == "__main__":
    asyncio.run(main())
