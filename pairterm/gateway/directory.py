"""Which sessions the gateway has, found by the SHA-256 of a token. No plain token is ever here."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pairterm.access.links import SPOKEN_TRIES
from pairterm.errors import UsageError
from pairterm.link.messages import Admits, LinkWire
from pairterm.session.names import check_name
from pairterm.types import Role

if TYPE_CHECKING:
    from pairterm.gateway.hostlink import HostLink

__all__ = ["Directory", "Registration"]


_MAX_BANNED = 10_000
"""Sessions that the operator has parted with, remembered; the oldest makes room."""


@dataclass(slots=True, eq=False)
class Registration:
    """One session that a host brought."""

    name: str
    owner_uid: int
    roles: dict[bytes, Role]
    """SHA-256 of the tokens that it registered with → what they give. By these its host is known again."""
    link: HostLink
    links: dict[bytes, LinkWire] = field(default_factory=dict)
    """What leads here now, by SHA-256 of its token. The host decides."""
    keys: tuple[str, ...] = ()
    """Lines of public keys and authorities that come in by the session's name, or besides a link."""
    needs_key: bool = False
    """A link alone is not enough."""
    tries: Counter[str] = field(default_factory=Counter)
    """Wrong words for each of its spoken codes."""

    since_epoch_s: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.links = {each: LinkWire(each, "ro") for each in self.roles}


class Directory:
    """The sessions of one gateway, in memory."""

    def __init__(self, *, max_sessions: int, max_sessions_per_user: int) -> None:
        self._max_sessions = max_sessions
        self._max_sessions_per_user = max_sessions_per_user
        self._by_hash: dict[bytes, Registration] = {}
        self._by_name: dict[tuple[int, str], Registration] = {}
        self._banned: dict[frozenset[bytes], None] = {}

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
        if frozenset(registration.roles) in self._banned:
            raise UsageError("the gateway's operator has ended this session here", code="banned")
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
        self._by_hash |= dict.fromkeys(registration.links, registration)

    def admit(self, registration: Registration, admits: Admits) -> None:
        """Take what leads to a session from now on.

        Raises:
            UsageError: A token is another session's: a host can't take others' guests.
        """
        links = {each.token_hash: each for each in admits.links}
        if any(self._by_hash.get(each, registration) is not registration for each in links):
            raise UsageError("another session has these tokens", code="duplicate_token")
        if not self.has(registration):
            return
        for each in registration.links:
            del self._by_hash[each]
        nameplates = {each.nameplate for each in admits.links}
        for nameplate in [each for each in registration.tries if each not in nameplates]:
            del registration.tries[nameplate]
        registration.links = links
        registration.keys = tuple(admits.keys)
        registration.needs_key = admits.needs_key
        self._by_hash |= dict.fromkeys(links, registration)

    def remove(self, registration: Registration) -> None:
        """Forget a session; one that is not here, or was replaced, is no error."""
        key = (registration.owner_uid, registration.name)
        if self._by_name.get(key) is registration:
            del self._by_name[key]
            for each in registration.links:
                del self._by_hash[each]

    def ban(self, registration: Registration) -> None:
        """Forget a session, and take it no more."""
        self._banned[frozenset(registration.roles)] = None
        while len(self._banned) > _MAX_BANNED:
            del self._banned[next(iter(self._banned))]
        self.remove(registration)

    def has(self, registration: Registration) -> bool:
        """Return whether a session is still here."""
        return self._by_name.get((registration.owner_uid, registration.name)) is registration

    def all(self) -> list[Registration]:
        """Return all sessions."""
        return list(self._by_name.values())

    def keyed(self, name: str) -> list[Registration]:
        """Return the sessions of this name that somebody with a key comes to, of whichever owner."""
        return [each for each in self._by_name.values() if each.name == name and each.keys]

    @property
    def takes_keys(self) -> bool:
        """True if a key could open anything: then a name that is none reads like one that is."""
        return any(each.keys for each in self._by_name.values())

    def missed(self, nameplate: str) -> list[Registration]:
        """Count wrong words for a spoken code; return the sessions whose code that was one too many for."""
        dead: list[Registration] = []
        for registration in self._by_name.values():
            found = [each for each in registration.links.values() if each.nameplate == nameplate]
            if not found:
                continue
            registration.tries[nameplate] += 1
            if registration.tries[nameplate] >= SPOKEN_TRIES:
                for each in found:
                    del registration.links[each.token_hash]
                    del self._by_hash[each.token_hash]
                del registration.tries[nameplate]
                dead.append(registration)
        return dead

    def find(self, token_hash: bytes) -> Registration | None:
        """Return the session that a token opens."""
        return self._by_hash.get(token_hash)
