"""Ends everything that a session started, including processes that ignore a hang-up or left their process group.

On Linux the host is a subreaper: a process whose parent in the session has ended becomes
the host's child, so the whole tree can be walked. Elsewhere the tree is what `ps` says of
parents.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Collection

from pairterm.host.children import collect_orphans
from pairterm.host.host_watcher import WATCH_MARK
from pairterm.host.process_list import processes, ps

__all__ = ["descendants", "end_tree"]

_HANGUP_GRACE_S = 2.0
"""Time between HUP and KILL: enough for an editor to save its swap file."""

_OWN_MODULES = ("pairterm.host", "pairterm.fork", "pairterm.gateway", WATCH_MARK)
"""What `spawn.start` runs, the fork server, and a host's watcher. A session may start them, but its end does not end
them."""

_POLL_S = 0.02

_KILL_ROUNDS = 50
"""After this many rounds of `_POLL_S`, a tree that forks faster than it is killed is given up."""


def descendants(spared: Collection[int] = ()) -> set[int]:
    """Return all living processes below this one, but not those in `spared`.

    Other hosts and gateways, and what is below them, are not among them. They may well be below us: a gateway
    that this host started, or a session that was started inside this one.
    """
    known = processes()
    found: set[int] = set()
    layer = {os.getpid()}
    while layer:
        layer = {
            pid
            for pid, (parent, is_zombie) in known.items()
            if parent in layer and not (is_zombie or pid in found or pid in spared) and not _is_host_or_gateway(pid)
        }
        found |= layer
    return found


def _is_host_or_gateway(pid: int) -> bool:
    """Return whether a process is a host, a gateway or a watcher, by the end of its arguments."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return cmdline.read().endswith(tuple(f"\0-m\0{each}\0".encode() for each in _OWN_MODULES))
        return False
    else:  # noqa: RET505 -- mypy takes one platform's branch and calls the rest unreachable
        return ps("-o", "command=", "-p", str(pid)).rstrip().endswith(tuple(f" -m {each}" for each in _OWN_MODULES))


def _signal(pids: Collection[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


async def end_tree(programs: Collection[int], *, spared: Collection[int] = ()) -> None:
    """End all `descendants` but `spared`: HUP (and CONT, for stopped ones), and KILL after a grace.

    It returns when none is left, or when the rest can't be ended (processes of another user, by sudo).
    `programs` are the session's programs, as in `collect_orphans`.
    """
    loop = asyncio.get_running_loop()
    left = descendants(spared)
    _signal(left, signal.SIGHUP)
    _signal(left, signal.SIGCONT)
    deadline_s = loop.time() + _HANGUP_GRACE_S
    while left and loop.time() < deadline_s:
        await asyncio.sleep(_POLL_S)
        collect_orphans(programs)
        left = descendants(spared)
    for _ in range(_KILL_ROUNDS):
        if not left:
            return
        _signal(left, signal.SIGKILL)
        await asyncio.sleep(_POLL_S)
        collect_orphans(programs)
        left = descendants(spared)
