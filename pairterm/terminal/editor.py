"""Editing at the cursor: erasing, inserting, deleting and shifting cells and lines.

The scroll region bounds what moves lines or columns; outside of it these do nothing.
Source: xterm ctlseqs; VT510, "Editing".
"""

from __future__ import annotations

from pairterm.terminal.cursor import Cursor
from pairterm.terminal.grid import Grid
from pairterm.terminal.line import Line
from pairterm.terminal.pens import Pens

__all__ = ["Editor"]


class Editor:
    """Edits the lines of one terminal."""

    __slots__ = ("_cursor", "_grid", "_lines", "_pens")

    def __init__(self, cursor: Cursor, grid: Grid, pens: Pens) -> None:
        self._cursor = cursor
        self._grid = grid
        self._lines = grid.lines
        self._pens = pens

    # Erasing

    def erase_to_end(self) -> None:
        """EL 0: erase the rest of the line, nothing at a pending wrap."""
        cursor = self._cursor
        x = cursor.x
        line = self._lines[cursor.y]
        count = cursor.columns - x
        if count > 0:
            pen = self._pens.known.erased
            if line.has_wide:
                line.part(x, cursor.columns, pen)
            line.cells[x:] = [" "] * count
            line.pens[x:] = [pen] * count
            line.is_stale = True
        if line.wrapped:
            line.wrapped = False
            line.is_stale = True

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL and, if private, DECSEL: 0 erases to the end, 1 up to the cursor and its cell, 2 the whole line."""
        x, y, columns = self._cursor.x, self._cursor.y, self._cursor.columns
        private = private and self._pens.uses_protection
        if how == 0 and not private:
            self.erase_to_end()
        elif how == 0:
            self._grid.erase(y, x, columns, private)
        elif how == 1:
            self._grid.erase(y, 0, min(x + 1, columns), private)
        elif how == 2:
            self._grid.erase(y, 0, columns, private)
            self._grid.set_wrapped(y, False)

    def erase_in_display(self, how: int = 0, private: bool = False) -> None:
        """ED and, if private, DECSED: 0 erases below, 1 above, 2 all; ED 3 erases the history."""
        grid, cursor = self._grid, self._cursor
        if how == 3 and not private:
            grid.history.clear()
        private = private and self._pens.uses_protection
        x, y, columns = cursor.x, cursor.y, cursor.columns
        if how == 0:
            grid.erase(y, x, columns, private)
            grid.set_wrapped(y, False)
            grid.erase_lines(y + 1, cursor.rows, private)
        elif how == 1:
            grid.erase_lines(0, y, private)
            grid.erase(y, 0, min(x + 1, columns), private)
        elif how == 2:
            grid.erase_lines(0, cursor.rows, private)

    def erase_characters(self, count: int = 1) -> None:
        """ECH: blank `count` cells from the cursor on."""
        cursor = self._cursor
        cursor.leave_margin()
        self._grid.erase(cursor.y, cursor.x, min(cursor.x + count, cursor.columns))

    # Cells

    def insert_characters(self, count: int = 1) -> None:
        """ICH: shift the rest of the line right."""
        cursor = self._cursor
        cursor.leave_margin()
        self._lines[cursor.y].insert(cursor.x, count, self._pens.known.erased)

    def delete_characters(self, count: int = 1) -> None:
        """DCH: shift the rest of the line left."""
        cursor = self._cursor
        cursor.leave_margin()
        self._lines[cursor.y].delete(cursor.x, count, self._pens.known.erased)

    # Lines

    def insert_lines(self, count: int = 1) -> None:
        """IL: shift the rest of the region down."""
        cursor = self._cursor
        if cursor.is_in_region:
            self._grid.scroll_down(cursor.y, cursor.bottom, count)
            cursor.x = 0

    def delete_lines(self, count: int = 1) -> None:
        """DL: shift the rest of the region up."""
        cursor = self._cursor
        if cursor.is_in_region:
            self._grid.delete_lines(cursor.y, cursor.bottom, count)
            cursor.x = 0

    def scroll_up(self, count: int = 1) -> None:
        """SU: move the region's lines up."""
        self._grid.scroll_up(self._cursor.top, self._cursor.bottom, count)

    def scroll_down(self, count: int = 1) -> None:
        """SD: move the region's lines down."""
        self._grid.scroll_down(self._cursor.top, self._cursor.bottom, count)

    def scroll_down_or_track(self, count: int = 1, *rest: int) -> None:
        """SD with one parameter; with more it is xterm's highlight mouse tracking, which does nothing here."""
        if not rest:
            self.scroll_down(max(1, count))

    # Columns

    def _lines_in_region(self) -> list[Line]:
        """Return the region's lines; none if the cursor is outside of it."""
        cursor = self._cursor
        return self._lines[cursor.top : cursor.bottom + 1] if cursor.is_in_region else []

    def _insert_columns_at(self, column: int, count: int) -> None:
        for line in self._lines_in_region():
            line.insert(column, count, self._pens.known.erased)

    def _delete_columns_at(self, column: int, count: int) -> None:
        for line in self._lines_in_region():
            line.delete(column, count, self._pens.known.erased)

    def shift_left(self, count: int = 1) -> None:
        """SL: every line of the region loses cells at column 0."""
        self._delete_columns_at(0, count)

    def shift_right(self, count: int = 1) -> None:
        """SR: every line of the region gets cells at column 0."""
        self._insert_columns_at(0, count)

    def insert_columns(self, count: int = 1) -> None:
        """DECIC: every line of the region gets cells at the cursor's column."""
        self._cursor.leave_margin()
        self._insert_columns_at(self._cursor.x, count)

    def delete_columns(self, count: int = 1) -> None:
        """DECDC: every line of the region loses cells at the cursor's column."""
        self._cursor.leave_margin()
        self._delete_columns_at(self._cursor.x, count)

    def back_index(self) -> None:
        """DECBI: go a column back; in column 0 the region's text goes right instead."""
        self._cursor.leave_margin()
        if self._cursor.x > 0:
            self._cursor.x -= 1
        else:
            self.shift_right()

    def forward_index(self) -> None:
        """DECFI: go a column on; in the last one the region's text goes left instead."""
        self._cursor.leave_margin()
        if self._cursor.x < self._cursor.columns - 1:
            self._cursor.x += 1
        else:
            self.shift_left()

    def alignment_display(self) -> None:
        """DECALN: fill the screen with E, clear the margins, and send the cursor home."""
        cursor = self._cursor
        cursor.clear_margins()
        cursor.x = cursor.y = 0
        pen = self._pens.pen._replace(link="")
        for line in self._lines:
            line.put(0, "E" * cursor.columns, pen)
            line.wrapped = False
