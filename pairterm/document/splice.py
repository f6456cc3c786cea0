"""A document after a replaced range of lines: what follows a change in its checksum, its length and its colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pairterm.document.checksum import changed_checksum
from pairterm.document.difference import difference
from pairterm.document.document import Document

__all__ = ["spliced", "spliced_colours", "with_lines"]


def spliced(document: Document, first: int, removed: int, added: Sequence[str]) -> Document:
    """Return the document after `removed` lines from `first` on gave way to `added`; its version stays.

    Cost: O(lines) pointers, and O(changed text).
    """
    before, stop = document.lines, first + removed
    gone = before[first:stop]
    return replace(
        document,
        lines=(*before[:first], *added, *before[stop:]),
        checksum=changed_checksum(document.checksum, before, first, removed, added),
        characters=document.characters + sum(map(len, added)) + len(added) - sum(map(len, gone)) - removed,
        colours=spliced_colours(document.colours, first, removed, len(added)),
    )


def spliced_colours(colours: tuple[bytes, ...], first: int, removed: int, added: int) -> tuple[bytes, ...]:
    """Return the colours of a text after `removed` lines from `first` on gave way to `added` lines.

    Changed lines keep their colours until newer ones come. If the number of lines changes, the new lines are plain.
    """
    if added == removed:
        return colours
    return (*colours[:first], *(b"",) * added, *colours[first + removed :])


def with_lines(document: Document, lines: tuple[str, ...]) -> Document:
    """Return the document with these lines, as its next version; the same object if they are its lines."""
    change = difference(document.lines, lines)
    if change is None:
        return document
    added = change.full_lines(document.lines)
    return replace(spliced(document, change.first, change.removed, added), version=document.version + 1)
