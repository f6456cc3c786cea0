"""When the output of each pane is read: all panes share the time of one loop.

In one turn of the loop, all panes together are read for about 2 ms. The rest stays in
the pty, and its program waits. While somebody types in a pane, the other panes give
way: a busy one is read for one piece, and then it rests. So the echo finds an idle
host. It also finds an idle processor: the kernel passes the bytes of a pty on in threads
of its own, which would wait behind the flooding program and the host. No I/O and no
clock: times are arguments, in seconds of the loop's clock.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["ReadingPace", "ReadingTurn"]

_TURN_S = 0.002
"""How long one turn of the loop may read the output of programs: people's input, and the echo in another pane, wait
no longer than that. A turn costs the loop about 50 µs."""

_TYPING_S = 1.0
"""After a key, somebody types in the pane for so long: longer than the pause between two words."""

_REST_S = 0.008
"""A busy pane rests so long after a piece, and after a key in another pane. Most echoes are there by then, and a
flood still has more pieces than a screen shows pictures."""

_LONGEST_REST_S = 0.032
"""A pane rests no longer than this, even if keys come all the time, as in a paste."""


class ReadingTurn:
    """What the paces of all panes share: the time that one turn of the loop has left, and when somebody typed last."""

    def __init__(self, call_soon: Callable[[Callable[[], None]], object]) -> None:
        """`call_soon` calls a function in the next turn of the loop."""
        self._call_soon = call_soon
        self._until_s: float | None = None
        self.typed_s = float("-inf")

    def has_time(self, now_s: float) -> bool:
        """Return whether there is time to read another piece. The first question in a turn of the loop begins it."""
        if self._until_s is None:
            self._until_s = now_s + _TURN_S
            self._call_soon(self._end)
        return now_s < self._until_s

    def _end(self) -> None:
        self._until_s = None


class ReadingPace:
    """When one pane is read."""

    def __init__(self, turn: ReadingTurn) -> None:
        self._turn = turn
        self._typed_s = self._read_s = float("-inf")

    def typed(self, now_s: float) -> None:
        """Note that the pane's program gets input."""
        self._typed_s = self._turn.typed_s = now_s

    def due_s(self, now_s: float) -> float:
        """Return when the pane may be read. If it may be read now, that is not later than `now_s`."""
        longest_s = self._read_s + _LONGEST_REST_S
        if now_s >= longest_s or not self._gives_way(now_s):
            return now_s
        return min(max(self._read_s, self._turn.typed_s) + _REST_S, longest_s)

    def has_read(self, now_s: float, *, has_more: bool = True) -> bool:
        """Note that a piece was read. Return whether to read another one: if there is more, and time for it.

        The echo of a key has no more. It begins no turn, which would wake the loop once more for each key.
        """
        self._read_s = now_s
        return has_more and not self._gives_way(now_s) and self._turn.has_time(now_s)

    def _gives_way(self, now_s: float) -> bool:
        """Return whether somebody types in another pane, and nobody in this one."""
        return now_s < self._turn.typed_s + _TYPING_S and now_s >= self._typed_s + _TYPING_S
