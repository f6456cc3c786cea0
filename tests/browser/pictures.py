"""What a page of any size lacks of a frame."""

from __future__ import annotations

from typing import Protocol

from pairterm.terminal.frame import Cursor, Frame, Row
from tests.e2e.watcher import difference

__all__ = ["Shown", "lacks"]


class Shown(Protocol):
    """A page, or what else shows a frame."""

    def frame(self) -> Frame:
        """Return what it shows."""


def lacks(page: Shown, frame: Frame) -> str:
    """Return what a page does not show of a frame; "" if it shows it.

    A larger page shows the frame in its top left corner. A smaller one shows a part of it, with the cursor.
    """
    shown = page.frame()
    rows, cols = min(shown.size.rows, frame.size.rows), min(shown.size.cols, frame.size.cols)
    mine = tuple(_cut(row, 0, cols) for row in shown.rows[:rows])
    found = "nothing"
    for top in range(frame.size.rows - rows + 1):
        for left in range(frame.size.cols - cols + 1):
            at = Cursor(frame.cursor.row - top, frame.cursor.col - left, is_visible=frame.cursor.is_visible)
            if not (0 <= at.row < rows and 0 <= at.col < cols):
                continue
            theirs = tuple(_cut(row, left, cols) for row in frame.rows[top : top + rows])
            size = type(frame.size)(rows=rows, cols=cols)
            found = difference(
                Frame(size=size, rows=mine, cursor=shown.cursor), Frame(size=size, rows=theirs, cursor=at)
            )
            if not found:
                return ""
    return found


def _cut(row: Row, left: int, cols: int) -> Row:
    """Return a part of a row; half of a wide character at its edge is a blank."""
    cells, pens = list(row.cells[left : left + cols]), row.pens[left : left + cols]
    if cells[0] == "":
        cells[0] = " "
    if row.cells[left + cols : left + cols + 1] == ("",):
        cells[-1] = " "
    return Row(tuple(cells), pens)
