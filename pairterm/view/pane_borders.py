"""The lines between the panes of a window, as tmux 3.3a draws them.

Each cell outside of all panes is a piece of a line. Its character follows from the
neighbours that are outside of all panes too. At the window's edge, a line goes straight
on. The lines around the active pane are green. If two panes share the only line, one
half of it is green: the left or upper half belongs to the first pane.
Rows and columns are 0-based cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pairterm.terminal.frame import DEFAULT_PEN, Pen
from pairterm.types import Rect, Size

__all__ = ["ACTIVE_PEN", "BorderCell", "border_cells"]

ACTIVE_PEN = Pen(fg=2)
"""tmux's pane-active-border-style. The other lines have the default pen, as its pane-border-style."""

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8

_LINES = " │││─┘┐┤─└┌├─┴┬┼"
"""The character for each set of the directions in which the line goes on."""


class BorderCell(NamedTuple):
    """One piece of a line."""

    col: int
    char: str
    pen: Pen


def border_cells(size: Size, rects: Sequence[Rect], active: Rect) -> list[list[BorderCell]]:
    """Return the cells outside of all panes for each row of the window, from left to right.

    Cost: O(rows × panes), and O(panes) for each cell of a border.
    """
    covered = _covered(size, rects)
    halved = _halved(rects)
    found = []
    for row, line in enumerate(covered):
        cells = []
        col = line.find(0)
        while col >= 0:
            ways = _UP * (row == 0 or not covered[row - 1][col])
            ways += _DOWN * (row + 1 == size.rows or not covered[row + 1][col])
            ways += _LEFT * (col == 0 or not line[col - 1])
            ways += _RIGHT * (col + 1 == size.cols or not line[col + 1])
            is_active = _is_around(active, row, col) and (halved is None or _is_own_half(active, halved, row, col))
            cells.append(BorderCell(col, _LINES[ways], ACTIVE_PEN if is_active else DEFAULT_PEN))
            col = line.find(0, col + 1)
        found.append(cells)
    return found


def _covered(size: Size, rects: Sequence[Rect]) -> list[bytearray]:
    """Return for each row and column whether a pane is there."""
    covered = [bytearray(size.cols) for _ in range(size.rows)]
    for rect in rects:
        for line in covered[rect.row : rect.row + rect.rows]:
            line[rect.col : rect.col + rect.cols] = b"\1" * len(line[rect.col : rect.col + rect.cols])
    return covered


def _is_around(rect: Rect, row: int, col: int) -> bool:
    """Return whether the cell, which is outside of the rectangle, touches it, if only at a corner."""
    return -1 <= row - rect.row <= rect.rows and -1 <= col - rect.col <= rect.cols


def _halved(rects: Sequence[Rect]) -> Rect | None:
    """Return the first pane if there are two, which share one line."""
    return min(rects, key=lambda rect: (rect.row, rect.col)) if len(rects) == 2 else None


def _is_own_half(active: Rect, first: Rect, row: int, col: int) -> bool:
    """Return whether this cell of the only line is in the active pane's half. The middle belongs to the first pane."""
    is_column = col == first.col + first.cols
    in_first_half = row <= first.rows // 2 if is_column else col <= first.cols // 2
    return in_first_half is (active == first)
