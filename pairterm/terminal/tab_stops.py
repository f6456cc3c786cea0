"""Tab stops: the columns that HT, CHT and CBT go to. Columns are 0-based."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

__all__ = ["TabStops"]

_TAB_CELLS = 8
"""Columns between the tab stops of a new terminal (VT100)."""


class TabStops:
    """The tab stops of one screen."""

    __slots__ = ("_columns", "_in_order", "_stops", "are_default")

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self.reset()

    def reset(self) -> None:
        """Set the stops of a new terminal."""
        self._stops = set(range(_TAB_CELLS, self._columns, _TAB_CELLS))
        self.are_default = True
        """No program set or cleared a stop."""
        self._in_order: list[int] | None = None
        """The stops in order; None until they are needed."""

    @property
    def columns(self) -> set[int]:
        """A copy of the stops."""
        return set(self._stops)

    def _ordered(self) -> list[int]:
        if self._in_order is None:
            self._in_order = sorted(stop for stop in self._stops if stop < self._columns)
        return self._in_order

    def after(self, column: int, count: int) -> int:
        """Return the `count`-th stop after a column; the last column if there is none."""
        stops = self._in_order or self._ordered()
        at = bisect_right(stops, column) + count - 1
        return stops[at] if at < len(stops) else self._columns - 1

    def before(self, column: int, count: int) -> int:
        """Return the `count`-th stop before a column; 0 if there is none."""
        stops = self._in_order or self._ordered()
        at = bisect_left(stops, column) - count
        return stops[at] if at >= 0 else 0

    def add(self, column: int) -> None:
        """Set a stop."""
        self._change()
        self._stops.add(column)

    def remove(self, column: int) -> None:
        """Clear the stop at a column, if there is one."""
        self._change()
        self._stops.discard(column)

    def clear(self) -> None:
        """Clear all stops."""
        self._change()
        self._stops.clear()

    def _change(self) -> None:
        self.are_default = False
        self._in_order = None

    def resize(self, columns: int) -> None:
        """Take a new width. The stops stay, and new columns get the default ones."""
        self._stops |= set(range(-(-self._columns // _TAB_CELLS) * _TAB_CELLS, columns, _TAB_CELLS)) - {0}
        self._columns = columns
        self._in_order = None
