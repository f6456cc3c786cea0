"""Guests whose link was lost: for a while they can return with the same number, name and role. Bounded.

Each one is recognised by their return ticket. Their invitation and their key must
be the same as well. If a gateway can't check the key again, the ticket stands for it.
Their address may be another one, because people move. A person without the ticket is a
new guest, even if everything else is the same.
Times are monotonic seconds.
"""

from __future__ import annotations

from collections import Counter

from pairterm.access.penalties import source_of
from pairterm.session.people import Origin, Person
from pairterm.types import MAX_CLIENTS

__all__ = ["ABSENCE_S", "ReturningGuests", "is_same_guest"]

ABSENCE_S = 600.0
"""How long a guest can return: enough for a laptop that sleeps for a while, or a gateway that is upgraded."""


def is_same_guest(known: Origin, presented: Origin, *, is_key_known: bool = True) -> bool:
    """Return whether somebody presents a known guest's ticket, with the same invitation and the same key.

    `is_key_known`: the key was checked again, and is compared.
    """
    return (
        known.ticket_hash != b""
        and known.ticket_hash == presented.ticket_hash
        and known.token_hash == presented.token_hash
        and known.owner_proof == presented.owner_proof
        and (known.fingerprint == presented.fingerprint or not is_key_known)
    )


class ReturningGuests:
    """The guests of one session who can return, by the SHA-256 of their tickets."""

    def __init__(self) -> None:
        self._people: dict[bytes, tuple[Person, float]] = {}
        self._sources: dict[bytes, str] = {}
        """The source of each of them: to find it takes longer than to compare it."""

    def add(self, person: Person, now_s: float) -> None:
        """Keep a guest whose link was lost. The owner's own terminals have no ticket and need no place."""
        if not person.origin.ticket_hash:
            return
        self._people[person.origin.ticket_hash] = (person, now_s + ABSENCE_S)
        self._sources[person.origin.ticket_hash] = source_of(person.origin.address)
        if len(self._people) > MAX_CLIENTS:
            self._make_room()

    def take(self, origin: Origin, now_s: float, *, is_key_known: bool = True) -> Person | None:
        """Return a guest as they were before their link was lost, once; None: there is none, or it is too long ago.

        `is_key_known`: see `is_same_guest`.
        """
        person, until_s = self._people.get(origin.ticket_hash, (None, 0.0))
        if person is None or not is_same_guest(person.origin, origin, is_key_known=is_key_known):
            return None
        self._remove(origin.ticket_hash)
        return person if now_s < until_s else None

    def clear(self) -> None:
        """Let nobody return: a right that they had was taken back."""
        self._people.clear()
        self._sources.clear()

    def _make_room(self) -> None:
        """Remove the oldest guest of the source that has the most: so no source can push out the others."""
        largest = Counter(self._sources.values()).most_common(1)[0][0]
        self._remove(next(ticket for ticket in self._people if self._sources[ticket] == largest))

    def _remove(self, ticket_hash: bytes) -> None:
        del self._people[ticket_hash]
        del self._sources[ticket_hash]
