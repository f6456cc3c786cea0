"""Lines that left the top of the primary screen: packed, or not even parsed yet.

The oldest lines go when `limit` is passed, some hundred at a time. Rows handed out are
remembered for a while, so whoever scrolls back sees the same objects and paints only
what is new. A `Block` is a stretch of a flood that nobody has looked at: plain text that
is parsed when somebody does. Law: that makes no difference to what is seen.

Lines are numbered from 0, the oldest kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from pairterm.terminal.frame import DEFAULT_PEN, Pen, Row
from pairterm.terminal.line import Line
from pairterm.terminal.packing import Packed, pack, unpack, unpack_line
from pairterm.terminal.reflow import rewrap

__all__ = ["Block", "History"]

_MAX_ROWS_KEPT = 512
"""Rows remembered after unpacking: more than two of the tallest screens."""

_SEGMENT_LINES = 256
"""Lines that are let go together."""


_FULL: list[Packed] = [Packed("", None, 1, wrapped=False)] * _SEGMENT_LINES


@dataclass(frozen=True, slots=True)
class Block:
    """Text that went by unseen: `count` whole lines at `cols` columns, written from column 0 with `pen`."""

    text: bytes
    pen: Pen
    cols: int
    count: int
    widest: int
    """Columns of its longest line, which wraps in a narrower history."""

    parse: Callable[[Block], list[Packed]]

    def __len__(self) -> int:
        return self.count


class History:
    """The scrollback of one screen, at most `limit` lines."""

    def __init__(self, limit: int) -> None:
        self.limit = max(0, limit)
        self._segments: deque[list[Packed] | Block] = deque()
        self._count = 0
        self._kept = 0
        """Lines that count: the others of the first segment wait to be let go with it."""
        self._newest: list[Packed] = _FULL
        """The last segment while it takes lines; else something full."""
        self._rows: dict[int, Row] = {}
        self._added = 0

    def __len__(self) -> int:
        return self._kept

    def append(self, line: Line) -> None:
        """Take a line that leaves the screen."""
        self._add(pack(line))

    def _add(self, packed: Packed) -> None:
        self._added += 1
        newest = self._newest
        if len(newest) < _SEGMENT_LINES:
            newest.append(packed)
            self._count += 1
            if self._kept < self.limit:
                self._kept += 1
        elif self.limit:
            self._newest = [packed]
            self._segments.append(self._newest)
            self._grow(1)

    def append_block(self, block: Block) -> None:
        """Take lines that went by unseen."""
        self._added += block.count
        if self.limit:
            self._segments.append(block)
            self._newest = _FULL
            self._grow(block.count)

    def _grow(self, count: int) -> None:
        """Count lines that came in as a new segment."""
        self._count += count
        self._kept = min(self._kept + count, self.limit)
        self._let_go()

    def _let_go(self) -> None:
        """Drop the oldest segments of which no line counts any more."""
        while self._segments and self._count - len(self._segments[0]) >= self._kept:
            self._count -= len(self._segments.popleft())

    def pop(self) -> Line | None:
        """Give the newest line back to the screen; None when there is none."""
        if not self._kept:
            return None
        newest = self._opened(len(self._segments) - 1)
        line = unpack_line(newest.pop())
        self._newest = newest
        if not newest:
            self._segments.pop()
            self._newest = _FULL
        self._count -= 1
        self._kept -= 1
        self._added -= 1
        self._rows.pop(self._added, None)
        return line

    @property
    def goes_on(self) -> bool:
        """The newest line wraps into the screen's first one."""
        return self._kept > 0 and self._opened(len(self._segments) - 1)[-1].wrapped

    def clear(self) -> None:
        """Forget all lines (CSI 3 J)."""
        self._segments.clear()
        self._count = self._kept = 0
        self._newest = _FULL
        self._rows.clear()

    def _opened(self, index: int) -> list[Packed]:
        """Return the lines of a segment, parsed now if they were not."""
        segment = self._segments[index]
        if isinstance(segment, Block):
            segment = self._segments[index] = segment.parse(segment)
        return segment

    def packed(self) -> list[Packed]:
        """Return all lines as they are kept."""
        return [packed for index in range(len(self._segments)) for packed in self._opened(index)]

    # What is seen

    def rows(self, start: int, stop: int, cols: int) -> list[Row]:
        """Return the lines `start <= number < stop` that there are, cut or padded to `cols` columns."""
        start, stop = max(0, start), min(stop, len(self))
        skipped = self._count - self._kept
        first = self._added - self._kept
        if start >= stop:
            return []
        found: list[Row] = []
        at = 0
        for index in range(len(self._segments)):
            size = len(self._segments[index])
            begin, end = max(start + skipped, at), min(stop + skipped, at + size)
            if begin < end:
                lines = self._opened(index)
                found += [self._row(first + n - skipped, lines[n - at], cols) for n in range(begin, end)]
            at += size
            if at >= stop + skipped:
                break
        return found

    def _row(self, serial: int, packed: Packed, cols: int) -> Row:
        row = self._rows.get(serial)
        if row is None or len(row.cells) != cols:
            row = unpack(packed)
            if len(row.cells) != cols:
                line = Line(row)
                line.refit(cols, DEFAULT_PEN)
                row = line.freeze()
            if len(self._rows) >= _MAX_ROWS_KEPT:
                self._rows.clear()
            self._rows[serial] = row
        return row

    # Another width

    def rewrap(self, cols: int) -> None:
        """Wrap all lines anew for another width. O(lines), at a cost only for those that wrap before or after."""
        self._let_go()
        old, unwanted = self._segments, self._count - self._kept
        self._segments = deque()
        self._rows.clear()
        self._added -= self._kept
        self._count = self._kept = 0
        self._newest = _FULL
        paragraph: list[Packed] = []
        while old:
            segment = old.popleft()
            if isinstance(segment, Block) and not (unwanted or paragraph) and segment.widest <= min(cols, segment.cols):
                self.append_block(segment)
                continue
            lines = segment.parse(segment) if isinstance(segment, Block) else segment
            for packed in lines[unwanted:]:
                if not paragraph and not packed.wrapped and packed.fits(cols):
                    self._add(packed)
                    continue
                paragraph.append(packed)
                if not packed.wrapped:
                    self._add_rewrapped(paragraph, cols)
                    paragraph = []
            unwanted = 0
        if paragraph:
            self._add_rewrapped(paragraph, cols)

    def _add_rewrapped(self, lines: list[Packed], cols: int) -> None:
        for line in rewrap([unpack_line(packed) for packed in lines], cols):
            self._add(pack(line))
