"""The places for guests who have logged in: in all, for one session, and for one source. Pure.

A read-only link must not take all places. Each session and each source address has a
limit. The last places, of the gateway and of each session, are kept for guests who may
type: those with a read-write link, and those with a key that the session's owner listed.
So the people who are needed find a place although an audience fills all others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import Enum

import msgspec

from pairterm.access.counts import Counts

__all__ = ["Full", "GuestPlaces", "Place"]

_KEPT = 10
"""One place of so many is kept for those who may type."""


class Full(Enum):
    """What has no place left."""

    GATEWAY = "full"
    SESSION = "session-full"
    SOURCE = "address-full"


class Place(msgspec.Struct, frozen=True):
    """What a guest is counted under."""

    session: Hashable
    source: str | None
    """None: the guest is at another gateway, which counts their source and the guests in all."""
    may_type: bool


class GuestPlaces:
    """Counts guests."""

    def __init__(self, most: int, *, per_session: int, per_source: int) -> None:
        self._most = most
        self._per_session = per_session
        self._per_source = per_source
        self._sessions: Counts[Hashable] = Counts()
        self._sources: Counts[str] = Counts()
        self.elsewhere: Callable[[], int] = lambda: 0
        """Returns how many guests the other workers of this machine have: the limit for all holds for them together."""
        self.of_source_elsewhere: Callable[[str], int] = lambda source: 0
        """Returns how many guests of a source are at other gateways of the service."""

    def limit(self, most: int, *, per_session: int, per_source: int) -> None:
        """Set the limits. Guests who are here stay."""
        self._most, self._per_session, self._per_source = most, per_session, per_source

    @property
    def most(self) -> int:
        """How many there may be."""
        return self._most

    @property
    def count(self) -> int:
        """How many there are."""
        return self._sources.total

    @property
    def is_empty(self) -> bool:
        """Whether nobody is in a session here: no guest of this gateway, and none of another one."""
        return not self._sources.total and not self._sessions.total

    @property
    def by_source(self) -> dict[str, int]:
        """How many there are of each source."""
        return self._sources.copy()

    def lacks(self, place: Place) -> Full | None:
        """Return what has no place left for such a guest; None if there is a place."""
        if place.source is not None and self.count + self.elsewhere() >= _share(self._most, place):
            return Full.GATEWAY
        if self._sessions[place.session] >= _share(min(self._per_session, self._most), place):
            return Full.SESSION
        if place.source is None:
            return None
        if self._sources[place.source] + self.of_source_elsewhere(place.source) >= self._per_source:
            return Full.SOURCE
        return None

    def take(self, place: Place) -> None:
        """Count a guest; `leave` with the same place ends that."""
        self._sessions.add(place.session)
        if place.source is not None:
            self._sources.add(place.source)

    def leave(self, place: Place) -> None:
        """Stop counting a guest."""
        self._sessions.remove(place.session)
        if place.source is not None:
            self._sources.remove(place.source)


def _share(most: int, place: Place) -> int:
    """Return how many guests there may be after such a guest has come."""
    return most if place.may_type else most - most // _KEPT
