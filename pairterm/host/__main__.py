"""Entry of a host process: `python -m pairterm.host`, settings on standard input (see `spawn`)."""

import sys

from pairterm.host.run import main

sys.exit(main())
