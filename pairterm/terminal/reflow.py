"""Wrapping text anew when the screen's width changes, as xterm.js, tmux, VTE and kitty do.

A paragraph is a line and the lines that it wrapped into. Trailing plain blanks of its
last line are not part of it, unless that line goes on, too. A blank at the margin, where
a wide character did not fit, is removed, and added again where it is needed. The cursor
stays on its character. Rows and columns are 0-based.
"""

from __future__ import annotations

from pairterm.terminal.frame import DEFAULT_PEN, Pen, blank_row
from pairterm.terminal.line import Line

__all__ = ["is_gap", "paragraphs", "rewrap", "rewrap_with_cursor", "rows_of"]


def paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Return the lines in groups that wrap into each other."""
    groups: list[list[Line]] = []
    is_open = False
    for line in lines:
        if is_open:
            groups[-1].append(line)
        else:
            groups.append([line])
        is_open = line.wrapped
    return groups


def rewrap(paragraph: list[Line], cols: int) -> list[Line]:
    """Return a paragraph's lines at another width, at least one."""
    return rewrap_with_cursor(paragraph, cols, 0, 0)[0]


def rewrap_with_cursor(paragraph: list[Line], cols: int, row: int, col: int) -> tuple[list[Line], int, int]:
    """Return a paragraph's lines at another width, and the new place of the position (row, col) in it."""
    if len(paragraph) == 1 and _length(paragraph[0]) <= cols:
        paragraph[0].refit(cols, DEFAULT_PEN)
        return paragraph, 0, col
    cells, pens, offset = _joined(paragraph, row, col)
    if cols == 1 and "" in cells:
        cells = [
            " " if cell == "" or after == "" else cell for cell, after in zip(cells, [*cells[1:], " "], strict=True)
        ]
    lines: list[Line] = []
    at, found = 0, (0, col)
    while at < len(cells) or not lines:
        stop = at + cols
        if stop < len(cells) and cells[stop] == "":
            stop -= 1
        if at <= offset < stop or stop >= len(cells):
            found = (len(lines), offset - at) if offset >= at else found
        lines.append(_line(cells[at:stop], pens[at:stop], cols, stop < len(cells) or paragraph[-1].wrapped))
        lines[-1].has_gap = stop < at + cols
        at = max(stop, at + 1)
    return lines, found[0], found[1]


def is_gap(cells: list[str], after: list[str] | None) -> bool:
    """Return whether the last cell of a line is still its gap. `after`: the next line's cells; None: not known."""
    return cells[-1] == " " and (after is None or after[1:2] == [""])


def rows_of(cells: list[str], cols: int) -> int:
    """Return how many rows cells take, at least one; a wide character does not go over the margin."""
    if cols == 1:
        return max(1, len(cells))
    rows = at = 0
    while at < len(cells) or not rows:
        at += cols
        rows += 1
        if at < len(cells) and cells[at] == "":
            at -= 1
    return rows


def _length(line: Line) -> int:
    """Return the columns up to the last cell that is not a plain space; all of them if the text goes on."""
    cells, pens = line.cells, line.pens
    length = len(cells)
    if line.wrapped:
        return length
    while length and cells[length - 1] == " " and pens[length - 1] == DEFAULT_PEN:
        length -= 1
    return length


def _joined(paragraph: list[Line], row: int, col: int) -> tuple[list[str], list[Pen], int]:
    """Return a paragraph's cells and pens joined, and the index of the position in them."""
    cells: list[str] = []
    pens: list[Pen] = []
    offset = 0
    for number, line in enumerate(paragraph):
        if number == row:
            offset = len(cells) + col
        length = _length(line)
        after = paragraph[number + 1].cells if number + 1 < len(paragraph) else None
        if line.wrapped and line.has_gap and is_gap(line.cells, after):
            length -= 1
        cells += line.cells[:length]
        pens += line.pens[:length]
    return cells, pens, offset


def _line(cells: list[str], pens: list[Pen], cols: int, wrapped: bool) -> Line:
    line = Line(blank_row(cols))
    line.cells[: len(cells)] = cells
    line.pens[: len(pens)] = pens
    line.has_wide = "" in cells
    line.wrapped = wrapped
    line.is_stale = True
    return line
