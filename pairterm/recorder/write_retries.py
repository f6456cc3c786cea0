"""Retries after a failed write: how long a recorder waits before it tries a next file, such as on a full disk."""

from __future__ import annotations

__all__ = ["WriteRetries"]

_PAUSES_S = (1.0, 5.0, 15.0, 60.0)
"""The pauses, the last one for all failures after it."""


class WriteRetries:
    """The failures since the last write that succeeded."""

    def __init__(self) -> None:
        self._failures = 0

    @property
    def is_first(self) -> bool:
        """Whether nothing has failed since the last write that succeeded."""
        return self._failures == 0

    def failed(self) -> float:
        """Count a failure, and return how many seconds to wait before the next try."""
        pause_s = _PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)]
        self._failures += 1
        return pause_s

    def succeeded(self) -> None:
        """Start anew after a write that succeeded."""
        self._failures = 0
