"""A tiny process above each host. It ends what is left of a session when the host is killed (Linux).

A host ends its session's processes itself (see `end_process_tree`). A host that is killed
(`kill -9`, out of memory) can't, and the kernel then ends its program only: a process that
ignores the hang-up, or has left the terminal, would run on.

So the process that was started as the host forks. The child is the host. The parent becomes
`/bin/sh` and waits for one line, the exit status, on a pipe from the host. After that line
it waits for the end of the pipe, that is for the end of the host, and exits with the status.
If the pipe ends without a line, the host was killed, and the shell becomes `host.sweep_after_kill`.
It is a subreaper, and exec does not change that: all processes that were below the host are
its children then.

It is a shell, and not the Python that forked, because a shell takes a tenth of the memory.
"""

import contextlib
import ctypes
import os
import signal
import sys

__all__ = ["WATCH_MARK", "adopt_orphans", "fork_host", "tell_status"]

WATCH_MARK = "pairterm.host.host_watcher"
"""The shell's last argument, after `-m`. By it, the end of another session spares a watcher, as it spares a host."""

_PR_SET_CHILD_SUBREAPER = 36
"""prctl(2), Linux 3.4 and later."""

_SCRIPT = 'read -r status && { read -r rest; exit "$status"; }; exec "$0" -P -m pairterm.host.sweep_after_kill "$1"'

_IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGTSTP)
"""Signals for the host. The watcher ends when the host has ended."""


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans (a subreaper), where the system can. exec keeps it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def fork_host() -> int:
    """Fork, and return in the child, which is the host. The process that was started becomes the watcher.

    Returns the descriptor for `tell_status`; -1 where there is no watcher. Call it before any thread is started
    and before anything is read from standard input.
    """
    if sys.platform != "linux":
        return -1
    reading, writing = os.pipe()
    adopt_orphans()
    host = os.fork()
    if host == 0:
        os.close(reading)
        return writing
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    # Only the host may hold what its starter gave it: the starter waits until the standard output is closed.
    os.dup2(reading, 0)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.closerange(3, max(reading, writing, null) + 1)
    arguments = ["sh", "-c", _SCRIPT, sys.executable, str(host), "-m", WATCH_MARK]
    try:
        os.execv("/bin/sh", arguments)  # noqa: S606 -- it is a shell
    except OSError:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(host, 0)[1]) & 0xFF)


def tell_status(watcher: int, status: int) -> None:
    """Tell the watcher that the host ends by itself, and with which exit status."""
    if watcher >= 0:
        with contextlib.suppress(OSError):
            os.write(watcher, b"%d\n" % (status & 0xFF))
