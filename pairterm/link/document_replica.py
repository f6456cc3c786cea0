"""The receiver's side of a document over a link: a replica takes a publisher's updates.

Law 14: a document replica equals the editor's buffer after any sequence of LSP changes,
losses and resumes, in any position encoding. Each whole text has a checksum. If it is
not right, or an update does not fit, the replica drops its text and asks for all of it.
"""

from __future__ import annotations

import logging

from pairterm.document.document import Document, DocumentId
from pairterm.link.document_updates import updated
from pairterm.link.messages.documents import DocumentAck, DocumentUpdate

__all__ = ["DocumentReplica"]

logger = logging.getLogger(__name__)


class DocumentReplica:
    """The copy of one document."""

    def __init__(self, document: DocumentId) -> None:
        self._id = document
        self.document: Document | None = None
        """The newest text. None: none has come yet, or it was wrong. While it is not whole, its head is here."""

    def apply(self, update: DocumentUpdate) -> DocumentAck:
        """Take an update. Return the answer, which the caller sends.

        Raises:
            PeerError: The text would be larger than a document may be.
        """
        document = updated(self.document, update)
        if document is None or (document.is_whole and document.checksum != update.checksum):
            logger.warning(
                "document %d: version %d does not fit, the whole text is asked for", self._id, update.version
            )
            document = None
        self.document = document
        return DocumentAck(update.document, update.serial, document is not None)
