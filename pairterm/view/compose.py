"""From the session's frame to the picture that one client's terminal shows.

A larger terminal shows the session top left, a border beside and below it, and
quiet blanks; a smaller one shows a viewport, a part of the session with the
cursor in it. Rows that did not change stay the same objects, so what the painter
finds out by identity still holds. Offsets are 0-based session cells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pairterm.terminal.frame import DEFAULT_PEN, FAINT, Cursor, Frame, Modes, Pen, Row, blank_row
from pairterm.types import Size

__all__ = ["Offset", "RowCutter", "compose", "follow"]

_BORDER_PEN = Pen(flags=FAINT)

_MARGIN_ROWS = 2
_MARGIN_COLS = 8
"""How near the cursor may come to the viewport's edge before the viewport moves."""


@dataclass(frozen=True, slots=True)
class Offset:
    """Where a viewport's top left corner stands in the session's frame."""

    row: int = 0
    col: int = 0


ORIGIN = Offset()


def follow(offset: Offset, cursor: Cursor, session: Size, area: Size) -> Offset:
    """Return the offset nearest to `offset` that keeps the cursor in the viewport, margins and all."""
    return Offset(
        _followed(offset.row, cursor.row, session.rows, area.rows, _MARGIN_ROWS),
        _followed(offset.col, cursor.col, session.cols, area.cols, _MARGIN_COLS),
    )


def _followed(start: int, at: int, whole: int, part: int, margin: int) -> int:
    if whole <= part:
        return 0
    margin = min(margin, (part - 1) // 2)
    start = max(start, at + margin - part + 1)
    start = min(start, at - margin)
    return max(0, min(start, whole - part))


class RowCutter:
    """Cuts and fills session rows to a client's columns; one row object in, the same one out each time.

    It remembers the rows of the last picture only, so it holds no more than two pictures.
    """

    __slots__ = ("_col", "_cols", "_known", "_width")

    def __init__(self, *, col: int, cols: int, width: int) -> None:
        self._col = col
        self._cols = cols
        self._width = width
        self._known: dict[int, tuple[Row, Row]] = {}

    def cut_all(self, rows: tuple[Row, ...]) -> list[Row]:
        """Return each row's part from the first column on, with border and fill to its right."""
        fresh: dict[int, tuple[Row, Row]] = {}
        result = []
        for row in rows:
            pair = fresh.get(id(row)) or self._known.get(id(row)) or (row, self._cut(row))
            fresh[id(row)] = pair
            result.append(pair[1])
        self._known = fresh
        return result

    def _cut(self, row: Row) -> Row:
        first, last = self._col, min(self._col + self._cols, self._width)
        cells, pens = list(row.cells[first:last]), row.pens[first:last]
        if cells[0] == "":
            cells[0] = " "  # the right half of a character that the edge cuts in two
        if last < self._width and row.cells[last] == "":
            cells[-1] = " "
        room = self._cols - len(cells)
        if room:
            cells += ["│", *" " * (room - 1)]
            pens += (_BORDER_PEN, *(DEFAULT_PEN,) * (room - 1))
        return Row(tuple(cells), pens, row.wrapped and last == self._width and not room)


def compose(frame: Frame, size: Size, *, offset: Offset, modes: Modes, cutter: RowCutter | None = None) -> Frame:
    """Return the picture of `frame` on a terminal of `size`; `frame` itself when it fits exactly.

    `offset` is the viewport's; 0 in a direction in which all of the session fits.
    """
    if frame.size == size and frame.modes == modes:
        return frame
    session = frame.size
    rows: list[Row] = list(frame.rows[offset.row : offset.row + size.rows])
    if session.cols != size.cols:
        cutter = cutter or RowCutter(col=offset.col, cols=size.cols, width=session.cols)
        rows = cutter.cut_all(tuple(rows))
    if len(rows) < size.rows:
        rows += _below(session.cols, size, size.rows - len(rows))
    return replace(frame, size=size, rows=tuple(rows), cursor=_shown(frame.cursor, size, offset), modes=modes)


def _shown(cursor: Cursor, size: Size, offset: Offset) -> Cursor:
    row, col = cursor.row - offset.row, cursor.col - offset.col
    if 0 <= row < size.rows and 0 <= col < size.cols:
        return replace(cursor, row=row, col=col)
    inside = (min(max(row, 0), size.rows - 1), min(max(col, 0), size.cols - 1))
    return replace(cursor, row=inside[0], col=inside[1], is_visible=False)


def _below(width: int, size: Size, count: int) -> list[Row]:
    """Return the border line below the session and the blank rows after it."""
    line = "─" * min(width, size.cols)
    if width < size.cols:
        line += "┘"
    used = len(line)
    border = Row((*line, *" " * (size.cols - used)), (_BORDER_PEN,) * used + (DEFAULT_PEN,) * (size.cols - used))
    return [border, *(blank_row(size.cols),) * (count - 1)]
