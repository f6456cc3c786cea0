"""Entry of a host process: `python -m pairterm.host`, settings on standard input (see `spawn`)."""

import sys

from pairterm.host.small_process import without_modules
from pairterm.host.watcher import fork_host, tell_status


def _main() -> int:
    # asyncio and hashlib load OpenSSL where it is there, some 2 MB; a session on this machine never needs it. Whoever
    # does later (an https hook) imports it then. msgspec takes typing_extensions where Python's own typing would do.
    with without_modules("ssl", "_hashlib", "typing_extensions"):
        from pairterm.host.run import main

    return main()


# Before all that is heavy is loaded: the watcher would keep it in memory while it becomes a shell.
watcher = fork_host()
status = 1
try:
    status = _main()
except SystemExit as exit_:
    status = exit_.code if isinstance(exit_.code, int) else 1
    raise
finally:
    tell_status(watcher, status)
sys.exit(status)
