"""Ending everything that a session started, also what ignores a hang-up or left its process group.

On Linux the host is a subreaper: whatever a program of the session leaves behind
becomes the host's child, so the whole tree can be walked. Elsewhere the tree is
what `ps` says of parents and of the session's terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Collection

from pairterm.host.watcher import WATCH_MARK

__all__ = ["adopt_orphans", "descendants", "end_tree", "reap"]

_PR_SET_CHILD_SUBREAPER = 36
"""prctl(2), Linux 3.4 and later."""

_HANGUP_GRACE_S = 2.0
"""Time between HUP and KILL: enough for an editor to save its swap file."""

_OWN_MODULES = ("pairterm.host", "pairterm.gateway", WATCH_MARK)
"""What `spawn.start` runs, and the watcher of a host: they have lives of their own, though a session may start them."""

_POLL_S = 0.02

_KILL_ROUNDS = 50
"""A tree that forks faster than it is killed is given up after this many rounds of `_POLL_S`."""


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans, where the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap(program: int) -> None:
    """Collect adopted children that have ended, but not the session's program: its status is waited for.

    Nothing is adopted where there is no subreaper. Looking would do harm there: `ps` is a child too, and
    its end would make us look again, without end.
    """
    if sys.platform != "linux":
        return
    for pid, (parent, is_zombie) in _processes().items():
        if is_zombie and parent == os.getpid() and pid != program:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def descendants(spared: Collection[int] = ()) -> set[int]:
    """Return all living processes below this one, except other hosts and gateways and what is below those.

    They may well be below us: a gateway that this host started, a session that was started inside this one.
    Nor those in `spared`.
    """
    processes = _processes()
    found: set[int] = set()
    layer = {os.getpid()}
    while layer:
        layer = {
            pid
            for pid, (parent, is_zombie) in processes.items()
            if parent in layer and not (is_zombie or pid in found or pid in spared) and not _has_a_life_of_its_own(pid)
        }
        found |= layer
    return found


def _processes() -> dict[int, tuple[int, bool]]:
    """Return pid → (parent, whether it is a zombie) of the system's processes."""
    if sys.platform == "linux":
        return _processes_by_proc()
    else:  # noqa: RET505 -- mypy takes one platform's branch and calls the rest unreachable
        return _processes_by_ps()


def _processes_by_proc() -> dict[int, tuple[int, bool]]:
    found: dict[int, tuple[int, bool]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{entry}/stat", "rb") as stat:
                # The name in parentheses may hold anything, parentheses too: read on from the last one.
                state, parent, *_ = stat.read().rpartition(b")")[2].split()
                found[int(entry)] = int(parent), state == b"Z"
    return found


def _processes_by_ps() -> dict[int, tuple[int, bool]]:
    lines = (line.split() for line in _ps("-A", "-o", "pid=,ppid=,state=").splitlines())
    return {int(pid): (int(parent), state.startswith("Z")) for pid, parent, state in lines}


def _has_a_life_of_its_own(pid: int) -> bool:
    """Return whether a process is a host or a gateway: `python -m pairterm.host`."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return cmdline.read().endswith(tuple(f"\0-m\0{each}\0".encode() for each in _OWN_MODULES))
        return False
    else:  # noqa: RET505 -- as above
        return _ps("-o", "command=", "-p", str(pid)).rstrip().endswith(tuple(f" -m {each}" for each in _OWN_MODULES))


def _ps(*options: str) -> str:
    return subprocess.run(["ps", *options], capture_output=True, text=True, check=False).stdout


def _signal(pids: Collection[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


async def end_tree(program: int, *, spared: Collection[int] = ()) -> None:
    """End all `descendants` but `spared`: HUP (and CONT, for the stopped), KILL after a grace.

    Returns when none is left, or when those left can't be ended (another user's, by sudo). `program` is
    the session's, as in `reap`.
    """
    loop = asyncio.get_running_loop()
    left = descendants(spared)
    _signal(left, signal.SIGHUP)
    _signal(left, signal.SIGCONT)
    deadline_s = loop.time() + _HANGUP_GRACE_S
    while left and loop.time() < deadline_s:
        await asyncio.sleep(_POLL_S)
        reap(program)
        left = descendants(spared)
    for _ in range(_KILL_ROUNDS):
        if not left:
            return
        _signal(left, signal.SIGKILL)
        await asyncio.sleep(_POLL_S)
        reap(program)
        left = descendants(spared)
