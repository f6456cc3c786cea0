"""The door of a session: who comes in, with which role, and who has to knock. Pure; times are monotonic seconds.

The gateway has looked before, by hashes and keys it was given; what counts is
what is decided here. To a stranger, all that can be wrong reads the same.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pairterm.access.authorized_keys import KeyEntry, KeyTable
from pairterm.access.invitations import Invitation, InvitationTable
from pairterm.access.penalties import source_of
from pairterm.errors import UsageError
from pairterm.session.people import Origin
from pairterm.types import Role

__all__ = ["NO_SESSION", "AdmitMode", "Door", "DoorRules", "Entry", "Visitor", "bare_origin"]

_MAX_MARKS = 10_000
"""Bans and revocations remembered; an owner makes a handful. The oldest makes room."""

_DECLINED_KNOCKS = 3
"""How often a source may be declined before it is no longer asked for."""

NO_SESSION = "no such session, or the link has ended"


class AdmitMode(enum.Enum):
    """What a guest has to show."""

    TOKEN = "token"  # noqa: S105 -- the word, no token
    """A link; or, where there are keys on a list, one of these instead."""
    KEY = "key"
    """A key on a list; links let nobody in."""
    BOTH = "token+key"
    """A link, by somebody whose key is on a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRules:
    """What the owner set for the door."""

    mode: AdmitMode = AdmitMode.TOKEN
    asks: bool = False
    """Everybody who comes by a link has to knock."""
    max_guests: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A client that wants in."""

    origin: Origin
    name: str = ""
    """What it calls itself, or the user's name of a local client."""
    token_hash: bytes | None = None
    local_role: Role | None = None
    """The role of a client on the local socket, whose uid is the owner's; None for all others."""
    read_only: bool = False
    """It wants to watch, whatever it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How a visitor may come in."""

    role: Role
    origin: Origin
    name: str
    must_knock: bool


def bare_origin(address: str = "", transport: str = "local") -> Origin:
    """Return the origin of somebody of whom no more is known."""
    return Origin(address=address, transport=transport)


