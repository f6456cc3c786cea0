"""The grid of a screen: erasing, inserting, deleting and scrolling lines.

The rule: `cursor.x == columns` means that a wrap is pending, as in pyte and xterm.js;
erased and scrolled-in cells take the background of the current pen and nothing else
of it ("bce"). A line that leaves the top of the primary screen goes to the history.

No cursor movement, no text: `pairterm.terminal.writing` and `.motion` add them.
Rows and columns are 0-based.
"""

from __future__ import annotations

from pairterm.terminal.ancestor import Char, Cursor, Margins, PyteScreen, mo
from pairterm.terminal.frame import BLINK as BLINK_FLAG
from pairterm.terminal.frame import (
    BOLD,
    DEFAULT_COLOUR,
    DEFAULT_PEN,
    INVERSE,
    ITALIC,
    STRIKE,
    UNDERLINE_MASK,
    Pen,
    Row,
    blank_row,
)
from pairterm.terminal.history import Block, History
from pairterm.terminal.hyperlinks import Hyperlinks
from pairterm.terminal.inks import Ink, InkBook
from pairterm.terminal.line import Line
from pairterm.types import Size

__all__ = ["Canvas"]


class Canvas(PyteScreen):
    """A `pyte.Screen` whose buffer is a list of `Line`s. `columns`, `lines` and `mode` mean what they mean in pyte.

    pyte's own `__init__` is not called: it builds the sparse buffer that this class replaces.
    """

    def __init__(self, size: Size, history_lines: int) -> None:
        self.columns: int = size.cols
        self.lines: int = size.rows
        self.cursor: Cursor = Cursor(0, 0)
        self.mode: set[int] = {mo.DECAWM, mo.DECTCEM}
        self.history = History(history_lines)
        self.is_alternate = False
        self._inks = InkBook()
        self._hyperlinks = Hyperlinks()
        self._ink: Ink = self._inks.plain
        self._pen: Pen = DEFAULT_PEN
        self._blank: Row = blank_row(size.cols)
        self._blanks: dict[Pen, Row] = {}
        self._grid: list[Line] = self._blank_grid()
        self._top = 0
        self._bottom = size.rows - 1
        self._is_inserting = False
        self._is_wrapping = True
        self._charmap: str | None = None
        self._single_shift: str | None = None
        self._uses_protection = False
        self._is_origin = False
        self._draws_specially = False
        """Writing has to look at charsets or insert mode."""

    # What pyte's callers see.

    @property
    def margins(self) -> Margins | None:  # type: ignore[override]  # derived from the region
        """The scroll region, None if it is the whole screen."""
        return None if self._top == 0 and self._bottom == self.lines - 1 else Margins(self._top, self._bottom)

    @property
    def display(self) -> list[str]:
        """The text of each row."""
        return ["".join(line.cells) for line in self._grid]

    @property
    def buffer(self) -> dict[int, dict[int, Char]]:  # type: ignore[override]  # derived from the grid
        """A copy of the screen in pyte's form: row → column → `Char`. O(rows × columns)."""
        return {
            y: {x: _char(cell, pen) for x, (cell, pen) in enumerate(zip(line.cells, line.pens, strict=True))}
            for y, line in enumerate(self._grid)
        }

    # Lines

    def _blank_line(self) -> Line:
        """Return a line to scroll in, in the background of the pen."""
        pen = self._ink.erased
        if pen is DEFAULT_PEN:
            return Line(self._blank)
        row = self._blanks.get(pen)
        if row is None:
            if len(self._blanks) >= 16:
                self._blanks.clear()
            row = self._blanks[pen] = blank_row(self.columns, pen)
        return Line(row)

    def _blank_grid(self) -> list[Line]:
        return [self._blank_line() for _ in range(self.lines)]

    def _set_wrapped(self, y: int, wrapped: bool) -> None:
        if 0 <= y < self.lines:
            line = self._grid[y]
            if line.wrapped is not wrapped:
                line.wrapped = wrapped
                line.is_stale = True

    def _scroll_up(self, top: int, bottom: int, count: int = 1) -> None:
        """Move the lines of a region up; those that leave the top of the primary screen become history."""
        grid = self._grid
        is_kept = top == 0 and not self.is_alternate
        for _ in range(min(count, bottom - top + 1)):
            gone = grid.pop(top)
            if is_kept:
                if self._uses_protection:
                    gone.has_protected = True
                self.history.append(gone)
            grid.insert(bottom, Line(self._blank) if self._ink.erased is DEFAULT_PEN else self._blank_line())

    def _scroll_down(self, top: int, bottom: int, count: int = 1) -> None:
        grid = self._grid
        for _ in range(min(count, bottom - top + 1)):
            del grid[bottom]
            grid.insert(top, self._blank_line())

    @property
    def scrolls_plainly(self) -> bool:
        """Plain text and line ends do nothing here but write, wrap, and scroll default blanks in and history out."""
        return (
            not self.is_alternate
            and self._top == 0
            and self._bottom == self.lines - 1
            and self._is_wrapping
            and not self._draws_specially
            and not self._uses_protection
            and self._pen.bg == DEFAULT_COLOUR
            and mo.LNM not in self.mode
        )

    def scroll_past(self, blocks: list[Block]) -> None:
        """Let lines go by that nobody sees. The cursor is on the last line, which is blank, and ends on the first."""
        for line in self._grid[:-1]:
            self.history.append(line)
        for block in blocks:
            self.history.append_block(block)
        self._grid = [Line(self._blank) for _ in range(self.lines)]
        self.cursor.y = 0

    # Erasing and shifting

    def erase_to_end(self) -> None:
        """EL 0: the rest of the line, nothing at a pending wrap."""
        cursor = self.cursor
        x = cursor.x
        line = self._grid[cursor.y]
        if x < self.columns:
            pen = self._ink.erased
            if line.has_wide:
                line.part(x, self.columns, pen)
            count = self.columns - x
            line.cells[x:] = [" "] * count
            line.pens[x:] = [pen] * count
            line.is_stale = True
        if line.wrapped:
            line.wrapped = False
            line.is_stale = True

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL and, if private, DECSEL: 0 to the end, 1 to the cursor with it, 2 the whole line."""
        x, y = self.cursor.x, self.cursor.y
        private = private and self._uses_protection
        if how == 0 and not private:
            self.erase_to_end()
        elif how == 0:
            self._erase(y, x, self.columns, private)
        elif how == 1:
            self._erase(y, 0, min(x + 1, self.columns), private)
        elif how == 2:
            self._erase(y, 0, self.columns, private)
            self._set_wrapped(y, False)

    def erase_in_display(self, how: int = 0, private: bool = False) -> None:
        """ED and, if private, DECSED: 0 below, 1 above, 2 all; ED 3 the history."""
        if how == 3 and not private:
            self.history.clear()
        private = private and self._uses_protection
        x, y = self.cursor.x, self.cursor.y
        if how == 0:
            self._erase(y, x, self.columns, private)
            self._set_wrapped(y, False)
            self._erase_rows(y + 1, self.lines, private)
        elif how == 1:
            self._erase_rows(0, y, private)
            self._erase(y, 0, min(x + 1, self.columns), private)
        elif how == 2:
            self._erase_rows(0, self.lines, private)

    def _erase(self, y: int, start: int, stop: int, private: bool) -> None:
        if private:
            self._grid[y].blank_unprotected(start, stop, self._ink.erased)
        else:
            self._grid[y].blank(start, stop, self._ink.erased)

    def _erase_rows(self, start: int, stop: int, private: bool) -> None:
        for y in range(start, stop):
            if private:
                self._grid[y].blank_unprotected(0, self.columns, self._ink.erased)
            else:
                self._grid[y] = self._blank_line()

    def erase_characters(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """ECH: blank `count` cells from the cursor on."""
        self._leave_margin()
        x = self.cursor.x
        self._grid[self.cursor.y].blank(x, min(x + count, self.columns), self._ink.erased)

    def insert_characters(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """ICH: shift the rest of the line right."""
        self._leave_margin()
        self._grid[self.cursor.y].insert(self.cursor.x, count, self._ink.erased)

    def delete_characters(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """DCH: shift the rest of the line left."""
        self._leave_margin()
        self._grid[self.cursor.y].delete(self.cursor.x, count, self._ink.erased)

    def insert_lines(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """IL: shift the rest of the region down. Nothing outside the region."""
        if self._top <= self.cursor.y <= self._bottom:
            self._scroll_down(self.cursor.y, self._bottom, count)
            self.cursor.x = 0

    def delete_lines(self, count: int = 1) -> None:  # type: ignore[override]  # never None here
        """DL: shift the rest of the region up. Nothing outside the region."""
        y = self.cursor.y
        if self._top <= y <= self._bottom:
            for _ in range(min(count, self._bottom - y + 1)):
                del self._grid[y]
                self._grid.insert(self._bottom, self._blank_line())
            self.cursor.x = 0

    def scroll_up(self, count: int = 1) -> None:
        """SU: move the region's lines up."""
        self._scroll_up(self._top, self._bottom, count)

    def scroll_down(self, count: int = 1) -> None:
        """SD: move the region's lines down."""
        self._scroll_down(self._top, self._bottom, count)

    def shift_left(self, count: int = 1) -> None:
        """SL: every line of the region loses cells at column 0."""
        if self._top <= self.cursor.y <= self._bottom:
            for line in self._grid[self._top : self._bottom + 1]:
                line.delete(0, count, self._ink.erased)

    def shift_right(self, count: int = 1) -> None:
        """SR: every line of the region gets cells at column 0."""
        if self._top <= self.cursor.y <= self._bottom:
            for line in self._grid[self._top : self._bottom + 1]:
                line.insert(0, count, self._ink.erased)

    def insert_columns(self, count: int = 1) -> None:
        """DECIC: every line of the region gets cells at the cursor's column."""
        self._leave_margin()
        if self._top <= self.cursor.y <= self._bottom:
            for line in self._grid[self._top : self._bottom + 1]:
                line.insert(self.cursor.x, count, self._ink.erased)

    def delete_columns(self, count: int = 1) -> None:
        """DECDC: every line of the region loses cells at the cursor's column."""
        self._leave_margin()
        if self._top <= self.cursor.y <= self._bottom:
            for line in self._grid[self._top : self._bottom + 1]:
                line.delete(self.cursor.x, count, self._ink.erased)

    def _leave_margin(self) -> None:
        """Turn a pending wrap into the last column."""
        if self.cursor.x >= self.columns:
            self.cursor.x = self.columns - 1


def _char(cell: str, pen: Pen) -> Char:
    """Return a cell in pyte's form; palette colours beyond what pyte names are given as numbers."""
    return Char(
        cell,
        fg="default" if pen.fg == DEFAULT_COLOUR else f"{pen.fg & 0xFFFFFF:06x}" if pen.fg >> 24 else str(pen.fg),
        bg="default" if pen.bg == DEFAULT_COLOUR else f"{pen.bg & 0xFFFFFF:06x}" if pen.bg >> 24 else str(pen.bg),
        bold=bool(pen.flags & BOLD),
        italics=bool(pen.flags & ITALIC),
        underscore=bool(pen.flags & UNDERLINE_MASK),
        strikethrough=bool(pen.flags & STRIKE),
        reverse=bool(pen.flags & INVERSE),
        blink=bool(pen.flags & BLINK_FLAG),
    )
