"""The processes of this machine: their parents, and which of them have ended. Read from /proc, elsewhere from `ps`."""

from __future__ import annotations

import os
import sys

__all__ = ["processes", "ps", "state_and_parent"]


def processes() -> dict[int, tuple[int, bool]]:
    """Return pid → (parent, whether it is a zombie) of all processes."""
    if sys.platform == "linux":
        return _processes_by_proc()
    else:  # noqa: RET505 -- mypy takes one platform's branch and calls the rest unreachable
        return _processes_by_ps()


def state_and_parent(pid: int) -> tuple[str, int] | None:
    """Return the state of a process (proc(5), a letter) and its parent (Linux); None if there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            # The name in parentheses may hold anything, parentheses too: read on from the last one.
            state, parent, *_ = stat.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return None
    return state.decode("ascii"), int(parent)


def ps(*options: str) -> str:
    """Return what `ps` prints."""
    # Here, not at the top: on Linux it is not needed, and `pairterm ls` would load it.
    import subprocess

    return subprocess.run(["ps", *options], capture_output=True, text=True, check=False).stdout


def _processes_by_proc() -> dict[int, tuple[int, bool]]:
    found: dict[int, tuple[int, bool]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (read := state_and_parent(int(entry))) is not None:
            state, parent = read
            found[int(entry)] = parent, state == "Z"
    return found


def _processes_by_ps() -> dict[int, tuple[int, bool]]:
    lines = (line.split() for line in ps("-A", "-o", "pid=,ppid=,state=").splitlines())
    return {int(pid): (int(parent), state.startswith("Z")) for pid, parent, state in lines}
