"""Painting one row: which of its cells changed, and how they are written.

A run of changed cells is widened to whole wide characters. Runs with a short gap
between them are joined, because writing a few cells again costs less than a move.
Blanks at the end of the row, and long runs of blanks inside it, are erased and not
written. Colours that the terminal shows alike are not painted. The pen of a space
matters like any other pen, because a screen capture shows it. Columns are 0-based.
"""

from __future__ import annotations

from itertools import compress
from operator import ne

from pairterm.terminal.frame import Row
from pairterm.view.cell_text import is_doubtful
from pairterm.view.pen_output import PenTable, pen_table
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.terminal_writer import TerminalWriter

__all__ = ["blank_start", "paint_row"]

_MAX_GAP_CELLS = 4
"""A gap of at most so many unchanged cells is written again: a move takes at least 3 bytes."""

_MIN_ERASE_CELLS = 4
"""From so many blank cells at the end of a row on, erasing (3 bytes) is shorter than writing."""

_MIN_ERASE_INSIDE_CELLS = 12
"""From so many blank cells inside a row on, erasing them and moving over them (10 bytes at most) is shorter."""

_LONG_BLANK = " " * _MIN_ERASE_INSIDE_CELLS


def paint_row(writer: TerminalWriter, number: int, old: Row, new: Row, kind: TerminalKind) -> None:
    """Change the old row to the new one, on the terminal's row `number`. Cost: O(columns)."""
    table = pen_table(kind)
    changed = _changed_columns(old, new, table)
    if not changed:
        return
    if not "".join([new.cells[at] for at in changed]).isascii():
        changed = _with_neighbours(changed, new)
    end = blank_start(new, kind, table)
    for start, stop in _spans(changed, new):
        if start < end:
            _write(writer, number, start, min(stop, end), new, kind)
        if stop > end:
            writer.move(number, max(start, end))
            writer.set_pen(table.reduced(new.pens[-1]))
            writer.erase_to_end()
            return


def blank_start(row: Row, kind: TerminalKind, table: PenTable) -> int:
    """Return the column where the blank end of the row begins. It has one background, so erasing paints it.

    The number of columns: there is no blank end, or writing is shorter.
    """
    cells, pens = row.cells, row.pens
    cols = len(cells)
    if cells[-1] != " ":
        return cols
    last = pens[-1]
    look = table.reduced(last)
    if not table.is_erasable(look):
        return cols
    end = cols - 1
    while end and cells[end - 1] == " " and (pens[end - 1] is last or table.reduced(pens[end - 1]) == look):
        end -= 1
    return end if cols - end >= _MIN_ERASE_CELLS else cols


def _changed_columns(old: Row, new: Row, table: PenTable) -> list[int]:
    """Return the columns that look different, in order."""
    if old.pens == new.pens:
        return list(compress(range(len(new.cells)), map(ne, old.cells, new.cells)))
    changed = []
    columns = zip(old.cells, new.cells, old.pens, new.pens, strict=True)
    for at, (was, cell, had, pen) in enumerate(columns):
        if was != cell or (had is not pen and had != pen and table.reduced(had) != table.reduced(pen)):
            changed.append(at)
    return changed


def _with_neighbours(changed: list[int], new: Row) -> list[int]:
    """Add the cells that a terminal may overwrite when it draws a changed cell wider than we expect."""
    cells = new.cells
    columns = set(changed)
    for at in changed:
        cell = cells[at]
        is_wide = at + 1 < len(cells) and cells[at + 1] == ""
        if is_doubtful(cell, is_wide=is_wide):
            columns.update(range(at, min(len(cells), at + 2 * len(cell) + 1)))
    return sorted(columns)


def _spans(changed: list[int], new: Row) -> list[tuple[int, int]]:
    """Return the runs to write, as start and stop. Wide characters are never cut in two."""
    cells = new.cells
    spans: list[tuple[int, int]] = []
    start = stop = -1
    for at in changed:
        if start >= 0 and at - stop <= _MAX_GAP_CELLS:
            stop = at + 1
            continue
        if start >= 0:
            spans.append(_whole_characters(start, stop, cells))
        start, stop = at, at + 1
    spans.append(_whole_characters(start, stop, cells))
    return spans


def _whole_characters(start: int, stop: int, cells: tuple[str, ...]) -> tuple[int, int]:
    if cells[start] == "" and start > 0:
        start -= 1
    if stop < len(cells) and cells[stop] == "":
        stop += 1
    return start, stop


def _write(writer: TerminalWriter, number: int, start: int, stop: int, row: Row, kind: TerminalKind) -> None:
    """Write a span. Long runs of blanks in it are erased."""
    if kind.has_ech and stop - start >= _MIN_ERASE_INSIDE_CELLS and _LONG_BLANK in row.text:
        table = pen_table(kind)
        for first, last in _long_blanks(row, start, stop, table):
            _write_runs(writer, number, start, first, row, table)
            writer.move(number, first)
            writer.set_pen(table.reduced(row.pens[first]))
            writer.erase(last - first)
            start = last
    _write_runs(writer, number, start, stop, row, pen_table(kind))


def _long_blanks(row: Row, start: int, stop: int, table: PenTable) -> list[tuple[int, int]]:
    """Return the long runs of spaces with one erasable background between the two columns."""
    cells, pens = row.cells, row.pens
    found = []
    at = start
    while at < stop:
        if cells[at] != " ":
            at += 1
            continue
        look = table.reduced(pens[at])
        end = at + 1
        while end < stop and cells[end] == " " and table.reduced(pens[end]) == look:
            end += 1
        if end - at >= _MIN_ERASE_INSIDE_CELLS and table.is_erasable(look):
            found.append((at, end))
        at = end
    return found


def _write_runs(writer: TerminalWriter, number: int, start: int, stop: int, row: Row, table: PenTable) -> None:
    """Write cells, one run of equal pens after the other."""
    if start >= stop:
        return
    cells, pens = row.cells, row.pens
    if start or is_doubtful(cells[0], is_wide=cells[1:2] == ("",)) or not writer.wrap_into(number):
        writer.move(number, start)
    while start < stop:
        pen = pens[start]
        end = start + 1
        while end < stop:
            here = pens[end]
            if here is not pen and here != pen and cells[end] != "":
                break
            end += 1
        writer.set_pen(pen)
        writer.write(cells, start, end)
        start = end
