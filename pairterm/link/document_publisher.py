"""The sender's side of a document over a link: a publisher makes the updates that bring a replica up to date.

State travels, and no edits: an update is the difference from what the receiver has to the
newest text. At most two updates are unacknowledged, and what happens meanwhile becomes
one update. So nothing queues, and a receiver catches up from any version. The
receiver's side is `link.document_replica`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec.structs import replace

from pairterm.document.document import Document, DocumentId
from pairterm.link.document_transfer import DocumentTransfer, DocumentTransfers
from pairterm.link.messages.documents import DocumentAck, DocumentUpdate

__all__ = ["MAX_UNACKNOWLEDGED", "DocumentPublisher"]

logger = logging.getLogger(__name__)

MAX_UNACKNOWLEDGED = 2
"""Updates of one document that may be unacknowledged: the receiver takes one while the other is on its way."""


class DocumentPublisher:
    """The state of one document on one link."""

    def __init__(
        self,
        document: DocumentId,
        transfers: DocumentTransfers | None = None,
        *,
        may_send_whole: Callable[[Document], bool] = lambda text: True,
    ) -> None:
        """Make the publisher of a document that the receiver does not have.

        Args:
            document: Its number.
            transfers: Those of all links of the session; None: there is no other link.
            may_send_whole: Is asked before a whole text goes out.
        """
        self._document = document
        self._transfers = transfers if transfers is not None else DocumentTransfers()
        self._may_send_whole = may_send_whole
        self._base: Document | None = None
        """The whole text that the receiver has when it has taken all updates up to the present transfer."""
        self._transfer: DocumentTransfer | None = None
        """The transfer under way. A newer text waits until its parts are sent, so each text gets there."""
        self._part = 0
        """The number of its next part."""
        self._settled: Document | None = None
        """The document of which the other side has all. So `update` need not look again while it is the newest."""
        self._serial = 0
        self._version = -1
        """The version of the last update."""
        self._reset_serial = 0
        """Complaints about updates up to this one are settled: a whole text was sent after them."""
        self._refused_version = -1
        """The version that did not fit at the other side. If it does not fit a second time, it is not sent again."""
        self._has_given_up = False
        self._unacknowledged: list[tuple[int, DocumentTransfer]] = []
        """The serials of updates, each with its transfer, which other links may want meanwhile."""

    def update(self, newest: Document) -> DocumentUpdate | None:
        """Return the next message that brings the other side nearer to `newest`.

        None: it has all of it, two updates are unacknowledged, or a whole text may not go out yet. The caller sends
        the message, and calls this again until it returns None. Cost: see `DocumentTransfer.part`.
        """
        if newest is self._settled or len(self._unacknowledged) >= MAX_UNACKNOWLEDGED:
            return None
        if self._has_given_up and newest.version == self._refused_version:
            return None
        while True:
            if self._transfer is None:
                if self._base is not None and _has_all_of(self._base, newest):
                    self._settled = newest
                    return None
                if self._base is None and not self._may_send_whole(newest):
                    return None
                self._transfer, self._part = self._transfers.between(self._base, newest), 0
            part = self._transfer.part(self._part)
            if part is not None:
                return self._sent(self._transfer, part)
            self._base, self._transfer = self._transfer.target, None

    def _sent(self, transfer: DocumentTransfer, part: DocumentUpdate) -> DocumentUpdate:
        self._part += 1
        self._serial += 1
        self._version = part.version
        self._unacknowledged.append((self._serial, transfer))
        return replace(part, serial=self._serial)

    def acknowledge(self, ack: DocumentAck) -> None:
        """Take an answer of the receiver. If an update did not fit there, the whole text goes out next."""
        self._unacknowledged = [each for each in self._unacknowledged if each[0] > ack.serial]
        if not ack.is_right and self._reset_serial < ack.serial <= self._serial:
            logger.warning("document %d differs at the other side: the whole text is sent again", self._document)
            self._reset_serial = self._serial
            self._has_given_up = self._version == self._refused_version
            self._refused_version = self._version
            self._base = self._transfer = self._settled = None


def _has_all_of(base: Document, target: Document) -> bool:
    return (
        base.version == target.version
        and base.cursors == target.cursors
        and (base.colours is target.colours or base.colours == target.colours)
    )
