"""The documents as the other side of one link knows them, from the sender's end.

The list is compared with the one that was sent last. Only documents at which the other
side looks have a publisher. A host keeps one of these for each link, and a gateway
one for each guest of `pairterm join`. No clock: times are monotonic seconds.

The other side may look away and look again, or say that a text was wrong: then it gets
the whole text. So whole texts have an allowance. When it is used up, they wait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pairterm.access.rate_limits import Bucket
from pairterm.document.document import MAX_CHARACTERS, Document, DocumentId
from pairterm.link.document_publisher import DocumentPublisher
from pairterm.link.document_transfer import DocumentTransfers
from pairterm.link.messages.documents import DocumentAck, Documents, DocumentUpdate, WatchDocuments

__all__ = ["LinkDocuments"]

_NOTHING = Documents([], [])

_WHOLE_AT_ONCE = 16 * MAX_CHARACTERS
"""The characters of whole texts that go out at once: all that one editor may share."""

_WHOLE_PER_S = 4 * MAX_CHARACTERS
"""In the long run: four texts of the largest size a second."""


class LinkDocuments:
    """The documents of one link."""

    def __init__(self, transfers: DocumentTransfers) -> None:
        """`transfers` are those of all links that get the same documents."""
        self._transfers = transfers
        self._whole_texts = Bucket(_WHOLE_AT_ONCE, _WHOLE_PER_S)
        self._now_s = 0.0
        self.is_held = False
        """A text waits for the allowance of whole texts: the caller asks for updates again a little later."""
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
        self._publishers = {each: self._publishers.get(each) or self._publisher(each) for each in seen}

    def _publisher(self, document: DocumentId) -> DocumentPublisher:
        return DocumentPublisher(document, self._transfers, may_send_whole=self._may_send_whole)

    def _may_send_whole(self, text: Document) -> bool:
        may_send = self._whole_texts.take(self._now_s, text.characters)
        self.is_held = self.is_held or not may_send
        return may_send

    def updates(self, documents: Mapping[DocumentId, Document], now_s: float) -> Iterator[DocumentUpdate]:
        """Yield what may be sent now: the other side looks at it, and has not too much unacknowledged."""
        self._now_s = now_s
        self.is_held = False
        for each, publisher in self._publishers.items():
            document = documents.get(each)
            while document is not None and (update := publisher.update(document)) is not None:
                yield update

    def acknowledge(self, ack: DocumentAck) -> None:
        """Take an answer about a document; one that is not watched any more is ignored."""
        publisher = self._publishers.get(DocumentId(ack.document))
        if publisher is not None:
            publisher.acknowledge(ack)
