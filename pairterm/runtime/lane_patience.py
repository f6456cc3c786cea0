"""When a typing lane is opened again that was of no use: less and less often, because to open it costs time too."""

from __future__ import annotations

__all__ = ["Patience"]

_MOST_LEFT_OUT = 63


class Patience:
    """Counts the times at which a lane could be opened."""

    def __init__(self) -> None:
        self._left_out = 0
        """So many times it was not opened after it was last of no use."""
        self._to_leave_out = 0

    def tries(self) -> bool:
        """Return whether to open the lane this time."""
        if self._left_out < self._to_leave_out:
            self._left_out += 1
            return False
        return True

    def tried(self, *, is_used: bool) -> None:
        """Take note that the lane was closed, and whether anything went through it."""
        self._left_out = 0
        self._to_leave_out = 0 if is_used else min(2 * self._to_leave_out + 1, _MOST_LEFT_OUT)
