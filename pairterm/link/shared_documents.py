"""The viewer's side of all documents over a link: which there are, and the texts that somebody looks at.

A gateway with many clients keeps one for each session, and so does a terminal with one
client. The host decides of which documents it learns: in a pause, and while the
window of the code is hidden, a link with a guest on it gets an empty list. No I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Collection

from pairterm.document.document import Document, DocumentId, DocumentTab, Sharer, SharerId
from pairterm.errors import PeerError
from pairterm.link.document_replica import DocumentReplica
from pairterm.link.messages.documents import (
    MAX_TABS,
    DocumentAck,
    Documents,
    DocumentTabWire,
    DocumentUpdate,
    SharerWire,
    WatchDocuments,
)

__all__ = ["SharedDocuments", "documents_to_wire"]


class SharedDocuments:
    """The copies of the documents of one session, for the clients of one link."""

    def __init__(self) -> None:
        self.sharers: tuple[Sharer, ...] = ()
        """The editors, in the order in which they came."""
        self.tabs: tuple[DocumentTab, ...] = ()
        """The documents, in the order in which they were opened."""
        self._watched: frozenset[DocumentId] = frozenset()
        self._replicas: dict[DocumentId, DocumentReplica] = {}

    def take_list(self, message: Documents) -> None:
        """Take which documents there are now. The texts of the others are forgotten.

        Raises:
            PeerError: A document or an editor is there twice, or belongs to nobody.
        """
        sharers = {SharerId(each.sharer) for each in message.sharers}
        tabs = {DocumentId(each.document) for each in message.tabs}
        if len(sharers) != len(message.sharers) or len(tabs) != len(message.tabs):
            raise PeerError("a document or an editor is there twice", code="bad_documents")
        if any(each.sharer not in sharers for each in message.tabs):
            raise PeerError("a document belongs to nobody", code="bad_documents")
        self.sharers = tuple([_sharer(each) for each in message.sharers])
        self.tabs = tuple([_tab(each) for each in message.tabs])
        self._replicas = {document: replica for document, replica in self._replicas.items() if document in tabs}

    def watch(self, documents: Collection[DocumentId]) -> WatchDocuments | None:
        """Take at which documents somebody looks now. Return the message that says so; None: it is known."""
        watched = frozenset(documents)
        if watched == self._watched:
            return None
        self._watched = watched
        self._replicas = {document: replica for document, replica in self._replicas.items() if document in watched}
        return WatchDocuments([*sorted(watched)[:MAX_TABS]])

    def update(self, message: DocumentUpdate) -> DocumentAck | None:
        """Take an update of a document. Return the answer, which the caller sends.

        None: nobody looks at this document any more, so the update was sent before the host knew that.

        Raises:
            PeerError: The text would be larger than a document may be.
        """
        document = DocumentId(message.document)
        if document not in self._watched:
            return None
        replica = self._replicas.get(document)
        if replica is None:
            replica = self._replicas[document] = DocumentReplica(document)
        return replica.apply(message)

    def document(self, document: DocumentId) -> Document | None:
        """Return the newest text of a document: the same object while nothing changed. None: it has yet to come."""
        replica = self._replicas.get(document)
        return replica.document if replica is not None else None


def documents_to_wire(sharers: Collection[Sharer], tabs: Collection[DocumentTab]) -> Documents:
    """Return the message that names these editors and documents."""
    return Documents(
        [
            SharerWire(each.id, each.name[:64], each.root, each.active, each.is_active_withheld, each.away_s)
            for each in sharers
        ],
        [DocumentTabWire(each.id, each.name, each.language[:64], each.sharer) for each in tabs],
    )


def _sharer(wire: SharerWire) -> Sharer:
    active = DocumentId(wire.active) if wire.active is not None else None
    return Sharer(SharerId(wire.sharer), wire.name, wire.root, active, wire.is_active_withheld, wire.away_s)


def _tab(wire: DocumentTabWire) -> DocumentTab:
    return DocumentTab(DocumentId(wire.document), wire.name, wire.language, SharerId(wire.sharer))
