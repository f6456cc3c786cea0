"""A document after a replaced range of lines: what follows a change in its checksum, its length and its colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pairterm.document.checksum import changed_checksum
from pairterm.document.difference import difference
from pairterm.document.document import Document

__all__ = ["spliced", "with_lines"]


def spliced(document: Document, first: int, removed: int, added: Sequence[str]) -> Document:
    """Return the document after `removed` lines from `first` on gave way to `added`; its version stays.

    A changed line keeps its colours until newer ones come. If the number of lines changes, the new lines are plain.
    Cost: O(lines) pointers, and O(changed text).
    """
    before, stop = document.lines, first + removed
    gone = before[first:stop]
    colours = document.colours
    kept = colours[first:stop] if len(added) == removed else (b"",) * len(added)
    return replace(
        document,
        lines=(*before[:first], *added, *before[stop:]),
        checksum=changed_checksum(document.checksum, before, first, removed, added),
        characters=document.characters + sum(map(len, added)) + len(added) - sum(map(len, gone)) - removed,
        colours=(*colours[:first], *kept, *colours[stop:]),
    )


def with_lines(document: Document, lines: tuple[str, ...]) -> Document:
    """Return the document with these lines, as its next version; the same object if they are its lines."""
    change = difference(document.lines, lines)
    if change is None:
        return document
    added = change.full_lines(document.lines)
    return replace(spliced(document, change.first, change.removed, added), version=document.version + 1)
