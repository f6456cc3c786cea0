"""Guests whose link was lost, for a while: they come back as they were. Bounded; times are monotonic seconds.

Each is known by its return ticket. The link and the key that it came by must be the
same as well; the address may be another, since people move. Somebody without the
ticket is a new guest, whatever else they share with one who is away.
"""

from __future__ import annotations

from collections import Counter

from pairterm.access.penalties import source_of
from pairterm.session.people import Origin, Person
from pairterm.types import Role

__all__ = ["ABSENCE_S", "Absent", "is_same_guest"]

ABSENCE_S = 600.0
"""How long a guest's place is kept: a laptop that sleeps through a coffee, a gateway that is upgraded."""

_MAX_ABSENT = 1000


def is_same_guest(known: Origin, presented: Origin) -> bool:
    """Return whether somebody presents the ticket of a known guest, with the same link and the same key."""
    return (
        known.ticket_hash != b""
        and known.ticket_hash == presented.ticket_hash
        and known.token_hash == presented.token_hash
        and known.fingerprint == presented.fingerprint
    )


class Absent:
    """Guests whose link was lost, by the SHA-256 of their tickets."""

    def __init__(self) -> None:
        self._people: dict[bytes, tuple[Person, float]] = {}

    def lose(self, person: Person, now_s: float) -> None:
        """Take note of a guest whose link was lost. The owner's own terminals have no ticket and need no place."""
        if person.role is Role.OWNER or not person.origin.ticket_hash:
            return
        self._people[person.origin.ticket_hash] = (person, now_s + ABSENCE_S)
        if len(self._people) > _MAX_ABSENT:
            self._make_room()

    def back(self, origin: Origin, now_s: float) -> Person | None:
        """Return who a guest was before its link was lost, once; None if nobody, or too long ago."""
        person, until_s = self._people.get(origin.ticket_hash, (None, 0.0))
        if person is None or not is_same_guest(person.origin, origin):
            return None
        del self._people[origin.ticket_hash]
        return person if now_s < until_s else None

    def forget(self) -> None:
        """Keep nobody's place: what they were let do was taken back."""
        self._people.clear()

    def _make_room(self) -> None:
        """Drop the oldest place of the source that has the most: nobody can push out the others."""
        sources = Counter(source_of(person.origin.address) for person, _ in self._people.values())
        largest = sources.most_common(1)[0][0]
        del self._people[
            next(each for each, (person, _) in self._people.items() if source_of(person.origin.address) == largest)
        ]
