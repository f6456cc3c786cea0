"""Paragraphs of printed lines, and the rows that they take at any width.

A paragraph is a line and the lines that it wrapped into, as far as they are wrapped anew
together. Lines stay packed if counting is enough.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, zip_longest

from pairterm.terminal.frame import DEFAULT_PEN, Row
from pairterm.terminal.line import Line
from pairterm.terminal.packing import MARK, Packed, unpack, unpack_line
from pairterm.terminal.reflow import is_gap, rewrap, rows_of

__all__ = [
    "height_of",
    "last_paragraph",
    "open_cost",
    "paragraph_height",
    "paragraphs_of",
    "places_of",
    "rows_at",
    "shows_as_printed",
    "wrapped_anew",
]

_MAX_PARAGRAPH_COST = 10_000
"""Cells of one long wrapped text that are wrapped anew together: about 100 lines of 80 columns.
This limits the cost of a resize, and of a look at the history. A longer text is cut there: at a width that it was not
printed in, a row ends early at each cut."""

_LINE_COST = 16
"""The cost of a line besides its cells, in cells."""


def paragraphs_of(lines: list[Packed], skipped: int) -> Iterator[list[Packed]]:
    """Yield the lines in groups that wrap into each other, without the first `skipped` lines."""
    start = cost = 0
    for number, packed in enumerate(lines, 1):
        cost = open_cost(cost, packed)
        if not cost or number == len(lines):
            if number > skipped:
                yield lines[max(start, skipped) : number]
            start = number


def last_paragraph(lines: list[Packed]) -> tuple[int, int]:
    """Return where the last paragraph of a segment begins, and its cost if it goes on; else 0."""
    start = len(lines) - 1
    while start and lines[start - 1].wrapped:
        start -= 1
    cost = 0
    for number in range(start, len(lines)):
        if not cost:
            start = number
        cost = open_cost(cost, lines[number])
    return start, cost


def open_cost(before: int, packed: Packed) -> int:
    """Return the cost of a paragraph with this line added, if it goes on after it; else 0."""
    if not packed.wrapped:
        return 0
    cost = before + packed.cols + _LINE_COST
    return cost if cost < _MAX_PARAGRAPH_COST else 0


def shows_as_printed(paragraph: list[Packed], cols: int) -> bool:
    """Return whether each line is a row at this width, too."""
    if len(paragraph) == 1:
        return paragraph[0].length <= cols
    return all(packed.cols == cols for packed in paragraph)


def height_of(lines: list[Packed], skipped: int, cols: int) -> int:
    """Return how many rows the lines of a segment take at this width, without the first `skipped` lines."""
    if any(packed.wrapped for packed in lines):
        return sum(paragraph_height(paragraph, cols) for paragraph in paragraphs_of(lines, skipped))
    kept = lines[skipped:] if skipped else lines
    rows = len(kept)
    for packed in kept:
        length = len(packed.text)
        if length > cols:
            rows += (-(-length // cols) if packed.text[0] != MARK else paragraph_height([packed], cols)) - 1
    return rows


def paragraph_height(paragraph: list[Packed], cols: int) -> int:
    """Return how many rows a paragraph takes at this width."""
    if shows_as_printed(paragraph, cols):
        return len(paragraph)
    length = sum([packed.length for packed in paragraph])
    most = fewest = max(1, -(-length // cols))
    if cols > 1 and not all(packed.is_simple and not packed.has_gap for packed in paragraph):
        # At most one cell at the end of each new row is blank, and of each old line at most one was.
        most, fewest = -(-length // (cols - 1)), -(-(length - len(paragraph)) // cols)
    if most == fewest:
        return most
    cells: list[str] = []
    for packed, after in zip_longest(paragraph, paragraph[1:]):
        own = packed.cells()
        cells += own[:-1] if packed.has_gap and is_gap(own, after and after.cells()) else own
    return rows_of(cells, cols)


def wrapped_anew(paragraph: list[Packed], cols: int) -> list[Line]:
    """Return a paragraph's lines at another width."""
    return rewrap([unpack_line(packed) for packed in paragraph], cols)


def rows_at(paragraph: list[Packed], cols: int) -> list[Row]:
    """Return a paragraph's rows at this width."""
    if not shows_as_printed(paragraph, cols):
        return [line.freeze() for line in wrapped_anew(paragraph, cols)]
    return [unpack(packed) if packed.cols == cols else _refitted(packed, cols) for packed in paragraph]


def _refitted(packed: Packed, cols: int) -> Row:
    line = unpack_line(packed)
    line.refit(cols, DEFAULT_PEN)
    return line.freeze()


def places_of(paragraph: list[Packed], first: int, height: int, cols: int) -> list[int]:
    """Return the places of the printed lines that a paragraph's rows begin in; `first` is that of its first line."""
    if height == len(paragraph) and shows_as_printed(paragraph, cols):
        return list(range(first, first + height))
    if len(paragraph) == 1:
        return [first] * height
    ends = list(accumulate(packed.cols for packed in paragraph[:-1]))
    return [first + bisect_right(ends, row * cols) for row in range(height)]
