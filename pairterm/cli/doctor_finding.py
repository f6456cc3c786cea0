"""The result of one check of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, whether it is right, and what to do."""

    what: str
    is_right: bool
    found: str
    advice: str = ""
    """What to do; "" if there is nothing to do."""
