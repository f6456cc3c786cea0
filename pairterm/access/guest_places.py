"""The places for guests who have logged in: in all, for one session, and for one source. Pure.

One link that watches must not take all of them. A session has a share, and so has a
source address. The last places, of the gateway and of each session, are for those who
may type: they came by a read-write link, or proved a key that the session's owner named.
So people who are needed find a place where an audience fills the house.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum

__all__ = ["Full", "GuestPlaces", "Place"]

_KEPT = 10
"""One place of so many is kept for those who may type."""


class Full(Enum):
    """What has no place left."""

    GATEWAY = "full"
    SESSION = "session-full"
    SOURCE = "address-full"


@dataclass(frozen=True, slots=True)
class Place:
    """What a guest is counted under."""

    session: Hashable
    source: str
    may_type: bool


class GuestPlaces:
    """Counts guests."""

    def __init__(self, most: int, *, per_session: int, per_source: int) -> None:
        self._most = most
        self._per_session = per_session
        self._per_source = per_source
        self._count = 0
        self._sessions: Counter[Hashable] = Counter()
        self._sources: Counter[str] = Counter()

    @property
    def most(self) -> int:
        """How many there may be."""
        return self._most

    @property
    def count(self) -> int:
        """How many there are."""
        return self._count

    def lacks(self, place: Place) -> Full | None:
        """Return what has no room for such a guest; None if it may take the place."""
        if self._count >= _share(self._most, place):
            return Full.GATEWAY
        if self._sessions[place.session] >= _share(min(self._per_session, self._most), place):
            return Full.SESSION
        if self._sources[place.source] >= self._per_source:
            return Full.SOURCE
        return None

    def take(self, place: Place) -> None:
        """Count a guest; `leave` with the same place ends that."""
        self._count += 1
        self._sessions[place.session] += 1
        self._sources[place.source] += 1

    def leave(self, place: Place) -> None:
        """A guest has left."""
        self._count -= 1
        self._sessions[place.session] -= 1
        self._sources[place.source] -= 1
        # Forgets those at zero.
        self._sessions += Counter()
        self._sources += Counter()


def _share(most: int, place: Place) -> int:
    """Return how many may be there when such a guest still comes in."""
    return most if place.may_type else most - most // _KEPT
