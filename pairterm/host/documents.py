"""The documents of a session, between the links: from the editors' processes to the viewers' sides.

An editor's process is a link on the local socket without clients. Documents go to a link
by level, not by edge: each call of `publish` looks what the link may know now, and sends
what it does not have.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TypeAlias

from pairterm.errors import PeerError, UsageError
from pairterm.host.peers import Peers
from pairterm.host.publishers import Publishers
from pairterm.host.viewer_link import Peer
from pairterm.link.document_transfer import DocumentTransfers
from pairterm.link.link_documents import LinkDocuments
from pairterm.link.messages import (
    DocumentAck,
    DocumentUpdate,
    Publish,
    PublishedText,
    PublishEnd,
    ShareDocuments,
    ShareHello,
    SharingChanged,
    WatchDocuments,
)
from pairterm.session.effects import Effect
from pairterm.session.shared_code import SharedCode

__all__ = ["DocumentMessage", "HostDocuments"]

logger = logging.getLogger(__name__)

DocumentMessage: TypeAlias = (
    WatchDocuments | DocumentAck | ShareHello | ShareDocuments | DocumentUpdate | Publish | PublishedText | PublishEnd
)
"""What a link says about documents."""

_FIRST_EDITOR_S = 60.0
"""How long a session without a program waits for its first editor: it has started the session, and connects at once."""

_AWAY_S = 1.0
"""How often viewers learn how long an editor has been away."""

_HELD_S = 0.25
"""How soon a text that waits for its link's allowance is looked at again."""


class HostDocuments:
    """The documents of one session, from the host's end."""

    def __init__(
        self,
        code: SharedCode,
        peers: Peers,
        publishers: Publishers,
        *,
        carry_out: Callable[[Iterable[Effect]], None],
        end_session: Callable[[], None],
    ) -> None:
        """`carry_out` gets the effects of a change. `end_session` is called when nobody shares code any more."""
        self._code = code
        self._peers = peers
        self._publishers = publishers
        self._carry_out = carry_out
        self._end_session = end_session
        self._transfers = DocumentTransfers()
        self._links: dict[Peer, LinkDocuments] = {}
        self._editors: dict[int, Peer] = {}
        self._loop = asyncio.get_running_loop()
        self._held_timer: asyncio.TimerHandle | None = None
        self._away_timer: asyncio.TimerHandle | None = None

    def take(self, peer: Peer, message: DocumentMessage) -> None:
        """Take a message about documents.

        Raises:
            PeerError: This link may not send it.
        """
        match message:
            case WatchDocuments():
                self._link(peer).watch(message)
                self._publish_to(peer)
            case DocumentAck():
                self._link(peer).acknowledge(message)
                self._publish_to(peer)
            case Publish() | PublishedText() | PublishEnd():
                self._publishers.take(peer, message)
            case _:
                if not peer.is_local or peer.clients:
                    raise PeerError("only an editor of the owner says this", code="unexpected_message")
                self._take_from_editor(peer, message)
                self.publish()

    def _take_from_editor(self, peer: Peer, message: ShareHello | ShareDocuments | DocumentUpdate) -> None:
        if isinstance(message, ShareHello):
            self._begin(peer, message)
        elif peer.number not in self._code:
            return  # Its window was closed, or there are too many editors: it was told, and this was on its way.
        elif isinstance(message, DocumentUpdate):
            peer.send(self._code.update(peer.number, message))
        else:
            self._code.list_documents(peer.number, message)
            self._look_for_end()

    def _begin(self, peer: Peer, hello: ShareHello) -> None:
        try:
            pane, effects = self._code.begin(peer.number, hello, self._loop.time())
        except UsageError as error:
            peer.send(SharingChanged("refused", error.message))
            return
        self._editors[peer.number] = peer
        peer.send(SharingChanged("shared", pane=pane))
        self._carry_out(effects)

    def expect_editor(self) -> None:
        """End the session if no editor shares anything after a while."""
        self._loop.call_later(_FIRST_EDITOR_S, self._look_for_end)

    def lost(self, peer: Peer) -> None:
        """Forget a link that has ended. If it was an editor's, the editor is away."""
        self._links.pop(peer, None)
        self._publishers.lost(peer)
        if self._editors.pop(peer.number, None) is not None:
            self._code.lose(peer.number, self._loop.time())
            self.publish()

    def publish(self) -> None:
        """Send each link what it may know of the documents and does not have. O(links) if there is nothing new.

        It is called for each key, and most sessions share no code.
        """
        self._publishers.look()
        if not self._code.is_used and not self._links:
            return
        for editor in self._code.closed():
            self._editors.pop(editor).send(SharingChanged("closed", "the owner has closed the window of the code"))
        for peer in self._peers:
            self._publish_to(peer)
        if not self._code.is_used:
            self._links.clear()  # All know that nothing is shared any more. The next key costs nothing again.
        if self._code.has_away and self._away_timer is None:
            self._away_timer = self._loop.call_later(_AWAY_S, self._count_away)

    def _publish_to(self, peer: Peer) -> None:
        link = self._link(peer)
        if not peer.clients:
            link.forget()
        elif not peer.is_recorder:
            listing = link.changed_list(self._code.listing(peer.clients, self._loop.time()))
            if listing is not None:
                peer.send(listing)
            for update in link.updates(self._code.documents(peer.clients), self._loop.time()):
                peer.send(update)
            if link.is_held and self._held_timer is None:
                self._held_timer = self._loop.call_later(_HELD_S, self._publish_held)

    def _publish_held(self) -> None:
        self._held_timer = None
        self.publish()

    def _count_away(self) -> None:
        self._away_timer = None
        self._code.expire(self._loop.time())
        self.publish()
        self._look_for_end()

    def _look_for_end(self) -> None:
        if self._code.is_over:
            self._end_session()

    def _link(self, peer: Peer) -> LinkDocuments:
        link = self._links.get(peer)
        if link is None:
            link = self._links[peer] = LinkDocuments(self._transfers)
        return link
