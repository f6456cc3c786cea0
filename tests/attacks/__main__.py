"""The table of attacks: `make attacks`, or `python -m tests.attacks --against PATH` for an older checkout beside it."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

import tests.attacks.crowds
import tests.attacks.keys
import tests.attacks.links
import tests.attacks.packets
import tests.attacks.screens  # noqa: F401 -- each module puts its attacks into the table
from tests.attacks.honest import Figures, measure
from tests.attacks.registry import ATTACKS, Aims, Attack, Bounds
from tests.attacks.stage import Stage, open_stage

MIB = 1 << 20
HERE = Path(__file__).resolve().parents[2]

_AHEAD_S = 1.0
"""How long an attack runs before it is measured, and after."""

_LOWEST_PRIORITY = 19


def attacker(name: str, *, seconds: float, count: int) -> None:
    """Carry out an attack on what standard input says; print what it counted."""
    os.nice(_LOWEST_PRIORITY)
    aims = msgspec.json.decode(sys.stdin.buffer.read(), type=Aims)
    bounds = Bounds(seconds, count, ATTACKS[name].is_ended)
    asyncio.run(ATTACKS[name].run(aims, bounds))
    sys.stdout.buffer.write(msgspec.json.encode(bounds.counts))


def row(stage: Stage, attack: Attack | None, *, seconds: float, count: int) -> str:
    """Carry out one attack, measure meanwhile, and return the table's row."""
    lasts_s = seconds + 2 * _AHEAD_S
    running = stage.begin(attack, seconds=lasts_s, count=count) if attack is not None else None
    time.sleep(_AHEAD_S)
    peak = _Peak(stage)
    cpu_s, began_s = stage.gateway_cpu_s(), time.monotonic()
    found: Figures = asyncio.run(measure(stage.door, seconds))
    cpu = (stage.gateway_cpu_s() - cpu_s) / (time.monotonic() - began_s)
    gateway_bytes, host_bytes = peak.end()
    counts = stage.finish(running, seconds=lasts_s) if running is not None else None
    sent = "" if counts is None else f"{counts.sent}{', ended' if counts.is_parted else ''}"
    title = attack.title if attack is not None else "none"
    return (
        f"| {title} | {found.login():.0f} | {found.echo(50):.1f} | {found.echo(95):.1f} | {cpu * 100:.0f} % "
        f"| {gateway_bytes / MIB:.0f} | {host_bytes / MIB:.0f} | {sent} |"
    )


class _Peak:
    """The most memory that gateway and attacked host had, looked at four times a second."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._gateway_bytes = self._host_bytes = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while True:
            self._gateway_bytes = max(self._gateway_bytes, self._stage.gateway_bytes())
            self._host_bytes = max(self._host_bytes, self._stage.host_bytes())
            if self._is_over.wait(0.25):
                return

    def end(self) -> tuple[int, int]:
        """Stop; return both, in bytes."""
        self._is_over.set()
        self._thread.join()
        return self._gateway_bytes, self._host_bytes


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="PATH", help="run the same attacks on this checkout first")
    parser.add_argument("--only", action="append", choices=sorted(ATTACKS), help="this attack; may be given again")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each attack is measured (5)")
    parser.add_argument("--count", type=int, default=2_000_000, help="what an attack sends at most")
    parser.add_argument("--attacker", choices=sorted(ATTACKS), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.attacker:
        attacker(given.attacker, seconds=given.seconds, count=given.count)
        return
    chosen = [ATTACKS[name] for name in given.only or ATTACKS]
    checkouts = ([("before", given.against.resolve())] if given.against else []) + [("now", HERE)]
    head = "longest login ms | echo p50 ms | echo p95 ms | gateway CPU | gateway MiB | its host MiB | sent"
    print(f"| attack | pairterm | {head} |\n|---|---" + "|---:" * 7 + "|")
    for attack in (None, *chosen):
        for name, checkout in checkouts:
            with open_stage(checkout) as stage:
                title, rest = row(stage, attack, seconds=given.seconds, count=given.count).split(" | ", 1)
                print(f"{title} | {name} | {rest}", flush=True)


if __name__ == "__main__":
    main()
