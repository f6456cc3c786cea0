"""Search in a document: plain text, from a line on and around the end. Capital letters count if the text has some."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pairterm.document.document import Position
from pairterm.view.document_cells import MAX_LINE_CHARS

__all__ = ["find", "matches"]


@lru_cache(maxsize=16)
def _pattern(text: str) -> re.Pattern[str]:
    has_capitals = text != text.lower()
    return re.compile(re.escape(text), 0 if has_capitals else re.IGNORECASE)


def matches(text: str, line: str) -> list[tuple[int, int]]:
    """Return the matches in the shown part of a line, as first columns and the columns behind the last ones."""
    return [match.span() for match in _pattern(text).finditer(line[:MAX_LINE_CHARS])]


def find(text: str, lines: Sequence[str], start: Position, step: int) -> Position | None:
    """Return the next match after `start`, or with step -1 the one before it. None: the document has none.

    The search goes around the end. Cost: O(characters) of the lines until the match.
    """
    for number in _from(start.line, len(lines), step):
        columns = [first for first, _ in matches(text, lines[number])]
        if number == start.line:
            columns = [column for column in columns if (column - start.column) * step > 0]
        if columns:
            return Position(number, columns[0] if step > 0 else columns[-1])
    around = [first for first, _ in matches(text, lines[start.line])] if lines else []
    return Position(start.line, around[0] if step > 0 else around[-1]) if around else None


def _from(line: int, count: int, step: int) -> Iterator[int]:
    """Yield the numbers of all lines, from `line` on."""
    for offset in range(count):
        yield (line + step * offset) % count
