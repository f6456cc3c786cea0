"""How the panes of one window share its space: tmux's layouts.

A `Layout` is a value. Each method returns a new layout. A layout always keeps these laws: panes do not
overlap; between two neighbours is a border of one cell; panes and borders leave no gap; no pane is below
the minimum. Sizes are in character cells, rows × cols.

The numbers are those of tmux 3.3a, with these differences:

- A pane has at least `MIN_PANE_COLS` columns, where tmux has 1, and a window at most `MAX_PANES` panes.
- A layout grows beyond the size that was asked for if its panes do not fit into that. Its `size` is the
  window's size then, and views pan. tmux cuts the layout off at the window's edge.
- A full split is refused if a pane would get no space. tmux makes an empty pane there, or crashes.
- A bad notation is an error with a reason. tmux 3.3a crashes.
- Panes have one order, the tree's. In tmux, `join-pane -f` leaves the new pane beside the old one in the
  order of the window's panes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import msgspec

from pairterm.errors import UsageError
from pairterm.session.windows import layout_notation
from pairterm.session.windows.layout_cells import (
    MAX_PANES,
    Axis,
    Cell,
    Leaf,
    Path,
    Split,
    adjusted,
    at,
    evenly_spread,
    extent,
    fits,
    path_to,
    places,
    refitted,
    replaced,
    size_of,
    slack,
    with_border_moved,
)
from pairterm.session.windows.pane_directions import Direction, neighbour_of
from pairterm.session.windows.preset_layouts import MAIN_PANE, MainPane, preset_cells
from pairterm.types import MAX_COLS, MAX_ROWS, PaneId, Rect, Size

__all__ = ["MAX_PANES", "Border", "Direction", "Layout"]


class Border(msgspec.Struct, frozen=True):
    """A place on a border that the mouse can drag. At a crossing it moves more than one border."""

    cells: tuple[Path, ...]
    """The cells in front of the borders. They stay valid until a pane opens or closes."""


@dataclass(frozen=True)
class Layout:
    """The panes of one window, and the size and place of each."""

    root: Cell

    @classmethod
    def single(cls, pane: PaneId, size: Size) -> Layout:
        """Return the layout of a window with one pane."""
        return cls(Leaf(size, pane)).resized(size)

    @classmethod
    def parse(cls, text: str, panes: Sequence[PaneId]) -> Layout:
        """Return the layout that tmux's notation describes, with these panes in its cells, in this order.

        If there are more cells than panes, the last cells are closed. The layout has the size that the
        notation gives, or the largest size that we model. A window with a size of its own asks for
        `resized` after this.

        Raises:
            UsageError: The text is no layout, or has fewer cells than there are panes.
        """
        layout = cls(layout_notation.read(text))
        numbers = layout.panes
        if len(panes) > len(numbers):
            raise UsageError(f"have {len(panes)} panes but need {len(numbers)}", code="invalid_layout")
        for number in reversed(numbers[len(panes) :]):
            layout = layout.without(number)
        layout = layout._renamed(dict(zip(numbers, panes, strict=False)).__getitem__)
        size = layout.size
        return layout.resized(Size(rows=min(size.rows, MAX_ROWS), cols=min(size.cols, MAX_COLS)))

    @property
    def size(self) -> Size:
        """The size of the whole: what its panes and borders cover."""
        return self.root.size

    @cached_property
    def rects(self) -> Mapping[PaneId, Rect]:
        """The place of each pane, in the order of `panes`."""
        return MappingProxyType(dict(places(self.root)))

    @property
    def panes(self) -> tuple[PaneId, ...]:
        """The panes in tmux's order: from left to right and from top to bottom, split by split."""
        return tuple(self.rects)

    @property
    def notation(self) -> str:
        """The layout in tmux's notation, with its checksum (`#{window_layout}`)."""
        return layout_notation.written(self.root)

    def split(
        self,
        pane: PaneId,
        new: PaneId,
        *,
        side_by_side: bool,
        before: bool = False,
        full: bool = False,
        cells: int | None = None,
    ) -> Layout:
        """Return the layout in which `new` has taken a part of the place of `pane`.

        Args:
            pane: The pane to split.
            new: The new pane.
            side_by_side: True for a new pane beside the other (`-h`), False for one below it (`-v`).
            before: True for a new pane left of the other or above it (`-b`).
            full: True to split the whole window instead of `pane` (`-f`).
            cells: The new pane's columns or rows (`-l`), as far as there is room; None for one half.

        Raises:
            UsageError: There is no space, or the window has `MAX_PANES` panes.
        """
        if len(self.panes) >= MAX_PANES:
            raise UsageError(f"no space for new pane: a window has at most {MAX_PANES}", code="no_space")
        axis = Axis.COLS if side_by_side else Axis.ROWS
        path: Path = () if full else self._path(pane)
        cell = self._at(path)
        whole = extent(cell, axis)
        if whole < 2 * axis.minimum + 1:
            raise _no_space()
        second = _second_extent(whole, axis.minimum, cells, before=before)
        old_along, new_along = (second, whole - 1 - second) if before else (whole - 1 - second, second)
        old = refitted(cell, size_of(axis, old_along, cell.size))
        if not fits(old):
            raise _no_space()
        leaf = Leaf(size_of(axis, new_along, cell.size), new)
        parent = self._at(path[:-1])
        if path and isinstance(parent, Split) and parent.axis is axis:  # the two become neighbours in the same row
            index = path[-1]
            pair = (leaf, old) if before else (old, leaf)
            row = replace(parent, cells=(*parent.cells[:index], *pair, *parent.cells[index + 1 :]))
            return Layout(replaced(self.root, path[:-1], row))
        olds = old.cells if full and isinstance(old, Split) and old.axis is axis else (old,)
        both = Split(cell.size, axis, (leaf, *olds) if before else (*olds, leaf))
        return Layout(replaced(self.root, path, both))

    def without(self, pane: PaneId) -> Layout:
        """Return the layout without `pane`. The cell before it in its row takes its space, or else the one after it.

        Raises:
            ValueError: It is the only pane.
        """
        path = self._path(pane)
        parent = self._at(path[:-1])
        if not isinstance(parent, Split):
            raise ValueError("the last pane of a window cannot leave it")
        index = path[-1]
        freed = extent(parent.cells[index], parent.axis) + 1
        heir = index - 1 if index else 1
        cells = list(parent.cells)
        cells[heir] = adjusted(cells[heir], parent.axis, freed)
        del cells[index]
        return Layout(replaced(self.root, path[:-1], replace(parent, cells=tuple(cells)) if cells[1:] else cells[0]))

    def resized(self, size: Size) -> Layout:
        """Return the layout with this size; larger if the panes' minimum does not fit into it."""
        root = self.root
        for axis, wanted in ((Axis.COLS, size.cols), (Axis.ROWS, size.rows)):
            change = max(wanted - extent(root, axis), -slack(root, axis))
            root = adjusted(root, axis, change) if change else root
        return Layout(root)

    def resized_pane(self, pane: PaneId, direction: Direction, cells: int = 1) -> Layout:
        """Return the layout after `resize-pane -U`, `-D`, `-L` or `-R` by this many cells, as far as there is room.

        As in tmux, it moves the border after the pane, or the one before it if the pane is the last of its row.
        """
        axis = Axis.COLS if direction in ("L", "R") else Axis.ROWS
        return self._with_border_of(pane, axis, lambda _cell, _is_last: cells if direction in ("D", "R") else -cells)

    def with_pane_size(self, pane: PaneId, *, cols: int | None = None, rows: int | None = None) -> Layout:
        """Return the layout after `resize-pane -x` or `-y`, as far as there is room. None leaves a size as it is."""
        layout = self
        for axis, wanted in ((Axis.COLS, cols), (Axis.ROWS, rows)):
            if wanted is not None:
                layout = layout._with_size_along(pane, axis, wanted)
        return layout

    def _with_size_along(self, pane: PaneId, axis: Axis, wanted: int) -> Layout:
        def change(cell: Cell, is_last: bool) -> int:
            return extent(cell, axis) - wanted if is_last else wanted - extent(cell, axis)

        return self._with_border_of(pane, axis, change)

    def swapped(self, first: PaneId, second: PaneId) -> Layout:
        """Return the layout with these two panes in each other's place."""
        return self._renamed(lambda pane: {first: second, second: first}.get(pane, pane))

    def replaced(self, pane: PaneId, new: PaneId) -> Layout:
        """Return the layout with `new` in the place of `pane`."""
        return self._renamed(lambda each: new if each == pane else each)

    def rotated(self, *, up: bool = True) -> Layout:
        """Return the layout with each pane in the place of the one before it (`rotate-window`); not `up`: after it."""
        panes = self.panes
        moved = panes[1:] + panes[:1] if up else panes[-1:] + panes[:-1]
        return self._renamed(dict(zip(panes, moved, strict=True)).__getitem__)

    def arranged(self, name: str, main: MainPane = MAIN_PANE) -> Layout:
        """Return one of tmux's five layouts (`LAYOUT_NAMES`) of the same panes. One pane alone stays as it is."""
        return Layout(preset_cells(name, self.panes, self.size, main)) if len(self.panes) > 1 else self

    def spread(self, pane: PaneId) -> Layout:
        """Return the layout after `select-layout -E`: the pane and its neighbours in the row share it evenly.

        If they do so already, the rows around it follow, from the inside to the outside.
        """
        path = self._path(pane)
        while path:
            path = path[:-1]
            cell = self._at(path)
            if isinstance(cell, Split) and (even := evenly_spread(cell)) != cell:
                return Layout(replaced(self.root, path, even))
        return self

    def neighbour(self, pane: PaneId, direction: Direction, recently_active: Sequence[PaneId] = ()) -> PaneId | None:
        """Return the pane on that side of `pane`, beyond the window's edge the one at the opposite edge; None for none.

        `recently_active` holds panes, the one that was active last first. It decides between several.
        """
        return neighbour_of(pane, direction, self.rects, self.size, recently_active)

    def border_at(self, row: int, col: int) -> Border | None:
        """Return what the mouse drags if it is pressed at this cell; None if no border is there.

        At a crossing or a corner it drags the borders of the cells above, below, left and right too.
        """
        here = self._border_cell(row, col)
        if here is None:
            return None
        around = ((row + 1, col), (row, col + 1), (row - 1, col), (row, col - 1))
        found = [here, *(self._border_cell(*each) for each in around)]
        return Border(tuple(dict.fromkeys(path for path in found if path is not None)))

    def with_border_moved(self, border: Border, *, rows: int = 0, cols: int = 0) -> Layout:
        """Return the layout with a border dragged down by `rows` and right by `cols`, as far as there is room."""
        layout = self
        for path in border.cells:
            parent = at(layout.root, path[:-1])
            if isinstance(parent, Split) and path[-1] < len(parent.cells) - 1:
                change = cols if parent.axis is Axis.COLS else rows
                moved = with_border_moved(parent, path[-1], change, from_both_sides=False)
                layout = Layout(replaced(layout.root, path[:-1], moved))
        return layout

    def with_border_between(self, one: PaneId, other: PaneId, place: int) -> Layout:
        """Return the layout with the border between two neighbours moved to a place, as far as there is room.

        The place is a column of the window if the panes are side by side, and else a row.

        Raises:
            ValueError: There are not two such panes in this layout.
        """
        if one == other:
            raise ValueError("a border has two sides")
        first, second = sorted((self._path(one), self._path(other)))
        depth = next(at for at, step in enumerate(first) if step != second[at])
        path = first[: depth + 1]
        before = [self.rects[pane] for pane, _ in places(self._at(path))]
        rows = place - max(rect.row + rect.rows for rect in before)
        cols = place - max(rect.col + rect.cols for rect in before)
        return self.with_border_moved(Border((path,)), rows=rows, cols=cols)

    def _border_cell(self, row: int, col: int) -> Path | None:
        """Return the way to the cell that ends at the border at `row` and `col`; None if no border is there."""
        if not (0 <= row < self.size.rows and 0 <= col < self.size.cols):
            return None
        cell = self.root
        path: Path = ()
        while isinstance(cell, Split):
            rest = col if cell.axis is Axis.COLS else row
            index = 0
            while rest > (along := extent(cell.cells[index], cell.axis)):
                rest -= along + 1
                index += 1
            path = (*path, index)
            if rest == along:
                return path
            row, col = (row, rest) if cell.axis is Axis.COLS else (rest, col)
            cell = cell.cells[index]
        return None

    def _with_border_of(self, pane: PaneId, axis: Axis, change: Callable[[Cell, bool], int]) -> Layout:
        """Return the layout with the border of `pane` on `axis` moved. The nearest row along the axis has it.

        `change` is asked with the cell of that row that holds the pane, and whether it is the last one.
        """
        path = self._path(pane)
        while path:
            parent = self._at(path[:-1])
            assert isinstance(parent, Split)
            if parent.axis is axis:
                is_last = path[-1] == len(parent.cells) - 1
                by = change(parent.cells[path[-1]], is_last)
                row = with_border_moved(parent, path[-1] - is_last, by, from_both_sides=True)
                return Layout(replaced(self.root, path[:-1], row))
            path = path[:-1]
        return self

    def _path(self, pane: PaneId) -> Path:
        path = path_to(self.root, pane)
        if path is None:
            raise ValueError(f"no pane %{pane} in this layout")
        return path

    def _at(self, path: Path) -> Cell:
        cell = at(self.root, path)
        assert cell is not None
        return cell

    def _renamed(self, name: Callable[[PaneId], PaneId]) -> Layout:
        return Layout(_renamed(self.root, name))


def _renamed(cell: Cell, name: Callable[[PaneId], PaneId]) -> Cell:
    match cell:
        case Leaf():
            return replace(cell, pane=name(cell.pane))
        case Split():
            return replace(cell, cells=tuple(_renamed(each, name) for each in cell.cells))


def _second_extent(whole: int, minimum: int, cells: int | None, *, before: bool) -> int:
    """Return the extent of the lower or right one of two panes that share `whole`, if the new one asks for `cells`."""
    most = whole - 1 - minimum
    if cells is None:
        second = (whole + 1) // 2 - 1
    elif before:
        second = whole - 1 - cells
        if second < 0:  # more than there is: as in tmux, which counts without sign, the new pane gets the minimum
            second = most
    else:
        second = cells
    return min(max(second, minimum), most)


def _no_space() -> UsageError:
    return UsageError("no space for new pane", code="no_space")
