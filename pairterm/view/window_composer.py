"""The frame of one window, made from the frames of its panes.

Law 11: a client sees the composition of the newest frames of the panes that it looks at,
and nothing else. The composition is a pure function of rectangles and frames. The cache
here only saves work, and keeps identities: a composed row is the same object while its
parts are, also when all of its parts moved to another row. So the painter finds the
changes by identity, as it does in the frame of one pane.

A pane of the window's whole size gives its own frame. A row of a pane that spans the
whole width is its own row. Rows and columns are 0-based cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import compress
from operator import is_not
from typing import NamedTuple, TypeAlias

from pairterm.terminal.frame import INVERSE, Cursor, Frame, Pen, Row, blank_frame
from pairterm.types import PaneId, Rect, Size
from pairterm.view.compose import RowCutter
from pairterm.view.pane_borders import BorderCell, border_cells

__all__ = ["WindowComposer"]

_MAX_PICTURES = 2
"""How many pictures' rows are remembered. Of more, only the newest picture's rows are kept."""

_Stretch: TypeAlias = tuple[tuple[str, ...], tuple[Pen, ...]]
"""Cells and pens of a border between two panes. It is empty at the window's edge."""

_NO_BORDERS: tuple[_Stretch, ...] = (((), ()), ((), ()))
"""Those of a row that one pane spans."""


class _Mould(NamedTuple):
    """How one row of the window is made: of a row of each pane that it crosses, and the borders around them."""

    panes: tuple[int, ...]
    """The indexes of the panes, from left to right."""
    borders: tuple[_Stretch, ...]
    """The borders before, between and after the panes: one more than there are panes."""


class WindowComposer:
    """Composes the frames of one layout with one active pane. Make another one if a rectangle or the pane changes."""

    def __init__(self, size: Size, panes: Sequence[tuple[PaneId, Rect]], active: PaneId) -> None:
        """Compose windows of this size. The rectangles do not overlap, and `active` is one of the panes.

        The cells outside of all rectangles become borders.
        """
        self._size = size
        self._ids = [pane for pane, _ in panes]
        self._rects = [rect for _, rect in panes]
        self._active = self._ids.index(active)
        self._is_whole = self._rects == [Rect(0, 0, size.rows, size.cols)]
        self._blanks = [blank_frame(Size(rows=rect.rows, cols=rect.cols)) for rect in self._rects]
        self._cutters = [RowCutter(col=0, cols=rect.cols, has_border=False) for rect in self._rects]
        self._moulds = _moulds(size, self._rects, self._rects[self._active])
        self._frames = list(self._blanks)
        self._pane_rows = [blank.rows for blank in self._blanks]
        self._inverse: list[dict[int, tuple[Row, Row]]] = [{} for _ in self._rects]
        """For each pane with DECSCNM: its rows, by their ids, and how they are shown."""
        self._known: dict[tuple[int, ...], tuple[tuple[Row, ...], Row]] = {}
        """Composed rows with their parts, which have to live as long as their ids are in the key."""
        self._rows = [self._composed(at) for at in range(size.rows)]
        self._picture = self._pictured(tuple(self._rows))

    def compose(self, frames: Mapping[PaneId, Frame]) -> Frame:
        """Return the window's frame. If it shows what it showed before, it is the same object.

        A pane without a frame is blank. A frame of another size than its rectangle is cut, or filled with blanks: the
        pane's new size is on its way. The cursor, the modes, the title, `scrolled` and `is_alternate` are those of
        the active pane. The bells of all panes count. If one pane is hidden, the frame is. A pane that is inverse as a
        whole (DECSCNM) has inverse cells here: the mode would reverse the client's whole terminal.

        Cost: O(columns) for each row that changed, and a comparison for each other row of a pane that changed.
        """
        newest = [frames.get(pane, blank) for pane, blank in zip(self._ids, self._blanks, strict=True)]
        if self._is_whole and newest[0].size == self._size:
            return newest[0]
        if newest == self._frames:  # frames are compared as objects
            return self._picture
        changed: set[int] = set()
        for pane, (old, new) in enumerate(zip(self._frames, newest, strict=True)):
            if old is not new:
                changed.update(self._take(pane, new))
        self._frames = newest
        for at in changed:
            self._rows[at] = self._composed(at)
        if len(self._known) > _MAX_PICTURES * self._size.rows:
            shown = set(map(id, self._rows))
            self._known = {key: known for key, known in self._known.items() if id(known[1]) in shown}
        rows = tuple(self._rows) if changed else self._picture.rows
        picture = self._pictured(self._picture.rows if rows == self._picture.rows else rows)
        if not picture.repeats(self._picture):
            self._picture = picture
        return self._picture

    def _take(self, pane: int, frame: Frame) -> Iterable[int]:
        """Take the newest frame of a pane. Return the rows of the window in which the pane's row is another one."""
        blank = self._blanks[pane]
        rows = frame.rows
        if frame.size != blank.size:
            rows = tuple(self._cutters[pane].cut_all(rows[: blank.size.rows])) + blank.rows[len(rows) :]
        inverse, self._inverse[pane] = self._inverse[pane], {}
        if frame.modes.is_reversed:
            known = {id(row): inverse.get(id(row)) or (row, _inverse_row(row)) for row in rows}
            self._inverse[pane] = known
            rows = tuple([known[id(row)][1] for row in rows])
        before, self._pane_rows[pane] = self._pane_rows[pane], rows
        top = self._rects[pane].row
        return compress(range(top, top + len(rows)), map(is_not, before, rows))

    def _composed(self, at: int) -> Row:
        """Return the window's row at this place. It is the same object for the same mould and parts."""
        mould = self._moulds[at]
        if len(mould.panes) == 1 and mould.borders == _NO_BORDERS:
            return self._pane_row(mould.panes[0], at)
        parts = tuple([self._part(pane, at) for pane in mould.panes])
        key = (id(mould), *map(id, parts))
        known = self._known.get(key)
        if known is None:
            cells, pens = mould.borders[0]
            for part, (border, border_pens) in zip(parts, mould.borders[1:], strict=True):
                cells += part.cells + border
                pens += part.pens + border_pens
            known = self._known[key] = (parts, Row(cells, pens))
        return known[1]

    def _pane_row(self, pane: int, at: int) -> Row:
        return self._pane_rows[pane][at - self._rects[pane].row]

    def _part(self, pane: int, at: int) -> Row:
        """Return the row of a pane that crosses this row of the window. All blank rows of the pane are one object.

        A replica has a new object for each blank row. As one object, they move with the text beside an empty pane.
        """
        row, blank = self._pane_row(pane, at), self._blanks[pane].rows[0]
        return blank if row.same_as(blank) else row

    def _pictured(self, rows: tuple[Row, ...]) -> Frame:
        """Return the window's frame with these rows."""
        active = self._frames[self._active]
        modes = replace(active.modes, is_reversed=False) if active.modes.is_reversed else active.modes
        return Frame(
            self._size,
            rows,
            _moved(active.cursor, self._rects[self._active]),
            active.title,
            modes,
            sum([frame.generation for frame in self._frames]),
            active.scrolled,
            sum([frame.bells for frame in self._frames]),
            active.is_alternate,
            any(frame.is_hidden for frame in self._frames),
        )


