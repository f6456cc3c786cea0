"""Other keys for a session that is running: who comes by them from now on, and what becomes of those who are in.

Who came by a key that is on no list any more is shown out, at the door and inside;
who came by a link stays. A line that lets its key watch only now lowers whoever
came by it; one that lets it type counts for the next time, since the owner may have
said otherwise meanwhile. An `expiry-time` that passes ends nobody's visit.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.access.authorized_keys import KeyEntry, KeyTable
from pairterm.session.admission import AdmitMode
from pairterm.session.effects import Admit, Effect, Note
from pairterm.session.membership import House
from pairterm.session.people import Origin
from pairterm.types import Role

__all__ = ["take_keys"]

_OFF_THE_LIST = "your key is on the list no more"


def take_keys(house: House, entries: Sequence[KeyEntry], now_s: float, *, is_final: bool) -> list[Effect]:
    """Take the keys that come in from now on; with `is_final` look at those who are in as well."""
    house.door.keys = KeyTable(entries)
    house.absent.forget()  # They would come back as they were, whatever the list says.
    if not is_final:
        return [Note("keys", {"count": len(house.door.keys)}), Admit()]
    effects: list[Effect] = []
    for client, person in house.people.items():
        if not _came_by_key(house, person.origin):
            continue
        entry = house.door.keys.find(person.origin.fingerprint, person.origin.authority, float("-inf"))
        if entry is None:
            effects.append(Note("kick", {"id": person.number, "name": person.name, "why": "key"}))
            effects += house.show_out(client, "key_gone", _OFF_THE_LIST, now_s)
        elif entry.role is Role.READ_ONLY and person.role is Role.READ_WRITE:
            effects += house.set_role(client, Role.READ_ONLY, None, now_s, "the line of your key says so")
            house.door.raise_again(person.origin)  # The list says it from now on, not the owner.
    return [*effects, *house.settle(now_s)]


def _came_by_key(house: House, origin: Origin) -> bool:
    """Return whether a key let somebody in, and not a link alone."""
    return origin.transport != "local" and (origin.link is None or house.door.rules.mode is AdmitMode.BOTH)
