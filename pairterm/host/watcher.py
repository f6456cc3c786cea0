"""A tiny process above each host, which ends what is left when the host is killed (Linux).

A host ends its session's processes itself (see `tree`). One that is killed (`kill -9`, out
of memory) can't, and the kernel ends its program alone: what ignores the hang-up, or has
left the terminal, would run on. So the process that was started as the host forks, and
becomes `/bin/sh`, waiting for one line from its child, the host. The line is the exit
status. Without a line the host was killed, and the shell becomes `host.sweep`. It is a
subreaper, which lasts through exec: all that the host had below it is then its child.

A shell, and not the Python that forked: it takes a tenth of the memory.
"""

import contextlib
import ctypes
import os
import signal
import sys

__all__ = ["WATCH_MARK", "fork_host", "tell_status"]

WATCH_MARK = "pairterm.host.watcher"
"""How the shell's arguments end, by `-m`: other sessions' ends spare it, as they spare a host."""

_PR_SET_CHILD_SUBREAPER = 36
"""prctl(2), Linux 3.4 and later."""

_SCRIPT = 'read -r status && exit "$status"; exec "$0" -P -m pairterm.host.sweeper "$1"'

_IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGTSTP)
"""The host takes these, and its end is the watcher's."""


def fork_host() -> int:
    """Return in a child, which is the host; the process that was started watches it from now on, and never returns.

    Returns the descriptor for `tell_status`, -1 where nobody watches. No thread may have been started, and
    nothing read from standard input.
    """
    if sys.platform != "linux":
        return -1
    reading, writing = os.pipe()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    host = os.fork()
    if host == 0:
        os.close(reading)
        return writing
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    # The host alone holds what its starter gave it: when it lets go of the standard output, the starter is to see that.
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
