"""Other keys for a session that is running: who may join by them, and which guests are disconnected.

A guest whose key is no longer on any list is disconnected. A guest who came by an
invitation stays. If the line of a key allows only watching now, the guest with
this key may only watch. If it allows typing now, that counts the next time they
join, because the owner may have decided otherwise in the meantime. An
`expiry-time` that passes disconnects nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.access.authorized_keys import KeyEntry, KeyTable
from pairterm.session.effects import Admit, Effect, Note
from pairterm.session.session_parts import SessionParts
from pairterm.types import Role

__all__ = ["take_keys"]

_KEY_REMOVED = "your key is no longer on the list"


def take_keys(parts: SessionParts, entries: Sequence[KeyEntry], now_s: float, *, is_final: bool) -> list[Effect]:
    """Use these keys from now on; with `is_final` also for the guests who are attached."""
    admission = parts.admission
    admission.keys = KeyTable(entries)
    parts.membership.forget_returning()  # They would return with their former role, whatever the list says.
    if not is_final:
        return [Note("keys", {"count": len(admission.keys)}), Admit()]
    effects: list[Effect] = []
    for client, person in parts.people.items():
        if not admission.came_by_key(person.origin):
            continue
        entry = admission.keys.find(person.origin.fingerprint, person.origin.authority, float("-inf"))
        if entry is None:
            effects.append(Note("kick", {"id": person.number, "name": person.name, "why": "key"}))
            effects += parts.membership.disconnect(client, "key_gone", _KEY_REMOVED, now_s)
        elif entry.role is Role.READ_ONLY and person.may_type_somewhere:
            effects += parts.gate.set_role(client, Role.READ_ONLY, None, now_s, "the line of your key says so")
            admission.raise_again(person.origin)  # The list says it from now on, not the owner.
    return effects
