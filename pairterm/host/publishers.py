"""pair-ls at a gateway: which publishers may share files in this session, each with a process of its own.

The host decides by the invitation, and reads nothing of what a publisher says: it passes it to the
publisher's process, which decides about each file, as `pairterm lsp` does. So hostile texts cost the session
nothing but that process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from pairterm.errors import PeerError, UsageError
from pairterm.host.publisher_process import PublisherProcess
from pairterm.host.viewer_link import Peer
from pairterm.link.messages import Publish, PublishedText, PublishEnd, PublishOver, PublishTaken
from pairterm.session.core import SessionCore
from pairterm.session.effects import Admit, Effect

__all__ = ["Publishers"]

logger = logging.getLogger(__name__)

_MAX_PUBLISHERS = 4
"""Publishers of one session: each costs two processes, about 60 MiB."""


class Publishers:
    """The publishers of one session."""

    def __init__(self, core: SessionCore, carry_out: Callable[[Iterable[Effect]], None]) -> None:
        """`carry_out` gets the effects of a change."""
        self._core = core
        self._carry_out = carry_out
        self._processes: dict[tuple[Peer, int], tuple[PublisherProcess, int]] = {}
        """The processes, by the gateway's link and number of each publisher, with the number of the invitation."""

    def take(self, peer: Peer, message: Publish | PublishedText | PublishEnd) -> None:
        """Take what a gateway says about a publisher.

        Raises:
            PeerError: It is no gateway, or it contradicts itself.
        """
        if not peer.is_gateway:
            raise PeerError("only a gateway says this", code="unexpected_message")
        key = peer, message.publisher
        if isinstance(message, Publish):
            if key in self._processes:
                raise PeerError("this publisher is there already", code="unexpected_message")
            self._begin(peer, message)
        elif (found := self._processes.get(key)) is not None:  # Else it has ended, and the gateway is told.
            process, _ = found
            if isinstance(message, PublishedText):
                process.write(message.data)
            else:
                del self._processes[key]
                process.end()

    def lost(self, peer: Peer) -> None:
        """End the publishers of a gateway whose link has ended."""
        for key in [each for each in self._processes if each[0] is peer]:
            process, _ = self._processes.pop(key)
            process.end()

    def look(self) -> None:
        """End the publishers whose invitation was revoked or has expired.

        It is called for each key, and usually there is no publisher.
        """
        if self._processes:
            numbers = {each.number for each in self._core.admission.invitations.all()}
            for (peer, publisher), (process, link) in list(self._processes.items()):
                if link not in numbers and not process.is_link_spent:
                    del self._processes[peer, publisher]
                    process.end(is_last=True)
                    peer.send(PublishOver(publisher, "the link has ended"))

    def _begin(self, peer: Peer, message: Publish) -> None:
        admission = self._core.admission
        now_s = asyncio.get_running_loop().time()
        try:
            link = admission.publisher_terms(message.token_hash, message.address, now_s)
            if len(self._processes) >= _MAX_PUBLISHERS:
                raise UsageError(f"a session has {_MAX_PUBLISHERS} publishers at most", code="full")
            process = self._start(peer, message.publisher, link.number, link.label)
        except (UsageError, OSError) as error:
            text = error.message if isinstance(error, UsageError) else "the session's machine can't start a process"
            peer.send(PublishOver(message.publisher, text))
            return
        self._processes[peer, message.publisher] = process, link.number
        peer.send(PublishTaken(message.publisher, 0))
        if admission.invitations.spend(link.number):
            for each, number in self._processes.values():
                each.is_link_spent = each.is_link_spent or number == link.number
            self._carry_out([Admit()])

    def _start(self, peer: Peer, publisher: int, link: int, label: str) -> PublisherProcess:
        def ended() -> None:
            if self._processes.pop((peer, publisher), None) is not None:
                peer.send(PublishOver(publisher, "the editor has ended"))

        return PublisherProcess(
            {"session": self._core.name, "name": label or f"link {link}", "link": link},
            on_taken=lambda taken_bytes: peer.send(PublishTaken(publisher, taken_bytes)),
            on_end=ended,
        )
