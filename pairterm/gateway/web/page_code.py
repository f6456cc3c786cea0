"""The files of editors as one page shows them: the messages that bring it up to date. No I/O, no clock.

State travels, not edits: each message is the difference between what the page has and the newest text. A large
difference goes in parts, and no more is sent while too much is unacknowledged. Pages that have the same text share the
steps to the newest one, as links do (`link.document_transfer`). Columns count code points. A row of
colours is the numbers of `document.colours`: the length and the kind of each run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from weakref import WeakValueDictionary

from pairterm.document.difference import common_head, common_tail
from pairterm.document.document import Cursor, Document, DocumentId
from pairterm.view.shown_documents import NO_DOCUMENTS, ShownDocuments

__all__ = ["PageCode"]

_PART_CHARS = 64 << 10
"""About the text of one message: some milliseconds of a slow line."""

_PART_LINES = 1000

_WINDOW_CHARS = 256 << 10
"""How much text may be unacknowledged."""

Fields: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class _Step:
    """One step of pages from what they have towards a text."""

    before: tuple[tuple[str, ...], tuple[bytes, ...]]
    """The lines and their colours before. They live as long as their identities are a key."""
    text: Document
    first: int
    removed: int
    lines: tuple[str, ...]
    colours: tuple[bytes, ...]
    after: tuple[tuple[str, ...], tuple[bytes, ...]]
    """The lines and their colours after the step: those of `text` itself, if it was the last one."""
    chars: int

    @property
    def is_empty(self) -> bool:
        return not self.lines and not self.removed


_under_way: WeakValueDictionary[tuple[int, int, int], _Step] = WeakValueDictionary()
"""The steps that some page has not acknowledged, by the identities of what is before and of the text."""


@dataclass(slots=True)
class _Known:
    """A text as the page has it, once it has taken what is on its way."""

    lines: tuple[str, ...] = ()
    colours: tuple[bytes, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    newest: Document | None = None
    """The version that the page has. None: a part of it is still to be sent."""
    serial: int = 0
    under_way: deque[tuple[int, _Step]] = field(default_factory=deque)
    """Serials and steps of the messages that the page has not acknowledged."""

    @property
    def is_full(self) -> bool:
        return sum(step.chars for _, step in self.under_way) >= _WINDOW_CHARS


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
            if known.serial and known.lines is text.lines and known.colours is text.colours:
                known.newest = text
                continue
            step = _step(known, text)
            known.lines, known.colours = step.after
            if known.serial == 0 or not step.is_empty:
                known.serial += 1
                known.under_way.append((known.serial, step))
                yield "lines", _fields(known.serial, step)
        if known.newest is text and known.cursors != text.cursors:
            known.cursors = text.cursors
            yield "cursors", {"document": text.id, "cursors": [_cursor(each) for each in text.cursors]}


def _step(known: _Known, text: Document) -> _Step:
    """Return the next step of a page towards a text: the same object for all pages that have the same lines."""
    key = id(known.lines), id(known.colours), id(text)
    step = _under_way.get(key)
    if step is None:
        step = _under_way[key] = _new_step(known, text)
    return step


def _new_step(known: _Known, text: Document) -> _Step:
    first, removed, stop = _range(known, text)
    stop_now, chars = first, 0
    while stop_now < stop and stop_now - first < _PART_LINES and chars < _PART_CHARS:
        chars += len(text.lines[stop_now]) + 1
        stop_now += 1
    lines, colours = text.lines[first:stop_now], text.colours[first:stop_now]
    after = text.lines, text.colours
    if stop_now < stop:
        after = (
            known.lines[:first] + lines + known.lines[first + removed :],
            known.colours[:first] + colours + known.colours[first + removed :],
        )
    return _Step((known.lines, known.colours), text, first, removed, lines, colours, after, chars)


def _fields(serial: int, step: _Step) -> Fields:
    return {
        "document": step.text.id,
        "serial": serial,
        "is_new": serial == 1,
        "first": step.first,
        "removed": step.removed,
        "lines": step.lines,
        "colours": [list(each) for each in step.colours],
    }


def _range(known: _Known, text: Document) -> tuple[int, int, int]:
    """Return the first line that differs, how many lines give way, and where the new ones end in the text."""
    shorter = min(len(known.lines), len(text.lines))
    head = min(common_head(known.lines, text.lines, shorter), common_head(known.colours, text.colours, shorter))
    most = shorter - head
    tail = min(common_tail(known.lines, text.lines, most), common_tail(known.colours, text.colours, most))
    return head, len(known.lines) - head - tail, len(text.lines) - tail


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
