"""How long a message stays on the screen."""

from __future__ import annotations

__all__ = ["MESSAGE_S", "MORE_LINE_S", "message_s"]

MESSAGE_S = 4.0
"""How long a message of one line, or a changed size, stays."""

MORE_LINE_S = 1.5
"""How much longer a message stays for each further line."""


def message_s(lines: int) -> float:
    """Return how long a message of so many lines stays."""
    return MESSAGE_S + MORE_LINE_S * (lines - 1)
