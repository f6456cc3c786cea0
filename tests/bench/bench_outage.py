"""How soon `pairterm join` is back after its line was gone for some seconds.

`python -m tests.bench.bench_outage` needs root on Linux, and iptables: guest and gateway are in networks of their own
(`tests.e2e.test_networks`). For some seconds, each drops all that arrives, so that nobody is told. The person types a
key every 0.3 s meanwhile. It prints a table in Markdown: the time from the line's return until the guest's terminal
shows the host's echo of a key that is typed after it, the median and the longest of some rounds. The round trip is far
below a millisecond. It passes no judgement.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import time

from tests.bench.bench_far import Person
from tests.e2e.test_networks import Networks, missing_for_networks, open_networks
from tests.e2e.world import Links, open_world

_KEYS = "abcdefghijklmnopqrstuvwxyz"


def _drop_all(networks: Networks, is_dropped: bool) -> None:
    change = "-A" if is_dropped else "-D"
    rule = ("INPUT", "-d", "10.77.0.0/24", "-j", "DROP")
    for argv in (networks.at_gateway("iptables", change, *rule), networks.at_laptop("iptables", change, *rule)):
        subprocess.run(argv, check=True)


async def _back_s(networks: Networks, person: Person, outage_s: float) -> float:
    """Drop all for so long; return how long after that the terminal shows the echo of a new key."""
    await person.write("\x15")
    await person.until_line("$")
    await asyncio.to_thread(_drop_all, networks, True)
    until_s = time.monotonic() + outage_s
    while time.monotonic() < until_s:
        await person.write("x")
        await asyncio.sleep(0.3)
    await asyncio.to_thread(_drop_all, networks, False)
    back_s = time.monotonic()
    for number in range(10_000):
        key = _KEYS[number % len(_KEYS)]
        await person.write(key)
        try:
            await person.until(lambda key=key: person.line.endswith(key), 0.1)  # type: ignore[misc]
        except TimeoutError:
            continue
        return time.monotonic() - back_s
    raise AssertionError("it never came back")


async def _measured(
    networks: Networks, argv: list[str], outages_s: list[float], rounds: int
) -> dict[float, list[float]]:
    person = Person(networks.at_laptop(*argv), networks.world.environment | {"TERM": "xterm-256color"})
    try:
        await person.until_line("$")
        return {outage_s: [await _back_s(networks, person, outage_s) for _ in range(rounds)] for outage_s in outages_s}
    finally:
        person.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_outage", description=__doc__)
    parser.add_argument("--outages", type=float, nargs="+", default=[1, 3, 10, 20, 60], help="seconds")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    missing = missing_for_networks() or ("" if shutil.which("iptables") else "iptables")
    if missing:
        print(f"not measured: networks of their own are not to be had here: {missing}")
        return
    with open_world() as world, open_networks(world) as networks:
        words = ("pairterm", "new", "-d", "--json", "-s", "far", "--", "env", "PS1=$ ", "bash", "--norc", "--noprofile")
        links = world.trust(Links.parse(world.run_any(*networks.at_gateway(*words)).stdout))
        joins = [sys.executable, "-P", "-m", "pairterm", "join", "--accept-new", "--predict", "never"]
        argv = [*joins, f"{links.rw.user}@10.77.0.1:2222"]
        print("| line gone for | back after, median | at most |\n|---|---|---|")
        for outage_s, times_s in asyncio.run(_measured(networks, argv, options.outages, options.rounds)).items():
            print(f"| {outage_s:.0f} s | {statistics.median(times_s):.2f} s | {max(times_s):.2f} s |")


if __name__ == "__main__":
    main()
