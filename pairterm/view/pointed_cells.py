"""The cell, the pane or the tab under the mouse. Rows and columns are counted from 1, as mouse reports do."""

from __future__ import annotations

from pairterm.types import PaneId
from pairterm.view.client_layout import column_before
from pairterm.view.compose import RowCutter
from pairterm.view.layers import Layers
from pairterm.view.shown_windows import WindowTab
from pairterm.view.status import tab_at as tab_of_status

__all__ = ["cell_at", "pane_at", "pane_cell_at", "tab_at"]


def cell_at(layers: Layers, row: int, col: int) -> tuple[int, int]:
    """Return the session's cell for a cell of the terminal. It may be outside of the session."""
    offset, frame = layers.viewport.offset, layers.frame
    if layers.widths is not None and frame is not None and 0 < row + offset.row <= frame.size.rows:
        cutter = RowCutter(col=offset.col, cols=layers.size.cols, has_border=True)
        (shown,) = cutter.cut_all([layers.seen(frame).rows[row - 1 + offset.row]])
        col = column_before(shown, col - 1, layers.widths) + 1
    return row + offset.row, col + offset.col


def pane_cell_at(layers: Layers, row: int, col: int) -> tuple[int, int]:
    """Return the active pane's cell for a cell of the terminal. It may be outside of the pane."""
    rect = layers.active_rect
    if rect is None and layers.scrollback is not None:  # the history begins at the terminal's top left corner
        if layers.widths is not None and 0 < row <= layers.area.rows:
            col = column_before(layers.scrollback.rows()[row - 1], col - 1, layers.widths) + 1
        return row, col
    row, col = cell_at(layers, row, col)
    return (row, col) if rect is None else (row - rect.row, col - rect.col)


def pane_at(layers: Layers, row: int, col: int) -> PaneId | None:
    """Return the pane at a cell of the terminal. None: no pane that can be selected is there."""
    if layers.panes is None or row > layers.area.rows:
        return None
    row, col = cell_at(layers, row, col)
    return layers.panes.at(row - 1, col - 1)


def tab_at(layers: Layers, col: int) -> WindowTab | None:
    """Return the window whose tab is at a column of the status line. None: there is none."""
    if layers.frame is None or layers.message_rows():
        return None
    return tab_of_status(col - 1, layers.status(layers.frame), layers.size.cols)
