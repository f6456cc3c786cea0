"""The scrollback: lines that left the top of the primary screen, packed or not even parsed yet.

Lines are kept in the width that they were printed in, and `limit` counts them. They are
wrapped for another width when somebody looks. So a new width costs nothing here, and a
narrow guest's visit removes no line. A printed line has a *place*: the number of lines
that left the screen before it. Viewers see rows; row 0 is the oldest.

When there are more lines than `limit`, the oldest are dropped, some hundred at a time.
Rows are remembered for a while after a look, so a viewer who scrolls back gets the same
objects and paints only new ones. A `Block` is a part of a flood: plain text that is
parsed when somebody looks at it. Law: nobody can see a difference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import msgspec

from pairterm.terminal.excerpt import row_at
from pairterm.terminal.frame import DEFAULT_PEN, Pen, Row
from pairterm.terminal.line import Line
from pairterm.terminal.packing import Packed, pack, unpack_line
from pairterm.terminal.paragraphs import (
    height_of,
    last_paragraph,
    open_cost,
    paragraph_height,
    paragraphs_of,
    places_of,
    rows_at,
    shows_as_printed,
    wrapped_anew,
)

__all__ = ["MAX_OVERHANG", "Block", "History"]

_MAX_ROWS_KEPT = 512
"""Rows that are remembered after unpacking: more than two of the tallest screens."""

_SEGMENT_LINES = 128
"""Lines that are dropped together, at least."""

MAX_OVERHANG = 1000
"""Lines beyond the limit that stay after a resize pushed them out of the screen: most of them come back."""


class Block(msgspec.Struct, frozen=True):
    """Text that nobody saw: `count` whole lines at `cols` columns, written from column 0 with `pen`."""

    text: bytes
    pen: Pen
    cols: int
    count: int
    widest: int
    """Columns of the longest line. In a narrower history it wraps."""

    parse: Callable[[Block], list[Packed]]

    def __len__(self) -> int:
        return self.count

    def shows_as_printed(self, cols: int) -> bool:
        """Return whether each line is a row at this width, too."""
        return cols == self.cols or self.widest <= min(cols, self.cols)


class _Segment(list[Packed]):
    """Lines of whole paragraphs; only the newest segment may end inside one."""

    __slots__ = ("height", "measured")

    def __init__(self, lines: list[Packed]) -> None:
        super().__init__(lines)
        self.measured = (0, 0, 0)
        """The width, the first line that counts and the number of lines for which `height` is right."""
        self.height = 0


class History:
    """The scrollback of one screen, at most `limit` printed lines."""

    def __init__(self, limit: int) -> None:
        self.limit = max(0, limit)
        self.scrolled = 0
        """Lines that ever left the screen, without those that came back: the place of the next line to leave."""
        self._segments: deque[_Segment | Block] = deque()
        self._count = 0
        self._kept = 0
        """Lines that count. The other lines of the first segment wait until the whole segment is dropped."""
        self._newest: _Segment | None = None
        """The last segment, if it may take lines."""
        self._open_cost = 0
        """Cost of the last paragraph if the next line belongs to it; else 0."""
        self._rows: dict[int, Row] = {}
        """Rows by their number, counted back from `scrolled`: a row keeps its number while the width stays."""
        self._rows_cols = 0

    def __len__(self) -> int:
        """Return how many printed lines there are."""
        return self._kept

    def append(self, line: Line, *, by_resize: bool = False) -> None:
        """Take a line that leaves the screen because the text scrolled, or because the screen became smaller."""
        self._add(pack(line), min(self.limit, MAX_OVERHANG) if by_resize else 0)

    def _add(self, packed: Packed, overhang: int = 0) -> None:
        self.scrolled += 1
        limit = self.limit
        if not limit:
            return
        newest = self._newest
        if newest is None or (len(newest) >= _SEGMENT_LINES and not self._open_cost):
            self._drop_oldest()
            newest = self._newest = _Segment([])
            self._segments.append(newest)
        newest.append(packed)
        self._count += 1
        if self._kept < limit + overhang:
            self._kept += 1
        elif self._kept > limit and not overhang:
            self._kept -= 1
        self._open_cost = open_cost(self._open_cost, packed)

    def append_block(self, block: Block) -> None:
        """Take lines that nobody saw."""
        if self._open_cost:  # the line before is marked as going on in the block
            for packed in block.parse(block):
                self._add(packed)
            return
        self.scrolled += block.count
        if self.limit:
            self._segments.append(block)
            self._newest = None
            self._count += block.count
            self._kept = min(self._kept + block.count, self.limit)
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        """Drop the oldest segments of which no line counts any more."""
        while self._segments and self._count - len(self._segments[0]) >= self._kept:
            self._count -= len(self._segments.popleft())

    def pop(self, cols: int) -> Line | None:
        """Give the newest row at this width back to the screen.

        None if there is none, or if it ends a cut paragraph at a width that it was not printed in: on the screen, its
        text could not be told from the blanks behind it.
        """
        if not self._kept:
            return None
        self._drop_oldest()
        newest = self._opened(len(self._segments) - 1)
        start = last_paragraph(newest)[0]
        if len(self._segments) == 1:
            start = max(start, self._count - self._kept)
        paragraph = newest[start:]
        if paragraph[-1].wrapped and any(packed.cols != cols for packed in paragraph):
            return None
        if not shows_as_printed(paragraph, cols):
            self._replace(newest, start, [pack(line) for line in wrapped_anew(paragraph, cols)])
        line = unpack_line(newest.pop())
        line.refit(cols, DEFAULT_PEN)
        self._count -= 1
        self._kept -= 1
        self.scrolled -= 1
        self._rows.pop(self.scrolled, None)
        if not self._kept:
            self.clear()
        elif not newest:
            self._segments.pop()
        last = self._segments[-1] if self._segments else None
        self._newest = last if isinstance(last, _Segment) else None
        self._open_cost = last_paragraph(self._newest)[1] if self._newest else 0
        return line

    def _replace(self, segment: _Segment, start: int, lines: list[Packed]) -> None:
        """Replace the newest lines, from `start` on, by the same paragraph's lines at another width."""
        more = len(lines) - (len(segment) - start)
        segment[start:] = lines
        self._count += more
        # A long line takes many more lines at a narrow width: past the bound, the oldest lines are dropped.
        self._kept = min(self._kept + more, self.limit + min(self.limit, MAX_OVERHANG))
        self.scrolled += more
        self._rows.clear()

    @property
    def goes_on(self) -> bool:
        """The newest line wraps into the screen's first one."""
        return self._open_cost > 0

    def clear(self) -> None:
        """Forget all lines (CSI 3 J)."""
        self._segments.clear()
        self._count = self._kept = self._open_cost = 0
        self._newest = None
        self._rows.clear()

    def _opened(self, index: int) -> _Segment:
        """Return the lines of a segment; parse them now if nobody did before."""
        segment = self._segments[index]
        if isinstance(segment, Block):
            segment = self._segments[index] = _Segment(segment.parse(segment))
        return segment

    def packed(self) -> list[Packed]:
        """Return all lines as they are kept."""
        return [packed for index in range(len(self._segments)) for packed in self._opened(index)]

    # Rows for viewers

    def height(self, cols: int) -> int:
        """Return how many rows the lines take at this width. O(lines) at a width not asked for before."""
        self._drop_oldest()
        skipped = self._count - self._kept
        height = 0
        for index in range(len(self._segments)):
            height += self._segment_height(index, skipped, cols)
            skipped = 0
        return height

    def lines(self, start: int, stop: int, cols: int) -> tuple[list[Row], list[int]]:
        """Return the existing rows `start <= number < stop` at this width, and the place of each row's line."""
        height = self.height(cols)
        start, stop = max(0, start), min(stop, height)
        if cols != self._rows_cols:
            self._rows.clear()
            self._rows_cols = cols
        rows: list[Row] = []
        places: list[int] = []
        if start >= stop:
            return rows, places
        for at, first, paragraph in self._paragraphs(cols, start_row=start):
            if at >= stop:
                break
            if at + paragraph_height(paragraph, cols) > start:
                own = self._paragraph_rows(at, at - height + self.scrolled, paragraph, cols)
                rows += own[max(0, start - at) : stop - at]
                places += places_of(paragraph, first, len(own), cols)[max(0, start - at) : stop - at]
        return rows, places

    def row_of(self, place: int, cols: int) -> int:
        """Return the number of the row that the printed line of this place begins in; or of the nearest one."""
        if place >= self.scrolled:
            return self.height(cols)
        for at, first, paragraph in self._paragraphs(cols, start_place=place):
            if place < first + len(paragraph):
                return at + row_at(places_of(paragraph, first, paragraph_height(paragraph, cols), cols), place)
        return 0

    def _paragraphs(
        self, cols: int, *, start_row: int = 0, start_place: int = 0
    ) -> Iterator[tuple[int, int, list[Packed]]]:
        """Yield paragraphs, from the segment with this row and this place on: first row, first place, lines."""
        self._drop_oldest()
        at, place, skipped = 0, self.scrolled - self._kept, self._count - self._kept
        for index in range(len(self._segments)):
            height, count = self._segment_height(index, skipped, cols), len(self._segments[index]) - skipped
            if at + height <= start_row or place + count <= start_place:
                at += height
                place += count
            else:
                for paragraph in paragraphs_of(self._opened(index), skipped):
                    yield at, place, paragraph
                    at += paragraph_height(paragraph, cols)
                    place += len(paragraph)
            skipped = 0

    def _paragraph_rows(self, at: int, number: int, paragraph: list[Packed], cols: int) -> list[Row]:
        """Return a paragraph's rows. `number` is the first row's number, counted back from `scrolled`."""
        if at == 0 and not shows_as_printed(paragraph, cols):
            return rows_at(paragraph, cols)  # its first lines are dropped one by one, and the rest is wrapped anew
        height = paragraph_height(paragraph, cols)
        known = [self._rows[at] for at in range(number, number + height) if at in self._rows]
        if len(known) == height:
            return known
        rows = rows_at(paragraph, cols)
        if len(self._rows) >= _MAX_ROWS_KEPT:
            self._rows.clear()
        self._rows.update(enumerate(rows, number))
        return rows

    def _segment_height(self, index: int, skipped: int, cols: int) -> int:
        """Return the rows of a segment whose first `skipped` lines do not count."""
        segment = self._segments[index]
        if isinstance(segment, Block):
            if segment.shows_as_printed(cols):
                return segment.count - skipped
            segment = self._opened(index)
        if segment.measured != (cols, skipped, len(segment)):
            segment.measured = (cols, skipped, len(segment))
            segment.height = height_of(segment, skipped, cols)
        return segment.height
