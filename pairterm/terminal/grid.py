"""The lines of both screens: erasing, scrolling, and the scrollback that lines leave to.

Erased and scrolled-in cells take the background of the pen and nothing else of it
("bce"). A line that leaves the top of the primary screen goes to the history. The grid
knows no cursor and no text. Rows and columns are 0-based.
"""

from __future__ import annotations

from pairterm.terminal.frame import DEFAULT_PEN, Pen, Row, blank_row
from pairterm.terminal.history import Block, History
from pairterm.terminal.line import Line
from pairterm.terminal.pens import Pens
from pairterm.terminal.resizing import fit_primary
from pairterm.types import Size

__all__ = ["Grid"]

_MAX_BLANKS = 16
"""Blank rows in backgrounds of their own that are kept for reuse."""


class Grid:
    """The lines of one terminal."""

    __slots__ = ("_blank", "_blanks", "_hidden", "_hidden_cursor", "_pens", "history", "is_alternate", "lines", "size")

    def __init__(self, size: Size, history: History, pens: Pens) -> None:
        self.size = size
        self.history = history
        self.is_alternate = False
        self._pens = pens
        self._blank = blank_row(size.cols)
        self._blanks: dict[Pen, Row] = {}
        self._hidden: list[Line] = []
        """The primary screen while the alternate one is shown."""
        self._hidden_cursor = (0, 0)
        self.lines: list[Line] = self._blank_lines()
        """The lines that are shown, from the top. It stays the same list."""

    @property
    def blank_rows(self) -> tuple[Row, ...]:
        """The rows that blank lines begin with."""
        return (self._blank, *self._blanks.values())

    # Blank lines

    def _blank_line(self) -> Line:
        """Return a line to scroll in, in the background of the pen."""
        pen = self._pens.known.erased
        if pen is DEFAULT_PEN:
            return Line(self._blank)
        row = self._blanks.get(pen)
        if row is None:
            if len(self._blanks) >= _MAX_BLANKS:
                self._blanks.clear()
            row = self._blanks[pen] = blank_row(self.size.cols, pen)
        return Line(row)

    def _blank_lines(self) -> list[Line]:
        return [self._blank_line() for _ in range(self.size.rows)]

    # Scrolling

    def scroll_up(self, top: int, bottom: int, count: int = 1) -> None:
        """Move the lines of a region up; those that leave the top of the primary screen become history."""
        lines, pens = self.lines, self._pens
        is_kept = top == 0 and not self.is_alternate
        for _ in range(min(count, bottom - top + 1)):
            gone = lines.pop(top)
            if is_kept:
                if pens.uses_protection:
                    gone.has_protected = True
                self.history.append(gone)
            lines.insert(bottom, Line(self._blank) if pens.known.erased is DEFAULT_PEN else self._blank_line())

    def scroll_down(self, top: int, bottom: int, count: int = 1) -> None:
        """Move the lines of a region down; those that leave it are lost."""
        for _ in range(min(count, bottom - top + 1)):
            del self.lines[bottom]
            self.lines.insert(top, self._blank_line())

    def delete_lines(self, top: int, bottom: int, count: int) -> None:
        """Move the lines of a region up; those that leave it are lost."""
        for _ in range(min(count, bottom - top + 1)):
            del self.lines[top]
            self.lines.insert(bottom, self._blank_line())

    def scroll_past(self, blocks: list[Block]) -> None:
        """Scroll all lines but the last one out, and blocks of lines that nobody sees after them."""
        for line in self.lines[:-1]:
            self.history.append(line)
        for block in blocks:
            self.history.append_block(block)
        self.lines[:] = [Line(self._blank) for _ in range(self.size.rows)]

    def set_wrapped(self, y: int, wrapped: bool) -> None:
        """Note whether a line's text goes on in the next line."""
        line = self.lines[y]
        if line.wrapped is not wrapped:
            line.wrapped = wrapped
            line.is_stale = True

    # Erasing

    def erase(self, y: int, start: int, stop: int, spares_protected: bool = False) -> None:
        """Blank the cells `start <= column < stop` of a line."""
        if spares_protected:
            self.lines[y].blank_unprotected(start, stop, self._pens.known.erased)
        else:
            self.lines[y].blank(start, stop, self._pens.known.erased)

    def erase_lines(self, start: int, stop: int, spares_protected: bool = False) -> None:
        """Blank the lines `start <= row < stop`."""
        for y in range(start, stop):
            if spares_protected:
                self.erase(y, 0, self.size.cols, spares_protected)
            else:
                self.lines[y] = self._blank_line()

    def reset(self) -> None:
        """Blank the whole screen with new lines."""
        self.lines[:] = self._blank_lines()

    # Primary and alternate screen

    def show_alternate(self, x: int, y: int) -> None:
        """Show a blank alternate screen. The primary one is kept with the cursor's position in it."""
        self._hidden = self.lines[:]
        self._hidden_cursor = (x, y)
        self.is_alternate = True
        self.reset()

    def hidden_rows(self) -> tuple[Row, ...]:
        """Return the primary screen while the alternate one is shown; () if it is not."""
        return tuple([line.freeze() for line in self._hidden])

    def show_primary(self) -> None:
        """Show the primary screen as it was left."""
        self.lines[:] = self._hidden
        self._hidden = []
        self.is_alternate = False

    # Size

    def resize(self, size: Size, x: int, y: int) -> tuple[int, int]:
        """Rewrap the primary screen and cut or pad the alternate one; return the cursor's new column and row."""
        old, self.size = self.size, size
        self._blank = blank_row(size.cols)
        self._blanks.clear()
        if self.is_alternate:
            self._hidden, hidden_x, hidden_y = self._fitted(self._hidden, *self._hidden_cursor, old)
            self._hidden_cursor = (hidden_x, hidden_y)
            for line in self.lines:
                line.refit(size.cols, DEFAULT_PEN)
            del self.lines[size.rows :]
            self._pad(self.lines)
            return min(x, size.cols - 1), min(y, size.rows - 1)
        self.lines[:], x, y = self._fitted(self.lines[:], x, y, old)
        return x, y

    def _fitted(self, lines: list[Line], x: int, y: int, old: Size) -> tuple[list[Line], int, int]:
        lines, x, y = fit_primary(lines, self.history, x, y, old, self.size, self._pens.uses_protection)
        self._pad(lines)
        return lines, x, y

    def _pad(self, lines: list[Line]) -> None:
        """Add blank lines at the end, up to the screen's height."""
        lines += [Line(self._blank) for _ in range(self.size.rows - len(lines))]
