"""The clock of a player: position, speed, pause and idle limit. It knows no other clock: `now_s` is an argument."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

__all__ = ["SPEEDS", "PlayerClock"]

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


class PlayerClock:
    """Where a player is."""

    def __init__(self, times: Sequence[float], *, speed: float = 1.0, idle_limit_s: float | None = None) -> None:
        """`times` of all events, in order; it may grow. `idle_limit_s`: no pause is played longer than this."""
        self._times = times
        self.speed = speed
        self.idle_limit_s = idle_limit_s
        self.position_s = 0.0
        self.is_paused = False
        self._last_s: float | None = None

    @property
    def end_s(self) -> float:
        """The time of the last event."""
        return self._times[-1] if self._times else 0.0

    def advance(self, now_s: float) -> float:
        """Return the position at this time. It stops at the end."""
        passed_s = 0.0 if self._last_s is None or self.is_paused else (now_s - self._last_s) * self.speed
        self._last_s = now_s
        self.position_s = min(self.position_s + max(0.0, passed_s), max(self.end_s, self.position_s))
        limit_s = self.idle_limit_s
        if limit_s is not None and not self.is_paused:
            at = bisect_right(self._times, self.position_s)
            before_s = self._times[at - 1] if at else 0.0
            if at < len(self._times) and self.position_s >= before_s + limit_s * self.speed:
                self.position_s = self._times[at]
        return self.position_s

    def next_due_s(self) -> float | None:
        """Return in how many seconds the next event is due; None: paused, or at the end."""
        at = bisect_right(self._times, self.position_s)
        if self.is_paused or at == len(self._times):
            return None
        due_s = (self._times[at] - self.position_s) / self.speed
        if self.idle_limit_s is not None:
            before_s = self._times[at - 1] if at else 0.0
            due_s = min(due_s, max(0.0, (before_s - self.position_s) / self.speed + self.idle_limit_s))
        return due_s

    def seek(self, position_s: float) -> None:
        """Go to a time of the recording."""
        self.position_s = min(max(0.0, position_s), self.end_s)

    def faster(self, steps: int) -> None:
        """Take the next speed, or with a negative number a slower one."""
        near = min(range(len(SPEEDS)), key=lambda at: abs(SPEEDS[at] - self.speed))
        self.speed = SPEEDS[min(max(0, near + steps), len(SPEEDS) - 1)]
