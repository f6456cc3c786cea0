"""A line as it is kept when nobody looks: its text in one string, its pens as runs.

A plain line of 100 columns takes about 250 bytes, where a row of a frame takes 1,700.
Packing and unpacking give back the same cells and pens; trailing plain spaces are not
kept. Columns are cells.
"""

from __future__ import annotations

from typing import NamedTuple

from pairterm.terminal.frame import DEFAULT_PEN, Pen, Row
from pairterm.terminal.line import Line

__all__ = ["Packed", "pack", "unpack", "unpack_line"]

_MARK = "\0"
"""Stands before and between the cells of a line whose cells are not one character each; no cell contains it."""


class Packed(NamedTuple):
    """A line: `text`, and `pens` as (run length, pen) pairs, one pen for all, or None where all is plain."""

    text: str
    pens: tuple[tuple[int, Pen], ...] | Pen | None
    cols: int
    wrapped: bool
    has_gap: bool = False

    def fits(self, cols: int) -> bool:
        """Return whether the line shows whole at another width. Cheap; says no when in doubt."""
        return self.cols <= cols or (self.pens is None and len(self.text) <= cols and self.text[:1] != _MARK)


def pack(line: Line) -> Packed:
    """Return a line in the form that is kept."""
    cells, pens = line.cells, line.pens
    if line.has_protected:
        line.is_stale = True
        pens = list(line.freeze().pens)
    cols = len(cells)
    if line.has_wide:
        text = _MARK + _MARK.join(cells)
    else:
        text = "".join(cells)
        if len(text) != cols:
            text = _MARK + _MARK.join(cells)
    first = pens[0]
    if pens.count(first) == cols:
        if first == DEFAULT_PEN:
            return Packed(text if text[0] == _MARK else text.rstrip(" "), None, cols, line.wrapped, line.has_gap)
        return Packed(text, first, cols, line.wrapped, line.has_gap)
    return Packed(text, _runs(pens), cols, line.wrapped, line.has_gap)


def _runs(pens: list[Pen]) -> tuple[tuple[int, Pen], ...]:
    runs: list[tuple[int, Pen]] = []
    current, count = pens[0], 0
    for pen in pens:
        if pen is current or pen == current:
            count += 1
        else:
            runs.append((count, current))
            current, count = pen, 1
    runs.append((count, current))
    return tuple(runs)


def unpack(packed: Packed) -> Row:
    """Return the line as a row of the width it was packed in."""
    text, pens, cols, wrapped, _ = packed
    cells = tuple(text[1:].split(_MARK)) if text[:1] == _MARK else tuple(text.ljust(cols))
    if pens is None:
        return Row(cells, (DEFAULT_PEN,) * cols, wrapped)
    if isinstance(pens, Pen):
        return Row(cells, (pens,) * cols, wrapped)
    return Row(cells, tuple([pen for count, pen in pens for _ in range(count)]), wrapped)


def unpack_line(packed: Packed) -> Line:
    """Return the line as it was on the screen."""
    line = Line(unpack(packed))
    line.has_gap = packed.has_gap
    return line
