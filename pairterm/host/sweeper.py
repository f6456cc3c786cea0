"""Ends what a killed host left: `python -m pairterm.host.sweeper PID`, run by its watcher (see `watch`)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys

from pairterm.host.process_tree import end_tree
from pairterm.runtime.logs import log_to_stderr

__all__ = ["main"]

logger = logging.getLogger(__name__)


def main(host: int) -> int:
    """End all that is below this process, the parent of the host; return what to exit with."""
    log_to_stderr(logging.INFO, is_own_file=True)
    code = -signal.SIGKILL
    # Only when the host has been waited for are its children ours. Some shells do that by themselves.
    with contextlib.suppress(ChildProcessError):
        code = os.waitstatus_to_exitcode(os.waitpid(host, 0)[1])
    logger.error("the host was killed (%d): what its session started is ended", code)
    asyncio.run(end_tree(host))
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
