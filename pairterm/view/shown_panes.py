"""The panes of the window that one client looks at, for the view that shows the window's composed frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Rect, WindowId

__all__ = ["PaneBorder", "PaneRects", "ShownPanes"]

PaneRects: TypeAlias = tuple[tuple[PaneId, Rect], ...]
"""Panes and their rectangles, in a window's cells."""


class PaneBorder(NamedTuple):
    """The border between two neighbours."""

    before: PaneId
    behind: PaneId
    is_column: bool
    """True if the panes are side by side. The border then has a column, and else a row."""
    place: int
    """Its column or row in the frame."""


@dataclass(frozen=True, slots=True)
class ShownPanes:
    """The window's panes, in the order of their indexes, and the active one. A zoomed window shows only that one."""

    window: WindowId
    rects: PaneRects
    """Each visible pane and its rectangle, in the composed frame's cells."""
    active: PaneId
    """The pane that gets the client's keys."""
    frame: Frame
    """The active pane's own frame. Its history's numbers and its modes count, not those of the composed frame."""
    is_code: bool = False
    """The window shows the files of editors. Its pane has no program, and nobody types there."""

    def is_arranged_as(self, other: ShownPanes) -> bool:
        """Return whether at most the frame differs. Composed pictures of one arrangement have the same rectangles."""
        return self.rects is other.rects and self.active == other.active and self.is_code is other.is_code

    def at(self, row: int, col: int) -> PaneId | None:
        """Return the pane at a cell of the frame. None: it is on a border, or outside."""
        for pane, rect in self.rects:
            if 0 <= row - rect.row < rect.rows and 0 <= col - rect.col < rect.cols:
                return pane
        return None

    def borders_at(self, row: int, col: int) -> list[PaneBorder]:
        """Return the borders that the mouse drags at this cell. []: no border is there.

        At a crossing or a corner these are several, as in tmux: the cells around the cell count, too. Beside a
        crossing of four panes, tmux may drag one more. The rectangles do not tell which.
        """
        is_above_end = any(0 <= row < rect.row + rect.rows for _, rect in self.rects)
        is_before_end = any(0 <= col < rect.col + rect.cols for _, rect in self.rects)
        if not (is_above_end and is_before_end) or self.at(row, col) is not None:
            return []
        around = ((row, col), (row + 1, col), (row, col + 1), (row - 1, col), (row, col - 1))
        return list(dict.fromkeys(border for cell in around for border in self._border_of(*cell)))

    def _border_of(self, row: int, col: int) -> list[PaneBorder]:
        """Return the border that a cell is a piece of. []: it is none, or a crossing of four panes."""
        if self.at(row, col) is not None:
            return []
        up, down, left, right = (
            self.at(row - 1, col),
            self.at(row + 1, col),
            self.at(row, col - 1),
            self.at(row, col + 1),
        )
        if left is not None or right is not None:  # another line may end here, so the pane is beside the next cell
            left = left if left is not None else self.at(row - 1, col - 1)
            right = right if right is not None else self.at(row - 1, col + 1)
            return [] if left is None or right is None else [PaneBorder(left, right, True, col)]
        if up is not None or down is not None:
            up = up if up is not None else self.at(row - 1, col - 1)
            down = down if down is not None else self.at(row + 1, col - 1)
            return [] if up is None or down is None else [PaneBorder(up, down, False, row)]
        return []
