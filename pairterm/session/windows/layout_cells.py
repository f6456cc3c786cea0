"""The cells of a layout: a tree of panes and of rows of cells, and the arithmetic that shares space in it.

A *leaf* holds one pane. A *split* holds two or more cells in a row along its *axis*, with a border of
one character cell between neighbours. The cells of a split fill it exactly: along the axis, their
extents and borders add up to the split's extent; across it, each has the split's extent. No leaf is
smaller than `MIN_PANE_COLS` × `MIN_PANE_ROWS`. Every function keeps these rules if its arguments do.

A split may hold splits of its own axis, because tmux keeps the tree when a pane between them closes.
Cells have no position; it follows from the sizes. The arithmetic gives the numbers of tmux 3.3a.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from pairterm.link.messages import MAX_PANES
from pairterm.types import PaneId, Rect, Size

__all__ = [
    "MAX_DEPTH",
    "MAX_PANES",
    "MIN_PANE_COLS",
    "MIN_PANE_ROWS",
    "Axis",
    "Cell",
    "Leaf",
    "Path",
    "Split",
    "adjusted",
    "at",
    "extent",
    "fits",
    "leaves",
    "path_to",
    "places",
    "refitted",
    "replaced",
    "size_of",
    "slack",
    "with_border_moved",
]

MAX_DEPTH = MAX_PANES - 1
"""Splits inside each other. More are impossible with `MAX_PANES` panes, as a split has two cells at least."""

MIN_PANE_COLS = 2
"""Columns of the narrowest pane: one wide character fits. tmux's minimum is 1."""

MIN_PANE_ROWS = 1
"""Rows of the lowest pane, as in tmux."""


class Axis(enum.Enum):
    """The direction in which the cells of a split follow each other."""

    COLS = "cols"
    """From left to right (tmux's `split-window -h`)."""
    ROWS = "rows"
    """From top to bottom (tmux's `split-window -v`)."""

    @property
    def minimum(self) -> int:
        """The extent of the smallest pane along this axis."""
        return MIN_PANE_COLS if self is Axis.COLS else MIN_PANE_ROWS


@dataclass(frozen=True, slots=True)
class Leaf:
    """A cell that holds one pane."""

    size: Size
    pane: PaneId


@dataclass(frozen=True, slots=True)
class Split:
    """A cell that holds two or more cells in a row."""

    size: Size
    axis: Axis
    cells: tuple[Cell, ...]


Cell: TypeAlias = "Leaf | Split"

Path: TypeAlias = tuple[int, ...]
"""The way from the root to a cell: which of the cells to enter, split by split. () is the root."""


def extent(cell: Cell, axis: Axis) -> int:
    """Return the columns or rows of `cell`."""
    return cell.size.cols if axis is Axis.COLS else cell.size.rows


def size_of(axis: Axis, along: int, like: Size) -> Size:
    """Return `like` with the extent `along` on `axis`."""
    return Size(rows=like.rows, cols=along) if axis is Axis.COLS else Size(rows=along, cols=like.cols)


def leaves(cell: Cell) -> Iterator[Leaf]:
    """Yield the leaves in the order of the tree."""
    match cell:
        case Leaf():
            yield cell
        case Split():
            for each in cell.cells:
                yield from leaves(each)


def places(cell: Cell, row: int = 0, col: int = 0) -> Iterator[tuple[PaneId, Rect]]:
    """Yield each pane with its place, if the upper left corner of `cell` is at `row` and `col`."""
    match cell:
        case Leaf():
            yield cell.pane, Rect(row, col, cell.size.rows, cell.size.cols)
        case Split():
            for each in cell.cells:
                yield from places(each, row, col)
                if cell.axis is Axis.COLS:
                    col += each.size.cols + 1
                else:
                    row += each.size.rows + 1


def fits(cell: Cell) -> bool:
    """Return True if no pane is smaller than the minimum."""
    return all(leaf.size.cols >= MIN_PANE_COLS and leaf.size.rows >= MIN_PANE_ROWS for leaf in leaves(cell))


def path_to(cell: Cell, pane: PaneId) -> Path | None:
    """Return the way from `cell` to the leaf that holds `pane`; None if no leaf holds it."""
    match cell:
        case Leaf():
            return () if cell.pane == pane else None
        case Split():
            for index, each in enumerate(cell.cells):
                path = path_to(each, pane)
                if path is not None:
                    return (index, *path)
    return None


def at(root: Cell, path: Path) -> Cell | None:
    """Return the cell at the end of `path`; None if the tree has no such cell."""
    cell = root
    for index in path:
        if not isinstance(cell, Split) or not 0 <= index < len(cell.cells):
            return None
        cell = cell.cells[index]
    return cell


def replaced(root: Cell, path: Path, new: Cell) -> Cell:
    """Return the tree with `new`, which has the same size, in the place of the cell at `path`."""
    if not path:
        return new
    assert isinstance(root, Split)
    index = path[0]
    cell = replaced(root.cells[index], path[1:], new)
    return replace(root, cells=(*root.cells[:index], cell, *root.cells[index + 1 :]))


def slack(cell: Cell, axis: Axis) -> int:
    """Return by how much `cell` can shrink along `axis` before a pane in it is at the minimum."""
    match cell:
        case Leaf():
            return max(0, extent(cell, axis) - axis.minimum)
        case Split():
            of_each = (slack(each, axis) for each in cell.cells)
            return sum(of_each) if cell.axis is axis else min(of_each)


