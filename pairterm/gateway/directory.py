"""Which sessions the gateway has, found by the SHA-256 of a token or by a fixed name. No plain token is ever here."""

from __future__ import annotations

from collections import Counter, OrderedDict

from pairterm.access.claims import Claim, settle_claim
from pairterm.access.links import SPOKEN_TRIES
from pairterm.errors import UsageError
from pairterm.gateway.hosted import HostedSession, HostOwner
from pairterm.link.messages import Admits, Register
from pairterm.session.names import check_name
from pairterm.sshlink import HOST_USER
from pairterm.types import Role

__all__ = ["Directory"]

_MAX_ENDED = 16_384
"""Hashes of ended links that are kept for their owners, two a session: nobody else may take them up."""


_MAX_BANNED = 10_000
"""Sessions that the operator has parted with, remembered; the oldest makes room."""


class Directory:
    """The sessions of one gateway, in memory."""

    def __init__(self, *, max_sessions: int) -> None:
        self.max_sessions = max_sessions
        self._sessions: set[HostedSession] = set()
        self._by_hash: dict[bytes, HostedSession] = {}
        self._by_name: dict[str, HostedSession] = {}
        self._ended: OrderedDict[bytes, str] = OrderedDict()
        self._banned: dict[frozenset[bytes], None] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def sessions(self) -> list[HostedSession]:
        """All sessions, those whose hosts are away too."""
        return sorted(self._sessions, key=lambda session: session.name)

    def register(self, message: Register, owner: HostOwner, *, now_ms: int) -> tuple[HostedSession, str]:
        """Take up a session that a host brings: a new one, or one whose host comes back.

        Returns:
            The session, and why it has not the fixed name that it had, "" if it has. A session that
            lost a name to this one has an empty `fixed_name` afterwards.

        Raises:
            UsageError: The name is bad, the tokens are another's, or there are too many sessions.
        """
        check_name(message.session)
        roles = {message.read_write_hash: Role.READ_WRITE, message.read_only_hash: Role.READ_ONLY}
        if frozenset(roles) in self._banned:
            raise UsageError("the gateway's operator has ended this session here", code="banned")
        claim = Claim(owner.id, message.instance, message.generation)
        session = self._former(roles, owner, message)
        granted, refusal = self._settle_name(message, claim, owner, session, now_ms)
        if session is None:
            self._check_room(owner)
            self._check_session_name(message.session, owner)
            session = HostedSession(message.session, owner, roles, granted, "")
            self._sessions.add(session)
            self._by_hash |= dict.fromkeys(roles, session)
        session.claim = granted
        self._give_name(session, "" if refusal else message.fixed_name)
        return session, refusal

    def remove(self, session: HostedSession) -> None:
        """Forget a session; one that is not here is no error."""
        if session in self._sessions:
            self._sessions.remove(session)
            self._give_name(session, "")
            for each in session.links:
                del self._by_hash[each]
            for each in {*session.roles, *session.links}:
                self._ended[each] = session.owner.id
            while len(self._ended) > _MAX_ENDED:
                self._ended.popitem(last=False)

    def admit(self, session: HostedSession, admits: Admits) -> None:
        """Take what leads to a session from now on.

        Raises:
            UsageError: A token is another session's: a host can't take others' guests.
        """
        links = {each.token_hash: each for each in admits.links}
        if any(self._by_hash.get(each, session) is not session for each in links):
            raise UsageError("another session has these tokens", code="duplicate_token")
        if any(self._ended.get(each, session.owner.id) != session.owner.id for each in links):
            raise UsageError("another session had these tokens", code="duplicate_token")
        if not self.has(session):
            return
        for each in session.links:
            del self._by_hash[each]
        nameplates = {each.nameplate for each in admits.links}
        for nameplate in [each for each in session.tries if each not in nameplates]:
            del session.tries[nameplate]
        session.links = links
        session.keys = tuple(admits.keys)
        session.needs_key = admits.needs_key
        self._by_hash |= dict.fromkeys(links, session)

    def ban(self, session: HostedSession) -> None:
        """Forget a session, and take it no more."""
        self._banned[frozenset(session.roles)] = None
        while len(self._banned) > _MAX_BANNED:
            del self._banned[next(iter(self._banned))]
        self.remove(session)

    def has(self, session: HostedSession) -> bool:
        """Return whether a session is still here."""
        return session in self._sessions

    def keyed(self, name: str) -> list[HostedSession]:
        """Return the sessions of this name, a fixed one too, that somebody with a key comes to, of whichever owner."""
        return [each for each in self._sessions if each.keys and name in (each.name, each.fixed_name)]

    @property
    def takes_keys(self) -> bool:
        """True if a key could open anything: then a name that is none reads like one that is."""
        return any(each.keys for each in self._sessions)

    def missed(self, nameplate: str) -> list[HostedSession]:
        """Count wrong words for a spoken code; return the sessions whose code that was one too many for."""
        dead: list[HostedSession] = []
        for session in self._sessions:
            found = [each for each in session.links.values() if each.nameplate == nameplate]
            if not found:
                continue
            session.tries[nameplate] += 1
            if session.tries[nameplate] >= SPOKEN_TRIES:
                for each in found:
                    del session.links[each.token_hash]
                    del self._by_hash[each.token_hash]
                del session.tries[nameplate]
                dead.append(session)
        return dead

    def find(self, token_hash: bytes) -> HostedSession | None:
        """Return the session that a token opens."""
        return self._by_hash.get(token_hash)

    def named(self, name: str) -> HostedSession | None:
        """Return the session that has a fixed name."""
        return self._by_name.get(name)

    def _former(self, roles: dict[bytes, Role], owner: HostOwner, message: Register) -> HostedSession | None:
        """Return the session that has these tokens already.

        Raises:
            UsageError: It is not this host's, or the tokens were somebody else's.
        """
        by_roles = {each: session for session in self._sessions for each in session.roles}
        found = {by_roles.get(each, self._by_hash.get(each)) for each in roles}
        if found == {None}:
            if any(self._ended.get(each, owner.id) != owner.id for each in roles):
                raise UsageError("another session had these tokens", code="duplicate_token")
            return None
        session = found.pop()
        if found or session is None or session.owner.id != owner.id or session.claim.instance != message.instance:
            raise UsageError("another session has these tokens", code="duplicate_token")
        return session

    def _settle_name(
        self, message: Register, claim: Claim, owner: HostOwner, session: HostedSession | None, now_ms: int
    ) -> tuple[Claim, str]:
        """Return the claim as it is granted, and why the fixed name is not.

        Raises:
            UsageError: A fixed name is asked for the first time and can't be had.
        """
        name = message.fixed_name
        if not name:
            return settle_claim(message.session, None, claim, is_connected=False, now_ms=now_ms), ""
        try:
            _check_fixed_name(name, owner)
            holder = self._by_name.get(name)
            is_connected = holder is not None and holder.link is not None
            held = holder.claim if holder is not None else None
            return settle_claim(name, held, claim, is_connected=is_connected, now_ms=now_ms), ""
        except UsageError as error:
            if not message.generation:
                raise
            return claim, error.message

    def _check_room(self, owner: HostOwner) -> None:
        mine = Counter(session.owner.id for session in self._sessions)[owner.id]
        if len(self) >= self.max_sessions or mine >= owner.max_sessions:
            raise UsageError("the gateway has as many sessions as it takes", code="full")

    def _check_session_name(self, name: str, owner: HostOwner) -> None:
        """Have one session a name of a user of this machine. Elsewhere each of one's machines has its own names."""
        if not owner.may_be_away and any(each.name == name and each.owner.id == owner.id for each in self._sessions):
            raise UsageError(f"duplicate session: {name}", code="duplicate_session")

    def _give_name(self, session: HostedSession, name: str) -> None:
        if session.fixed_name and self._by_name.get(session.fixed_name) is session:
            del self._by_name[session.fixed_name]
        session.fixed_name = name
        if name:
            former = self._by_name.get(name)
            if former is not None:
                former.fixed_name = ""
            self._by_name[name] = session


def _check_fixed_name(name: str, owner: HostOwner) -> None:
    """Raise `UsageError` unless `owner` may have the fixed name."""
    check_name(name)
    if owner.name_prefix is None:
        raise UsageError("you may have no fixed names here: that takes name-prefix= with your key", code="name_taken")
    if not name.startswith(owner.name_prefix) or name == HOST_USER or name[:3] in ("rw-", "ro-"):
        raise UsageError(f"your fixed names here have to begin with {owner.name_prefix!r}", code="name_taken")
