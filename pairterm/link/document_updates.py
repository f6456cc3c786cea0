"""A document's update as a value of the text before: the one rule that both sides of a link apply.

The sender applies its own updates to a copy of what the receiver has. So both have the same
base for the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pairterm.document.difference import Replacement
from pairterm.document.document import MAX_CHARACTERS, MAX_LINES, Cursor, Document, DocumentId, Position, Span
from pairterm.document.splice import spliced
from pairterm.errors import PeerError
from pairterm.link.messages.documents import CursorWire, DocumentUpdate

__all__ = ["cursors_from_wire", "cursors_to_wire", "updated"]


def updated(base: Document | None, update: DocumentUpdate) -> Document | None:
    """Return the document after an update; None: it does not fit to the base.

    The new document's checksum is computed, and not taken from the update. Cost: O(lines) pointers, and O(changed
    text).

    Raises:
        PeerError: The text would be larger than a document may be.
    """
    if update.base == -1:
        base = Document(DocumentId(update.document), -1, (), 0, 0)
    if base is None or base.version != update.base or update.first + update.removed > len(base.lines):
        return None
    removed = base.lines[update.first : update.first + update.removed]
    if not _keeps_fit(removed, update):
        return None
    change = Replacement(update.first, update.removed, tuple(update.lines), update.head, update.tail)
    added = change.full_lines(base.lines)
    document = spliced(base, update.first, update.removed, added) if removed or added else base
    if len(document.lines) > MAX_LINES or document.characters > MAX_CHARACTERS:
        raise PeerError("a document is larger than it may be", code="bad_document")
    colours = document.colours
    for first, rows in update.colours:
        if first + len(rows) > len(colours):
            return None
        colours = (*colours[:first], *rows, *colours[first + len(rows) :])
    return replace(
        document,
        version=update.version,
        cursors=base.cursors if update.cursors is None else cursors_from_wire(update.cursors),
        colours=colours,
        is_whole=update.checksum is not None,
    )


def _keeps_fit(removed: tuple[str, ...], update: DocumentUpdate) -> bool:
    """Return whether the characters that an update keeps of the removed lines are there."""
    if not update.head and not update.tail:
        return True
    if not removed or not update.lines:
        return False
    if len(removed) == 1:
        return update.head + update.tail <= len(removed[0])
    return update.head <= len(removed[0]) and update.tail <= len(removed[-1])


def cursors_to_wire(cursors: Iterable[Cursor]) -> list[CursorWire]:
    """Return cursors as they travel."""
    return [
        (
            each.position.line,
            each.position.column,
            [(span.start.line, span.start.column, span.end.line, span.end.column) for span in each.selections],
        )
        for each in cursors
    ]


def cursors_from_wire(cursors: Iterable[CursorWire]) -> tuple[Cursor, ...]:
    """Return cursors that came over a link."""
    return tuple(
        Cursor(
            Position(line, column),
            tuple(Span(Position(first, start), Position(last, end)) for first, start, last, end in selections),
        )
        for line, column, selections in cursors
    )
