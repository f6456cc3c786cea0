"""The documents of a link for the clients behind it: what each of them looks at, and the value that all views show.

A gateway with many clients keeps one, and so does a terminal with one client. The texts at which nobody
looks are not here. No I/O, no clock: the caller sends the messages that are returned.
"""

from __future__ import annotations

from collections.abc import Collection

from pairterm.document.document import DocumentId
from pairterm.link.messages import DocumentAck, Documents, DocumentUpdate, WatchDocuments
from pairterm.link.shared_documents import SharedDocuments
from pairterm.view.shown_documents import NO_DOCUMENTS, ShownDocuments

__all__ = ["ClientDocuments"]


class ClientDocuments:
    """The documents of one session, for the clients of one link."""

    def __init__(self) -> None:
        self._copies = SharedDocuments()
        self._watched: dict[int, frozenset[DocumentId]] = {}
        self.shown: ShownDocuments = NO_DOCUMENTS
        """What views show now: another object after each change."""

    def begin_again(self) -> None:
        """Forget what the host has said: the link is new, or has had no client for a while. Clients look on."""
        self._copies = SharedDocuments()
        self.shown = NO_DOCUMENTS

    def take(self, message: Documents | DocumentUpdate) -> WatchDocuments | DocumentAck | None:
        """Take what the host says. Return the answer. None: there is nothing to answer.

        Raises:
            PeerError: It is nothing that a session can have.
        """
        answer: WatchDocuments | DocumentAck | None
        if isinstance(message, Documents):
            self._copies.take_list(message)
            answer = self._watch()
        else:
            answer = self._copies.update(message)
        self._renew()
        return answer

    def watch(self, client: int, documents: Collection[DocumentId]) -> WatchDocuments | None:
        """Take at which documents a client looks now. Return the message for the host. None: the host knows it."""
        if documents:
            self._watched[client] = frozenset(documents)
        else:
            self._watched.pop(client, None)
        message = self._watch()
        if message is not None:
            self._renew()
        return message

    def _watch(self) -> WatchDocuments | None:
        listed = {tab.id for tab in self._copies.tabs}
        return self._copies.watch(frozenset().union(*self._watched.values()) & listed)

    def _renew(self) -> None:
        copies = self._copies
        texts = {tab.id: text for tab in copies.tabs if (text := copies.document(tab.id)) is not None and text.is_whole}
        self.shown = ShownDocuments(copies.sharers, copies.tabs, texts)
