"""One line of a screen as it is being written: cells and pens side by side, frozen into a `Row` on demand.

Freezing gives the same `Row` object again while the line shows the same. A wide
character is its text in the left cell and "" in the right one; writing into one half
blanks the other. No cursor, no scrolling. Columns are 0-based.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.terminal.frame import Pen, Row
from pairterm.terminal.sgr import PROTECTED

__all__ = ["Line"]


class Line:
    """A mutable row. Set `is_stale` after any change to cells, pens or `wrapped`."""

    __slots__ = ("cells", "has_gap", "has_protected", "has_wide", "is_stale", "pens", "row", "wrapped")

    def __init__(self, row: Row) -> None:
        self.cells: list[str] = list(row.cells)
        self.pens: list[Pen] = list(row.pens)
        self.wrapped = row.wrapped
        self.row = row
        self.is_stale = False
        self.has_wide = "" in row.cells
        """The line may have wide characters: writing has to look for halves."""
        self.has_gap = False
        """The blank at the margin is not text: a wide character did not fit there and wrapped."""
        self.has_protected = False
        """Cells may have the mark of a protected pen: frames must not show it."""

    def freeze(self, shown: Row | None = None) -> Row:
        """Return the line as a row: the same object as before if nothing changed. O(columns) if it is stale.

        `shown` is the row that was shown in its place; it is returned if it shows the same.
        """
        if self.is_stale:
            self.is_stale = False
            cells, pens = tuple(self.cells), tuple(self.pens)
            if self.has_protected:
                pens = tuple([pen._replace(flags=pen.flags & ~PROTECTED) for pen in pens])
            for old in (self.row, shown):
                if old is not None and cells == old.cells and pens == old.pens and self.wrapped == old.wrapped:
                    self.row = old
                    return old
            self.row = Row(cells, pens, self.wrapped)
        return self.row

    def blank(self, start: int, stop: int, pen: Pen) -> None:
        """Put spaces into `start <= column < stop`; a wide character that an end cuts is blanked whole."""
        if start >= stop:
            return
        if self.has_wide:
            self.part(start, stop, pen)
        count = stop - start
        self.cells[start:stop] = [" "] * count
        self.pens[start:stop] = [pen] * count
        self.is_stale = True

    def blank_unprotected(self, start: int, stop: int, pen: Pen) -> None:
        """Put spaces into the cells of the span that DECSCA does not protect (DECSEL, DECSED)."""
        for at in range(start, stop):
            if not self.pens[at].flags & PROTECTED:
                self.blank(at, at + 1, pen)

    def insert(self, at: int, count: int, pen: Pen) -> None:
        """Shift the text from `at` to the right by `count` cells; text that passes the margin is lost."""
        cells, pens, cols = self.cells, self.pens, len(self.cells)
        if cells[at] == "":
            self.blank(at, at + 1, pen)
        count = min(count, cols - at)
        cells[at:at] = [" "] * count
        pens[at:at] = [pen] * count
        is_cut = cols < len(cells) and cells[cols] == ""
        del cells[cols:], pens[cols:]
        if is_cut:
            cells[-1], pens[-1] = " ", pen
        self.is_stale = True

    def delete(self, at: int, count: int, pen: Pen) -> None:
        """Take `count` cells out at `at`; blanks come in at the margin."""
        cells, pens, cols = self.cells, self.pens, len(self.cells)
        count = min(count, cols - at)
        self.blank(at, at + count, pen)
        del cells[at : at + count], pens[at : at + count]
        cells += [" "] * count
        pens += [pen] * count
        self.is_stale = True

    def refit(self, cols: int, pen: Pen) -> None:
        """Cut or pad the line to `cols` columns."""
        cells, pens = self.cells, self.pens
        if cols < len(cells):
            if cells[cols] == "":
                self.blank(cols - 1, cols, pen)
            del cells[cols:], pens[cols:]
        else:
            missing = cols - len(cells)
            cells += [" "] * missing
            pens += [pen] * missing
        self.is_stale = True

    def is_blank(self, pen: Pen) -> bool:
        """Return whether the line has only spaces in the given pen."""
        cols = len(self.cells)
        return self.cells.count(" ") == cols and self.pens.count(pen) == cols

    def put(self, at: int, cells: Sequence[str], pen: Pen) -> None:
        """Write ready cells (a wide character with its "") from `at` on; they have to fit."""
        stop = at + len(cells)
        if self.has_wide:
            self.part(at, stop, pen)
        self.cells[at:stop] = cells
        self.pens[at:stop] = [pen] * len(cells)
        self.is_stale = True

    def part(self, start: int, stop: int, pen: Pen) -> None:
        """Blank the outer halves of wide characters that the ends of the span cut through."""
        cells = self.cells
        if cells[start] == "":
            cells[start - 1], self.pens[start - 1] = " ", pen
        if stop < len(cells) and cells[stop] == "":
            cells[stop], self.pens[stop] = " ", pen
