"""Those whose link was lost, for a while: they come back as they were. Bounded; times are monotonic seconds."""

from __future__ import annotations

from pairterm.session.people import Origin, Person
from pairterm.types import Role

__all__ = ["ABSENCE_S", "Absent"]

ABSENCE_S = 600.0
"""How long the place of somebody is kept: a laptop that sleeps through a coffee, a gateway that is upgraded."""

_MAX_ABSENT = 1000


class Absent:
    """Guests whose link was lost, by what they came by and whence."""

    def __init__(self) -> None:
        self._people: dict[tuple[bytes, str, str], tuple[Person, float]] = {}

    def lose(self, person: Person, now_s: float) -> None:
        """Take note of somebody whose link was lost. The owner's own terminals need no place."""
        if person.role is Role.OWNER or person.origin.transport == "local":
            return
        self._people[_key(person.origin)] = (person, now_s + ABSENCE_S)
        while len(self._people) > _MAX_ABSENT:
            del self._people[next(iter(self._people))]

    def back(self, origin: Origin, now_s: float) -> Person | None:
        """Return who somebody was before its link was lost, once; None when it was nobody, or too long ago."""
        person, until_s = self._people.pop(_key(origin), (None, 0.0))
        return person if now_s < until_s else None

    def forget(self) -> None:
        """Keep nobody's place: what they were let do was taken back."""
        self._people.clear()


def _key(origin: Origin) -> tuple[bytes, str, str]:
    return origin.token_hash, origin.address, origin.fingerprint
