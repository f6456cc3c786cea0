"""The admission of one connection: from a user name and a key to a verdict. Pure; `now_s` is an argument.

An adapter (SSH today, a browser next) tells an `Admission` what happens and carries out its
verdicts. The events come in this order, and every other order is refused:

    named → [waited …] → [key_tried, key_offered, key_proved …] → logged_in → enter → closed

1. A connection has one user name. A second one is a guess, and ends the connection.
2. A connection gets in only by a right that it has proved: a token, or a key that its session lists.
3. Each user name that proves no right is counted against its source (`SourcePenalties`).
   A guest for whom there is no place, and the user name of hosts, are not counted.
4. A refusal tells nothing about which sessions, names or codes there are.

This module checks no signature: the adapter does, and then reports `key_proved`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import Generic, Protocol

from pairterm.access.asked_keys import asked_for
from pairterm.access.guest_places import GuestPlaces, Place
from pairterm.access.host_login import is_host_user
from pairterm.access.penalties import SourcePenalties
from pairterm.access.proved_key import ProvedKey
from pairterm.access.user_names import ByName, Session, SessionT, UserName, the_one, whose
from pairterm.access.verdicts import (
    FULL,
    NO_SESSION,
    AskHostKey,
    AskKey,
    ComeIn,
    NoEntry,
    Refusal,
    Refused,
    Verdict,
    WaitForHost,
)

__all__ = ["MAX_OFFERS", "AccessState", "Admission", "HostReturns", "Sessions"]

MAX_OFFERS = 12
"""Keys that one connection may offer: an agent has a handful. sshd's MaxAuthTries is 6."""


class Sessions(Protocol[SessionT]):
    """The sessions of a gateway."""

    @property
    def takes_keys(self) -> bool:
        """True if a key can open any session."""

    def find(self, user: UserName) -> SessionT | None:
        """Return the session that a token or a spoken code opens."""

    def keyed(self, user: str) -> ByName[SessionT]:
        """Return the sessions that a name can mean, for a guest with a key."""

    def may_be_elsewhere(self, user: UserName) -> bool:
        """Return whether another gateway of the service may have the session, and has to be asked."""

    def missed(self, nameplate: str) -> list[SessionT]:
        """Count wrong words for a spoken code; return the sessions whose code has ended by that."""

    def has(self, session: SessionT) -> bool:
        """Return whether a session is still here."""


class HostReturns(Protocol):
    """The first seconds of a gateway that was restarted, in which hosts come back."""

    def is_open(self, now_s: float) -> bool:
        """Return whether a link that is not known now may still become known."""

    def count(self) -> int:
        """Return how many guests wait for a host."""


class AccessState(Generic[SessionT]):
    """What the admissions of all connections share."""

    def __init__(
        self,
        sessions: Sessions[SessionT],
        *,
        penalties: SourcePenalties,
        guests: GuestPlaces,
        returns: HostReturns,
        takes_hosts: bool,
        max_hosts: int,
    ) -> None:
        self.sessions = sessions
        self.penalties = penalties
        self.guests = guests
        """The guests who have logged in."""
        self.returns = returns
        self.takes_hosts = takes_hosts
        self.max_hosts = max_hosts
        self.hosts = 0
        """How many hosts of other machines have logged in."""


class _Stage(Enum):
    NEW = auto()
    WAITING = auto()
    """For the session's host."""
    ASKED = auto()
    """It has to prove a key."""
    PROVED = auto()
    """It has proved its right, and is not logged in yet."""
    IN = auto()
    OVER = auto()


