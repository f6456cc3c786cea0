"""Painting one row: which of its cells changed, and how they are written.

A run of changed cells is widened to whole wide characters, and runs with a short
gap between them are joined: writing a few cells again costs less than a move.
A blank end of the row is erased rather than written. Columns are 0-based.
"""

from __future__ import annotations

from pairterm.terminal.frame import DEFAULT_COLOUR, DEFAULT_PEN, Pen, Row
from pairterm.view.charset import is_doubtful
from pairterm.view.kind import TerminalKind
from pairterm.view.pencil import Pencil

__all__ = ["paint_row"]

_MAX_GAP_CELLS = 4
"""A gap of unchanged cells up to this is written again: a move takes 3 bytes at least."""

_MIN_ERASE_CELLS = 4
"""Blank cells at the end of a row from which on erasing (3 bytes) is shorter than writing."""


def paint_row(pencil: Pencil, number: int, old: Row, new: Row, kind: TerminalKind) -> None:
    """Turn the old row into the new one, on the terminal's row `number`."""
    changed = _changed_columns(old, new)
    if not changed:
        return
    if not kind.is_utf8 or not "".join(new.cells).isascii():
        changed = _with_neighbours(changed, new)
    end = _end_of_text(new, kind)
    for start, stop in _spans(changed, new):
        if start >= end:
            _erase(pencil, number, start, new)
            return
        if stop > end:
            _write(pencil, number, start, end, new)
            _erase(pencil, number, end, new)
            return
        _write(pencil, number, start, stop, new)


def _changed_columns(old: Row, new: Row) -> list[int]:
    columns = zip(old.cells, new.cells, old.pens, new.pens, strict=True)
    return [at for at, (was, cell, had, pen) in enumerate(columns) if was != cell or (had is not pen and had != pen)]


def _with_neighbours(changed: list[int], new: Row) -> list[int]:
    """Add the cells that a terminal may clobber when it draws a changed cell wider than we think."""
    cells = new.cells
    columns = set(changed)
    for at in changed:
        cell = cells[at]
        is_wide = at + 1 < len(cells) and cells[at + 1] == ""
        if is_doubtful(cell, is_wide=is_wide):
            columns.update(range(at, min(len(cells), at + 2 * len(cell) + 1)))
    return sorted(columns)


def _spans(changed: list[int], new: Row) -> list[tuple[int, int]]:
    """Return the runs to write, as start and stop, whole wide characters each."""
    cells = new.cells
    spans: list[tuple[int, int]] = []
    start = stop = -1
    for at in changed:
        if start >= 0 and at - stop <= _MAX_GAP_CELLS:
            stop = at + 1
            continue
        if start >= 0:
            spans.append((start, stop))
        start, stop = at, at + 1
    spans.append((start, stop))
    return [_whole_characters(start, stop, cells) for start, stop in spans]


def _whole_characters(start: int, stop: int, cells: tuple[str, ...]) -> tuple[int, int]:
    if cells[start] == "" and start > 0:
        start -= 1
    if stop < len(cells) and cells[stop] == "":
        stop += 1
    return start, stop


def _end_of_text(row: Row, kind: TerminalKind) -> int:
    """Return the column from which on the row is blank in one background, and worth erasing."""
    cells, pens = row.cells, row.pens
    cols = len(cells)
    pen = pens[-1]
    if not _is_erasable(pen, kind):
        return cols
    end = cols
    while end and cells[end - 1] == " " and (pens[end - 1] is pen or pens[end - 1] == pen):
        end -= 1
    return end if cols - end >= _MIN_ERASE_CELLS else cols


def _is_erasable(pen: Pen, kind: TerminalKind) -> bool:
    """Return whether erasing with this pen leaves what writing a space with it would."""
    if pen is DEFAULT_PEN:
        return True
    is_plain = pen.flags == 0 and pen.fg == pen.underline_colour == DEFAULT_COLOUR and not pen.link
    return is_plain and (kind.has_bce or pen.bg == DEFAULT_COLOUR)


def _erase(pencil: Pencil, number: int, start: int, row: Row) -> None:
    pencil.move(number, start)
    pencil.set_pen(row.pens[start])
    pencil.erase_to_end()


def _write(pencil: Pencil, number: int, start: int, stop: int, row: Row) -> None:
    cells, pens = row.cells, row.pens
    pencil.move(number, start)
    while start < stop:
        pen = pens[start]
        end = start + 1
        while end < stop and (pens[end] is pen or pens[end] == pen or cells[end] == ""):
            end += 1
        pencil.set_pen(pen)
        pencil.write(cells, start, end)
        start = end
