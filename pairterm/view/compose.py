"""From the session's frame to the picture that one client's terminal shows.

A larger terminal shows the session top left, a border beside and below it, and
quiet blanks; or, if its offset is negative, so many cells further in, with a border
around it. A smaller one shows a viewport. Rows that did not change stay the
same objects, so what the painter finds out by identity still holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pairterm.terminal.frame import DEFAULT_PEN, FAINT, Cursor, Frame, Modes, Pen, Row, blank_row
from pairterm.types import Size
from pairterm.view.viewport import Offset

__all__ = ["RowCutter", "compose"]

_BORDER_PEN = Pen(flags=FAINT)


class RowCutter:
    """Cuts and fills rows to a client's columns; one row object in, the same one out each time.

    It remembers the rows of the last picture only, so it holds no more than two pictures.
    """

    __slots__ = ("_col", "_cols", "_has_border", "_known")

    def __init__(self, *, col: int, cols: int, has_border: bool) -> None:
        self._col = col
        self._cols = cols
        self._has_border = has_border
        self._known: dict[int, tuple[Row, Row]] = {}

    def cut_all(self, rows: Sequence[Row]) -> list[Row]:
        """Return each row's part from the first column on, filled up with blanks, after a border if there is one."""
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
        lead = max(0, -self._col)
        first = min(max(0, self._col), width)
        last = min(first + self._cols - lead, width)
        if first == 0 and width == self._cols:
            return row
        cells, pens = list(row.cells[first:last]), row.pens[first:last]
        if cells and cells[0] == "":
            cells[0] = " "  # the right half of a character that the edge cuts in two
        if cells and last < width and row.cells[last] == "":
            cells[-1] = " "
        if lead:
            cells = [*" " * (lead - 1), "│", *cells]
            pens = ((DEFAULT_PEN,) * (lead - 1) + (_BORDER_PEN,)) + pens
        room = self._cols - len(cells)
        if room and self._has_border:
            cells.append("│")
            pens += (_BORDER_PEN,)
            room -= 1
        return Row((*cells, *" " * room), pens + (DEFAULT_PEN,) * room)


def compose(frame: Frame, size: Size, *, offset: Offset, modes: Modes, cutter: RowCutter | None = None) -> Frame:
    """Return the picture of `frame` on a terminal of `size`; `frame` itself when it fits exactly.

    `offset` is the viewport's; 0 in a direction in which all of the session fits, or
    negative where it stands so many cells further in.
    """
    if frame.size == size and frame.modes == modes:
        return frame
    session = frame.size
    first = max(0, offset.row)
    rows: list[Row] = list(frame.rows[first : first + size.rows])
    if session.cols != size.cols:
        cutter = cutter or RowCutter(col=offset.col, cols=size.cols, has_border=True)
        rows = cutter.cut_all(rows)
    lead = max(0, -offset.col)
    if offset.row < 0:
        line = _line(session.cols, size.cols, lead, "┌", "┐")
        rows = [*(blank_row(size.cols),) * (-offset.row - 1), line, *rows]
    if len(rows) < size.rows:
        line = _line(session.cols, size.cols, lead, "└", "┘")
        rows += [line, *(blank_row(size.cols),) * (size.rows - len(rows) - 1)]
    return replace(frame, size=size, rows=tuple(rows), cursor=_shown(frame.cursor, size, offset), modes=modes)


def _shown(cursor: Cursor, size: Size, offset: Offset) -> Cursor:
    """Return the cursor in the viewport; outside of it, it is hidden at the nearest edge."""
    row, col = cursor.row - offset.row, cursor.col - offset.col
    near_row, near_col = min(max(row, 0), size.rows - 1), min(max(col, 0), size.cols - 1)
    is_inside = (row, col) == (near_row, near_col)
    return replace(cursor, row=near_row, col=near_col, is_visible=cursor.is_visible and is_inside)


def _line(width: int, cols: int, lead: int, left: str, right: str) -> Row:
    """Return the border line above or below a session of `width` columns that stands `lead` columns in."""
    cells = [*" " * (lead - 1), left] if lead else []
    cells += ["─"] * min(width, cols)
    if len(cells) < cols:
        cells.append(right)
    blank = max(0, lead - 1)
    used, rest = len(cells) - blank, cols - len(cells)
    return Row((*cells, *" " * rest), (DEFAULT_PEN,) * blank + (_BORDER_PEN,) * used + (DEFAULT_PEN,) * rest)
