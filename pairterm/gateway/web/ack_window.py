"""How much terminal output may be on its way to a page. Pure: `now_s` is an argument.

Behind a proxy the kernel's queue says nothing about the client. So the page acknowledges what its
terminal has shown. The window is what may be unacknowledged without counting as held: about
what the line carries in a round trip. It grows while acknowledgements come as soon as they can, and
is halved when they take much longer, because the line, or a slow phone, has a queue (as in TCP Vegas).
"""

from __future__ import annotations

from collections import deque

__all__ = ["AckWindow"]

_FIRST_BYTES = 16_384
_LEAST_BYTES = 2_048
_MOST_BYTES = 131_072
"""What the pace of a view lets through in 130 ms."""

_SLACK_S = 0.03
"""How much later than the soonest an acknowledgement may come without being late: two frames of a browser."""

_FORGETTING = 1.02
"""By how much the soonest time grows with each acknowledgement: a line may become longer."""


class AckWindow:
    """The output of one page's terminal."""

    def __init__(self) -> None:
        self._sent_bytes = 0
        self._acknowledged_bytes = 0
        self._window_bytes = _FIRST_BYTES
        self._soonest_s = float("inf")
        self._marks: deque[tuple[int, float]] = deque()
        """The total after each writing that is not acknowledged, and when it was written."""
        self._halved_at_bytes = 0

    @property
    def unacknowledged_bytes(self) -> int:
        """How much was sent and not shown yet."""
        return self._sent_bytes - self._acknowledged_bytes

    @property
    def held_bytes(self) -> int:
        """How much of it is more than may be on its way."""
        return max(0, self.unacknowledged_bytes - self._window_bytes)

    def sent(self, size_bytes: int, now_s: float) -> None:
        """Output was written."""
        self._sent_bytes += size_bytes
        self._marks.append((self._sent_bytes, now_s))

    def acknowledged(self, total_bytes: int, now_s: float) -> bool:
        """The terminal has shown so much in all. Return False if that can't be: so much was never sent."""
        if total_bytes > self._sent_bytes:
            return False
        newly_bytes = total_bytes - self._acknowledged_bytes
        if newly_bytes <= 0:
            return True
        was_full = 2 * self.unacknowledged_bytes > self._window_bytes
        self._acknowledged_bytes = total_bytes
        written_s = None
        while self._marks and self._marks[0][0] <= total_bytes:
            _, written_s = self._marks.popleft()
        if written_s is None:
            return True
        took_s = now_s - written_s
        self._soonest_s = min(took_s, self._soonest_s * _FORGETTING)
        if took_s <= 2 * self._soonest_s + _SLACK_S:
            if was_full:
                self._window_bytes = min(_MOST_BYTES, self._window_bytes + newly_bytes)
        elif total_bytes > self._halved_at_bytes:
            self._window_bytes = max(_LEAST_BYTES, self._window_bytes // 2)
            # The output that is on its way was sent under the larger window: it says nothing about the new one.
            self._halved_at_bytes = self._sent_bytes
        return True
