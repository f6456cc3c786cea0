"""Rows in place of one pane's cells in a composed frame: the history of the pane, for one client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pairterm.terminal.frame import Cursor, Frame, Row, redrawn
from pairterm.types import Rect

__all__ = ["with_pane"]


def with_pane(frame: Frame, rect: Rect, rows: Sequence[Row], cursor: Cursor) -> Frame:
    """Return the frame with `rows` in the rectangle, and the cursor there. `cursor` counts the rectangle's cells."""
    shown = list(frame.rows)
    for at, row in enumerate(rows[: frame.size.rows - rect.row], rect.row):
        shown[at] = _spliced(shown[at], rect.col, row)
    if cursor.is_visible:
        cursor = replace(cursor, row=cursor.row + rect.row, col=cursor.col + rect.col)
    return redrawn(frame, frame.size, tuple(shown), cursor, frame.modes)


def _spliced(row: Row, col: int, part: Row) -> Row:
    """Return the row with `part` from a column on. Half of a wide character at its edges becomes a space."""
    stop = min(col + len(part.cells), len(row.cells))
    before, after = list(row.cells[:col]), list(row.cells[stop:])
    if before and row.cells[col] == "":
        before[-1] = " "
    if after and after[0] == "":
        after[0] = " "
    cells = (*before, *part.cells[: stop - col], *after)
    return Row(cells, row.pens[:col] + part.pens[: stop - col] + row.pens[stop:])