def adjusted(cell: Cell, axis: Axis, change: int) -> Cell:
    """Return `cell` larger by `change` along `axis`, or smaller if `change` is negative.

    The cells along the axis take turns, one character cell each time, from the first to the last.
    `change` is at least -`slack(cell, axis)`.
    """
    size = size_of(axis, extent(cell, axis) + change, cell.size)
    match cell:
        case Leaf():
            return replace(cell, size=size)
        case Split() if cell.axis is not axis:
            return replace(cell, size=size, cells=tuple(adjusted(each, axis, change) for each in cell.cells))
        case Split():
            shares = zip(cell.cells, _shares(cell, change), strict=True)
            return replace(cell, size=size, cells=tuple(_stepped(each, axis, share) for each, share in shares))


def _shares(split: Split, change: int) -> list[int]:
    """Return how much of `change` each cell of `split` takes if they take turns."""
    count = len(split.cells)
    if change >= 0:
        each, rest = divmod(change, count)
        return [each + (index < rest) for index in range(count)]
    shares = [0] * count
    room = [slack(each, split.axis) for each in split.cells]
    while change < 0 and any(room):
        for index in range(count):
            if change < 0 < room[index]:
                room[index] -= 1
                shares[index] -= 1
                change += 1
    return shares


def _stepped(cell: Cell, axis: Axis, change: int) -> Cell:
    """Return the result of |change| adjustments by one.

    It is not the result of one adjustment by `change`: each single step starts again at the first cell
    of a split, so that the first cells take it all.
    """
    size = size_of(axis, extent(cell, axis) + change, cell.size)
    match cell:
        case Leaf():
            return replace(cell, size=size)
        case Split() if cell.axis is not axis:
            return replace(cell, size=size, cells=tuple(_stepped(each, axis, change) for each in cell.cells))
        case Split():
            cells = []
            for each in cell.cells:
                step = change if change >= 0 else max(change, -slack(each, axis))
                cells.append(_stepped(each, axis, step))
                change -= step
            return replace(cell, size=size, cells=tuple(cells))


def with_border_moved(split: Split, index: int, change: int, *, from_both_sides: bool) -> Split:
    """Return `split` with the border after its cell `index` moved by up to `change`.

    The cell on the side from which the border moves away takes the space, and the nearest cells with
    slack on the other side give it. If none of those has slack, a cell that grows along the axis takes
    from the cells before it too, unless `from_both_sides` is False.
    """
    axis, cells = split.axis, list(split.cells)
    while change:
        if change > 0:
            taker, givers = index, list(range(index + 1, len(cells)))
            givers += reversed(range(index)) if from_both_sides else ()
        else:
            taker, givers = index + 1, list(range(index, -1, -1))
        giver = next((each for each in givers if slack(cells[each], axis)), None)
        if giver is None:
            break
        step = min(abs(change), slack(cells[giver], axis))
        cells[taker] = adjusted(cells[taker], axis, step)
        cells[giver] = adjusted(cells[giver], axis, -step)
        change -= step if change > 0 else -step
    return replace(split, cells=tuple(cells))


def evenly_spread(split: Split) -> Split:
    """Return `split` with cells of the same extent, the last with the rest; `split` itself if a pane has no room."""
    axis, count = split.axis, len(split.cells)
    whole = extent(split, axis)
    each = (whole - (count - 1)) // count
    wanted = [each] * (count - 1) + [whole - (each + 1) * (count - 1)]
    changes = [new - extent(cell, axis) for cell, new in zip(split.cells, wanted, strict=True)]
    if any(change < -slack(cell, axis) for cell, change in zip(split.cells, changes, strict=True)):
        return split
    cells = (adjusted(cell, axis, change) for cell, change in zip(split.cells, changes, strict=True))
    return replace(split, cells=tuple(cells))


def refitted(cell: Cell, size: Size) -> Cell:
    """Return `cell` with `size`, each cell in it in proportion to its former size.

    The result may hold panes below the minimum, or even negative sizes, if `size` is too small; ask `fits`.
    """
    if isinstance(cell, Leaf):
        return replace(cell, size=size)
    whole = extent(cell, cell.axis)
    left = total = size.cols if cell.axis is Axis.COLS else size.rows
    cells = []
    for index, each in enumerate(cell.cells):
        along = _proportional(each, cell.axis, total, whole, len(cell.cells) - index, left)
        cells.append(refitted(each, size_of(cell.axis, along, size)))
        left -= along + 1
    return replace(cell, size=size, cells=tuple(cells))


def _proportional(cell: Cell, axis: Axis, total: int, whole: int, count_left: int, left: int) -> int:
    """Return the extent of the next cell of a split that shrinks from `whole` to `total`.

    Args:
        cell: The cell with its former extent.
        axis: The split's axis.
        total: The split's new extent.
        whole: The split's former extent.
        count_left: The cells that still need an extent, with this one.
        left: The extent that is left for those.
    """
    if count_left == 1:
        return left
    former = extent(cell, axis)
    reserved = max((axis.minimum + 1) * (count_left - 1), former - slack(cell, axis))
    most = left - reserved
    share = former * total // whole
    if 0 <= most < share:  # tmux counts without sign, so it knows no limit below 0; `fits` refuses the result
        share = most
    return max(share, axis.minimum)
