"""One thing that `doctor` looked at."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is right, and what to do."""

    what: str
    is_right: bool
    found: str
    advice: str = ""
    """What to do; "" where nothing is to do."""
