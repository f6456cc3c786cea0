"""Moves of the cursor that scroll lines or look at them: line feeds, IND, RI, and reverse wraparound.

Source: xterm ctlseqs; VT510, "Cursor Movement".
"""

from __future__ import annotations

from pairterm.terminal.cursor import Cursor
from pairterm.terminal.grid import Grid
from pairterm.terminal.modes import AUTOWRAP, FAR_REVERSE_WRAP, NEW_LINE, REVERSE_WRAP, ModeSet

__all__ = ["Scroller"]


class Scroller:
    """Moves the cursor of one terminal, and scrolls its lines."""

    __slots__ = ("_cursor", "_grid", "_lines", "_modes")

    def __init__(self, cursor: Cursor, grid: Grid, modes: ModeSet) -> None:
        self._cursor = cursor
        self._grid = grid
        self._lines = grid.lines
        self._modes = modes.numbers

    def linefeed(self) -> None:
        """LF, VT, FF: go down, and scroll at the region's end; with LNM go to column 0 too."""
        cursor = self._cursor
        if NEW_LINE in self._modes:
            cursor.x = 0
        elif cursor.x >= cursor.columns:
            cursor.x = cursor.columns - 1
        y = cursor.y
        line = self._lines[y]
        if line.wrapped:
            line.wrapped = False
            line.is_stale = True
        if y == cursor.bottom:
            self._grid.scroll_up(cursor.top, y)
        elif y < cursor.rows - 1:
            cursor.y = y + 1

    def start_line(self) -> None:
        """CR and LF, which come together most of the time."""
        cursor = self._cursor
        cursor.x = 0
        y = cursor.y
        line = self._lines[y]
        if line.wrapped:
            line.wrapped = False
            line.is_stale = True
        if y == cursor.bottom:
            self._grid.scroll_up(cursor.top, y)
        elif y < cursor.rows - 1:
            cursor.y = y + 1

    def down(self) -> None:
        """Go down in the same column, and scroll at the region's end; a pending wrap stays."""
        cursor = self._cursor
        if cursor.y == cursor.bottom:
            self._grid.scroll_up(cursor.top, cursor.bottom)
        elif cursor.y < cursor.rows - 1:
            cursor.y += 1

    def index(self) -> None:
        """IND: go down, and scroll at the region's end."""
        self._cursor.leave_margin()
        self.down()

    def next_line(self) -> None:
        """NEL: go to the start of the next line."""
        self._cursor.x = 0
        self.down()

    def reverse_index(self) -> None:
        """RI: go up, and scroll down at the region's start."""
        cursor = self._cursor
        cursor.leave_margin()
        if cursor.y == cursor.top:
            self._grid.scroll_down(cursor.top, cursor.bottom)
        elif cursor.y > 0:
            cursor.y -= 1

    # Going back over the start of a line

    def back(self, count: int = 1) -> None:
        """CUB: go back, with reverse wraparound over the start of lines too."""
        modes = self._modes
        if (REVERSE_WRAP in modes or FAR_REVERSE_WRAP in modes) and AUTOWRAP in modes:
            self._wrap_back(count)
        else:
            self._cursor.back(count)

    def backspace(self) -> None:
        """BS: go one column back."""
        self.back(1)

    def _wrap_back(self, count: int) -> None:
        """Go back; the first step from a pending wrap leads to the last column."""
        cursor = self._cursor
        is_far = FAR_REVERSE_WRAP in self._modes
        count = min(count, cursor.columns * cursor.rows)
        while count > 0:
            step = min(count, cursor.x)
            cursor.x -= step
            count -= step
            if not count or not self._enter_line_above(is_far):
                return
            cursor.x = cursor.columns - 1
            count -= 1

    def _enter_line_above(self, is_far: bool) -> bool:
        """Go from column 0 to the line above, if reverse wraparound leads there; return whether it did."""
        cursor = self._cursor
        if not cursor.is_in_region:
            return False
        above = cursor.bottom if cursor.y == cursor.top else cursor.y - 1
        if not is_far and not (above < cursor.y and self._lines[above].wrapped):
            return False
        self._grid.set_wrapped(above, False)
        cursor.y = above
        return True