def _inverse_row(row: Row) -> Row:
    """Return a row as a terminal in DECSCNM shows it. Cost: O(columns)."""
    known = {pen: pen._replace(flags=pen.flags ^ INVERSE) for pen in set(row.pens)}
    return Row(row.cells, tuple([known[pen] for pen in row.pens]), row.wrapped)


def _moved(cursor: Cursor, rect: Rect) -> Cursor:
    """Return the pane's cursor in the window's cells. One that is cut off is hidden at the nearest edge."""
    row, col = min(cursor.row, rect.rows - 1), min(cursor.col, rect.cols - 1)
    is_inside = row == cursor.row and col == cursor.col
    return Cursor(rect.row + row, rect.col + col, cursor.is_visible and is_inside, cursor.shape)


def _moulds(size: Size, rects: Sequence[Rect], active: Rect) -> list[_Mould]:
    """Return the mould of each row of the window. Rows with the same borders and panes have the same object."""
    known: dict[_Mould, _Mould] = {}
    moulds = []
    from_left = sorted(range(len(rects)), key=lambda pane: rects[pane].col)
    for row, cells in enumerate(border_cells(size, rects, active)):
        panes = tuple(pane for pane in from_left if 0 <= row - rects[pane].row < rects[pane].rows)
        starts = [0, *(rects[pane].col + rects[pane].cols for pane in panes)]
        stops = [*(rects[pane].col for pane in panes), size.cols]
        mould = _Mould(panes, tuple(_stretch(cells, *span) for span in zip(starts, stops, strict=True)))
        moulds.append(known.setdefault(mould, mould))
    return moulds


def _stretch(cells: Sequence[BorderCell], start: int, stop: int) -> _Stretch:
    inside = [cell for cell in cells if start <= cell.col < stop]
    return tuple(cell.char for cell in inside), tuple(cell.pen for cell in inside)