class Admission(Generic[SessionT]):
    """The admission of one connection."""

    def __init__(self, state: AccessState[SessionT], source: str, *, publishes: bool = False) -> None:
        """`publishes`: it comes as pair-ls, by an invitation to publish. Other connections can't use such a one."""
        self._state = state
        self._publishes = publishes
        self._source = source
        self._stage = _Stage.NEW
        self._user = UserName("", b"", "")
        self._candidates: list[SessionT] = []
        """The sessions that this connection can be for; several until a key decides."""
        self._is_exact = True
        """The user name says which of them is meant."""
        self._is_elsewhere = False
        """It is for the one session of another gateway that has let it in by a key."""
        self._asked: AskKey | None = None
        self._lines: tuple[str, ...] = ()
        """The lines of the keys that it was asked for."""
        self._has_asked = False
        """Other gateways were asked for its session."""
        self._offers = 0
        self._owes: Refusal | None = None
        """Its user name is counted, for this reason, if the connection ends before it has proved its right."""
        self._place: Place | None = None
        self._is_counted_as_host = False
        self.is_host = False
        """It logs in as a host, and is nothing else."""
        self.refused_keys: list[str] = []
        """The fingerprints of the keys that a host offered in vain, for its operator; `MAX_OFFERS` at most."""
        self.token_hash: bytes | None = None
        """The hash of its token; None for a guest who comes by a key and a name, and for a host."""
        self.proved = ProvedKey()
        """The key that it has proved; empty for none."""

    @property
    def asked(self) -> AskKey | AskHostKey | None:
        """What it is asked for; None for nothing."""
        return AskHostKey() if self.is_host else self._asked

    @property
    def user(self) -> UserName:
        """Its user name."""
        return self._user

    @property
    def owner_proof(self) -> bytes:
        """What proves to the host that the token is an owner's; b"" for any other guest."""
        return self._user.owner_proof if self.token_hash is not None else b""

    # Events, in the order in which they come.

    def named(self, text: str, now_s: float) -> Verdict:
        """A user name came."""
        if self._stage is not _Stage.NEW:
            # Each name is a guess. And a key that was only offered under one must not count under another.
            self._stage = _Stage.OVER
            self._state.penalties.add(self._source, now_s)
            return Refused(Refusal.NAMES)
        if is_host_user(text):
            return self._ask_host()
        self._user = UserName.of(text)
        guests, returns = self._state.guests, self._state.returns
        has_room = guests.count + returns.count() < guests.most
        if has_room and self._state.sessions.may_be_elsewhere(self._user):
            return self._ask_elsewhere()
        if has_room and returns.is_open(now_s) and not self._is_known():
            return self._wait()
        return self._decide(now_s)

    def waited(self, now_s: float, *, is_brought: bool) -> Verdict:
        """Its wait for a host is over. `is_brought`: a host has brought what it waits for, or says so."""
        if self._stage is not _Stage.WAITING:
            return Refused(Refusal.LINK)
        if not self._has_asked and not self._is_known() and self._state.sessions.may_be_elsewhere(self._user):
            return self._ask_elsewhere()
        # Another host may have brought the same token. That does not make the link known.
        if is_brought and self._state.returns.is_open(now_s) and not self._is_known():
            return self._wait()
        return self._decide(now_s)

    def key_tried(self) -> Refused | None:
        """A key came, offered or with a signature; return a refusal if there were too many."""
        self._offers += 1
        # A client first asks about a key and then proves it.
        return Refused(Refusal.KEYS) if self._offers > 2 * MAX_OFFERS else None

    def key_offered(self, fingerprint: str) -> bool:
        """Return whether a plain key gets in, once the client has proved it."""
        asked = self._asked
        if self.is_host and fingerprint not in self.refused_keys[: MAX_OFFERS - 1]:
            # The keys that may log in are asked about elsewhere: this one is not among them.
            self.refused_keys[MAX_OFFERS - 1 :] = [fingerprint]
        if asked is None or self._stage not in (_Stage.ASKED, _Stage.PROVED):
            return False
        return asked.takes_any or fingerprint in asked.fingerprints

    def key_proved(self, proved: ProvedKey) -> None:
        """The client has proved a key by a right signature. It counts if it is one that was asked for."""
        if self._stage not in (_Stage.ASKED, _Stage.PROVED):
            return
        takes_any = self.is_host or (self._asked is not None and self._asked.takes_any)
        if takes_any or proved.opens(self._lines):
            self.proved = proved
            self._stage, self._owes = _Stage.PROVED, None

    @property
    def may_prove_elsewhere(self) -> bool:
        """Return whether a key that opens nothing here may open a session of another gateway."""
        if self._stage not in (_Stage.ASKED, _Stage.PROVED) or self._asked is None:
            return False
        return not self._asked.takes_any

    @property
    def by_token(self) -> SessionT | None:
        """The session of its token; None for a guest who comes by a name."""
        return self._candidates[0] if self.token_hash is not None else None

    def key_proved_elsewhere(self, session: SessionT, proved: ProvedKey) -> None:
        """Another gateway has let the client in to its session, by a key that it has checked itself."""
        if self.may_prove_elsewhere:
            self._candidates, self._is_elsewhere = [session], True
            self.proved = proved
            self._stage, self._owes = _Stage.PROVED, None

    def logged_in(self, now_s: float) -> ComeIn | Refused:
        """The login is complete: take a place. From now on it may `enter`."""
        state = self._state
        if self._stage is not _Stage.PROVED:
            self._stage = _Stage.OVER
            return Refused(Refusal.UNPROVED)
        if self.is_host:
            if state.hosts >= state.max_hosts:
                return self._over(Refusal.GATEWAY_FULL)
            state.hosts += 1
            self._is_counted_as_host = True
        elif (session := self._found()) is not None:
            place = self._place_in(session)
            full = state.guests.lacks(place)
            if full is not None:
                return self._over(FULL[full])
            state.guests.take(place)
            self._place = place
        self._stage = _Stage.IN
        return ComeIn()

    def enter(self) -> SessionT | NoEntry:
        """Return the session that a guest who is logged in comes to.

        A guest who has proved a key is told which sessions the name can mean, if that is not clear.
        """
        if self._stage is not _Stage.IN or self.is_host:
            return NoEntry(NO_SESSION)
        session = self._found()
        if session is not None:
            return session
        found = self._by_proved_key() if self.token_hash is None else []
        return NoEntry(whose(found) if found else NO_SESSION)

    def closed(self, now_s: float) -> Refused | None:
        """The connection is gone: give its place back. Return why it never got in; None if there is nothing to tell.

        The user name of a guest who proved nothing is counted now.
        """
        is_host_without_key = self.is_host and self._stage is _Stage.ASKED and bool(self.refused_keys)
        self._stage = _Stage.OVER
        if self._place is not None:
            self._state.guests.leave(self._place)
            self._place = None
        if self._is_counted_as_host:
            self._state.hosts -= 1
            self._is_counted_as_host = False
        owes, self._owes = self._owes, None
        if owes is None:
            return Refused(Refusal.HOST_KEY) if is_host_without_key else None
        self._state.penalties.add(self._source, now_s, b"" if owes is Refusal.KEY else self._user.token_hash)
        return Refused(owes)

    # Decisions.

    def _is_known(self) -> bool:
        sessions = self._state.sessions
        if sessions.find(self._user) is not None:
            return True
        by_name = sessions.keyed(self._user.text)
        return by_name.is_exact and bool(by_name.sessions)

    def _ask_elsewhere(self) -> WaitForHost:
        """Have another gateway asked, once."""
        self._stage, self._owes, self._has_asked = _Stage.WAITING, Refusal.EARLY, True
        return WaitForHost((), elsewhere=self._user)

    def _wait(self) -> WaitForHost:
        self._stage, self._owes = _Stage.WAITING, Refusal.EARLY
        return WaitForHost((self._user.token_hash, self._user.text))

    def _decide(self, now_s: float) -> Verdict:
        """Decide about the user name: a token or a code first, then a code's form, then a name."""
        user, sessions, self._owes = self._user, self._state.sessions, None
        session = sessions.find(user)
        if session is not None:
            return self._decide_by_token(session)
        if user.nameplate:
            for each in sessions.missed(user.nameplate):
                each.tried(user.nameplate)
            return self._refuse(now_s)  # A code can be guessed: it is counted at once.
        if sessions.takes_keys and user.may_be_by_key:
            # The answer is the same for a name that is no session's, and for one with other keys.
            by_name = sessions.keyed(user.text)
            self._candidates, self._is_exact = by_name.sessions, by_name.is_exact
            lines = [line for each in self._candidates for line in each.keys]
            return self._ask(lines, principals={user.text, user.text.rpartition("/")[2]})
        return self._refuse(now_s, user.token_hash)

    def _decide_by_token(self, session: SessionT) -> Verdict:
        self._candidates = [session]
        self.token_hash = self._user.token_hash
        if (session.links[self.token_hash].role == "publish") is not self._publishes:
            return self._over(Refusal.LINK)
        full = self._state.guests.lacks(self._place_in(session))
        if full is not None:
            return self._over(FULL[full])
        if session.needs_key:
            return self._ask(session.keys, principals={session.name, session.fixed_name})
        self._stage = _Stage.PROVED
        if session.links[self.token_hash].wants_key:
            self._asked = AskKey(frozenset(), (), takes_any=True)
            return self._asked
        return ComeIn()

    def _ask(self, lines: Iterable[str], *, principals: set[str]) -> AskKey:
        """Ask for one of these keys. `principals` hold where the line of an authority names none."""
        self._stage, self._owes = _Stage.ASKED, Refusal.KEY
        self._lines = tuple(lines)
        self._asked = asked_for(self._lines, principals)
        return self._asked

    def _ask_host(self) -> Verdict:
        if not self._state.takes_hosts:
            return self._over(Refusal.NO_HOSTS)
        self._stage = _Stage.ASKED
        self.is_host = True
        return AskHostKey()

    def _refuse(self, now_s: float, presented: bytes = b"") -> Refused:
        """Count a user name. `presented`: its hash, if it may still turn out to be a link."""
        self._state.penalties.add(self._source, now_s, presented)
        return self._over(Refusal.EARLY if self._state.returns.is_open(now_s) else Refusal.LINK)

    def _over(self, why: Refusal) -> Refused:
        self._stage = _Stage.OVER
        return Refused(why)

    def _place_in(self, session: Session) -> Place:
        """Return what it is counted under as a guest of a session."""
        invitation = session.links.get(self.token_hash) if self.token_hash is not None else None
        # Without an invitation it has proved one of the keys that the session's owner listed.
        return Place(session, self._source, may_type=invitation is None or invitation.role == "rw")

    def _found(self) -> SessionT | None:
        """Return the session that this connection is for, if it is still here and it is clear which one."""
        if self.token_hash is not None:
            sessions = self._state.sessions
            found = [each for each in self._candidates if self.token_hash in each.links and sessions.has(each)]
            return found[0] if found else None
        if self._is_elsewhere:
            return next((each for each in self._candidates if self._state.sessions.has(each)), None)
        return the_one(self._by_proved_key()) if self._is_exact else None

    def _by_proved_key(self) -> list[SessionT]:
        """Return the sessions that the name can mean and the proved key opens now."""
        return [each for each in self._candidates if self._state.sessions.has(each) and self.proved.opens(each.keys)]
