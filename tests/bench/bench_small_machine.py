"""What a machine of one vCPU and 1 GiB carries: gateway, hosts and shells in a cgroup of that size, the guests outside.

`python -m tests.bench.bench_small_machine` prints a table in Markdown. It passes no judgement: figures only.
The CPU is a quota of 100 ms in each 100 ms. The memory is a limit: the kernel ends a process that needs more, and
that may be the bench, which starts the servers from inside. Then the load does not fit.
It needs root and a cgroup hierarchy (version 2, or 1) with the controllers cpu and memory. The guests run on
the same machine, so a busy machine makes the ages worse.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import statistics
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pairterm.types import Size
from tests.bench.peers.course import Samples
from tests.bench.peers.limits import run_idle, run_observers
from tests.bench.peers.targets import Pairterm

_TREE = Path("/sys/fs/cgroup")

_PERIOD_US = 100_000

_DESCRIPTORS = 16_384


class Cgroup:
    """A cgroup of one CPU and some memory, and the place of this process before."""

    def __init__(self, memory_bytes: int) -> None:
        self._is_v2 = {"cpu", "memory"} <= set(_words(_TREE / "cgroup.controllers"))
        name = f"pairterm-bench-{os.getpid()}"
        if self._is_v2:
            self._places = [_TREE / name]
            limits = {"cpu.max": f"{_PERIOD_US} {_PERIOD_US}", "memory.max": memory_bytes, "memory.swap.max": 0}
        else:
            self._places = [_TREE / "cpu" / name, _TREE / "memory" / name]
            limits = {"cpu.cfs_period_us": _PERIOD_US, "cpu.cfs_quota_us": _PERIOD_US}
            limits |= {"memory.limit_in_bytes": memory_bytes}
        for place in self._places:
            place.mkdir()
        for key, value in limits.items():
            found = [place / key for place in self._places if (place / key).exists()]
            if found or key != "memory.swap.max":  # A kernel without swap lacks that file.
                found[0].write_text(str(value))

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Let this process be in the cgroup for the block: the processes that it starts there stay."""
        before = [self._tree_of(place) / _own_path(self._controller(place)) for place in self._places]
        _enter(self._places)
        try:
            yield
        finally:
            _enter(before)

    def peak_bytes(self) -> int:
        """Return the most memory that it had, with the page cache that the kernel charges to it."""
        return int(self._read("memory.peak" if self._is_v2 else "memory.max_usage_in_bytes"))

    def kills(self) -> int:
        """Return how many processes the kernel has ended for memory."""
        text = self._read("memory.events" if self._is_v2 else "memory.oom_control")
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill "))

    def throttled(self) -> float:
        """Return the share of the periods in which the CPU ran out."""
        found = dict(line.split() for line in self._read("cpu.stat").splitlines())
        return int(found["nr_throttled"]) / max(int(found["nr_periods"]), 1)

    def close(self) -> None:
        """Remove it. All of its processes have ended."""
        for place in self._places:
            place.rmdir()

    def _read(self, key: str) -> str:
        return next(place / key for place in self._places if (place / key).exists()).read_text()

    def _tree_of(self, place: Path) -> Path:
        return _TREE if self._is_v2 else place.parent

    def _controller(self, place: Path) -> str:
        return "" if self._is_v2 else place.parent.name


def _words(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _own_path(controller: str) -> str:
    """Return where this process is in the hierarchy of a controller; "" for version 2."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path.lstrip("/")
    raise LookupError(controller)


def _enter(places: list[Path]) -> None:
    for place in places:
        (place / "cgroup.procs").write_text(str(os.getpid()))


class _Small(Pairterm):
    """The servers in the cgroup."""

    def __init__(self, cgroup: Cgroup) -> None:
        super().__init__()
        self._cgroup = cgroup

    def start(self, size: Size, *, sessions: int = 1) -> None:
        with self._cgroup.entered():
            super().start(size, sessions=sessions)


def _row(name: str, samples: Samples, cgroup: Cgroup) -> str:
    ages = sorted(next((each for key, each in samples.items() if key.endswith("age")), []))
    cpu = next(each[0] for key, each in samples.items() if "cpu" in key)
    shown = [f"{statistics.median(ages) * 1000:.0f} ms", f"{ages[int(len(ages) * 0.99)] * 1000:.0f} ms"] if ages else []
    cells = [name, *(shown or ["", ""]), f"{cpu:.2f}", f"{cgroup.throttled():.2f}",
             f"{cgroup.peak_bytes() / (1 << 20):.0f} MiB", str(cgroup.kills())]  # fmt: skip
    return f"| {' | '.join(cells)} |"


async def _measure(options: argparse.Namespace) -> None:
    heads = ("load", "age, p50", "age, p99", "CPU, cores", "periods throttled", "memory at most", "killed for memory")
    print(f"| {' | '.join(heads)} |\n|---|{'---:|' * (len(heads) - 1)}", flush=True)
    for observers in (int(each) for each in options.observers.split(",") if each):
        with closing(Cgroup(options.mebibytes << 20)) as cgroup:
            samples = await run_observers(observers, options.seconds, _Small(cgroup))
            print(_row(f"{observers} watch a busy screen", samples, cgroup), flush=True)
    for each in options.sessions.split(","):
        sessions, _, clients = each.partition("x")
        with closing(Cgroup(options.mebibytes << 20)) as cgroup:
            samples = await run_idle(int(sessions), int(clients), options.seconds, _Small(cgroup))
            print(_row(f"{sessions} idle sessions of {clients} guests", samples, cgroup), flush=True)


def main() -> None:
    """Run the loads and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_small_machine", description=__doc__)
    parser.add_argument("--observers", default="100,500", help="how many watch one busy screen")
    parser.add_argument("--sessions", default="20x25,40x25,50x15", help="idle sessions x guests of each")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each is watched")
    parser.add_argument("--mebibytes", type=int, default=1024, help="the memory of the machine")
    options = parser.parse_args()
    if os.getuid() != 0 or not _TREE.is_dir():
        print("left out: it needs root and cgroups")
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_DESCRIPTORS, most), most))
    print(f"one CPU, in a cgroup; Python {sys.version.split()[0]}\n")
    asyncio.run(_measure(options))


if __name__ == "__main__":
    main()
