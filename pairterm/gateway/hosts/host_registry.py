"""The links of a gateway's hosts, and the sessions that they bring: registered, away for a while, gone.

A link asks this registry what `host_link.Registry` names. Hosts of other machines whose
keys are removed from the list are disconnected.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from pairterm.access.name_claims import Claim
from pairterm.config import parse_address
from pairterm.errors import SystemFault, UsageError
from pairterm.gateway.hosts.host_link import HostLink, NameClaims
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.local_users import LocalOwners
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.hosts.recordings_link import RecordingsPlace
from pairterm.gateway.public_address import PublicAddress
from pairterm.gateway.restart_waiting_room import Footprint
from pairterm.gateway.shared_state import GatewayState
from pairterm.link.messages import AdmissionRules, Refused, Register, Registered, Restarting
from pairterm.session.recording import RecordingPolicy

__all__ = ["HostRegistry"]

logger = logging.getLogger(__name__)

_LOOK_S = 2.0
"""How often the list of hosts' keys is looked at."""

_HAND_OVER_PAUSE_S = 0.01
"""Between two hosts that are sent away: the other gateways get a hundred logins a second at most."""

_NOBODY = HostOwner("nobody", 0, None, may_be_away=False)


class HostRegistry:
    """The hosts of one gateway."""

    def __init__(
        self,
        state: GatewayState,
        address: PublicAddress,
        footprint: Footprint,
        listen_on: Callable[[str, int], None],
        *,
        grace_s: float,
        is_own: bool,
        recordings: RecordingsPlace | None = None,
        record: RecordingPolicy = "ask",
    ) -> None:
        """Make an empty registry.

        Args:
            state: What the gateway's connections share.
            address: Where guests find the gateway.
            footprint: Tells the next gateway that there were sessions.
            listen_on: Makes the gateway listen on one more address. May raise `SystemFault`.
            grace_s: How long a session stays while its host is away.
            is_own: This is a user's own gateway: it listens where its hosts ask for.
            recordings: Where it keeps recordings; None: it keeps none.
            record: Whether it takes sessions that are recorded, or others.
        """
        self._state = state
        self._directory = state.directory
        self._hosts = state.hosts
        self._address = address
        self._footprint = footprint
        self._listen_on_address = listen_on
        self.grace_s = grace_s
        """How long a session stays while its host is away."""
        self.record: RecordingPolicy = record
        """Whether it takes sessions that are recorded, or others."""
        self._is_own = is_own
        self.recordings = recordings
        self._links: set[HostLink] = set()
        self._local_owners = LocalOwners(self._hosts.local_owner)
        self._is_stopping = False
        self.name_claims: NameClaims | None = None
        """Where fixed names are claimed for the whole service; None: this gateway is alone."""
        self.changed = asyncio.Event()
        """Set when a link or a session came or went."""

    # Links.

    def new_link(self, owner: HostOwner) -> HostLink:
        """Return a link for a host of another machine."""
        link = HostLink(owner, self)
        self._links.add(link)
        return link

    async def new_local_link(self, uid: int) -> asyncio.Protocol:
        """Return a link for a user of this machine. It tells them so if they may not share here."""
        owner, refusal = None, None
        try:
            owner = await self._local_owners.find(uid)
        except TimeoutError:
            logger.warning("uid %d can't share: the user database does not answer", uid)
            refusal = Refused(None, "no_answer", "the machine's user database does not answer: try again in a moment")
        else:
            if owner is None:
                logger.info("uid %d may not share: not in the group %s", uid, self._hosts.group)
                text = f"sharing through this gateway takes the group {self._hosts.group!r}: ask its operator"
                refusal = Refused(None, "not_allowed", text)
        return _LocalLink(owner or _NOBODY, self, refusal)

    def open(self, link: HostLink) -> None:
        """Add a link of this machine."""
        self._links.add(link)

    def refusal(self, link: HostLink) -> Refused | None:
        """Return why a link may not even wait for its session: too many links of its owner do; None if it may."""
        owner = link.owner
        if sum(1 for each in self._links if each.session is None and each.owner.id == owner.id) <= owner.max_sessions:
            return None
        self._state.audit.refused("links", owner.id)
        return Refused(None, "full", "too many of your links wait without a session")

    def gone(self, link: HostLink) -> None:
        """Remove a link that has ended."""
        self._links.discard(link)
        self.changed.set()

    def close(self) -> list[HostLink]:
        """End all links and tell everyone: guests can come back in a moment, hosts dial again at short intervals.

        Return the links, so that they can be aborted once the messages had time to arrive.
        """
        self._is_stopping = True
        for link in self._links:
            link.send(Restarting())
        for session in self._directory.sessions:
            line = f"[{session.name}: the gateway is going away; run the same command again in a moment]"
            session.end_guests(line, 1, may_return=True)
        links = list(self._links)
        for link in links:
            link.close()
        return links

    async def hand_over(self) -> None:
        """Send the hosts of other machines away, a few at a time: they dial again, and another gateway takes them.

        Their sessions' guests stay here, and are served from there.
        """
        for link in [each for each in self._links if each.owner.may_be_away]:
            link.send(Restarting())
            link.close()
            await asyncio.sleep(_HAND_OVER_PAUSE_S)

    # The list of hosts' keys.

    async def follow_list(self) -> None:
        """Disconnect hosts whose keys are removed from the list. Never returns."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._hosts.look():
                self._disconnect_unlisted()
                self._hosts.settle()

    def _disconnect_unlisted(self) -> None:
        """Disconnect the hosts that may not share here any more. If one fails, the others are disconnected too."""
        failures: list[Exception] = []
        for link in list(self._links):
            try:
                if not self._hosts.lets_in(link.owner):
                    logger.info("%s is no longer on the list of hosts", link.owner.id)
                    self._state.audit.refused("host-key", link.owner.id)
                    link.dismiss("your key is no longer on the gateway's list")
            except Exception as error:
                failures.append(error)
        for session in self._directory.sessions:
            if session.link is None and not self._hosts.lets_in(session.owner):
                self.forget(session)
                session.end_guests(f"[{session.name}: ended by the gateway]", 1)
        if failures:
            raise ExceptionGroup("hosts could not be disconnected", failures)

    # Sessions.

    async def claim_name(self, link: HostLink, message: Register) -> tuple[Register, str]:
        """Claim the fixed name of a session in the whole service: see `NameClaims`.

        Raises:
            UsageError: It can't be had.
        """
        assert self.name_claims is not None
        try:
            return await self.name_claims.claim(link.owner, message)
        except UsageError as error:
            self._state.audit.refused(f"session: {error.code}", link.owner.id)
            raise

    def lost_name(self, name: str, claim: Claim) -> None:
        """A session at another gateway has a fixed name now: tell the host that had it here."""
        session = self._directory.named(name)
        if session is None or session.claim.instance != claim.instance:
            return
        self._directory.take_name(session)
        if isinstance(session.link, HostLink):
            notice = f"{name} lives elsewhere now: a newer session has it"
            session.link.send(self._address.registered(session, notice))

    def register(self, link: HostLink, message: Register, notice: str = "") -> tuple[HostedSession, Registered]:
        """Register the session that a host brings; return it, and the answer for the host.

        `notice`: why it did not get its fixed name again, "" if it did.

        Raises:
            UsageError: The gateway does not take it.
        """
        try:
            return self._register(link, message, notice)
        except UsageError as error:
            self._state.audit.refused(f"session: {error.code}", link.owner.id)
            raise

    def _register(self, link: HostLink, message: Register, notice: str) -> tuple[HostedSession, Registered]:
        """Register a session, new or known. The user's own gateway first listens where it is asked to."""
        if self._is_stopping:
            raise UsageError("the gateway is going away", code="stopping")
        if self._state.is_draining:
            raise UsageError("the gateway takes no more sessions", code="draining")
        if refusal := _recording_refusal(self.record, is_recorded=message.is_recorded):
            raise UsageError(refusal, code="recording")
        if self._is_own:
            for each in message.listen:
                self._listen_on(*parse_address(each))
        rival = self._directory.named(message.fixed_name) if message.fixed_name else None
        before = len(self._directory)
        session, refusal = self._directory.register(message, link.owner, now_ms=time.time_ns() // 1_000_000)
        session.owner = link.owner  # The same owner, who may come from another address now.
        session.on_event = self._state.audit.write
        if isinstance(session.link, HostLink):
            session.link.supersede()
        if rival is not None and rival is not session and not rival.fixed_name and isinstance(rival.link, HostLink):
            notice = f"{message.fixed_name} lives elsewhere now: a newer session has it"
            rival.link.send(self._address.registered(rival, notice))
        self._mark_footprint()
        self.changed.set()
        logger.info("session %s of %s registered", session.name, link.owner.id)
        self._audit(session, "session" if len(self._directory) > before else "session-back")
        return session, self._address.registered(session, refusal or notice)

    def admit(self, session: HostedSession, message: AdmissionRules) -> None:
        """Set the rules of a session from now on, or end it here if its recording does not fit the gateway."""
        refusal = _recording_refusal(self.record, is_recorded=message.is_recorded)
        if refusal and isinstance(session.link, HostLink):
            session.link.dismiss(refusal)
            return
        refused = self._directory.admit(session, message)
        for each in session.links:
            self._state.access.penalties.known(each)
        for nameplate in refused:
            session.tried(nameplate, is_refused=True)
        owner = session.owner
        by_key = (f"{owner.word}/{session.name}", f"{owner.mark}/{session.name}", session.fixed_name)
        names = by_key if session.keys else ()
        self._state.waiting_room.known([*session.links, *names])

    def forget(self, session: HostedSession) -> None:
        """Remove a session."""
        self._directory.remove(session)
        self._mark_footprint()
        self.changed.set()
        logger.info("session %s of %s gone", session.name, session.owner.id)
        self._audit(session, "session-end")

    def away(self, session: HostedSession) -> None:
        """Keep a session whose host is away, for the grace."""
        logger.info("the host of session %s of %s is away", session.name, session.owner.id)
        self._audit(session, "session-away")
        asyncio.get_running_loop().call_later(self.grace_s, self._end_absent, session, session.away_since_s)

    def _end_absent(self, session: HostedSession, away_since_s: float | None) -> None:
        """Remove a session whose host has been away since then, all the time."""
        if session.away_since_s is not None and session.away_since_s == away_since_s:
            self.forget(session)
            session.end_guests(f"[{session.name}: its host has been away for {self.grace_s} s, the link has ended]", 1)

    def _listen_on(self, host: str, port: int) -> None:
        """Listen on one more address, and tell all hosts how their links read now."""
        before = self._address.listen
        try:
            self._listen_on_address(host, port)
        except SystemFault as fault:
            raise UsageError(fault.message, code=fault.code) from fault
        for link in self._links:
            if link.session is not None and before != self._address.listen:
                link.send(self._address.registered(link.session))

    def _mark_footprint(self) -> None:
        if not self._is_stopping:
            # Workers of one machine have one footprint.
            self._footprint.mark(has_sessions=len(self._directory) + self._directory.elsewhere() > 0)

    def _audit(self, session: HostedSession, event: str) -> None:
        if self._is_stopping:
            return  # Links end with the gateway; sessions do not.
        self._state.audit.write(event, {"session": session.name, "owner": session.owner.id})


def _recording_refusal(policy: RecordingPolicy, *, is_recorded: bool) -> str:
    """Return why a gateway with this policy does not take a session; "": it does. The host may say what it wants."""
    match policy:
        case "always" if not is_recorded:
            return "the gateway takes only sessions that are recorded: pairterm new --record"
        case "off" if is_recorded:
            return "the gateway takes no sessions that are recorded"
        case _:
            return ""


class _LocalLink(HostLink):
    """The link of a host of this machine, from the link socket: the kernel says whose it is."""

    def __init__(self, owner: HostOwner, registry: HostRegistry, refusal: Refused | None) -> None:
        super().__init__(owner, registry)
        self._host_registry = registry
        self._refusal = refusal

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the link, or send the refusal (asyncio calls this)."""
        super().connection_made(transport)
        self._host_registry.open(self)
        self.open(self._refusal)
