"""Entry of a host process: `python -m pairterm.host`, settings on standard input (see `spawn`)."""

import sys

from pairterm.host.slim import leaving_out

# asyncio and hashlib load OpenSSL where it is there, some 2 MB; a session on this machine never needs it. Whoever
# does later (an https hook) imports it then. msgspec takes typing_extensions where Python's own typing would do.
with leaving_out("ssl", "_hashlib", "typing_extensions"):
    from pairterm.host.run import main

sys.exit(main())
