"""Windows cut into panes by random splits, and what a window shows, said cell by cell: the reference for law 11."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from pairterm.terminal.frame import DEFAULT_PEN, INVERSE, Frame, Pen
from pairterm.types import PaneId, Rect, Size

__all__ = ["Cell", "Panes", "naive_cell", "splits"]

Panes = Sequence[tuple[PaneId, Rect]]
Cell = tuple[str, Pen]

_GREEN = Pen(fg=2)
_LINES = {
    "ud": "│",
    "lr": "─",
    "udr": "├",
    "udl": "┤",
    "dlr": "┬",
    "ulr": "┴",
    "udlr": "┼",
}
"""The line's character by the sides on which it goes on: up, down, left, right."""


@st.composite
def splits(draw: st.DrawFn, max_rows: int = 12, max_cols: int = 40, max_panes: int = 6) -> tuple[Size, Panes]:
    """Return a window's size, and its panes after some splits that left each pane at least one row and two columns."""
    size = Size(rows=draw(st.integers(1, max_rows)), cols=draw(st.integers(2, max_cols)))
    rects = [Rect(0, 0, size.rows, size.cols)]
    for _ in range(draw(st.integers(0, max_panes - 1))):
        at = draw(st.integers(0, len(rects) - 1))
        rect = rects[at]
        if draw(st.booleans()) and rect.rows >= 3:
            rows = draw(st.integers(1, rect.rows - 2))
            rects[at : at + 1] = [
                replace(rect, rows=rows),
                replace(rect, row=rect.row + rows + 1, rows=rect.rows - rows - 1),
            ]
        elif rect.cols >= 5:
            cols = draw(st.integers(2, rect.cols - 3))
            rects[at : at + 1] = [
                replace(rect, cols=cols),
                replace(rect, col=rect.col + cols + 1, cols=rect.cols - cols - 1),
            ]
    return size, [(PaneId(10 + number), rect) for number, rect in enumerate(rects)]


def naive_cell(
    size: Size, panes: Panes, active: PaneId, frames: Mapping[PaneId, Frame], row: int, col: int
) -> tuple[str, Pen]:
    """Return the text and the pen that a cell of the window shows."""
    pane = _pane_at(panes, row, col)
    if pane is None:
        return _border(size, panes, active, row, col)
    rect = dict(panes)[pane]
    frame = frames.get(pane)
    row, col = row - rect.row, col - rect.col
    if frame is None:
        return " ", DEFAULT_PEN
    is_inverse = frame.modes.is_reversed and not is_alone(size, panes, frame)
    if row >= frame.size.rows or col >= frame.size.cols:
        return " ", _shown(DEFAULT_PEN, is_inverse=is_inverse)
    cells = frame.rows[row].cells
    is_cut = col == rect.cols - 1 and cells[col + 1 : col + 2] == ("",)
    return " " if is_cut else cells[col], _shown(frame.rows[row].pens[col], is_inverse=is_inverse)


def is_alone(size: Size, panes: Panes, frame: Frame) -> bool:
    """Return whether a pane's frame is the whole picture: then its modes are the terminal's."""
    return len(panes) == 1 and frame.size == size


def _shown(pen: Pen, *, is_inverse: bool) -> Pen:
    return pen._replace(flags=pen.flags ^ INVERSE) if is_inverse else pen


def _pane_at(panes: Panes, row: int, col: int) -> PaneId | None:
    for pane, rect in panes:
        if rect.row <= row < rect.row + rect.rows and rect.col <= col < rect.col + rect.cols:
            return pane
    return None


def _border(size: Size, panes: Panes, active: PaneId, row: int, col: int) -> Cell:
    """Return the piece of a line between panes, as tmux draws it."""
    sides = ""
    for name, beside in {"u": (row - 1, col), "d": (row + 1, col), "l": (row, col - 1), "r": (row, col + 1)}.items():
        is_outside = not (0 <= beside[0] < size.rows and 0 <= beside[1] < size.cols)
        sides += name if is_outside or _pane_at(panes, *beside) is None else ""
    rect = dict(panes)[active]
    touches = any(
        rect.row <= row + down < rect.row + rect.rows and rect.col <= col + right < rect.col + rect.cols
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    )
    if len(panes) == 2:
        first, second = panes[0], panes[1]
        half = first[1].rows // 2 if second[1].row == 0 else first[1].cols // 2
        at = row if second[1].row == 0 else col
        touches = active == (first if at <= half else second)[0]
    return _LINES[sides], _GREEN if touches else DEFAULT_PEN
