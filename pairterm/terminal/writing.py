"""Writing text into the grid: margins, wide characters, clusters, insert mode, repetition.

The rule: any way of cutting the text gives the same cells. So there are two paths, ready
cells where a piece of text stands alone, character by character where it may join what
stands before it, and they agree. Widths come from `pairterm.terminal.widths`.
"""

from __future__ import annotations

from pairterm.terminal.canvas import Canvas
from pairterm.terminal.line import Line
from pairterm.terminal.widths import (
    EMOJI_PRESENTATION,
    MAX_MARKS,
    cells_of,
    is_narrow,
    joins_emoji,
    scripts,
    widens,
    width,
)
from pairterm.text import has_unsafe

__all__ = ["Writing"]


class Writing(Canvas):
    """A canvas that text is written on."""

    def _note_drawing(self) -> None:
        """Note whether text can be written as it stands; to be called when charsets or insert mode change."""
        self._draws_specially = self._is_inserting or self._charmap is not None or self._single_shift is not None

    def draw(self, data: str) -> None:
        """Write printable characters at the cursor."""
        if self._draws_specially:
            data = self._translated(data)
            if self._is_inserting:
                for char in data:
                    self._draw_one(char)
                return
        if not data.isascii() and not is_narrow(data):
            self._draw_mixed(data)
            return
        cursor = self.cursor
        x = cursor.x
        stop = x + len(data)
        if stop > self.columns:
            self._draw_past_margin(data)
            return
        line = self._grid[cursor.y]
        cells = line.cells
        if line.has_wide:
            line.part(x, stop, self._pen)
        cells[x:stop] = data
        line.pens[x:stop] = [self._pen] * (stop - x)
        line.is_stale = True
        cursor.x = stop

    def _translated(self, data: str) -> str:
        """Return the text in the character set that is in use."""
        if self._single_shift is not None:
            first = data[0].translate(self._single_shift)
            self._single_shift = None
            self._note_drawing()
            return first + self._translated(data[1:])
        return data if self._charmap is None else data.translate(self._charmap)

    def _draw_past_margin(self, data: str) -> None:
        """Write narrow characters that do not fit in the line."""
        cursor, columns = self.cursor, self.columns
        if not self._is_wrapping:
            at = min(cursor.x, columns - 1)
            self._grid[cursor.y].put(at, data[: columns - at - 1] + data[-1], self._pen)
            cursor.x = columns
            return
        while data:
            room = columns - cursor.x
            if room <= 0:
                self._wrap()
                room = columns
            piece, data = data[:room], data[room:]
            self._grid[cursor.y].put(cursor.x, piece, self._pen)
            cursor.x += len(piece)

    def _wrap(self, has_gap: bool = False) -> None:
        """Go to the start of the next line because the text reached the margin, or would have passed it."""
        cursor = self.cursor
        self._grid[cursor.y].has_gap = has_gap
        self._set_wrapped(cursor.y, True)
        self._next_line()
        cursor.x = 0

    def _next_line(self) -> None:
        cursor = self.cursor
        if cursor.y == self._bottom:
            self._scroll_up(self._top, self._bottom)
        elif cursor.y < self.lines - 1:
            cursor.y += 1

    def _draw_mixed(self, data: str) -> None:
        """Write characters of any width: as ready cells if they fit in the line, else bit by bit."""
        cursor = self.cursor
        before = self._cell_before()
        stands_alone = before is None or before[0].cells[before[1]].isascii()
        if stands_alone and width(data[0]) > 0:
            cells = cells_of(data)
            fits = cursor.x + len(cells) <= self.columns
            if fits or (self._is_wrapping and self.columns > 1 and EMOJI_PRESENTATION not in data):
                self._write_cells(cells)
                return
        for narrow, wide, other in scripts(data):
            if narrow:
                self._draw_narrow(narrow)
            elif wide:
                self._draw_wide(wide)
            else:
                self._draw_one(other)

    def _write_cells(self, cells: list[str]) -> None:
        """Write ready cells, wrapping at the margin; a wide character that would be cut by it wraps whole."""
        cursor, columns = self.cursor, self.columns
        while True:
            room = columns - cursor.x
            is_last = len(cells) <= room
            stop = len(cells) if is_last else room - 1 if room and cells[room] == "" else room
            if stop:
                line = self._grid[cursor.y]
                line.has_wide = line.has_wide or "" in cells
                line.put(cursor.x, cells if is_last else cells[:stop], self._pen)
                cursor.x += stop
            if is_last:
                return
            has_gap = cursor.x < columns
            if has_gap:
                self._grid[cursor.y].blank(cursor.x, columns, self._pen)
            self._wrap(has_gap)
            cells = cells[stop:]

    def _draw_narrow(self, data: str) -> None:
        """Write characters of one column each, none of which joins the cell before it."""
        x = self.cursor.x
        if x + len(data) <= self.columns:
            self._grid[self.cursor.y].put(x, data, self._pen)
            self.cursor.x = x + len(data)
        else:
            self._draw_past_margin(data)

    def _draw_wide(self, data: str) -> None:
        """Write characters of two columns each, none of which joins the cell before it."""
        cursor = self.cursor
        while data:
            room = (self.columns - cursor.x) // 2
            if room <= 0:
                self._draw_char(data[0], 2)
                data = data[1:]
                continue
            piece, data = data[:room], data[room:]
            cells = [""] * (2 * len(piece))
            cells[::2] = piece
            line = self._grid[cursor.y]
            line.has_wide = True
            line.put(cursor.x, cells, self._pen)
            cursor.x += len(cells)

    def _draw_one(self, char: str) -> None:
        """Write or join one character."""
        columns = width(char)
        if columns == 0:
            self._join(char)
        elif char < "\u00a9" or not self._join_emoji(char):
            self._draw_char(char, columns)

    def _draw_char(self, char: str, char_columns: int) -> None:
        cursor, columns = self.cursor, self.columns
        if char_columns > columns:
            return
        if cursor.x + char_columns > columns:
            if self._is_wrapping:
                has_gap = cursor.x < columns
                if has_gap:
                    self._grid[cursor.y].blank(cursor.x, columns, self._pen)
                self._wrap(has_gap)
            elif char_columns == 2:
                cursor.x = columns - 1
                return
            else:
                cursor.x = columns - 1
        line = self._grid[cursor.y]
        if self._is_inserting:
            line.insert(cursor.x, char_columns, self._pen)
        if char_columns == 2:
            line.has_wide = True
            line.put(cursor.x, (char, ""), self._pen)
        else:
            line.put(cursor.x, char, self._pen)
        cursor.x += char_columns

    def _cell_before(self) -> tuple[Line, int] | None:
        """Return the line and column of the text left of the cursor; None in column 0."""
        cursor = self.cursor
        if cursor.x == 0:
            return None
        line = self._grid[cursor.y]
        at = cursor.x - 1
        return line, at - 1 if at > 0 and line.cells[at] == "" else at

    def _join(self, char: str) -> None:
        """Add a character without a width to the text left of the cursor; in column 0 there is none to add it to.

        One that changes the direction of writing is dropped: it would reorder cells that are none of its own.
        """
        before = self._cell_before()
        if before is None or has_unsafe(char):
            return
        line, at = before
        cell = line.cells[at]
        if char == EMOJI_PRESENTATION and widens(cell) and at + 1 < self.columns and line.cells[at + 1] != "":
            line.has_wide = True
            line.put(at, (cell + char, ""), line.pens[at])
            self.cursor.x = at + 2
        elif len(cell) <= MAX_MARKS:
            line.cells[at] = cell + char
            line.is_stale = True

    def _join_emoji(self, char: str) -> bool:
        """Add the character to the emoji left of the cursor, if it belongs to it."""
        before = self._cell_before()
        if before is None:
            return False
        line, at = before
        cell = line.cells[at]
        if not joins_emoji(cell, char):
            return False
        if len(cell) <= MAX_MARKS:
            line.cells[at] = cell + char
            line.is_stale = True
        return True

    def repeat(self, count: int = 1) -> None:
        """REP: write the cell before the cursor `count` times more. The parser sees to it that it was just written."""
        before = self._cell_before()
        if before is None:
            return
        text = before[0].cells[before[1]] * min(count, self.columns * self.lines)
        charmap, self._charmap = self._charmap, None
        self._note_drawing()
        self.draw(text)
        self._charmap = charmap
        self._note_drawing()
