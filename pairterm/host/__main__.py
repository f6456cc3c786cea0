"""The entry point of a host process: `python -m pairterm.host`, with its settings on standard input (see `spawn`)."""

import sys

from pairterm.host.host_watcher import fork_host, tell_status
from pairterm.host.small_process import without_modules


def _main() -> int:
    # asyncio and hashlib load OpenSSL if it is installed, some 2 MB. A session on this machine never needs it, and an
    # https hook imports it later. msgspec imports typing_extensions, though Python's own typing is enough.
    with without_modules("ssl", "_hashlib", "typing_extensions"):
        from pairterm.host.run import main

    return main()


# Before heavy modules are loaded: the fork would copy them, only to become a shell.
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
