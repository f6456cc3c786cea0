"""Whether the terminal that a command runs in can show a session.

It loads no event loop: `new` checks its terminal before it starts the host.
"""

from __future__ import annotations

import os

from pairterm.errors import UsageError
from pairterm.view.terminal_kind import TerminalKind

__all__ = ["check_terminal"]


def check_terminal(advice: str = ": run this command in one") -> TerminalKind:
    """Return what the terminal that we run in can do; `advice` is for a person without one.

    Raises:
        UsageError: Standard input and output are no terminal, or it can't show a session.
    """
    if not (os.isatty(0) and os.isatty(1)):
        raise UsageError(f"not a terminal{advice}", code="not_a_terminal")
    lang = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG", "")
    return TerminalKind.of(os.environ.get("TERM", ""), colorterm=os.environ.get("COLORTERM", ""), lang=lang)
