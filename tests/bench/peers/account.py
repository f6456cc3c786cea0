"""What processes cost, as the kernel accounts it (Linux).

CPU is the scheduler's run time in nanoseconds, not ticks of 10 ms. Memory is PSS:
a page that n processes share counts 1/n for each, so sums over processes are honest.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["cpu_s", "descendants", "pss_bytes"]


def cpu_s(pids: Iterable[int]) -> float:
    """Return the CPU time that these processes have used up to now, all threads; one that is gone counts 0."""
    total_ns = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):
                    total_ns += int(Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
    return total_ns / 1e9


def pss_bytes(pids: Iterable[int]) -> int:
    """Return the memory of these processes; one that is gone counts 0."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) << 10
    return total


def descendants(pid: int) -> list[int]:
    """Return all processes below `pid`, without itself."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError):
                stat = Path(f"/proc/{entry}/stat").read_bytes()
                children.setdefault(int(stat.rpartition(b")")[2].split()[1]), []).append(int(entry))
    found: list[int] = []
    layer = [pid]
    while layer:
        layer = [child for parent in layer for child in children.get(parent, ())]
        found += layer
    return found
