"""The documents as the other side of one link knows them, from the sender's end.

The list is compared with the one that was sent last. Only documents at which the other
side looks have a publisher. A host keeps one of these for each link, and a gateway
one for each guest of `pairterm join`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pairterm.document.document import Document, DocumentId
from pairterm.link.document_publisher import DocumentPublisher
from pairterm.link.document_transfer import DocumentTransfers
from pairterm.link.messages.documents import DocumentAck, Documents, DocumentUpdate, WatchDocuments

__all__ = ["LinkDocuments"]

_NOTHING = Documents([], [])


class LinkDocuments:
    """The documents of one link."""

    def __init__(self, transfers: DocumentTransfers) -> None:
        """`transfers` are those of all links that get the same documents."""
        self._transfers = transfers
        self._list = _NOTHING
        self._known: frozenset[int] = frozenset()
        self._watched: Collection[int] = ()
        self._publishers: dict[DocumentId, DocumentPublisher] = {}

    def changed_list(self, newest: Documents) -> Documents | None:
        """Return the list if the other side has another one, else None. Documents that are gone are forgotten."""
        if newest == self._list:
            return None
        self._list = newest
        self._known = frozenset([each.document for each in newest.tabs])
        self._follow()
        return newest

    def forget(self) -> None:
        """Forget what the other side has: it has no client now, and the next one is told all anew."""
        self._list = _NOTHING
        self._known = frozenset()
        self._publishers.clear()

    def watch(self, message: WatchDocuments) -> None:
        """Take at which documents the other side looks now."""
        self._watched = message.documents
        self._follow()

    def _follow(self) -> None:
        """Keep publishers for the documents that are there and watched, and for no others."""
        seen = [DocumentId(each) for each in self._watched if each in self._known]
        self._publishers = {
            each: self._publishers.get(each) or DocumentPublisher(each, self._transfers) for each in seen
        }

    def updates(self, documents: Mapping[DocumentId, Document]) -> Iterator[DocumentUpdate]:
        """Yield what may be sent now: the other side looks at it, and has not too much unacknowledged."""
        for each, publisher in self._publishers.items():
            document = documents.get(each)
            while document is not None and (update := publisher.update(document)) is not None:
                yield update

    def acknowledge(self, ack: DocumentAck) -> None:
        """Take an answer about a document; one that is not watched any more is ignored."""
        publisher = self._publishers.get(DocumentId(ack.document))
        if publisher is not None:
            publisher.acknowledge(ack)
