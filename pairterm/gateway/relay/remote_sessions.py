"""The sessions of other gateways that have guests here.

The copy of the directory says where a session may be. A gateway that has it proves so before a guest is let
in; several may claim it, and they are asked in turn. There is one relay link for each session, whatever number of
guests watch here. Some time after the last guest has left, it is closed.

If the link is lost, or the host is away at the home, the guests see that the host is away. If another gateway
announces a session, its home has to say something soon: it may have died, and its lease is not over yet. As soon as
another gateway announces the session, a link to that one takes its place. It is opened by a return key
(`cluster.return_key`), and the guests come in by their tickets. Guests of a session that was
this gateway's own are served in the same way, when its host has moved.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial

from pairterm.access.name_claims import Claim
from pairterm.access.user_names import ByName, UserName
from pairterm.cluster.return_key import return_key, session_mark
from pairterm.cluster.service_directory import SessionEntry, in_turn
from pairterm.gateway.bus.bus import Bus, BusAwayError
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.relay.home_end import HomeEnd
from pairterm.gateway.relay.home_search import HomeSearches
from pairterm.gateway.relay.landing_end import LandingEnd
from pairterm.gateway.relay.remote_session import RemoteSession, longest_unopened
from pairterm.gateway.relay.reopened_session import reopened
from pairterm.gateway.shared_state import GatewayState
from pairterm.link.gateway_relay import Opened
from pairterm.runtime.supervisor import Supervisor

__all__ = ["RemoteSessions"]

logger = logging.getLogger(__name__)

_MAX_TRIES = 4
"""Sessions that are asked for one token or code: several may announce its hash or number, and one can have it. A
gateway that announces the number of a foreign code tries one pair of words each time that it is asked."""

_OPEN_S = 3.0
"""How long a gateway may take to open a session."""

_LINGER_S = 30.0
"""How long a session without guests is kept: a guest has 20 s from the login to the terminal."""

_SWEEP_S = 5.0

_LOOK_S = 2.0
"""How often a new place is looked for without news: a gateway may have been out of reach."""

_MAX_OPENING = 256
"""Logins that wait for another gateway at a time, as many as may wait for a host after a restart."""


class RemoteSessions:
    """All of them."""

    def __init__(self, bus: Bus, state: GatewayState, tasks: Supervisor, *, grace_s: float, most: int) -> None:
        """`grace_s`: how long guests wait for a session whose host is away. `most`: how many sessions there may be."""
        self._bus = bus
        self._state = state
        self._tasks = tasks
        self._grace_s = grace_s
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._remotes: list[RemoteSession] = []
        self._by_hash: dict[bytes, RemoteSession] = {}
        self._following: set[HostedSession] = set()
        self._news = asyncio.Event()
        self._opening = 0
        self._searches = HomeSearches()
        bus.directory.on_change.append(self._entry_changed)
        bus.directory.on_went.append(self._gateway_went)
        for each in bus.parts:
            each.accept(partial(self._home_end, each))
        tasks.keep("closing relays that nobody uses", self._sweep)

    def _home_end(self, bus: Bus, landing: str) -> HomeEnd:
        return HomeEnd(self._state, landing=landing, own=bus.name, is_trusted=bus.trusts(landing))

    # Look-ups.

    def __len__(self) -> int:
        return len(self._remotes)

    def has(self, session: HostedSession) -> bool:
        """Return whether a session is relayed here."""
        return any(each.session is session for each in self._remotes)

    def find(self, user: UserName) -> HostedSession | None:
        """Return the session that a token or code opens, if it was proved here."""
        remote = self._by_hash.get(user.token_hash)
        session = remote.session if remote is not None else None
        if remote is None or session is None:
            return None
        link = session.links.get(user.token_hash)
        if link is None or link.nameplate != user.nameplate:
            return None
        remote.used_s = self._loop.time()
        return session

    def keyed(self, user: str) -> ByName[HostedSession]:
        """Return the sessions that a name can mean, as far as their gateways have said so."""
        owner, slash, name = user.rpartition("/")
        open_ones = [each.session for each in self._remotes if each.session is not None and each.session.keys]
        fixed = [each for each in open_ones if each.fixed_name == user]
        if fixed:
            return ByName(fixed[:1], is_exact=True)
        found = [each for each in open_ones if each.name == name]
        if slash:
            found = [each for each in found if owner in (each.owner.word, each.owner.mark)]
        return ByName(found, is_exact=bool(slash))

    @property
    def takes_keys(self) -> bool:
        """True if a key can open any session of another gateway."""
        return self._bus.directory.takes_keys

    def may_be_elsewhere(self, user: UserName) -> bool:
        """Return whether another gateway has to be asked about a user name, before it is known what it opens."""
        if not self._candidates(user):
            return False
        session = self._state.directory.find(user) or self.find(user)
        return session is None or session.away_since_s is not None or session.needs_key

    def _candidates(self, user: UserName) -> list[SessionEntry]:
        directory = self._bus.directory
        if user.nameplate:
            found = directory.with_nameplate(user.nameplate)
        else:
            found = directory.with_token(user.token_hash)
            if not found and user.may_be_by_key:
                found = [each for each in directory.with_name(user.text) if self._bus.trusts(each.gateway)]
        return in_turn((each for each in found if each.gateway != self._bus.name), _MAX_TRIES)

    # Opening.

    async def bring(self, user: UserName) -> bool:
        """Find the session of a user name at another gateway, and open a relay to it; return whether there is one."""
        if self._opening >= _MAX_OPENING:
            return False
        self._opening += 1
        try:
            if not user.nameplate and not self._bus.directory.with_token(user.token_hash):
                # By name: all that the name can mean.
                return any([await self._bring_from(each, user) for each in self._candidates(user)])
            opens = partial(self._bring_from, user=user)
            return await self._searches.first_that_opens(lambda: self._candidates(user), opens, most=_MAX_TRIES)
        finally:
            self._opening -= 1

    async def _bring_from(self, entry: SessionEntry, user: UserName) -> bool:
        """Open a session for a user name at the gateway that announces it."""
        remote = self._remote_of(entry)
        if remote is None:
            return False
        opened = None
        with contextlib.suppress(BusAwayError, TimeoutError):
            async with asyncio.timeout(_OPEN_S), remote.lock:
                end = await self._end_of(remote)
                opened = await end.open(user)
        if opened is None:
            if remote.session is None and not remote.lock.locked():
                self._drop(remote)
            return False
        return self._open(remote, opened)

    async def reached(self, entry: SessionEntry) -> LandingEnd | None:
        """Return a link for a session to the gateway that announces it; None if it can't be reached."""
        remote = self._remote_of(entry)
        if remote is None:
            return None
        with contextlib.suppress(BusAwayError, TimeoutError):
            async with asyncio.timeout(_OPEN_S), remote.lock:
                return await self._end_of(remote)
        return None

    def taken(self, end: LandingEnd, opened: Opened) -> HostedSession | None:
        """Take what a gateway has said about its session; return the session as it is here."""
        remote = next((each for each in self._remotes if each.end is end), None)
        return remote.session if remote is not None and self._open(remote, opened) else None

    def _remote_of(self, entry: SessionEntry) -> RemoteSession | None:
        """Return a session of another gateway, which is used now; None: there are too many."""
        remote = next((each for each in self._remotes if each.entry.key == entry.key), None)
        if remote is None:
            if len(self._remotes) >= self._most:
                unopened = longest_unopened(self._remotes)
                if unopened is None:
                    return None
                self._drop(unopened)
            remote = RemoteSession(entry)
            self._remotes.append(remote)
        remote.used_s = self._loop.time()
        return remote

    async def _end_of(self, remote: RemoteSession) -> LandingEnd:
        """Return the link of a session. Its lock is held."""
        if remote.end is None or not remote.end.is_open:
            remote.end = await self._connected(remote.entry)
        return remote.end

    async def _connected(self, entry: SessionEntry) -> LandingEnd:
        end = LandingEnd(
            entry.session_id,
            home=entry.gateway,
            own=self._bus.name,
            is_trusted=self._bus.trusts(entry.gateway),
            on_gone=self._gone,
            on_away=self._look_for_waiting,
        )
        await self._bus.connect(entry.gateway, end)
        return end

    def _open(self, remote: RemoteSession, opened: Opened) -> bool:
        """Take what a gateway has said about its session."""
        end, facts, invitation = remote.end, opened.facts, opened.invitation
        if end is None or not end.is_open:
            return False
        session = remote.session
        if session is None:
            owner = HostOwner(facts.owner, 0, facts.owner_prefix, may_be_away=True)
            session = HostedSession(facts.name, owner, {}, Claim(facts.owner, b"", 0), facts.fixed_name)
            session.on_event = self._state.audit.write
            remote.session = session
        remote.return_key = opened.return_key
        session.keys, session.needs_key = tuple(facts.keys), facts.needs_key
        if invitation is not None:
            session.links[invitation.token_hash] = invitation
            self._by_hash[invitation.token_hash] = remote
        if session.link is not end:
            end.attach(session, opened.settings)
        return True

    # A home that is gone, and a new one.

    def _gone(self, end: LandingEnd) -> None:
        """A relay link has ended."""
        for remote in self._remotes:
            if remote.end is end:
                remote.end = None
                if remote.session is not None and remote.session.link is end:
                    remote.session.disconnect(self._loop.time())
                    self._follow(remote.session)

    def _entry_changed(self, entry: SessionEntry) -> None:
        """A gateway announces a session: it may be one whose guests wait here."""
        hashes = {each.token_hash for each in entry.invitations}
        for remote in self._remotes:
            session = remote.session
            if session is not None and remote.entry.key == entry.key:
                remote.entry = entry
                for each, link in list(session.links.items()):
                    if each not in hashes and link.nameplate not in entry.nameplates:
                        del session.links[each]  # It is revoked, or a code that is spent.
        if not entry.is_away:
            self._look_for_waiting()
            self._searches.look_again()
            for former in self._remotes:
                is_same = former.entry.mark == entry.mark != b""
                if is_same and former.entry.key != entry.key and former.end is not None:
                    former.end.doubt()
            for own in [each for each in self._bus.directory.with_mark(entry.mark) if each.gateway == self._bus.name]:
                if (session := self._state.directory.with_id(own.session_id)) is not None:
                    self.look_for(session)

    def _gateway_went(self, gateway: str) -> None:
        """The service has given a gateway up. Links to it that don't need the bus may go on, if it answers."""
        for remote in self._remotes:
            if remote.end is not None and remote.end.home == gateway:
                remote.end.doubt()

    def _look_for_waiting(self) -> None:
        """Look for the sessions whose guests wait here, and whose host was at another gateway."""
        self._news.set()
        for remote in self._remotes:
            if remote.session is not None and remote.session.away_since_s is not None:
                self.look_for(remote.session)

    def look_for(self, session: HostedSession) -> None:
        """If the host of a session is away, look whether another gateway has it for the guests here."""
        if session.away_since_s is not None and session.guest_count and self._places_of(session):
            self._follow(session)

    def _follow(self, session: HostedSession) -> None:
        if session not in self._following:
            self._following.add(session)
            self._tasks.once("looking for a session's new gateway", self._look(session))

    async def _look(self, session: HostedSession) -> None:
        """Look for the gateway that has a session now, until it is found, or nobody waits for it here."""
        try:
            while session.guest_count and session.away_since_s is not None:
                self._news.clear()
                for entry in self._places_of(session):
                    if await self._move(session, entry):
                        return
                if self._is_over(session):
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self._news.wait()
        finally:
            self._following.discard(session)

    def _is_over(self, session: HostedSession) -> bool:
        """End the guests of a session that was away for too long. A session of this gateway's has its own end."""
        if self._state.directory.has(session):
            return False
        since_s = session.away_since_s
        if since_s is None or self._loop.time() < since_s + self._grace_s or session.link is not None:
            return False
        session.end_guests(f"[{session.name}: its host has been away for {self._grace_s:g} s, the link has ended]", 1)
        return True

    def _places_of(self, session: HostedSession) -> list[SessionEntry]:
        """Return where a session whose host is away may be now."""
        remote = self._remote_with(session)
        own_mark = session_mark(session.seal) if session.seal else b""
        found = self._bus.directory.with_mark(remote.entry.mark if remote is not None else own_mark)
        known = (self._bus.name, session.id) if remote is None or remote.end is None else remote.entry.key
        return in_turn((each for each in found if not each.is_away and each.key != known), _MAX_TRIES)

    def _remote_with(self, session: HostedSession) -> RemoteSession | None:
        return next((each for each in self._remotes if each.session is session), None)

    async def _move(self, session: HostedSession, entry: SessionEntry) -> bool:
        """Open a session at the gateway that announces it now, and bring its guests in there."""
        moved = RemoteSession(entry)
        opened: list[Opened] = []
        with contextlib.suppress(BusAwayError, TimeoutError):
            async with asyncio.timeout(_OPEN_S):
                moved.end = await self._connected(entry)
                opened = await self._reopened(moved.end, session, entry)
        end = moved.end
        if end is None or not opened or not end.is_open or session.away_since_s is None:
            if end is not None:
                end.close()
            return False
        for former in [each for each in self._remotes if each.session is session]:
            former.session = None
            self._drop(former)
        self._remotes.append(moved)
        moved.session, moved.used_s = session, self._loop.time()
        self._state.directory.remove(session)
        for relay in list(session.relays):
            relay.end()
        session.links = {each.invitation.token_hash: each.invitation for each in opened if each.invitation is not None}
        self._by_hash |= dict.fromkeys(session.links, moved)
        facts, moved.return_key = opened[0].facts, opened[0].return_key
        session.keys, session.needs_key = tuple(facts.keys), facts.needs_key
        logger.info("session %s is at gateway %s now", session.name, entry.gateway)
        end.attach(session, opened[0].settings)
        return True

    async def _reopened(self, end: LandingEnd, session: HostedSession, entry: SessionEntry) -> list[Opened]:
        """Open a session at its next home for the guests who are in it."""
        remote = self._remote_with(session)
        own_key = return_key(session.seal, end.own) if session.seal else b""
        return await reopened(end, session, entry, remote.return_key if remote is not None else own_key)

    def close(self) -> None:
        """Tell all guests of other gateways' sessions that this gateway is going away: they can come back soon."""
        for remote in list(self._remotes):
            session, remote.session = remote.session, None
            if session is not None:
                line = f"[{session.name}: the gateway is going away; run the same command again in a moment]"
                session.end_guests(line, 1, may_return=True)
            self._drop(remote)

    # Sessions that nobody uses.

    async def _sweep(self) -> None:
        """Close relays that no guest uses. Never returns."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._close_unused()

    def _close_unused(self) -> None:
        now_s = self._loop.time()
        for remote in list(self._remotes):
            if remote.session is not None and (remote.session.guest_count or len(remote.session.publishers)):
                remote.used_s = now_s
            elif now_s > remote.used_s + _LINGER_S and not remote.lock.locked():
                self._drop(remote)

    def _drop(self, remote: RemoteSession) -> None:
        if remote in self._remotes:
            self._remotes.remove(remote)
        for each in [each for each, known in self._by_hash.items() if known is remote]:
            del self._by_hash[each]
        end, remote.end = remote.end, None
        if end is not None:
            end.close()
