"""When one client may be painted again. Pure: times are arguments, in seconds of one clock.

A change is painted at once if the client has been quiet, so a keystroke's echo
never waits for a tick; then at most every `MIN_INTERVAL_S`, longer after large
paintings (a byte rate), and not while the connection still holds what was painted
before: what waits there is a picture already stale.
"""

from __future__ import annotations

__all__ = ["Pacer"]

_MIN_INTERVAL_S = 0.016
"""60 paintings a second: what a display shows and an eye follows."""

_MAX_BYTES_PER_S = 1_000_000
"""What one viewer of a flood may cost; 60 full screens of plain text a second are 115 kB."""

_MAX_IN_FLIGHT_BYTES = 4096
"""What may still be under way when the next painting goes out: keystrokes' echoes on a long
line overlap, whole screens don't."""

_FIRST_RETRY_S = 0.008
_LAST_RETRY_S = 0.1
"""How often a connection that does not drain is looked at: soon at first, then ten times a second."""


class Pacer:
    """The pace of one client."""

    def __init__(self, *, max_bytes_per_s: int = _MAX_BYTES_PER_S) -> None:
        self._max_bytes_per_s = max_bytes_per_s
        self._free_at_s = float("-inf")
        self._retry_s = _FIRST_RETRY_S

    def delay_s(self, now_s: float, in_flight_bytes: int | None) -> float:
        """Return how long to wait before looking again; 0 means paint now.

        `in_flight_bytes` is what the connection holds of earlier paintings; None
        when it can't be written to at all (a key exchange is under way).
        """
        if in_flight_bytes is None or in_flight_bytes > _MAX_IN_FLIGHT_BYTES:
            delay_s = self._retry_s
            self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)
            return max(delay_s, self._free_at_s - now_s)
        self._retry_s = _FIRST_RETRY_S
        return max(0.0, self._free_at_s - now_s)

    def painted(self, now_s: float, painted_bytes: int) -> None:
        """Take note of a painting."""
        self._free_at_s = now_s + max(_MIN_INTERVAL_S, painted_bytes / self._max_bytes_per_s)
