"""The lines of a document with what is marked in them: cursors, selections and what was searched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from pairterm.document.document import MAX_CURSORS, Document, Position, Sharer, SharerId
from pairterm.terminal.frame import Pen, Row
from pairterm.view.document_pens import (
    CURRENT_NUMBER_PEN,
    FOUND_PEN,
    MATCH_PEN,
    NUMBER_PEN,
    cursor_pen,
    name_pen,
    selection_pen,
)
from pairterm.view.document_row import DocumentLine, Label, Mark, clipped, document_row
from pairterm.view.document_search import matches

__all__ = ["FoundText", "RowsInSight", "line_of", "rows_of"]

_MAX_RECENT = 64
"""How many pictures' rows are kept for other clients who see the same."""

_MAX_MATCHES = 64
"""The most matches that are marked in one line."""


class FoundText(NamedTuple):
    """What the client has searched. An empty text: nothing."""

    text: str
    at: Position | None
    """The match to which they were led. None: they follow a person, and no match is marked."""


class RowsInSight(NamedTuple):
    """The part of a document that a client sees: its first line and cell, and the size."""

    top: int
    left: int
    rows: int
    cols: int
    gutter: int


_recent: OrderedDict[tuple[int, Sharer | None, FoundText, RowsInSight], tuple[Document, tuple[Row, ...]]] = (
    OrderedDict()
)
"""Rows by the id of their document, which has to live as long as its id is in the key."""


def rows_of(document: Document, sharer: Sharer | None, found: FoundText, sight: RowsInSight) -> tuple[Row, ...]:
    """Return the rows of the lines in sight. Clients who see the same get the same object."""
    key = (id(document), sharer, found, sight)
    known = _recent.get(key)
    if known is None:
        lines = range(sight.top, min(sight.top + sight.rows, len(document.lines)))
        rows = [
            document_row(line_of(document, number, sharer, found), sight.left, sight.cols, sight.gutter)
            for number in lines
        ]
        known = _recent[key] = (document, tuple(rows))
        if len(_recent) > _MAX_RECENT:
            _recent.popitem(last=False)
    return known[1]


def line_of(document: Document, number: int, sharer: Sharer | None, found: FoundText) -> DocumentLine:
    """Return a line with its marks. `number`: 0-based. `sharer`: whose document it is."""
    whole = document.lines[number]
    text = clipped(whole)
    colours = document.colours[number] if number < len(document.colours) else b""
    who = SharerId(0) if sharer is None else sharer.id
    marks = _matches(text, number, found) + list(_selections(document, number, selection_pen(who)))
    cursors = [each.position.column for each in document.cursors[:MAX_CURSORS] if each.position.line == number]
    marks += [Mark(column, column, cursor_pen(who), is_cursor=True) for column in cursors]
    labels: tuple[Label, ...] = ()
    if sharer is not None and document.cursors and document.cursors[0].position.line == number:
        labels = (Label(sharer.name, name_pen(who)),)
    pen = CURRENT_NUMBER_PEN if cursors else NUMBER_PEN
    return DocumentLine(number + 1, text, colours, tuple(marks), labels, pen, len(whole) > len(text))


def _selections(document: Document, number: int, pen: Pen) -> Iterator[Mark]:
    """Yield what is selected in a line. Some editors give the end of a selection first."""
    for cursor in document.cursors[:MAX_CURSORS]:
        for span in cursor.selections[:MAX_CURSORS]:
            start, end = min(span.start, span.end), max(span.start, span.end)
            if start.line <= number <= end.line and start != end:
                first = start.column if start.line == number else 0
                yield Mark(first, end.column if end.line == number else None, pen)


def _matches(text: str, number: int, found: FoundText) -> list[Mark]:
    if not found.text or found.at is None:
        return []
    return [
        Mark(first, behind, FOUND_PEN if found.at == Position(number, first) else MATCH_PEN)
        for first, behind in matches(found.text, text)[:_MAX_MATCHES]
    ]
