"""The files of editors as one page shows them: the messages that bring it up to date. No I/O, no clock.

State travels, not edits: each message is the difference between what the page has and the newest text. A large
difference goes in parts, and no more is sent while too much is unacknowledged. Columns count code points. A row of
colours is the numbers of `document.colours`: the length and the kind of each run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pairterm.document.difference import common_head
from pairterm.document.document import Cursor, Document, DocumentId
from pairterm.view.shown_documents import NO_DOCUMENTS, ShownDocuments

__all__ = ["PageCode"]

_PART_CHARS = 64 << 10
"""About the text of one message: some milliseconds of a slow line."""

_PART_LINES = 1000

_WINDOW_CHARS = 256 << 10
"""How much text may be unacknowledged."""

Fields: TypeAlias = dict[str, object]


@dataclass(slots=True)
class _Known:
    """A text as the page has it, once it has taken what is on its way."""

    lines: tuple[str, ...] = ()
    colours: tuple[bytes, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    newest: Document | None = None
    """The version that the page has. None: a part of it is still to be sent."""
    serial: int = 0
    under_way: deque[tuple[int, int]] = field(default_factory=deque)
    """Serials and characters of the messages that the page has not acknowledged."""

    @property
    def is_full(self) -> bool:
        return sum(chars for _, chars in self.under_way) >= _WINDOW_CHARS


class PageCode:
    """What one page knows of the editors' files."""

    def __init__(self) -> None:
        self.watched: frozenset[DocumentId] = frozenset()
        """The documents that the page shows."""
        self._listed: Fields = _list_of(NO_DOCUMENTS)
        self._known: dict[DocumentId, _Known] = {}

    def watch(self, documents: Collection[int]) -> None:
        """Take which documents the page shows now. It forgets the texts of the others."""
        self.watched = frozenset(map(DocumentId, documents))
        self._known = {each: known for each, known in self._known.items() if each in self.watched}

    def acknowledge(self, document: int, serial: int) -> None:
        """Take note that the page has a message, and those before it."""
        known = self._known.get(DocumentId(document))
        while known is not None and known.under_way and known.under_way[0][0] <= serial:
            known.under_way.popleft()

    def messages(self, shown: ShownDocuments) -> Iterator[tuple[str, Fields]]:
        """Yield the kinds and fields of the messages that the page may get now."""
        listed = _list_of(shown)
        if listed != self._listed:
            self._listed = listed
            yield "documents", listed
        self._known = {each: known for each, known in self._known.items() if shown.tab(each) is not None}
        for each in sorted(self.watched):
            text = shown.texts.get(each)
            if text is not None:
                yield from self._text(self._known.setdefault(each, _Known()), text)

    def _text(self, known: _Known, text: Document) -> Iterator[tuple[str, Fields]]:
        while known.newest is not text and not known.is_full:
            if known.serial and known.lines == text.lines and known.colours == text.colours:
                known.newest = text
            else:
                yield "lines", _step(known, text)
        if known.newest is text and known.cursors != text.cursors:
            known.cursors = text.cursors
            yield "cursors", {"document": text.id, "cursors": [_cursor(each) for each in text.cursors]}


def _step(known: _Known, text: Document) -> Fields:
    """Take one step towards a text; return the message."""
    first, removed, stop = _range(known, text)
    stop_now, chars = first, 0
    while stop_now < stop and stop_now - first < _PART_LINES and chars < _PART_CHARS:
        chars += len(text.lines[stop_now]) + 1
        stop_now += 1
    lines, colours = text.lines[first:stop_now], text.colours[first:stop_now]
    is_new = known.serial == 0
    known.lines = known.lines[:first] + lines + known.lines[first + removed :]
    known.colours = known.colours[:first] + colours + known.colours[first + removed :]
    known.serial += 1
    known.under_way.append((known.serial, chars))
    return {
        "document": text.id,
        "serial": known.serial,
        "is_new": is_new,
        "first": first,
        "removed": removed,
        "lines": lines,
        "colours": [list(each) for each in colours],
    }


def _range(known: _Known, text: Document) -> tuple[int, int, int]:
    """Return the first line that differs, how many lines give way, and where the new ones end in the text."""
    shorter = min(len(known.lines), len(text.lines))
    head = min(common_head(known.lines, text.lines, shorter), common_head(known.colours, text.colours, shorter))
    most = shorter - head
    tail = min(_common_tail(known.lines, text.lines, most), _common_tail(known.colours, text.colours, most))
    return head, len(known.lines) - head - tail, len(text.lines) - tail


def _common_tail(before: Sequence[object], after: Sequence[object], most: int) -> int:
    """Return how many items at the end are equal, `most` at most."""
    return common_head(before[::-1], after[::-1], most)


def _cursor(cursor: Cursor) -> list[object]:
    spans = [[each.start.line, each.start.column, each.end.line, each.end.column] for each in cursor.selections]
    return [cursor.position.line, cursor.position.column, spans]


def _list_of(shown: ShownDocuments) -> Fields:
    return {
        "sharers": [
            {
                "id": each.id,
                "name": each.name,
                "active": each.active,
                "is_withheld": each.is_active_withheld,
                "away_s": each.away_s,
            }
            for each in shown.sharers
        ],
        "documents": [
            {"id": each.id, "name": each.name, "language": each.language, "sharer": each.sharer} for each in shown.tabs
        ],
    }
