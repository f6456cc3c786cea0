"""The editors that share documents with a session, and the texts as far as they have come.

Each editor numbers its documents itself. Here each document gets a number and versions of
the session's own. So an editor that was lost and comes back brings the same documents:
the session knows it by its workspace, and its documents by their names. Viewers keep the
old text until the new one is whole. No I/O, no clock: times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from pairterm.document.document import MAX_CHARACTERS, Document, DocumentId, DocumentTab, Sharer, SharerId
from pairterm.errors import PeerError, UsageError
from pairterm.link.document_replica import DocumentReplica
from pairterm.link.messages.documents import (
    MAX_SHARERS,
    DocumentAck,
    Documents,
    DocumentUpdate,
    ShareDocuments,
    ShareHello,
)
from pairterm.link.shared_documents import documents_to_wire

__all__ = ["AWAY_LIMIT_S", "Editors"]

AWAY_LIMIT_S = 600.0
"""An editor that was lost is forgotten after this time, with its documents."""

_MINUTE_S = 60.0

_MAX_EDITOR_CHARACTERS = 16 * MAX_CHARACTERS
"""The texts of one editor together. Its process closes old documents before they are so large."""


class _Editor(msgspec.Struct):
    """One editor of the session."""

    id: SharerId
    hello: ShareHello
    number: int | None
    """The number of its link; None: its link was lost."""
    lost_s: float = 0.0
    replicas: dict[int, DocumentReplica] = msgspec.field(default_factory=dict)
    """The copies, by the numbers of the editor's process."""
    ids: dict[int, DocumentId] = msgspec.field(default_factory=dict)
    """The session's number of each of these."""
    tabs: dict[DocumentId, DocumentTab] = msgspec.field(default_factory=dict)
    active: DocumentId | None = None
    is_active_withheld: bool = False


