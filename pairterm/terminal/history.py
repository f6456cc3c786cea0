"""Lines that left the top of the primary screen, kept packed: about one string a line.

A packed line is its text and its pens as runs; it becomes a `Row` when somebody looks.
The oldest lines go when `limit` is passed. Rows handed out are remembered for a while,
so whoever scrolls back sees the same objects and paints only what is new.

Lines are numbered from 0, the oldest kept.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from pairterm.terminal.frame import DEFAULT_PEN, Pen, Row
from pairterm.terminal.line import Line

__all__ = ["History"]

_MAX_ROWS_KEPT = 512
"""Rows remembered after unpacking: more than two of the tallest screens."""

_MARK = "\0"
"""Stands before and between the cells of a line whose cells are not one character each; no cell contains it."""


class _Packed(NamedTuple):
    """A line: `text`, `pens` as (run length, pen) pairs, one pen for all, or None where all is plain."""

    text: str
    pens: tuple[tuple[int, Pen], ...] | Pen | None
    cols: int
    wrapped: bool


def _pack(line: Line) -> _Packed:
    cells, pens = line.cells, line.pens
    if line.has_protected:
        line.is_stale = True
        pens = list(line.freeze().pens)
    cols = len(cells)
    text = "".join(cells)
    if not text.isascii() and (len(text) != cols or "" in cells):
        text = _MARK + _MARK.join(cells)
    first = pens[0]
    if pens.count(first) == cols:
        if first == DEFAULT_PEN:
            return _Packed(text if text[0] == _MARK else text.rstrip(" "), None, cols, line.wrapped)
        return _Packed(text, first, cols, line.wrapped)
    return _Packed(text, _runs(pens), cols, line.wrapped)


def _runs(pens: list[Pen]) -> tuple[tuple[int, Pen], ...]:
    runs: list[tuple[int, Pen]] = []
    current, count = pens[0], 0
    for pen in pens:
        if pen is current or pen == current:
            count += 1
        else:
            runs.append((count, current))
            current, count = pen, 1
    runs.append((count, current))
    return tuple(runs)


def _unpack(packed: _Packed) -> Row:
    text, pens, cols, wrapped = packed
    cells = tuple(text[1:].split(_MARK)) if text[:1] == _MARK else tuple(text.ljust(cols))
    if pens is None:
        return Row(cells, (DEFAULT_PEN,) * cols, wrapped)
    if isinstance(pens, Pen):
        return Row(cells, (pens,) * cols, wrapped)
    return Row(cells, tuple(pen for count, pen in pens for _ in range(count)), wrapped)


class History:
    """The scrollback of one screen, at most `limit` lines."""

    def __init__(self, limit: int) -> None:
        self._lines: deque[_Packed] = deque(maxlen=max(0, limit))
        self._rows: dict[int, Row] = {}
        self.added = 0
        """Lines that ever came in and did not go back to the screen."""

    def __len__(self) -> int:
        return len(self._lines)

    def append(self, line: Line) -> None:
        """Take a line that leaves the screen."""
        self._lines.append(_pack(line))
        self.added += 1

    def pop(self) -> Row | None:
        """Give the newest line back to the screen; None when there is none."""
        if not self._lines:
            return None
        self.added -= 1
        self._rows.pop(self.added, None)
        return _unpack(self._lines.pop())

    def clear(self) -> None:
        """Forget all lines (CSI 3 J)."""
        self._lines.clear()
        self._rows.clear()

    def rows(self, start: int, stop: int, cols: int) -> list[Row]:
        """Return the lines `start <= number < stop` that there are, cut or padded to `cols` columns."""
        start, stop = max(0, start), min(stop, len(self._lines))
        base = self.added - len(self._lines)
        return [self._row(base + number, number, cols) for number in range(start, stop)]

    def _row(self, serial: int, number: int, cols: int) -> Row:
        row = self._rows.get(serial)
        if row is None or len(row.cells) != cols:
            row = _unpack(self._lines[number])
            if len(row.cells) != cols:
                line = Line(row)
                line.refit(cols, DEFAULT_PEN)
                row = line.freeze()
            if len(self._rows) >= _MAX_ROWS_KEPT:
                self._rows.clear()
            self._rows[serial] = row
        return row
