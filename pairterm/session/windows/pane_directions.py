"""Which pane is above, below, left or right of another: `select-pane -U`, `-D`, `-L` and `-R`, as in tmux 3.3a."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from pairterm.types import PaneId, Rect, Size

__all__ = ["Direction", "neighbour_of"]

Direction: TypeAlias = Literal["U", "D", "L", "R"]
"""Up, down, left or right, by tmux's flags."""


def neighbour_of(
    pane: PaneId, direction: Direction, rects: Mapping[PaneId, Rect], size: Size, recently_active: Sequence[PaneId]
) -> PaneId | None:
    """Return the pane beside `pane`; at the window's edge, one at the opposite edge. None if there is none.

    Of several, it is the one that was active last, or else the first in the order of `rects`.

    Args:
        pane: The pane from which to go.
        direction: Where to go.
        rects: All panes of the window.
        size: The window's size.
        recently_active: The panes that were ever active, the last one first.
    """
    start = rects[pane]
    found = [
        other
        for other, rect in rects.items()
        if other != pane and _touches(start, rect, direction, size) and _overlaps(start, rect, direction)
    ]
    ranks = {other: rank for rank, other in enumerate(recently_active)}
    return min(found, key=lambda other: ranks.get(other, len(ranks)), default=None)


def _touches(start: Rect, rect: Rect, direction: Direction, size: Size) -> bool:
    """Return True if only a border is between the two, or the edge of the window."""
    match direction:
        case "U":
            return rect.row + rect.rows + 1 == (start.row or size.rows + 1)
        case "L":
            return rect.col + rect.cols + 1 == (start.col or size.cols + 1)
        case "D":
            below = start.row + start.rows + 1
            return rect.row == (below if below < size.rows else 0)
        case "R":
            beside = start.col + start.cols + 1
            return rect.col == (beside if beside < size.cols else 0)


def _overlaps(start: Rect, rect: Rect, direction: Direction) -> bool:
    """Return True if one is in front of the other. As in tmux, the border after `start` counts as a part of it."""
    if direction in ("U", "D"):
        first, last, low, high = start.col, start.col + start.cols, rect.col, rect.col + rect.cols - 1
    else:
        first, last, low, high = start.row, start.row + start.rows, rect.row, rect.row + rect.rows - 1
    return (low < first and high > last) or first <= low <= last or first <= high <= last
