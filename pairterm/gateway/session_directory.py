"""The sessions of a gateway, found by a token or by a name. It keeps no plain token.

Everybody who has a link knows its token, so any host can register its SHA-256. That gains
the host nothing and takes nothing from the session with that link: a token leads to the
session under whose seal it was drawn (`access.tokens`), before a restart and after it.
Spoken codes are too short for a seal. They belong to the session that brings them first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from pairterm.access.host_login import is_host_user
from pairterm.access.invitations import MAX_SPOKEN, SPOKEN_TRIES, nameplate_of
from pairterm.access.name_claims import Claim, settle_claim
from pairterm.access.tokens import is_sealed
from pairterm.access.user_names import ByName, UserName
from pairterm.errors import UsageError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import PREFIX_ENDS, HostOwner
from pairterm.link.messages import AdmissionRules, InvitationWire, Register
from pairterm.session.session_names import check_name
from pairterm.types import Role

__all__ = ["SessionDirectory", "check_fixed_name"]

_MAX_CODES = 512
"""Spoken codes of all sessions: they live ten minutes."""

_MAX_CODES_OF_NUMBER = 4
"""Spoken codes with the same number, each of another owner. So wrong words for one are rarely right for another."""

_MAX_BANNED = 10_000
"""Sessions that the operator has ended and that are remembered; the oldest is dropped."""


class SessionDirectory:
    """The sessions of one gateway, in memory."""

    def __init__(self, *, max_sessions: int) -> None:
        self.max_sessions = max_sessions
        self._sessions: set[HostedSession] = set()
        self._by_hash: dict[bytes, list[HostedSession]] = {}
        """The sessions that bring a token; most often one."""
        self._by_name: dict[str, HostedSession] = {}
        self._with_rules: set[HostedSession] = set()
        """The sessions whose hosts have said what opens them."""
        self._banned: dict[tuple[str, frozenset[bytes]], None] = {}
        self.on_change: Callable[[HostedSession], None] = lambda session: None
        """Gets each session that came, changed or went, for the directory of the service."""
        self.on_name_free: Callable[[str, Claim], None] = lambda name, claim: None
        """Gets the fixed name of a session that goes, and its claim."""
        self.elsewhere: Callable[[], int] = lambda: 0
        """Returns how many sessions the other workers of this machine have."""
        self.of_owner_elsewhere: Callable[[str], int] = lambda owner: 0
        """Returns how many sessions an owner has at other gateways of the service."""
        self.on_missed: Callable[[str], None] = lambda nameplate: None
        """Gets the number of a spoken code for which wrong words were tried here."""
        self.on_ban: Callable[[str, frozenset[bytes]], None] = lambda owner, hashes: None
        """Gets the owner of each session that is banned here, and the hashes of its tokens."""

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def sessions(self) -> list[HostedSession]:
        """All sessions, also those whose hosts are away."""
        return sorted(self._sessions, key=lambda session: session.name)

    def register(self, message: Register, owner: HostOwner, *, now_ms: int) -> tuple[HostedSession, str]:
        """Register a session that a host brings: a new one, or one whose host comes back.

        Returns:
            The session, and why it did not get its fixed name again, "" if it did. A session that
            lost a name to this one has an empty `fixed_name` afterwards.

        Raises:
            UsageError: The name is bad or can't be had, or there are too many sessions.
        """
        check_name(message.session)
        roles = {message.read_write_hash: Role.READ_WRITE, message.read_only_hash: Role.READ_ONLY}
        if (owner.id, frozenset(roles)) in self._banned:
            raise UsageError("the gateway's operator has ended this session here", code="banned")
        claim = Claim(owner.id, message.instance, message.generation)
        session = self._former(roles, owner, message.instance)
        granted, refusal = self._settle_name(message, claim, owner, session, now_ms)
        if session is None:
            self._check_room(owner)
            self._check_session_name(message.session, owner)
            session = HostedSession(message.session, owner, roles, granted, "")
            session.on_link_change = partial(self._changed, session)
            self._sessions.add(session)
            self._bring(session, roles)
        session.claim = granted
        session.seal = message.seal
        self._give_name(session, "" if refusal else message.fixed_name)
        return session, refusal

    def remove(self, session: HostedSession) -> None:
        """Remove a session. It need not be here."""
        if session in self._sessions:
            self._sessions.remove(session)
            self._with_rules.discard(session)
            if session.fixed_name:
                self.on_name_free(session.fixed_name, session.claim)
            self._give_name(session, "")
            self._drop(session, session.links)
            self.on_change(session)

    def _changed(self, session: HostedSession) -> None:
        self.on_change(session)

    def with_id(self, session_id: bytes) -> HostedSession | None:
        """Return the session with the id under which it is announced to other gateways."""
        return next((each for each in self._sessions if each.id == session_id), None)

    def _bring(self, session: HostedSession, hashes: Iterable[bytes]) -> None:
        for each in hashes:
            self._by_hash.setdefault(each, []).append(session)

    def _drop(self, session: HostedSession, hashes: Iterable[bytes]) -> None:
        for each in hashes:
            self._by_hash[each].remove(session)
            if not self._by_hash[each]:
                del self._by_hash[each]

    def admit(self, session: HostedSession, admits: AdmissionRules) -> list[str]:
        """Set what opens a session from now on; return the numbers of the spoken codes that are refused."""
        links = {each.token_hash: each for each in admits.invitations}
        if not self.has(session):
            return []
        refused = self._codes_too_many(session, links)
        for code in refused:
            del links[code.token_hash]
        self._drop(session, session.links)
        nameplates = {each.nameplate for each in admits.invitations}
        for nameplate in [each for each in session.tries if each not in nameplates]:
            del session.tries[nameplate]
        session.links = links
        session.keys = tuple(admits.keys)
        session.needs_key = admits.needs_key
        self._bring(session, links)
        self._with_rules.add(session)
        self.on_change(session)
        return [each.nameplate for each in refused]

    def _codes_too_many(self, session: HostedSession, links: dict[bytes, InvitationWire]) -> list[InvitationWire]:
        """Return the new spoken codes of a session that another has, or that are too many for its owner or number."""
        new = [each for each in links.values() if each.nameplate and not _is_code(session, each)]
        held = [(each, session.owner.id) for each in links.values() if each.nameplate and _is_code(session, each)]
        for other in self._sessions - {session}:
            held += [(each, other.owner.id) for each in other.links.values() if each.nameplate]
        refused: list[InvitationWire] = []
        for each in new:
            same = [code for code, _ in held if code.nameplate == each.nameplate]
            mine = [code for code, owner in held if owner == session.owner.id]
            if (
                len(held) >= _MAX_CODES
                or len(mine) >= MAX_SPOKEN
                or len(same) >= _MAX_CODES_OF_NUMBER
                or any(code.nameplate == each.nameplate for code in mine)
                or any(code.token_hash == each.token_hash for code in same)
            ):
                refused.append(each)
            else:
                held.append((each, session.owner.id))
        return refused

    def ban(self, session: HostedSession) -> None:
        """Remove a session, and refuse it from now on."""
        hashes = frozenset(session.roles)
        if (session.owner.id, hashes) not in self._banned:
            self.on_ban(session.owner.id, hashes)
        self.banned_elsewhere(session.owner.id, hashes)
        self.remove(session)

    def banned_elsewhere(self, owner: str, roles: frozenset[bytes]) -> HostedSession | None:
        """Refuse a session that was ended at another gateway; return it if it is here."""
        self._banned[owner, roles] = None
        while len(self._banned) > _MAX_BANNED:
            del self._banned[next(iter(self._banned))]
        found = (each for each in self._sessions if each.owner.id == owner and roles == frozenset(each.roles))
        return next(found, None)

    @property
    def banned(self) -> list[tuple[str, frozenset[bytes]]]:
        """The sessions that are refused: their owner, and the hashes of the tokens with which they register."""
        return list(self._banned)

    def has(self, session: HostedSession) -> bool:
        """Return whether a session is still here."""
        return session in self._sessions

    def has_rules(self, session: HostedSession) -> bool:
        """Return whether a session's host has said what opens it. Before that, its roles and codes are not known."""
        return session in self._with_rules

    def keyed(self, user: str) -> ByName[HostedSession]:
        """Return the sessions that a guest with a key can mean by a user name.

        A fixed name belongs to one session, also if other sessions have that name. `owner/name` means the sessions
        of that name of those owners. A name alone is not exact: anybody may give it to a session, and may list
        anybody's key.
        """
        fixed = self._by_name.get(user)
        if fixed is not None:
            return ByName([fixed] if fixed.keys else [], is_exact=True)
        owner, slash, name = user.rpartition("/")
        found = [each for each in self._sessions if each.keys and each.name == name]
        if slash:
            found = [each for each in found if owner in (each.owner.word, each.owner.mark)]
        return ByName(found, is_exact=bool(slash))

    @property
    def takes_keys(self) -> bool:
        """True if a key can open any session. Then a name that is no session's gets the same answer as one that is."""
        return any(each.keys for each in self._sessions)

    def missed(self, nameplate: str) -> list[HostedSession]:
        """Count wrong words for a spoken code; return the sessions whose code has ended by that."""
        self.on_missed(nameplate)
        return self.missed_elsewhere(nameplate)

    def missed_elsewhere(self, nameplate: str) -> list[HostedSession]:
        """Count wrong words that were tried at another gateway; return the sessions whose code has ended by that."""
        return [session for session in self._sessions if self.missed_in(session, nameplate)]

    def missed_in(self, session: HostedSession, nameplate: str) -> bool:
        """Count wrong words for the spoken code of one session; return whether the code has ended by that."""
        found = [each for each in session.links.values() if each.nameplate == nameplate]
        if not found:
            return False
        session.tries[nameplate] += 1
        if session.tries[nameplate] < SPOKEN_TRIES:
            return False
        self._drop(session, [each.token_hash for each in found])
        for each in found:
            del session.links[each.token_hash]
        del session.tries[nameplate]
        self.on_change(session)
        return True

    def may_be_elsewhere(self, user: UserName) -> bool:
        """Return False: a gateway alone has no other to ask."""
        return False

    def find(self, user: UserName) -> HostedSession | None:
        """Return the session that a token or a spoken code opens."""
        for session in self._by_hash.get(user.token_hash, ()):
            if user.nameplate:
                if session.links[user.token_hash].nameplate == user.nameplate:
                    return session
            elif is_sealed(user.text, session.seal):
                return session
        return None

    def named(self, name: str) -> HostedSession | None:
        """Return the session that has a fixed name."""
        return self._by_name.get(name)

    def _former(self, roles: dict[bytes, Role], owner: HostOwner, instance: bytes) -> HostedSession | None:
        """Return the session that the same process of the same owner has registered before; None if there is none."""
        for session in self._sessions:
            if session.owner.id == owner.id and session.claim.instance == instance and session.roles == roles:
                return session
        return None

    def _settle_name(
        self, message: Register, claim: Claim, owner: HostOwner, session: HostedSession | None, now_ms: int
    ) -> tuple[Claim, str]:
        """Return the claim as it is granted, and why the fixed name is refused, "" if it is not.

        Raises:
            UsageError: A fixed name is asked for the first time and can't be had.
        """
        name = message.fixed_name
        if not name:
            return settle_claim(message.session, None, claim, is_connected=False, now_ms=now_ms), ""
        try:
            check_fixed_name(name, owner)
            holder = self._by_name.get(name)
            is_connected = holder is not None and holder.link is not None
            held = holder.claim if holder is not None else None
            return settle_claim(name, held, claim, is_connected=is_connected, now_ms=now_ms), ""
        except UsageError as error:
            if not message.generation:
                raise
            return claim, error.message

    def _check_room(self, owner: HostOwner) -> None:
        mine = sum(1 for each in self._sessions if each.owner.id == owner.id) + self.of_owner_elsewhere(owner.id)
        if mine >= owner.max_sessions:
            text = f"you have {mine} sessions at this gateway, and its operator allows you no more"
            raise UsageError(text, code="full")
        if len(self) + self.elsewhere() >= self.max_sessions:
            raise UsageError("the gateway has as many sessions as it takes, try again later", code="full")

    def _check_session_name(self, name: str, owner: HostOwner) -> None:
        """Refuse a local user a second session of one name. A remote owner can have several machines with own names."""
        if not owner.may_be_away and any(each.name == name and each.owner.id == owner.id for each in self._sessions):
            raise UsageError(f"duplicate session: {name}", code="duplicate_session")

    def take_name(self, session: HostedSession) -> None:
        """Take the fixed name from a session: a session at another gateway has it now."""
        self._give_name(session, "")
        self.on_change(session)

    def _give_name(self, session: HostedSession, name: str) -> None:
        if session.fixed_name and self._by_name.get(session.fixed_name) is session:
            del self._by_name[session.fixed_name]
        session.fixed_name = name
        if name:
            former = self._by_name.get(name)
            if former is not None:
                former.fixed_name = ""
                self.on_change(former)
            self._by_name[name] = session


def _is_code(session: HostedSession, link: InvitationWire) -> bool:
    """Return whether a session has this spoken code already. A plain link that becomes a code is a new code."""
    known = session.links.get(link.token_hash)
    return known is not None and known.nameplate == link.nameplate


def check_fixed_name(name: str, owner: HostOwner) -> None:
    """Raise `UsageError` unless `owner` may have the fixed name."""
    check_name(name)
    if owner.name_prefix is None:
        raise UsageError("you may have no fixed names here: that takes name-prefix= with your key", code="name_taken")
    if is_host_user(name) or name[:3] in ("rw-", "ro-") or nameplate_of(name):
        raise UsageError(f"a fixed name can't be {name!r}: it reads like a link", code="name_taken")
    if not owner.has_in_prefix(name):
        first = owner.name_prefix or ""
        name_form = f"{first}…" if not first or first[-1] in PREFIX_ENDS else f"{first} or {first}-…"
        text = f"the fixed name {name!r} is not yours: at this gateway, your fixed names are {name_form}"
        raise UsageError(text, code="name_taken")
