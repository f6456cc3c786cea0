"""Ends the processes that a killed host left: `python -m pairterm.host.sweep_after_kill PID`, run by its `watcher`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys

from pairterm.host.end_process_tree import end_tree
from pairterm.runtime.logs import log_to_stderr

__all__ = ["main"]

logger = logging.getLogger(__name__)


def main(host: int) -> int:
    """End all processes below this one, the parent of the host. Return the exit status."""
    log_to_stderr(logging.INFO, is_own_file=True)
    code = -signal.SIGKILL
    # The host's children become ours when the host is collected. Some shells have collected it already.
    with contextlib.suppress(ChildProcessError):
        code = os.waitstatus_to_exitcode(os.waitpid(host, 0)[1])
    logger.error("the host was killed (%d): ending the processes of its session", code)
    asyncio.run(end_tree([host]))
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
