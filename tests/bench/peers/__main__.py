"""Run the courses and print the table."""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
from pathlib import Path

from pairterm.types import Size
from tests.bench.peers.course import Samples, Scale, run_course, run_detached_flood
from tests.bench.peers.limits import run_idle, run_observers, run_relayed, run_slow_watcher
from tests.bench.peers.pace import run_pace
from tests.bench.peers.report import Results, as_json, machine, table
from tests.bench.peers.targets import BEFORE, Pairterm, SshTmux, Target, missing_for_sshd

_STEPS = ("echo", "pace", "flood", "interrupt", "join", "memory")

_LIMITS = ("observers", "slow", "idle", "relayed")

_DESCRIPTORS = 16_384
"""Hundreds of connections, each a descriptor here and some in the servers, who inherit the limit."""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("--steps", default=",".join(_STEPS), help="which of: %(default)s")
    parser.add_argument("--limits", default=",".join(_LIMITS), help="which of: %(default)s; or none")
    parser.add_argument("--observers", type=int, default=500, help="how many watch a busy screen")
    parser.add_argument("--sessions", type=int, default=50, help="idle sessions, of four clients each")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long the limits are watched")
    parser.add_argument("--rounds", type=int, default=2, help="each target in turn, so many times")
    parser.add_argument("--keys", type=int, default=250, help="keys a round")
    parser.add_argument("--crowds", default="10,50", help="watchers")
    parser.add_argument("--pauses", default="2,5,10,35", help="milliseconds between two keys, in the step 'pace'")
    parser.add_argument("--memory-crowds", default="50,200", help="watchers in the memory step")
    parser.add_argument("--lines", type=int, default=3_000_000, help="lines of the flood")
    parser.add_argument("--size", default="80x24", help="columns x rows")
    parser.add_argument("--only", default="", help="one target: pairterm or sshd")
    parser.add_argument("--before", type=Path, help="another checkout, in the step 'pace' beside this one")
    parser.add_argument("--json", type=Path, help="where to write all samples")
    return parser.parse_args()


def _scale(options: argparse.Namespace) -> Scale:
    cols, rows = (int(each) for each in options.size.split("x"))
    return Scale(
        size=Size(rows=rows, cols=cols),
        keys=options.keys,
        crowds=tuple(int(each) for each in options.crowds.split(",")),
        pauses_ms=tuple(int(each) for each in options.pauses.split(",")),
        memory_crowds=tuple(int(each) for each in options.memory_crowds.split(",")),
        flood_lines=options.lines,
        steps=frozenset(options.steps.split(",")),
    )


def _targets(only: str) -> list[Target]:
    missing = missing_for_sshd()
    if missing and only != "pairterm":
        print(f"left out: sshd + tmux (not installed: {missing})", file=sys.stderr)
    targets: list[Target] = [] if only == "sshd" else [Pairterm()]
    return targets if missing or only == "pairterm" else [*targets, SshTmux()]


async def _run(options: argparse.Namespace) -> Results:
    scale = _scale(options)
    results: Results = {}
    for number in range(options.rounds):
        if "pace" in scale.steps:
            print(f"round {number + 1}: pace", file=sys.stderr)
            beside = [Pairterm(checkout=options.before)] if options.before is not None else []
            for name, samples in (await run_pace([*_targets(options.only), *beside], scale)).items():
                _add(results, name, samples)
        for target in _targets(options.only) if scale.steps - {"pace", ""} else ():
            print(f"round {number + 1}: {target.name}", file=sys.stderr)
            _add(results, target.name, await run_course(target, scale))
        if "flood" in scale.steps and not missing_for_sshd():
            _add(results, "sshd + tmux", await run_detached_flood(scale))
    await _run_limits(options, results)
    return results


async def _run_limits(options: argparse.Namespace, results: Results) -> None:
    wanted = options.limits.split(",")
    targets = _targets(options.only)
    if "slow" in wanted:
        for target in targets:
            print(f"slow watcher: {target.name}", file=sys.stderr)
            _add(results, target.name, await run_slow_watcher(target, seconds=options.seconds))
    if "observers" in wanted and options.only != "sshd":
        print("observers", file=sys.stderr)
        _add(results, "pairterm", await run_observers(options.observers, options.seconds))
    if "idle" in wanted and options.only != "sshd":
        print("idle sessions", file=sys.stderr)
        _add(results, "pairterm", await run_idle(options.sessions, 4, 2 * options.seconds))
    if "relayed" in wanted and options.only != "sshd":
        print("a relayed session", file=sys.stderr)
        _add(results, "pairterm", await run_relayed(options.keys))


def _add(results: Results, name: str, samples: Samples) -> None:
    for figure, values in samples.items():
        results.setdefault(name, {}).setdefault(figure, []).extend(values)


def main() -> None:
    """Run what the command line asks for."""
    options = _options()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if most == resource.RLIM_INFINITY else min(_DESCRIPTORS, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    results = asyncio.run(_run(options))
    for key, value in machine().items():
        print(f"{key}: {value}")
    print()
    print(table(results, ours="pairterm", theirs="sshd + tmux"))
    if options.before is not None:
        print()
        print(table(results, ours="pairterm", theirs=BEFORE))
    if options.json:
        options.json.write_text(as_json(results, {key: str(value) for key, value in vars(options).items()}))


main()
