"""Admission to a session, as its host decides it: may a visitor join, with which role, and must they knock first.

The gateway looks at the same tokens and keys before. The decision here is the
one that counts. A stranger reads the same refusal for everything that can be
wrong. Pure; times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import TypeVar

import msgspec

from pairterm.access.authorized_keys import KeyEntry, KeyTable
from pairterm.access.invitations import Invitation, InvitationTable
from pairterm.access.penalties import source_of
from pairterm.errors import UsageError
from pairterm.session.admission_settings import AdmissionSettings, AdmitMode
from pairterm.session.people import Origin, WindowRole
from pairterm.types import Role

__all__ = ["NO_SESSION", "Admission", "JoinTerms", "Visitor"]

_MAX_MARKS = 10_000
"""Bans and lowered keys that are remembered. An owner makes a handful; the oldest makes room."""

_DECLINED_KNOCKS = 3
"""After so many declined knocks, a source can't knock again."""

NO_SESSION = "no such session, or the link has ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A client that asks to join."""

    origin: Origin
    name: str = ""
    """The name that the client gives itself, or the user's name of a local client."""
    token_hash: bytes | None = None
    local_role: Role | None = None
    """The role of a client on the local socket, whose uid is the owner's; None for all others."""
    read_only: bool = False
    """The client asks to watch only, even if it could type."""
    returns_only: bool = False
    """Only its return ticket counts: the rest was checked when it joined first, and not this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTerms:
    """The terms on which a visitor may join."""

    role: Role
    origin: Origin
    name: str
    must_knock: bool
    watches_all: bool = False
    """They asked to watch only, or the owner said so: roles in single windows do not come back."""


class Admission(msgspec.Struct):
    """The invitations, keys, bans and settings of one session."""

    invitations: InvitationTable
    keys: KeyTable = msgspec.field(default_factory=KeyTable)
    pinned: Mapping[str, tuple[str, Role]] = msgspec.field(default_factory=dict)
    """The remembered guests: the fingerprint of each one's key, with name and role."""
    settings: AdmissionSettings = msgspec.field(default_factory=AdmissionSettings)
    epoch_s: float = 0.0
    """Seconds since the epoch at monotonic 0: keys expire by the calendar."""
    is_locked: bool = False
    """Every guest who joins now may only watch."""
    _banned: dict[tuple[str, str], None] = msgspec.field(default_factory=dict)
    _lowered: dict[str, None] = msgspec.field(default_factory=dict)
    """Fingerprints of guests who may only watch when they join again."""
    _window_roles: dict[str, tuple[WindowRole, ...]] = msgspec.field(default_factory=dict)
    """The roles in single windows of guests with these fingerprints, for when they join again."""
    _declined: dict[str, int] = msgspec.field(default_factory=dict)

    def terms_for(self, visitor: Visitor, guests: int, now_s: float) -> JoinTerms:
        """Return the terms on which a visitor may join while `guests` are attached.

        Raises:
            UsageError: The visitor may not join; the message is for them.
        """
        if visitor.local_role is not None:
            name = visitor.name or visitor.origin.address
            return JoinTerms(role=visitor.local_role, origin=visitor.origin, name=name, must_knock=False)
        link = self.invitations.find(visitor.token_hash, now_s) if visitor.token_hash is not None else None
        key = self.keys.find(visitor.origin.fingerprint, visitor.origin.authority, now_s + self.epoch_s)
        # A gateway knows the hashes of all tokens. So an owner has to prove more.
        is_proved = link is None or compare_digest(link.owner_proof, visitor.origin.owner_proof)
        if link is not None and link.publishes:
            raise UsageError(NO_SESSION, code="no_session")  # It opens nothing to look at.
        if self.is_banned(visitor.origin) or not is_proved or not self._suffices(link, key):
            raise UsageError(NO_SESSION, code="no_session")
        self.check_room(guests)
        terms = self._terms(visitor, link, key)
        if terms.must_knock and self._declined.get(source_of(visitor.origin.address), 0) >= _DECLINED_KNOCKS:
            raise UsageError(NO_SESSION, code="no_session")
        return terms

    def check_room(self, guests: int) -> None:
        """Return if one more guest may join while `guests` are attached.

        Raises:
            UsageError: The session is full.
        """
        if guests >= self.settings.max_guests:
            raise UsageError("the session is full, try again later", code="full")

    def admits_again(self, origin: Origin, guests: int, now_s: float) -> bool:
        """Return whether a guest whose link was lost may return while `guests` are attached.

        Their knock and their use of an invitation were counted when they joined first. Changes that the owner made
        since then hold: bans, the number of guests, and whether a key is needed.
        """
        if self.is_banned(origin) or guests >= self.settings.max_guests:
            return False
        key = self.keys.find(origin.fingerprint, origin.authority, now_s + self.epoch_s)
        return self.settings.mode is AdmitMode.TOKEN or key is not None

    def makes_knock(self, link: Invitation) -> bool:
        """Return whether a guest who comes by this invitation must knock."""
        return link.asks or (self.settings.asks and link.role is not Role.OWNER and not link.publishes)

    def publisher_terms(self, token_hash: bytes, address: str, now_s: float) -> Invitation:
        """Return the invitation by which pair-ls may publish files from this address.

        Raises:
            UsageError: It may not.
        """
        link = self.invitations.find(token_hash, now_s)
        is_banned = self.is_banned(Origin(address=address, transport="web"))
        if link is None or not link.publishes or is_banned or self.settings.mode is not AdmitMode.TOKEN:
            raise UsageError(NO_SESSION, code="no_session")
        return link

    def still_holds(self, origin: Origin) -> bool:
        """Return whether the invitation that somebody came by still exists."""
        return origin.link is None or any(each.number == origin.link for each in self.invitations.all())

    def came_by_key(self, origin: Origin) -> bool:
        """Return whether a guest needed a key to join: an invitation alone did not let them in."""
        return origin.transport != "local" and (origin.link is None or self.settings.mode is AdmitMode.BOTH)

    def ban(self, origin: Origin, what: str) -> str:
        """Refuse a key, an address or all users of an invitation from now on; return the ban in words.

        Raises:
            UsageError: This origin has nothing of that kind.
        """
        if what == "token":
            if origin.link is None:
                raise UsageError("they came by no link", code="no_link")
            self.invitations.revoke(str(origin.link))
            return f"link {origin.link}"
        if what == "key" and not origin.fingerprint:
            raise UsageError("they showed no key", code="no_key")
        if what == "key" or (what == "any" and origin.fingerprint):
            _remember(self._banned, ("key", origin.fingerprint), None)
            return f"key {origin.fingerprint}"
        source = source_of(origin.address)
        if origin.transport == "local" or not source:
            raise UsageError("that is one of your own terminals", code="not_allowed")
        _remember(self._banned, ("address", source), None)
        return f"address {source}"

    @property
    def bans(self) -> list[str]:
        """The banned fingerprints of keys and addresses, in the words that `unban` takes."""
        return [what for _, what in self._banned]

    def unban(self, word: str) -> list[str]:
        """Lift the ban of a key or an address, or with `all` every ban; return the lifted ones.

        Raises:
            UsageError: No ban has this name.
        """
        found = [mark for mark in self._banned if word in ("all", mark[1])]
        if not found:
            text = f"{word[:60]} is not banned: 'bans' lists all bans" if self._banned else "nobody is banned"
            raise UsageError(text, code="no_ban")
        for mark in found:
            del self._banned[mark]
        return [what for _, what in found]

    def lower(self, origin: Origin) -> None:
        """Let a guest only watch when they join again by their key.

        A guest without a key is recognised by a return ticket only (see `returning_guests`). Their address is no
        mark: others can share it.
        """
        if origin.fingerprint:
            _remember(self._lowered, origin.fingerprint, None)

    def raise_again(self, origin: Origin) -> None:
        """Take `lower` back."""
        self._lowered.pop(origin.fingerprint, None)

    def remember_windows(self, origin: Origin, roles: tuple[WindowRole, ...]) -> None:
        """Give a guest these roles in single windows when they join again by their key."""
        if origin.fingerprint and roles:
            _remember(self._window_roles, origin.fingerprint, roles)
        else:
            self._window_roles.pop(origin.fingerprint, None)

    def window_roles_of(self, origin: Origin) -> tuple[WindowRole, ...]:
        """Return the roles in single windows that a guest had who is known by their key."""
        return self._window_roles.get(origin.fingerprint, ()) if origin.fingerprint else ()

    def forget_window_grants(self, fingerprint: str | None = None) -> None:
        """Let no guest who joins again type in a window because they could before; with a fingerprint only this one.

        Where they may only watch, they still do.
        """
        for each in [fingerprint] if fingerprint is not None else list(self._window_roles):
            self._window_roles[each] = tuple(
                role for role in self._window_roles.pop(each, ()) if not role.role.may_type
            )

    def decline(self, origin: Origin) -> None:
        """Count a knock that the owner declined."""
        source = source_of(origin.address)
        if len(self._declined) >= _MAX_MARKS:
            self._declined.clear()
        self._declined[source] = self._declined.get(source, 0) + 1

    def is_banned(self, origin: Origin) -> bool:
        """Return whether a guest's key or address is banned."""
        marks = (("key", origin.fingerprint), ("address", source_of(origin.address)))
        return any(mark in self._banned for mark in marks if mark[1])

    def _suffices(self, link: Invitation | None, key: KeyEntry | None) -> bool:
        match self.settings.mode:
            case AdmitMode.TOKEN:
                return link is not None or key is not None
            case AdmitMode.KEY:
                return key is not None
            case AdmitMode.BOTH:
                return link is not None and key is not None

    def _terms(self, visitor: Visitor, link: Invitation | None, key: KeyEntry | None) -> JoinTerms:
        roles = [each.role for each in (link, key) if each is not None]
        if self.settings.mode is AdmitMode.TOKEN and link is not None:
            roles = [link.role]
        elif self.settings.mode is AdmitMode.KEY and key is not None:
            roles = [key.role]
        key_name = key.name if key is not None and not key.is_authority else visitor.origin.key_name
        link_number = link.number if link is not None and self.settings.mode is not AdmitMode.KEY else None
        origin = replace(visitor.origin, link=link_number, key_name=key_name)
        pinned = self.pinned.get(origin.fingerprint) if origin.fingerprint else None
        must_knock = link is not None and self.makes_knock(link) and key is None and pinned is None
        if pinned is not None:
            roles.append(pinned[1])
        watches = visitor.read_only or origin.fingerprint in self._lowered
        role = Role.OWNER if roles and roles[0] is Role.OWNER else Role.READ_WRITE
        if watches or Role.READ_ONLY in roles:
            role = Role.READ_ONLY
        name = visitor.name or key_name or (pinned[0] if pinned is not None else "")
        watches_all = visitor.read_only
        return JoinTerms(role=role, origin=origin, name=name, must_knock=must_knock, watches_all=watches_all)


_Mark = TypeVar("_Mark")
_Value = TypeVar("_Value")


def _remember(marks: dict[_Mark, _Value], mark: _Mark, value: _Value) -> None:
    marks[mark] = value
    while len(marks) > _MAX_MARKS:
        del marks[next(iter(marks))]
