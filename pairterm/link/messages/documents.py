"""The messages about documents: what editors share, and the changes of its text.

An editor's process sends `ShareHello`, `ShareDocuments` and `DocumentUpdate` to the host, over
the local socket only. The host sends `Documents` and `DocumentUpdate` to the viewers' sides. Each
receiver of an update answers with `DocumentAck`. A viewer's side says with `WatchDocuments`
which texts it wants. Nothing that a viewer sends changes a document.

The lines of documents are not cleaned: the copy has to equal the original. See `document.document`.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from pairterm.document.colours import MAX_ROW_BYTES
from pairterm.document.document import MAX_CURSORS, MAX_DOCUMENTS, MAX_LINES, MAX_TEXT_BYTES
from pairterm.link.messages.fields import Count, Message, Name, OneLine, Pane, TokenHash

__all__ = [
    "MAX_SHARERS",
    "MAX_TABS",
    "DocumentAck",
    "DocumentTabWire",
    "DocumentUpdate",
    "Documents",
    "ShareDocuments",
    "ShareHello",
    "ShareTab",
    "SharerWire",
    "SharingChanged",
    "WatchDocuments",
]

MAX_SHARERS = 32
"""Editors of one session."""

MAX_TABS = 512
"""Documents of one session, of all its editors."""

_Document: TypeAlias = Annotated[int, Meta(ge=0, le=2**31)]
_Sharer: TypeAlias = Annotated[int, Meta(ge=0, le=2**31)]
_LineNumber: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_LINES)]
_Column: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_TEXT_BYTES)]
_FileName: TypeAlias = Annotated[str, Meta(max_length=1024)]
_Line: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT_BYTES)]
_Row: TypeAlias = Annotated[bytes, Meta(max_length=MAX_ROW_BYTES)]
_Place: TypeAlias = tuple[_LineNumber, _Column]

CursorWire: TypeAlias = tuple[
    _LineNumber, _Column, Annotated[list[tuple[_LineNumber, _Column, _LineNumber, _Column]], Meta(max_length=8)]
]
"""Line, column, and the selections (line and column of the start and of the end)."""


class SharerWire(Message, frozen=True, tag="sharer"):
    """An editor of `Documents`: see `document.document.Sharer`."""

    sharer: _Sharer
    name: Name
    root: OneLine
    active: _Document | None = None
    is_active_withheld: bool = False
    away_s: Count | None = None


class DocumentTabWire(Message, frozen=True, tag="tab"):
    """A document of `Documents`: see `document.document.DocumentTab`."""

    document: _Document
    name: _FileName
    language: Name
    sharer: _Sharer


class Documents(Message, frozen=True, tag="documents"):
    """The editors and documents of which this link may know. Each such message replaces the one before."""

    sharers: Annotated[list[SharerWire], Meta(max_length=MAX_SHARERS)]
    tabs: Annotated[list[DocumentTabWire], Meta(max_length=MAX_TABS)]


class DocumentUpdate(Message, frozen=True, tag="document"):
    """The change of a document from `base` to `version`. `base` -1: the receiver forgets what it has, and begins empty.

    A large change travels in parts. A part of `version` whose rest is to come has no checksum, and the next part
    has `version` as its base. `first` to `tail` are those of `document.difference.Replacement`.
    """

    document: _Document
    serial: Count
    """The number of this update: `DocumentAck` names it."""
    base: Annotated[int, Meta(ge=-1, le=2**53)]
    version: Count
    first: _LineNumber
    removed: _LineNumber
    lines: Annotated[list[_Line], Meta(max_length=MAX_LINES)]
    head: _Column
    tail: _Column
    checksum: Annotated[int, Meta(ge=0, le=2**32 - 1)] | None
    """The checksum of the whole text. None: the rest of it is to come."""
    cursors: Annotated[list[CursorWire], Meta(max_length=MAX_CURSORS)] | None = None
    """None: as before."""
    colours: list[tuple[_LineNumber, Annotated[list[_Row], Meta(max_length=MAX_LINES)]]] = field(default_factory=list)
    """Runs of lines that have other colours now: the first line, and the rows."""


class DocumentAck(Message, frozen=True, tag="document-ack"):
    """The receiver has taken an update. `is_right` False: it did not fit, and the receiver wants the whole text."""

    document: _Document
    serial: Count
    is_right: bool = True


class WatchDocuments(Message, frozen=True, tag="watch-documents"):
    """Somebody on this link looks at these documents, and at no others."""

    documents: Annotated[list[_Document], Meta(max_length=MAX_TABS)]


class ShareHello(Message, frozen=True, tag="share-hello"):
    """An editor begins to share. It is the first message of its process after `Hello`."""

    name: Name
    """The person's name."""
    root: OneLine
    """The last part of the path of the workspace."""
    workspace: TokenHash
    """The same for each run of one person's editor in one workspace: by it, an editor that comes back is known."""


class ShareTab(Message, frozen=True, tag="share-tab"):
    """A document of `ShareDocuments`, with the number that the editor's process gives it."""

    document: _Document
    name: _FileName
    language: Name


class ShareDocuments(Message, frozen=True, tag="share-documents"):
    """The documents that an editor shares now, and the one in which the person is."""

    tabs: Annotated[list[ShareTab], Meta(max_length=MAX_DOCUMENTS)]
    active: _Document | None = None
    is_active_withheld: bool = False
    is_last: bool = False
    """The editor ends its sharing. Without this, an editor whose link ends is away and may come back."""


class SharingChanged(Message, frozen=True, tag="sharing"):
    """The host tells an editor how its sharing goes."""

    state: Literal["shared", "closed", "refused"]
    """Guests can see it; the owner has closed the window; the session can take no more editors or documents."""
    text: OneLine = ""
    pane: Pane = 0
    """The pane of the window in which it is shown."""
