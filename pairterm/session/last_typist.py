"""The client that typed last, for everybody and for guests: a guest is not told who types in a hidden window."""

from __future__ import annotations

from pairterm.session.people import People
from pairterm.types import ClientId

__all__ = ["LastTypist"]


class LastTypist:
    """The client that typed last in a session."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._turns = 0
        self.client: ClientId | None = None
        """The client that typed last; None: nobody has typed, or they have left."""
        self.known_to_guests: ClientId | None = None
        """The client that typed last where guests may look."""

    def is_known(self, client: ClientId, *, is_seen: bool) -> bool:
        """Return whether it changes nothing if this client types now. `is_seen`: guests may look there."""
        return self.client == client and (self.known_to_guests == client or not is_seen)

    def typed(self, client: ClientId, *, is_seen: bool) -> bool:
        """Take note that a client typed. Return whether another client typed before."""
        if is_seen:
            self.known_to_guests = client
        if self.client == client:
            return False
        # In the order of the latest typists, this client is the last until another one types.
        self.client = client
        self._turns += 1
        self._people.change(client, turn=self._turns)
        return True

    def forget(self, client: ClientId) -> None:
        """Take note that a client has left."""
        if self.client == client:
            self.client = None
        if self.known_to_guests == client:
            self.known_to_guests = None
