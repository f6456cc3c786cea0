"""`python -m pairterm.editor`: a host starts it for pair-ls at a gateway, with the settings on standard input."""

from __future__ import annotations

import sys

from pairterm.editor.published import main

sys.exit(main())
