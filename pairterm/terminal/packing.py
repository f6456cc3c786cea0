"""A line in the compact form of the history: its text in one string, its pens as runs.

A plain line of 100 columns takes about 250 bytes, where a row of a frame takes 1,700.
Packing and unpacking returns the same cells and pens. Plain spaces at the end are not
stored. Columns are cells.
"""

from __future__ import annotations

from typing import NamedTuple

from pairterm.terminal.frame import DEFAULT_PEN, Pen, Row
from pairterm.terminal.line import Line

__all__ = ["MARK", "Packed", "pack", "unpack", "unpack_line"]

MARK = "\0"
"""The mark before each cell, in a line with cells that are not one character each; no cell contains it."""


class Packed(NamedTuple):
    """A line: `text`, and `pens` as (run length, pen) pairs, one pen for all, or None where all is plain.

    `text` and the runs end before the plain spaces at the line's end.
    """

    text: str
    pens: tuple[tuple[int, Pen], ...] | Pen | None
    cols: int
    wrapped: bool
    has_gap: bool = False

    @property
    def is_simple(self) -> bool:
        """Each cell is one character: there are no wide ones."""
        return self.text[:1] != MARK

    @property
    def length(self) -> int:
        """Columns up to the last cell that is not a plain space; all columns if the text goes on in the next line."""
        if self.wrapped:
            return self.cols
        text = self.text
        return text.count(MARK) if text[:1] == MARK else len(text)

    def cells(self) -> list[str]:
        """Return the cells up to `length`."""
        text = self.text
        cells = text[1:].split(MARK) if text[:1] == MARK else list(text)
        if self.wrapped:
            cells += [" "] * (self.cols - len(cells))
        return cells


def pack(line: Line) -> Packed:
    """Return a line in its compact form."""
    cells, pens = line.cells, line.pens
    if line.has_protected:
        line.is_stale = True
        pens = list(line.freeze().pens)
    cols = len(cells)
    first = pens[0]
    runs: tuple[tuple[int, Pen], ...] | Pen | None
    if pens.count(first) == cols:
        runs, inked = (None, 0) if first == DEFAULT_PEN else (first, cols)
    else:
        runs, inked = _runs(pens)
    text = "".join(cells)
    if len(text) == cols and not (line.has_wide and "" in cells):
        kept = text.rstrip(" ")
        return Packed(kept if len(kept) >= inked else text[:inked], runs, cols, line.wrapped, line.has_gap)
    end = cols
    while end > inked and cells[end - 1] == " ":
        end -= 1
    return Packed(MARK + MARK.join(cells[:end]), runs, cols, line.wrapped, line.has_gap)


def _runs(pens: list[Pen]) -> tuple[tuple[tuple[int, Pen], ...], int]:
    """Return the runs of pens without a plain run at the end, and the columns that they take."""
    runs: list[tuple[int, Pen]] = []
    current, count = pens[0], 0
    for pen in pens:
        if pen is current or pen == current:
            count += 1
        else:
            runs.append((count, current))
            current, count = pen, 1
    if current == DEFAULT_PEN:
        return tuple(runs), len(pens) - count
    runs.append((count, current))
    return tuple(runs), len(pens)


def unpack(packed: Packed) -> Row:
    """Return the line as a row of the width it was packed in."""
    text, pens, cols, wrapped, _ = packed
    if text[:1] == MARK:
        cells = text[1:].split(MARK)
        cells += [" "] * (cols - len(cells))
    else:
        cells = list(text.ljust(cols))
    if pens is None:
        return Row(tuple(cells), (DEFAULT_PEN,) * cols, wrapped)
    if isinstance(pens, Pen):
        return Row(tuple(cells), (pens,) * cols, wrapped)
    inked = [pen for count, pen in pens for _ in range(count)]
    inked += [DEFAULT_PEN] * (cols - len(inked))
    return Row(tuple(cells), tuple(inked), wrapped)


def unpack_line(packed: Packed) -> Line:
    """Return the line as it was on the screen."""
    line = Line(unpack(packed))
    line.has_gap = packed.has_gap
    return line
