"""The publishers (pair-ls) that are at another gateway, in a session of this one.

Each is an ordinary publisher of the session. This end checks what the host relies on: a publisher comes by a link to
publish that was proved on this relay, and says no more than the host takes. So a hostile gateway ends its relay, and
not the host's link.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from pairterm.access.guest_places import GuestPlaces, Place
from pairterm.access.verdicts import NO_SESSION
from pairterm.errors import PeerError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.link.messages import (
    PUBLISH_PIECE_BYTES,
    PUBLISH_WINDOW_BYTES,
    Publish,
    PublishedText,
    PublishEnd,
    PublishOver,
    PublishTaken,
)

__all__ = ["RemotePublishers"]


class RemotePublishers:
    """All publishers of one relay link."""

    def __init__(
        self,
        session: HostedSession,
        places: GuestPlaces,
        proved: Collection[bytes],
        send: Callable[[PublishTaken | PublishOver], None],
    ) -> None:
        """Make it without publishers.

        Args:
            session: The session.
            places: The places of guests here.
            proved: The hashes of the links to publish that were proved on the relay link.
            send: Sends to the other gateway.
        """
        self._session = session
        self._places = places
        self._proved = proved
        self._send = send
        self._publishers: dict[int, _RemotePublisher] = {}
        """By the numbers that the other gateway gives them."""

    def take(self, message: Publish | PublishedText | PublishEnd) -> None:
        """Take what the other gateway says about a publisher.

        Raises:
            PeerError: It contradicts itself, or sends more than it may.
        """
        publisher = self._publishers.get(message.publisher)
        if isinstance(message, Publish):
            if publisher is not None:
                raise PeerError("this publisher is there already", code="unexpected_message")
            self._begin(message)
        elif publisher is None:
            pass  # It has ended, and the other gateway is told.
        elif isinstance(message, PublishedText):
            publisher.count(len(message.data))
            self._session.publishers.say(publisher.number, message.data)
        else:
            self._leave(message.publisher)

    def end(self) -> None:
        """End all: the relay link is gone."""
        for each in list(self._publishers):
            self._leave(each)

    def _begin(self, message: Publish) -> None:
        session, number = self._session, message.publisher
        place = Place(session, None, False)
        link = session.links.get(message.token_hash) if message.token_hash in self._proved else None
        if link is None or link.wants_key or session.needs_key:  # pair-ls has no key.
            self._send(PublishOver(number, NO_SESSION))
        elif self._places.lacks(place) is not None:
            self._send(PublishOver(number, "the session has as many guests as it may have"))
        else:
            publisher = self._publishers[number] = _RemotePublisher(
                lambda taken_bytes: self._send(PublishTaken(number, taken_bytes)), lambda text: self._over(number, text)
            )
            self._places.take(place)
            publisher.place = place
            publisher.number = session.publishers.add(publisher, message.token_hash, message.address)

    def _over(self, number: int, text: str) -> None:
        """The host has ended a publisher."""
        self._send(PublishOver(number, text))
        self._leave(number)

    def _leave(self, number: int) -> None:
        publisher = self._publishers.pop(number)
        self._session.publishers.remove(publisher.number)
        if publisher.place is not None:
            self._places.leave(publisher.place)


class _RemotePublisher:
    """One of them, as the session sees it."""

    def __init__(self, taken: Callable[[int], None], over: Callable[[str], None]) -> None:
        self.number = 0
        """Its number in the session."""
        self.place: Place | None = None
        self.over = over
        self._tell_taken = taken
        self._said_bytes = 0
        self._taken_bytes = -1
        """How much the host has taken; -1: it has not answered."""

    def taken(self, taken_bytes: int) -> None:
        """Tell how much the host has taken."""
        self._taken_bytes = taken_bytes
        self._tell_taken(taken_bytes)

    def count(self, said_bytes: int) -> None:
        """Count what it says.

        Raises:
            PeerError: Its gateway did not wait for the host.
        """
        self._said_bytes += said_bytes
        if self._taken_bytes < 0 or self._said_bytes - self._taken_bytes > PUBLISH_WINDOW_BYTES + PUBLISH_PIECE_BYTES:
            raise PeerError("a gateway sends more of a publisher than it may", code="unexpected_message")
