"""The picture that one client's terminal shows, made from the session's frame.

A larger terminal shows the session top left, with a border beside and below it and
blanks around it. Or it shows the session centred, with a border all round. A smaller
terminal shows a viewport. Rows that did not change stay the same objects, because the
painter compares rows by identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pairterm.terminal.frame import DEFAULT_PEN, FAINT, Cursor, Frame, Modes, Pen, Row, blank_row, redrawn
from pairterm.types import Size
from pairterm.view.bars import with_bottom
from pairterm.view.client_layout import RowLayout
from pairterm.view.viewport import Offset

__all__ = ["RowCutter", "compose", "compose_screen"]

_BORDER_PEN = Pen(flags=FAINT)


class RowCutter:
    """Cuts and fills rows to a client's columns. The same row object always gives the same row object.

    It remembers the rows of the last picture only, so it holds two pictures at most.
    """

    __slots__ = ("_col", "_cols", "_has_border", "_known")

    def __init__(self, *, col: int, cols: int, has_border: bool) -> None:
        self._col = col
        self._cols = cols
        self._has_border = has_border
        self._known: dict[int, tuple[Row, Row]] = {}

    def cut_all(self, rows: Sequence[Row]) -> list[Row]:
        """Return the visible part of each row, with a border if there is one, and filled with blanks."""
        fresh: dict[int, tuple[Row, Row]] = {}
        result = []
        for row in rows:
            pair = fresh.get(id(row)) or self._known.get(id(row)) or (row, self._cut(row))
            fresh[id(row)] = pair
            result.append(pair[1])
        self._known = fresh
        return result

    def _cut(self, row: Row) -> Row:
        width = len(row.cells)
        before = max(0, -self._col)
        first, last = min(max(self._col, 0), width), min(self._col + self._cols, width)
        if first == 0 and width == self._cols:
            return row
        cells, pens = list(row.cells[first:last]), row.pens[first:last]
        if cells and cells[0] == "":
            cells[0] = " "  # the right half of a character that the edge cuts in two
        if cells and last < width and row.cells[last] == "":
            cells[-1] = " "
        if before:
            cells = [*" " * (before - 1), "│" if self._has_border else " ", *cells]
            pens = (DEFAULT_PEN,) * (before - 1) + (_BORDER_PEN,) + pens
        room = self._cols - len(cells)
        if room and self._has_border:
            cells.append("│")
            pens += (_BORDER_PEN,)
            room -= 1
        return Row((*cells, *" " * room), pens + (DEFAULT_PEN,) * room)


def compose(frame: Frame, size: Size, *, offset: Offset, modes: Modes, cutter: RowCutter | None = None) -> Frame:
    """Return the picture of `frame` on a terminal of `size`. It is `frame` itself when it fits exactly.

    `offset` is the viewport's. If the whole session fits in a direction, the offset is 0 there. For a centred
    session it is negative: minus the cells before the session.
    """
    if (frame.size is size or frame.size == size) and (frame.modes is modes or frame.modes == modes):
        return frame
    session = frame.size
    before = max(0, -offset.row)
    rows: list[Row] = list(frame.rows[max(0, offset.row) : offset.row + size.rows])
    if session.cols != size.cols:
        cutter = cutter or RowCutter(col=offset.col, cols=size.cols, has_border=True)
        rows = cutter.cut_all(rows)
    after = size.rows - before - len(rows)
    blank = blank_row(size.cols)
    if before:
        rows = [*(blank,) * (before - 1), _border("┌─┐", session.cols, size, offset), *rows]
    if after:
        rows += [_border("└─┘", session.cols, size, offset), *(blank,) * (after - 1)]
    return redrawn(frame, size, tuple(rows), _shown(frame.cursor, size, offset), modes)


def _shown(cursor: Cursor, size: Size, offset: Offset) -> Cursor:
    """Return the cursor in the viewport. A cursor outside of the viewport is hidden at the nearest edge."""
    row, col = cursor.row - offset.row, cursor.col - offset.col
    near_row, near_col = min(max(row, 0), size.rows - 1), min(max(col, 0), size.cols - 1)
    is_inside = (row, col) == (near_row, near_col)
    return replace(cursor, row=near_row, col=near_col, is_visible=cursor.is_visible and is_inside)


def _border(marks: str, width: int, size: Size, offset: Offset) -> Row:
    """Return the border above or below the session. `marks`: the left corner, the line, the right corner."""
    before = max(0, -offset.col)
    line = marks[0] * (before > 0) + marks[1] * min(width, size.cols - before)
    line += marks[2] * (before + width < size.cols)
    blank = max(0, before - 1)
    used = blank + len(line)
    pens = (DEFAULT_PEN,) * blank + (_BORDER_PEN,) * len(line) + (DEFAULT_PEN,) * (size.cols - used)
    return Row((*" " * blank, *line, *" " * (size.cols - used)), pens)


def compose_screen(
    frame: Frame,
    *,
    size: Size,
    area: Size,
    offset: Offset,
    modes: Modes,
    cutter: RowCutter,
    below: Sequence[Row],
    over: Sequence[Row],
    layout: RowLayout | None,
) -> Frame:
    """Return the picture of a frame in the area, with the rows `below` it. `over` covers the last rows."""
    picture = compose(frame, area, offset=offset, modes=modes, cutter=cutter)
    if below:
        picture = redrawn(picture, size, (*picture.rows, *below), picture.cursor, picture.modes)
    if over:
        picture = with_bottom(picture, over)
    return picture if layout is None else layout.lay_out(picture)
