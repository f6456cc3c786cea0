"""The documents that an editor shares, as values.

Lines and columns are 0-based, and a column counts code points of its line. A line has
no line end. Its text is exactly that of the editor, so it can have tabs, controls and
marks that change the direction of writing: a view has to make them harmless before it
shows them. A line has no lone surrogate: `document.buffer` replaces those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

import msgspec

from pairterm.document.checksum import checksum_of

__all__ = [
    "MAX_CHARACTERS",
    "MAX_CURSORS",
    "MAX_DOCUMENTS",
    "MAX_LINES",
    "MAX_TEXT_BYTES",
    "Cursor",
    "Document",
    "DocumentId",
    "DocumentTab",
    "Position",
    "Sharer",
    "SharerId",
    "Span",
]

MAX_TEXT_BYTES = 2 << 20
"""The size of the largest document, in UTF-8. An editor's process shares no larger file."""

MAX_LINES = 100_000
"""The lines of the longest document. 2 MiB of source code have about 60,000."""

MAX_CHARACTERS = MAX_TEXT_BYTES + MAX_LINES
"""The bound on `Document.characters`."""

MAX_DOCUMENTS = 64
"""Documents that one editor shares at a time."""

MAX_CURSORS = 64
"""Cursors in one document. Editors with several cursors have a handful."""

DocumentId = NewType("DocumentId", int)
"""One document, unique in its session, and never given twice."""

SharerId = NewType("SharerId", int)
"""One editor that shares, unique in its session."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two characters. It may lie behind the text's end: a cursor can travel before its line does."""

    line: int
    column: int


class Span(msgspec.Struct, frozen=True):
    """A selected range, from `start` up to `end`."""

    start: Position
    end: Position


class Cursor(msgspec.Struct, frozen=True):
    """A cursor of the person who shares, with what is selected there."""

    position: Position
    selections: tuple[Span, ...] = ()


class Sharer(msgspec.Struct, frozen=True):
    """An editor that shares documents."""

    id: SharerId
    name: str
    """The person's name."""
    root: str
    """The last part of the path of their workspace."""
    active: DocumentId | None = None
    """The document in which they are. None: they are in none that they share."""
    is_active_withheld: bool = False
    """They are in a file that is not shared. Viewers learn nothing else about it."""
    away_s: int | None = None
    """The editor's process was lost so long ago. None: it is there."""


class DocumentTab(msgspec.Struct, frozen=True):
    """A document that is shared, as a list names it."""

    id: DocumentId
    name: str
    """Its path below the root of the workspace, in POSIX form."""
    language: str
    """LSP's language id, such as "python"; "" if the editor does not say."""
    sharer: SharerId


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a document at one moment."""

    id: DocumentId
    version: int
    """It grows with every change of the text. Two documents of one id and version have the same lines."""
    lines: tuple[str, ...]
    checksum: int
    """See `document.checksum`."""
    characters: int
    """The length of the text, with one for each line end."""
    cursors: tuple[Cursor, ...] = ()
    colours: tuple[bytes, ...] = ()
    """For each line a row of `document.colours`. b"": not coloured (yet)."""
    is_whole: bool = True
    """False while the rest of a large text is on its way."""

    @classmethod
    def of(cls, document: DocumentId, lines: tuple[str, ...], *, version: int = 0) -> Document:
        """Return a document with these lines."""
        characters = sum(map(len, lines)) + len(lines)
        return cls(document, version, lines, checksum_of(lines), characters, (), (b"",) * len(lines))
