"""Which sessions the gateway has, found by the SHA-256 of a token. No plain token is ever here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pairterm.errors import UsageError
from pairterm.session.names import check_name
from pairterm.types import Role

if TYPE_CHECKING:
    from pairterm.gateway.hostlink import HostLink

__all__ = ["Directory", "Registration"]


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """One session that a host brought."""

    name: str
    owner_uid: int
    roles: dict[bytes, Role]
    """SHA-256 of a token → what it gives, as far as the gateway is concerned. The host decides."""
    link: HostLink


class Directory:
    """The sessions of one gateway, in memory."""

    def __init__(self, *, max_sessions: int, max_sessions_per_user: int) -> None:
        self._max_sessions = max_sessions
        self._max_sessions_per_user = max_sessions_per_user
        self._by_hash: dict[bytes, Registration] = {}
        self._by_name: dict[tuple[int, str], Registration] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def add(self, registration: Registration) -> None:
        """Take a session.

        A host that comes back with the same tokens replaces its former link, which may not have been
        found dead yet.

        Raises:
            UsageError: The name is bad or another host's, or there are too many sessions.
        """
        check_name(registration.name)
        key = (registration.owner_uid, registration.name)
        former = self._by_name.get(key)
        if former is not None:
            if former.roles.keys() != registration.roles.keys():
                raise UsageError(f"duplicate session: {registration.name}", code="duplicate_session")
            self.remove(former)
            former.link.close()
        if any(each in self._by_hash for each in registration.roles):
            raise UsageError("another session has these tokens", code="duplicate_token")
        mine = Counter(uid for uid, _ in self._by_name)[registration.owner_uid]
        if len(self) >= self._max_sessions or mine >= self._max_sessions_per_user:
            raise UsageError("the gateway has as many sessions as it takes", code="full")
        self._by_name[key] = registration
        self._by_hash |= dict.fromkeys(registration.roles, registration)

    def remove(self, registration: Registration) -> None:
        """Forget a session; one that is not here, or was replaced, is no error."""
        key = (registration.owner_uid, registration.name)
        if self._by_name.get(key) is registration:
            del self._by_name[key]
            for each in registration.roles:
                del self._by_hash[each]

    def find(self, token_hash: bytes) -> Registration | None:
        """Return the session that a token opens."""
        return self._by_hash.get(token_hash)
