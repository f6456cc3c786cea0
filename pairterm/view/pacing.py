"""When one client may be painted again. Pure: times are arguments, in seconds of one clock.

A change is painted at once as long as the client has allowance left (`pairterm.picture_allowance`). So
the echo of a key never waits for a tick, however fast the keys come. After that, the
client is painted 60 times a second, or less often after large paintings (a byte rate).
While the connection still holds earlier paintings, nothing is painted: a picture that
waits there is stale already.
"""

from __future__ import annotations

from pairterm.picture_allowance import Pace

__all__ = ["MAX_IN_FLIGHT_BYTES", "Pacer"]

_SMALL_BYTES = 256
"""A painting of at most so many bytes is small: a key's echo with the status line, or a line of text."""

_MAX_BYTES_PER_S = 1_000_000
"""The byte rate for one viewer of a flood. 60 full screens of plain text a second are 115 kB."""

MAX_IN_FLIGHT_BYTES = 4096
"""The connection may hold so many bytes when the next painting is sent. On a slow line, echoes of keys overlap, but
whole screens do not."""

_FIRST_RETRY_S = 0.008
_LAST_RETRY_S = 0.1
"""How often we look at a connection that does not drain: soon at first, then ten times a second."""


class Pacer:
    """The pace of one client."""

    def __init__(self, *, max_bytes_per_s: int = _MAX_BYTES_PER_S) -> None:
        self._max_bytes_per_s = max_bytes_per_s
        self._pace = Pace()
        self.free_at_s = float("-inf")
        """Before this time, nothing may be painted."""
        self._retry_s = _FIRST_RETRY_S

    def delay_s(self, now_s: float, in_flight_bytes: int | None) -> float:
        """Return how long to wait before the next look. 0: paint now.

        `in_flight_bytes`: the bytes of earlier paintings that the connection still holds. None: the
        connection can't be written to, because a key exchange is running.
        """
        if in_flight_bytes is None or in_flight_bytes > MAX_IN_FLIGHT_BYTES:
            delay_s = self._retry_s
            self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)
            return max(delay_s, self.free_at_s - now_s)
        self._retry_s = _FIRST_RETRY_S
        return self.free_at_s - now_s if self.free_at_s > now_s else 0.0

    def take_over(self, other: Pacer) -> None:
        """Go on from another client's pace, which was this one's in the meantime. The slower one of both counts."""
        self._pace.take_over(other._pace)
        self.free_at_s = max(self.free_at_s, other.free_at_s)

    def painted(self, now_s: float, painted_bytes: int) -> None:
        """Count a painting that was sent."""
        self._pace.sent(now_s, is_small=painted_bytes <= _SMALL_BYTES)
        free_at_s, drained_s = self._pace.free_at_s, now_s + painted_bytes / self._max_bytes_per_s
        self._retry_s = _FIRST_RETRY_S
        self.free_at_s = free_at_s if free_at_s > drained_s else drained_s
