"""Bars: one row of text over or under a client's picture, in inverse, so that no colour is needed to see it.

The bar of a message, a prompt or an indicator lies over the picture for a while;
the status line has a row of its own (see `status`). Nothing else moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wcwidth import wcwidth

from pairterm.terminal.frame import BOLD, INVERSE, Cursor, Frame, Pen, Row

__all__ = ["BAR_PEN", "STRONG_PEN", "bar", "text_cells", "with_bottom", "with_bottom_lines", "with_corner"]

BAR_PEN = Pen(flags=INVERSE)
STRONG_PEN = Pen(flags=INVERSE | BOLD)


def bar(text: str, cols: int, pen: Pen = BAR_PEN) -> Row:
    """Return a row of one pen with `text`, cut where it does not fit."""
    return Row(text_cells(text, cols), (pen,) * cols)


def with_bottom(frame: Frame, row: Row, cursor: Cursor | None = None) -> Frame:
    """Return the picture with `row` as its last row; `cursor` if it moves there."""
    return replace(frame, rows=(*frame.rows[:-1], row), cursor=frame.cursor if cursor is None else cursor)


def with_bottom_lines(frame: Frame, lines: Sequence[str]) -> Frame:
    """Return the picture with bars of these lines at its bottom; the first half of the rows stays free."""
    most = max(1, frame.size.rows // 2)
    shown = list(lines) if len(lines) <= most else [*lines[: most - 1], "…"]
    bars = [bar(f" {line}", frame.size.cols) for line in shown]
    return replace(frame, rows=(*frame.rows[: -len(bars)], *bars))


def with_corner(row: Row, text: str) -> Row:
    """Return the row with `text` at its right end, as far as it fits."""
    cols = len(row.cells)
    cells = text_cells(text, cols)
    width = min(cols, sum(max(0, wcwidth(char)) for char in text))
    keep = cols - width
    left = list(row.cells[:keep])
    if keep and row.cells[keep : keep + 1] == ("",):
        left[-1] = " "  # half of a wide character
    return Row((*left, *cells[:width]), row.pens[:keep] + (BAR_PEN,) * width)


def text_cells(text: str, cols: int) -> tuple[str, ...]:
    """Return exactly `cols` cells of `text`, cut or filled with spaces; what is not printable is left out."""
    cells: list[str] = []
    for char in text:
        width = wcwidth(char) if char.isprintable() else -1
        if width < 1:
            continue
        if len(cells) + width > cols:
            break
        cells += [char, *[""] * (width - 1)]
    return (*cells, *" " * (cols - len(cells)))