@dataclass(slots=True)
class Door:
    """The links, keys, bans and rules of one session."""

    links: InvitationTable
    keys: KeyTable = field(default_factory=KeyTable)
    pinned: Mapping[str, tuple[str, Role]] = field(default_factory=dict)
    """Fingerprints of those who were let in before and are remembered, with name and role."""
    rules: DoorRules = field(default_factory=DoorRules)
    epoch_s: float = 0.0
    """Seconds since the epoch at monotonic 0: keys expire by the calendar."""
    is_locked: bool = False
    """Everybody comes in to watch only."""
    _banned: dict[tuple[str, str], None] = field(default_factory=dict)
    _lowered: dict[str, None] = field(default_factory=dict)
    """Fingerprints of those who may only watch when they come again."""
    _declined: dict[str, int] = field(default_factory=dict)

    def judge(self, visitor: Visitor, guests: int, now_s: float) -> Entry:
        """Return how a visitor may come in while `guests` are in.

        Raises:
            UsageError: It may not; the message is for it.
        """
        if visitor.local_role is not None:
            name = visitor.name or visitor.origin.address
            return Entry(role=visitor.local_role, origin=visitor.origin, name=name, must_knock=False)
        link = self.links.find(visitor.token_hash, now_s) if visitor.token_hash is not None else None
        key = self.keys.find(visitor.origin.fingerprint, visitor.origin.authority, now_s + self.epoch_s)
        if self.is_banned(visitor.origin) or not self._suffices(link, key):
            raise UsageError(NO_SESSION, code="no_session")
        if guests >= self.rules.max_guests:
            raise UsageError("the session is full, try again later", code="full")
        entry = self._entry(visitor, link, key)
        if entry.must_knock and self._declined.get(source_of(visitor.origin.address), 0) >= _DECLINED_KNOCKS:
            raise UsageError(NO_SESSION, code="no_session")
        return entry

    def admits_again(self, origin: Origin, guests: int, now_s: float) -> bool:
        """Return whether a guest whose link was lost may come back while `guests` are in.

        Its knock and its use of a link were counted when it came first. What the owner changed since then holds:
        bans, the number of guests, and whether a key is needed.
        """
        if self.is_banned(origin) or guests >= self.rules.max_guests:
            return False
        key = self.keys.find(origin.fingerprint, origin.authority, now_s + self.epoch_s)
        return self.rules.mode is AdmitMode.TOKEN or key is not None

    def makes_knock(self, link: Invitation) -> bool:
        """Return whether whoever comes by this link has to knock."""
        return link.asks or self.rules.asks

    def still_holds(self, origin: Origin) -> bool:
        """Return whether the link that somebody came to the door by is still there."""
        return origin.link is None or any(each.number == origin.link for each in self.links.all())

    def ban(self, origin: Origin, what: str) -> str:
        """Keep a key, an address or all who have a link out from now on; return what it was, in words.

        Raises:
            UsageError: There is none of that.
        """
        if what == "token":
            if origin.link is None:
                raise UsageError("it came by no link", code="no_link")
            self.links.revoke(str(origin.link))
            return f"link {origin.link}"
        if what == "key" and not origin.fingerprint:
            raise UsageError("it showed no key", code="no_key")
        if what == "key" or (what == "any" and origin.fingerprint):
            _remember(self._banned, ("key", origin.fingerprint))
            return f"key {origin.fingerprint}"
        source = source_of(origin.address)
        if origin.transport == "local" or not source:
            raise UsageError("that is one of your own terminals", code="not_allowed")
        _remember(self._banned, ("address", source))
        return f"address {source}"

    @property
    def bans(self) -> list[str]:
        """What stays out, in the words that `unban` takes: keys' fingerprints and addresses."""
        return [what for _, what in self._banned]

    def unban(self, word: str) -> list[str]:
        """Let a key or an address come again, or with `all` every one; return which.

        Raises:
            UsageError: None is banned that is called so.
        """
        found = [mark for mark in self._banned if word in ("all", mark[1])]
        if not found:
            raise UsageError(f"{word[:60]} is not banned; 'bans' lists what is", code="no_ban")
        for mark in found:
            del self._banned[mark]
        return [what for _, what in found]

    def lower(self, origin: Origin) -> None:
        """Have somebody come in to watch only when they come again by their key.

        A guest without a key is known by a ticket alone (see `absent`), never by what others behind its address share.
        """
        if origin.fingerprint:
            _remember(self._lowered, origin.fingerprint)

    def raise_again(self, origin: Origin) -> None:
        """Take `lower` back."""
        self._lowered.pop(origin.fingerprint, None)

    def decline(self, origin: Origin) -> None:
        """Count a knock that was not wanted."""
        source = source_of(origin.address)
        if len(self._declined) >= _MAX_MARKS:
            self._declined.clear()
        self._declined[source] = self._declined.get(source, 0) + 1

    def is_banned(self, origin: Origin) -> bool:
        """Return whether a key or an address is to stay out."""
        marks = (("key", origin.fingerprint), ("address", source_of(origin.address)))
        return any(mark in self._banned for mark in marks if mark[1])

    def _suffices(self, link: Invitation | None, key: KeyEntry | None) -> bool:
        match self.rules.mode:
            case AdmitMode.TOKEN:
                return link is not None or key is not None
            case AdmitMode.KEY:
                return key is not None
            case AdmitMode.BOTH:
                return link is not None and key is not None

    def _entry(self, visitor: Visitor, link: Invitation | None, key: KeyEntry | None) -> Entry:
        roles = [each.role for each in (link, key) if each is not None]
        if self.rules.mode is AdmitMode.TOKEN and link is not None:
            roles = [link.role]
        elif self.rules.mode is AdmitMode.KEY and key is not None:
            roles = [key.role]
        key_name = key.name if key is not None and not key.is_authority else visitor.origin.key_name
        link_number = link.number if link is not None and self.rules.mode is not AdmitMode.KEY else None
        origin = replace(visitor.origin, link=link_number, key_name=key_name)
        pinned = self.pinned.get(origin.fingerprint) if origin.fingerprint else None
        must_knock = link is not None and self.makes_knock(link) and key is None and pinned is None
        if pinned is not None:
            roles.append(pinned[1])
        watches = visitor.read_only or origin.fingerprint in self._lowered
        role = Role.READ_ONLY if watches or Role.READ_ONLY in roles else Role.READ_WRITE
        name = visitor.name or key_name or (pinned[0] if pinned is not None else "")
        return Entry(role=role, origin=origin, name=name, must_knock=must_knock)


_Mark = TypeVar("_Mark")


def _remember(marks: dict[_Mark, None], mark: _Mark) -> None:
    marks[mark] = None
    while len(marks) > _MAX_MARKS:
        del marks[next(iter(marks))]
