"""Where the cursor goes: movement, margins, origin mode, tab stops.

Relative moves stop at the scroll region's edge only when they start inside it (VT100,
xterm). Every move ends a pending wrap. Parameters are as they stand in the sequence:
1-based for positions. Source: xterm ctlseqs; ECMA-48 §8.3.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from pairterm.terminal.ancestor import mo
from pairterm.terminal.writing import Writing

__all__ = ["FAR_REVERSE_WRAP", "REVERSE_WRAP", "Motion"]

REVERSE_WRAP = 45
"""DECSET: the cursor goes back from column 0 to the line that wrapped into this one."""

FAR_REVERSE_WRAP = 1045
"""DECSET: the same to any line, and from the region's first line to its last (xterm's extended reverse-wraparound)."""

_TAB_CELLS = 8
"""Columns between the tab stops of a new terminal (VT100)."""


class Motion(Writing):
    """A canvas with a cursor that is sent about."""

    def _set_default_tabs(self) -> None:
        self.tabstops: set[int] = set(range(_TAB_CELLS, self.columns, _TAB_CELLS))
        self._has_own_tabs = False
        self._stops: list[int] | None = None
        """The tab stops in order; None until they are needed."""

    @property
    def scrolls_plainly(self) -> bool:
        """As of the canvas, and tabs are where they always are."""
        return super().scrolls_plainly and not self._has_own_tabs

    # Absolute

    def go_to(self, row: int, column: int) -> None:
        """CUP, HVP: go to a position counted from 0, and from the scroll region in origin mode."""
        cursor = self.cursor
        cursor.x = column if column < self.columns else self.columns - 1
        if self._is_origin:
            row += self._top
            cursor.y = row if row < self._bottom else self._bottom
        else:
            cursor.y = row if row < self.lines else self.lines - 1

    def cursor_position(self, line: int = 1, column: int = 1) -> None:  # type: ignore[override]  # never None here
        """CUP as pyte's callers write it, counted from 1."""
        self.go_to(max(line, 1) - 1, max(column, 1) - 1)

    def cursor_to_column(self, column: int = 1) -> None:  # type: ignore[override]  # never None here
        """CHA, HPA: go to a column of this line."""
        self.cursor.x = min(max(column, 1), self.columns) - 1

    def cursor_to_line(self, line: int = 1) -> None:  # type: ignore[override]  # never None here
        """VPA: go to a line, in the same column."""
        self._leave_margin()
        self.go_to(max(line, 1) - 1, self.cursor.x)

    # Relative

    def cursor_up(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """CUU."""
        self._leave_margin()
        y = self.cursor.y
        self.cursor.y = max(y - count, self._top if y >= self._top else 0)

    def cursor_down(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """CUD."""
        self._leave_margin()
        y = self.cursor.y
        self.cursor.y = min(y + count, self._bottom if y <= self._bottom else self.lines - 1)

    def cursor_down_freely(self, count: int = 1) -> None:
        """VPR: down, the margins do not count."""
        self.cursor_to_line(self.cursor.y - (self._top if self._is_origin else 0) + 1 + count)

    def cursor_up1(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """CPL."""
        self.cursor_up(count)
        self.cursor.x = 0

    def cursor_down1(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """CNL."""
        self.cursor_down(count)
        self.cursor.x = 0

    def cursor_forward(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """CUF, HPR."""
        self.cursor.x = min(self.cursor.x + count, self.columns - 1)

    def cursor_back(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """CUB."""
        if self._is_reverse_wrapping():
            self._wrap_back(count)
        else:
            self.cursor_back_freely(count)

    def cursor_back_freely(self, count: int = 1) -> None:
        """HPB: back, no further than column 0."""
        self._leave_margin()
        self.cursor.x = max(self.cursor.x - count, 0)

    def cursor_up_freely(self, count: int = 1) -> None:
        """VPB: up, the margins do not count."""
        self._leave_margin()
        self.cursor.y = max(self.cursor.y - count, self._top if self._is_origin else 0)

    def backspace(self) -> None:
        """BS: one column back."""
        self.cursor_back(1)

    def _is_reverse_wrapping(self) -> bool:
        mode = self.mode
        return self._is_wrapping and ((REVERSE_WRAP << 5) in mode or (FAR_REVERSE_WRAP << 5) in mode)

    def _wrap_back(self, count: int) -> None:
        """Go back, over the start of lines too; the first step from a pending wrap is onto the last column."""
        cursor = self.cursor
        columns, is_far = self.columns, (FAR_REVERSE_WRAP << 5) in self.mode
        count = min(count, columns * self.lines)
        while count > 0:
            step = min(count, cursor.x)
            cursor.x -= step
            count -= step
            if not count or not self._enter_line_above(is_far):
                return
            cursor.x = columns - 1
            count -= 1

    def _enter_line_above(self, is_far: bool) -> bool:
        """Go from column 0 to the line above, if reverse wraparound leads there; return whether it did."""
        cursor = self.cursor
        if not self._top <= cursor.y <= self._bottom:
            return False
        above = self._bottom if cursor.y == self._top else cursor.y - 1
        if not is_far and not (above < cursor.y and self._grid[above].wrapped):
            return False
        self._set_wrapped(above, False)
        cursor.y = above
        return True

    # Line ends

    def carriage_return(self) -> None:
        """CR."""
        self.cursor.x = 0

    def linefeed(self) -> None:
        """LF, VT, FF: down, scrolling at the region's end; with LNM to column 0 too."""
        cursor = self.cursor
        if mo.LNM in self.mode:
            cursor.x = 0
        if cursor.x >= self.columns:
            cursor.x = self.columns - 1
        line = self._grid[cursor.y]
        if line.wrapped:
            line.wrapped = False
            line.is_stale = True
        if cursor.y == self._bottom:
            self._scroll_up(self._top, self._bottom)
        elif cursor.y < self.lines - 1:
            cursor.y += 1

    def start_line(self) -> None:
        """CR and LF, which come together most of the time."""
        cursor = self.cursor
        cursor.x = 0
        line = self._grid[cursor.y]
        if line.wrapped:
            line.wrapped = False
            line.is_stale = True
        if cursor.y == self._bottom:
            self._scroll_up(self._top, self._bottom)
        elif cursor.y < self.lines - 1:
            cursor.y += 1

    def index(self) -> None:
        """IND: down, scrolling at the region's end."""
        self._leave_margin()
        self._next_line()

    def next_line(self) -> None:
        """NEL: to the start of the next line."""
        self.cursor.x = 0
        self._next_line()

    def back_index(self) -> None:
        """DECBI: a column back; in column 0 the region's text goes right instead."""
        self._leave_margin()
        if self.cursor.x > 0:
            self.cursor.x -= 1
        else:
            self.shift_right(1)

    def forward_index(self) -> None:
        """DECFI: a column on; in the last one the region's text goes left instead."""
        self._leave_margin()
        if self.cursor.x < self.columns - 1:
            self.cursor.x += 1
        else:
            self.shift_left(1)

    def reverse_index(self) -> None:
        """RI: up, scrolling at the region's start."""
        self._leave_margin()
        if self.cursor.y == self._top:
            self._scroll_down(self._top, self._bottom)
        elif self.cursor.y > 0:
            self.cursor.y -= 1

    # Margins and tabs

    def set_margins(self, top: int = 0, bottom: int = 0) -> None:  # type: ignore[override]  # never None here
        """DECSTBM: the lines that scroll; 0 is the screen's edge. A region of less than two lines is refused."""
        top = max(top, 1)
        bottom = bottom if 0 < bottom <= self.lines else self.lines
        if bottom > top:
            self._top, self._bottom = top - 1, bottom - 1
            self.cursor_position()

    def _stops_in_order(self) -> list[int]:
        if self._stops is None:
            self._stops = sorted(stop for stop in self.tabstops if stop < self.columns)
        return self._stops

    def tab(self) -> None:
        """HT: to the next tab stop or the last column; a pending wrap stays."""
        self.tab_forward(1)

    def tab_forward(self, count: int = 1) -> None:
        """CHT: over `count` tab stops."""
        x = self.cursor.x
        if x < self.columns:
            stops = self._stops_in_order()
            at = bisect_right(stops, x) + count - 1
            self.cursor.x = stops[at] if at < len(stops) else self.columns - 1

    def tab_backward(self, count: int = 1) -> None:
        """CBT; nothing at a pending wrap, as in xterm.js."""
        x = self.cursor.x
        if x < self.columns:
            stops = self._stops_in_order()
            at = bisect_left(stops, x) - count
            self.cursor.x = stops[at] if at >= 0 else 0

    def set_tab_stop(self) -> None:
        """HTS."""
        self._has_own_tabs = True
        self._stops = None
        self.tabstops.add(min(self.cursor.x, self.columns - 1))

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: 0 the one at the cursor, 3 all."""
        self._has_own_tabs = True
        self._stops = None
        if how == 0:
            self.tabstops.discard(self.cursor.x)
        elif how == 3:
            self.tabstops.clear()
