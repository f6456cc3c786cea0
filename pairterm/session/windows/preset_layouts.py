"""The five layouts that `select-layout` knows by name. The numbers are those of tmux 3.3a."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pairterm.session.windows.layout_cells import Axis, Cell, Leaf, Split, size_of
from pairterm.types import PaneId, Size

__all__ = ["LAYOUT_NAMES", "MAIN_PANE", "MainPane", "layout_named", "preset_cells"]

LAYOUT_NAMES = ("even-horizontal", "even-vertical", "main-horizontal", "main-vertical", "tiled")
"""The order in which `next-layout` goes through them, and the keys `M-1` to `M-5`."""


class MainPane(msgspec.Struct, frozen=True):
    """The size of the large pane in the main layouts, and of the others together, where the window has room for it."""

    rows: int = 24
    cols: int = 80
    other_rows: int = 0
    """0: what is left."""
    other_cols: int = 0


MAIN_PANE = MainPane()
"""tmux's default."""


def layout_named(text: str) -> str | None:
    """Return the layout with this name, or the only one whose name starts like this; None if there is none."""
    names = [name for name in LAYOUT_NAMES if name.startswith(text)]
    return names[0] if len(names) == 1 else None


def preset_cells(name: str, panes: Sequence[PaneId], size: Size, main: MainPane = MAIN_PANE) -> Cell:
    """Return the named layout of `panes`, of which there are two or more.

    The result is larger than `size` if the panes' minimum does not fit into it.
    """
    match name:
        case "even-horizontal":
            return _even(panes, Axis.COLS, size)
        case "even-vertical":
            return _even(panes, Axis.ROWS, size)
        case "main-horizontal":
            return _main(panes, Axis.ROWS, size, (main.rows, main.other_rows))
        case "main-vertical":
            return _main(panes, Axis.COLS, size, (main.cols, main.other_cols))
        case "tiled":
            return _tiled(panes, size)
        case _:
            raise ValueError(f"no such layout: {name}")


def _along(size: Size, axis: Axis) -> int:
    return size.cols if axis is Axis.COLS else size.rows


def _other(axis: Axis) -> Axis:
    return Axis.ROWS if axis is Axis.COLS else Axis.COLS


def _room_for(count: int, axis: Axis, size: Size) -> Size:
    """Return `size`, or one with room for `count` of the smallest panes along `axis`."""
    return size_of(axis, max(_along(size, axis), count * (axis.minimum + 1) - 1), size)


def _row(panes: Sequence[PaneId], axis: Axis, size: Size, each: int) -> Cell:
    """Return panes that have the extent `each`. The last one takes the rest of `size`; alone it is the row."""
    if len(panes) == 1:
        return Leaf(size, panes[0])
    last = _along(size, axis) - (each + 1) * (len(panes) - 1)
    extents = [each] * (len(panes) - 1) + [last]
    cells = (Leaf(size_of(axis, along, size), pane) for along, pane in zip(extents, panes, strict=True))
    return Split(size, axis, tuple(cells))


def _even(panes: Sequence[PaneId], axis: Axis, size: Size) -> Cell:
    room = _room_for(len(panes), axis, size)
    return _row(panes, axis, room, (_along(room, axis) + 1) // len(panes) - 1)


def _main(panes: Sequence[PaneId], axis: Axis, size: Size, wanted: tuple[int, int]) -> Cell:
    """Return the first pane with its wanted size along `axis`, and the others evenly in a row beside it.

    `wanted` has the size of the first pane and that of the others, which is 0 if they get what is left.
    """
    across = _other(axis)
    room = _room_for(2, axis, _room_for(len(panes) - 1, across, size))
    free = _along(room, axis) - 1
    first, others = wanted
    main = max(axis.minimum, min(first, free - axis.minimum))
    if first + axis.minimum < free and first < free - others < free:
        main = min(free - others, free - axis.minimum)
    rest = _even(panes[1:], across, size_of(axis, free - main, room))
    return Split(room, axis, (Leaf(size_of(axis, main, room), panes[0]), rest))


def _tiled(panes: Sequence[PaneId], size: Size) -> Cell:
    """Return a grid. It has as many columns as rows, or one column less. The last of each takes what is left."""
    rows = cols = 1
    while rows * cols < len(panes):
        rows += 1
        if rows * cols < len(panes):
            cols += 1
    height = max(Axis.ROWS.minimum, (size.rows + 1) // rows - 1)
    width = max(Axis.COLS.minimum, (size.cols + 1) // cols - 1)
    room = _room_for(rows, Axis.ROWS, _room_for(cols, Axis.COLS, size))
    lines = [panes[start : start + cols] for start in range(0, len(panes), cols)]
    heights = [height] * (len(lines) - 1)
    heights.append(room.rows - len(heights) * (height + 1))
    made = (
        _row(line, Axis.COLS, size_of(Axis.ROWS, each, room), width) for line, each in zip(lines, heights, strict=True)
    )
    return Split(room, Axis.ROWS, tuple(made))