class Editors:
    """The editors of one session."""

    def __init__(self) -> None:
        self.version = 0
        """It grows when the list of editors and documents changes."""
        self._editors: dict[SharerId, _Editor] = {}
        self._documents: dict[DocumentId, Document] = {}
        self._last_sharer = 0
        self._last_document = 0

    def __len__(self) -> int:
        return len(self._editors)

    def __contains__(self, number: int) -> bool:
        return self._of(number) is not None

    @property
    def documents(self) -> Mapping[DocumentId, Document]:
        """The newest whole text of each document."""
        return self._documents

    @property
    def has_away(self) -> bool:
        """Whether an editor is away."""
        return any(each.number is None for each in self._editors.values())

    def numbers(self) -> Iterator[int]:
        """Return the links of the editors that are there."""
        return (each.number for each in self._editors.values() if each.number is not None)

    def listing(self, now_s: float) -> Documents:
        """Return the editors and documents, as the owner may know them."""
        return documents_to_wire(self.sharers(now_s), self.tabs)

    @property
    def tabs(self) -> tuple[DocumentTab, ...]:
        """The documents of all editors."""
        return tuple([tab for each in self._editors.values() for tab in each.tabs.values()])

    def sharers(self, now_s: float) -> tuple[Sharer, ...]:
        """Return the editors."""
        return tuple(
            Sharer(
                each.id,
                each.hello.name,
                each.hello.root,
                each.active,
                each.is_active_withheld,
                _away_s(now_s - each.lost_s) if each.number is None else None,
            )
            for each in self._editors.values()
        )

    def begin(self, number: int, hello: ShareHello) -> None:
        """Take a new editor, or one that comes back, by the number of its link.

        Raises:
            PeerError: This link has an editor already.
            UsageError: The session has too many editors.
        """
        if number in self:
            raise PeerError("this editor shares already", code="unexpected_message")
        known = (each for each in self._editors.values() if each.number is None)
        editor = next((each for each in known if each.hello.workspace == hello.workspace), None)
        if editor is None:
            if len(self._editors) >= MAX_SHARERS:
                raise UsageError(f"too many editors: a session has {MAX_SHARERS} at most", code="too_many")
            self._last_sharer += 1
            editor = _Editor(SharerId(self._last_sharer), hello, number)
            self._editors[editor.id] = editor
        editor.hello, editor.number = hello, number
        editor.replicas.clear()
        editor.ids.clear()
        self.version += 1

    def list_documents(self, number: int, message: ShareDocuments) -> None:
        """Take which documents an editor shares now.

        Raises:
            PeerError: This link has no editor, or the list contradicts itself.
        """
        editor = self._known(number)
        local = {each.document for each in message.tabs}
        if len(local) != len(message.tabs) or (message.active is not None and message.active not in local):
            raise PeerError("the list of documents contradicts itself", code="bad_documents")
        by_name = {tab.name: document for document, tab in editor.tabs.items()}
        tabs: dict[DocumentId, DocumentTab] = {}
        for each in message.tabs:
            document = editor.ids.get(each.document)
            if document is None:
                document = by_name.get(each.name)
                if document is None or document in tabs or document in editor.ids.values():
                    self._last_document += 1
                    document = DocumentId(self._last_document)
                editor.ids[each.document] = document
            tabs[document] = DocumentTab(document, each.name, each.language, editor.id)
        for gone in [each for each in editor.ids if each not in local]:
            del editor.ids[gone]
            editor.replicas.pop(gone, None)
        for document in [each for each in editor.tabs if each not in tabs]:
            self._documents.pop(document, None)
        editor.tabs = tabs
        editor.active = editor.ids[message.active] if message.active is not None else None
        editor.is_active_withheld = message.is_active_withheld
        self.version += 1

    def update(self, number: int, message: DocumentUpdate) -> DocumentAck:
        """Take the change of a document. Return the answer to the editor.

        Raises:
            PeerError: There is no such document, or it is too large.
        """
        editor = self._known(number)
        document = editor.ids.get(message.document)
        if document is None:
            raise PeerError("an update of a document that is not shared", code="bad_document")
        replica = editor.replicas.get(message.document)
        if replica is None:
            replica = editor.replicas[message.document] = DocumentReplica(document)
        before = replica.document
        answer = replica.apply(message)
        newest = replica.document
        texts = (each.document.characters for each in editor.replicas.values() if each.document is not None)
        if sum(texts) > _MAX_EDITOR_CHARACTERS:
            raise PeerError("the documents of an editor are too large together", code="bad_document")
        if newest is not None and newest.is_whole:
            shown = self._documents.get(document)
            is_same_text = shown is not None and before is not None and before.is_whole and before.lines is newest.lines
            version = (shown.version + (not is_same_text)) if shown is not None else 0
            self._documents[document] = replace(newest, id=document, version=version)
        return answer

    def lose(self, number: int, now_s: float) -> None:
        """Take note that the link of an editor was lost."""
        if (editor := self._of(number)) is not None:
            editor.number, editor.lost_s = None, now_s
            self.version += 1

    def end(self, number: int) -> None:
        """Forget an editor that has ended, with its documents."""
        if (editor := self._of(number)) is not None:
            self._forget(editor)

    def expire(self, now_s: float) -> None:
        """Forget the editors that are away for too long."""
        for editor in list(self._editors.values()):
            if editor.number is None and now_s >= editor.lost_s + AWAY_LIMIT_S:
                self._forget(editor)

    def clear(self) -> None:
        """Forget all editors and documents."""
        for editor in list(self._editors.values()):
            self._forget(editor)

    def _of(self, number: int) -> _Editor | None:
        return next((each for each in self._editors.values() if each.number == number), None)

    def _known(self, number: int) -> _Editor:
        editor = self._of(number)
        if editor is None:
            raise PeerError("an editor has to say hello first", code="unexpected_message")
        return editor

    def _forget(self, editor: _Editor) -> None:
        del self._editors[editor.id]
        for document in editor.tabs:
            self._documents.pop(document, None)
        self.version += 1


def _away_s(seconds: float) -> int:
    """Return for how long an editor is away, for people: after a minute in whole minutes, so that it changes seldom."""
    return int(seconds if seconds < _MINUTE_S else seconds - seconds % _MINUTE_S)
