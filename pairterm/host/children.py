"""The children of a host: those that a thread waits for, and adopted orphans, which are collected here.

A host is a subreaper (see `host_watcher.adopt_orphans`), so processes that its session
leaves behind become its children, and somebody has to collect them when they end. A child
that `subprocess` waits for must not be collected here: its exit status would read as 0.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator

from pairterm.host.process_list import processes

__all__ = ["collect_orphans", "waited_for"]

_starting = threading.Lock()
"""Held from the start of a child until its id is in `_waited_for`: it may end before that."""

_waited_for: set[int] = set()


@contextlib.contextmanager
def waited_for(start: Callable[[], subprocess.Popen[bytes]]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a child whose exit status the caller takes. `collect_orphans` leaves it alone within the block.

    It may be used in any thread.
    """
    with _starting:
        process = start()
        _waited_for.add(process.pid)
    try:
        yield process
    finally:
        _waited_for.discard(process.pid)


def collect_orphans(programs: Collection[int]) -> None:
    """Collect the children that have ended, except the session's programs and those that are `waited_for`.

    It costs one system call if no child has ended. It does nothing where there is no subreaper (not Linux):
    `ps` is a child there, and its end would start another look, without end.
    """
    if sys.platform != "linux":
        return
    if not _starting.acquire(blocking=False):
        return  # A child is being started. Its end calls us again.
    try:
        kept = {*programs, *_waited_for}
        while (pid := _ended_child()) is not None:
            if pid in kept:
                # The kernel names this one first until its owner collects it. Others may stand behind it.
                _collect([each for each in _ended_children() if each not in kept])
                return
            _collect([pid])
    finally:
        _starting.release()


def _ended_child() -> int | None:
    """Return a child that has ended and is not collected yet; None if there is none. It stays uncollected."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return found.si_pid if found is not None else None


def _ended_children() -> list[int]:
    return [pid for pid, (parent, is_zombie) in processes().items() if is_zombie and parent == os.getpid()]


def _collect(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
