"""How long the tests run: CI has minutes, `make nightly` has the night."""

from __future__ import annotations

import os

__all__ = ["NIGHTLY", "by_day"]

NIGHTLY = "PAIRTERM_NIGHTLY" in os.environ


def by_day(count: int, *, at_night: int) -> int:
    """Return `count`, or in `make nightly` the larger count of the long form."""
    return at_night if NIGHTLY else count
