"""The entry point of a host process: `python -m pairterm.host`, with its settings on standard input (see `spawn`).

With a socket on standard input, it is the fork server (see `fork_server`).
"""

import os
import stat
import sys
from collections.abc import Callable
from typing import Any

from pairterm.host.early_gateway import EarlyGateway
from pairterm.host.host_watcher import fork_host, tell_status
from pairterm.host.small_process import without_modules
from pairterm.runtime.spawn import read_settings


def _loaded_main() -> Callable[[dict[str, Any], EarlyGateway], int]:
    # asyncio and hashlib load OpenSSL if it is installed, some 2 MB. A session on this machine never needs it, and an
    # https hook imports it later. msgspec imports typing_extensions, though Python's own typing is enough.
    with without_modules("ssl", "_hashlib", "typing_extensions"):
        from pairterm.host.run import main

    return main


if stat.S_ISSOCK(os.fstat(0).st_mode):
    from pairterm.host.fork_server import serve

    _loaded_main()
    serve()  # It returns in each host that it forks.
# Before heavy modules are loaded: the fork would copy them, only to become a shell.
watcher = fork_host()
status = 1
try:
    settings = read_settings()
    gateway = EarlyGateway(settings)
    status = _loaded_main()(settings, gateway)
except SystemExit as exit_:
    status = exit_.code if isinstance(exit_.code, int) else 1
    raise
finally:
    tell_status(watcher, status)
sys.exit(status)
