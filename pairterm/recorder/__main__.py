"""`python -m pairterm.recorder`: a host starts it, with the settings on standard input."""

from __future__ import annotations

import sys

from pairterm.recorder.run import main

sys.exit(main())
