"""A selection in a text of rows, and its text.

Law: a copied selection is the text that was shown selected. Wrapped lines are joined,
trailing spaces are dropped, and wide characters and combining marks stay whole. The rows
of a block are not joined. A space at the margin before a wide character in the next row
counts as the gap that such a character leaves. Columns are 0-based cells, and spans are
half-open.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

import msgspec

from pairterm.terminal.frame import INVERSE, Row

__all__ = ["Selection", "SelectionShape", "SelectionText", "Spot", "length_of", "with_inverse"]


class Spot(NamedTuple):
    """A place in the text: the line's number and the column. Spots compare in the order of the text."""

    line: int
    col: int


class SelectionShape(enum.Enum):
    """The shape of a selection between its two ends."""

    CHARACTERS = enum.auto()
    LINES = enum.auto()
    BLOCK = enum.auto()


class Selection(msgspec.Struct, frozen=True):
    """A selection, from its start to the cursor."""

    anchor: Spot
    cursor: Spot
    shape: SelectionShape
    takes_last: bool
    """Whether the selection includes the character at its later end. It does in vi, and does not in emacs."""

    @property
    def first_line(self) -> int:
        """The number of its first line."""
        return min(self.anchor.line, self.cursor.line)

    @property
    def last_line(self) -> int:
        """The number of its last line."""
        return max(self.anchor.line, self.cursor.line)

    def span(self, number: int, row: Row) -> tuple[int, int]:
        """Return the selected columns of a line. Two equal columns: none. No wide character is cut."""
        cols = len(row.cells)
        first, last = sorted((self.anchor, self.cursor))
        start, stop = 0, cols
        if not first.line <= number <= last.line:
            return 0, 0
        if self.shape is SelectionShape.BLOCK:
            start, last_col = sorted((first.col, last.col))
            stop = last_col + self.takes_last
        elif self.shape is SelectionShape.CHARACTERS:
            start = first.col if number == first.line else 0
            stop = last.col + self.takes_last if number == last.line else cols
        start, stop = min(start, cols), min(stop, cols)
        if start >= stop:
            return start, start
        if row.cells[start] == "":
            start -= 1
        if stop < cols and row.cells[stop] == "":
            stop += 1
        return start, stop


class SelectionText:
    """The text of a selection. It is collected line by line, from the first to the last."""

    __slots__ = ("_goes_on", "_parts", "_selection", "size_chars")

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._parts: list[str] = []
        self._goes_on = False
        """The last line was wrapped into the next one."""
        self.size_chars = 0

    def add(self, number: int, row: Row) -> None:
        """Take the next line."""
        selection = self._selection
        start, stop = selection.span(number, row)
        if self._goes_on and self._parts[-1].endswith(" ") and row.cells[1:2] == ("",):
            self._parts[-1] = self._parts[-1][:-1]  # a wide character did not fit at the margin and wrapped
        elif self._parts and not self._goes_on:
            self._parts[-1] += "\n"
        text = "".join(row.cells[start : min(stop, length_of(row))])
        self._parts.append(text)
        self.size_chars += len(text) + 1
        self._goes_on = row.wrapped and selection.shape is not SelectionShape.BLOCK

    def text(self) -> str:
        """Return the text of the lines so far. Whole lines end with a line feed."""
        return "".join(self._parts) + ("\n" if self._selection.shape is SelectionShape.LINES else "")


def length_of(row: Row) -> int:
    """Return the columns of a row up to its last character, or all columns if the text continues in the next row."""
    if row.wrapped:
        return len(row.cells)
    text = row.text
    return len(row.cells) - len(text) + len(text.rstrip(" "))


def with_inverse(row: Row, start: int, stop: int) -> Row:
    """Return the row with the inverse attribute of these columns switched."""
    if start >= stop:
        return row
    marked = tuple([pen._replace(flags=pen.flags ^ INVERSE) for pen in row.pens[start:stop]])
    return Row(row.cells, row.pens[:start] + marked + row.pens[start + len(marked) :], row.wrapped)
