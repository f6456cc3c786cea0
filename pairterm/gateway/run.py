"""A gateway from start to end: the shared one (`pairterm serve`), and a user's own, started on demand.

Both are the same process with other settings. A user's own listens on loopback
(and where the user says), and ends when its last session has ended.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pairterm import __version__
from pairterm.access.guest_places import GuestPlaces
from pairterm.access.max_startups import LoginQueue, Startups
from pairterm.access.penalties import SourcePenalties
from pairterm.access.proxy_protocol import Balancers
from pairterm.access.quotas import Quotas
from pairterm.config import GatewayConfig, parse_address
from pairterm.errors import SystemFault, UsageError
from pairterm.gateway.accepting import Acceptor
from pairterm.gateway.audit_events import GatewayAudit
from pairterm.gateway.descriptors import Reserve, room_for
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.hosts.host_link import HostLink
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.link_socket import LinkSocket, held_link_socket, link_socket_path
from pairterm.gateway.hosts.local_users import LocalOwners
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.listeners import bind_loopback
from pairterm.gateway.metrics import serve_metrics
from pairterm.gateway.operator import Operator, operator_socket
from pairterm.gateway.session_directory import SessionDirectory
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.ssh.connection_options import ssh_options
from pairterm.gateway.ssh.host_key import host_key
from pairterm.gateway.systemd_notify import notify
from pairterm.gateway.waiting_for_hosts import RETURN_S, Footprint
from pairterm.link.messages import AdmissionRules, Refused, Register, Registered, Restarting
from pairterm.paths import gateway_audit_file, made_private, state_dir
from pairterm.runtime.supervisor import Supervisor
from pairterm.text import is_host

__all__ = ["GatewaySettings", "Serving", "own_gateway_settings", "run_gateway"]

logger = logging.getLogger(__name__)

_FIRST_SESSION_S = 30.0
"""How long a user's own gateway waits for the session it was started for."""

_LAST_SESSION_S = 3.0
"""How long it stays after its last session: guests read their last line, and a next session finds it."""

_FAREWELL_S = 2.0
"""How long guests may take to read why they are parted with when the gateway stops."""

_LOOK_S = 2.0
"""How often the list of hosts' keys is looked at."""

_EMPTY_POLL_S = 0.5
"""How often a gateway that takes nobody any more looks whether the last guest has left; hosts stay connected."""


_OTHER_GATEWAY_S = _LAST_SESSION_S + 1.0
"""How long `serve` waits for another gateway to end: a user's own one goes after its last session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """What one gateway process is started with."""

    config: GatewayConfig
    is_own: bool = False
    """Loopback on `port` or the next free one besides `config.listen`; ends after its last session."""
    port: int = 0


@dataclass(frozen=True, slots=True)
class Serving:
    """Where a gateway that is ready is found."""

    listen: tuple[str, ...]
    link_socket: str
    fingerprint: str


async def run_gateway(settings: GatewaySettings, on_ready: Callable[[Serving], None]) -> None:
    """Serve until SIGTERM or SIGINT, or as a user's own until nobody needs it; `on_ready` is told where.

    Raises:
        SystemFault: A port, the host key or the link socket can't be had.
        UsageError: An address can't be read, or another gateway has the link socket.
    """
    gateway = _Gateway(settings)
    path = link_socket_path(settings.config, is_own=settings.is_own)
    with held_link_socket(path, wait_s=0.0 if settings.is_own else _OTHER_GATEWAY_S) as listener:
        await gateway.serve(listener, path, lambda: on_ready(gateway.serving(path)))


class _Gateway:
    """The parts of one gateway process."""

    def __init__(self, settings: GatewaySettings) -> None:
        config = settings.config
        self._settings = settings
        directory = made_private(Path(config.state_directory)) if config.state_directory else state_dir()
        startups = Startups.parse(config.max_unauthenticated)
        logins = startups.full + config.max_waiting
        self._room = room_for(Quotas(sessions=config.max_sessions, guests=config.max_guests, logins=logins))
        quotas = self._room.quotas
        startups = startups.within(quotas.logins)
        self._reserve = Reserve()
        self._audit = GatewayAudit(_audit_path(config, directory), max_bytes=config.audit.max_bytes)
        self._directory = SessionDirectory(max_sessions=quotas.sessions)
        hosts = replace(config.hosts, allow="none") if settings.is_own else config.hosts
        self._hosts = HostAdmission(hosts, directory, max_sessions=config.max_sessions_per_user)
        penalties = SourcePenalties()
        self._state = GatewayState(
            self._directory,
            penalties=penalties,
            login_queue=LoginQueue(
                startups,
                per_source=config.max_unauthenticated_per_source,
                max_waiting=min(config.max_waiting, quotas.logins - startups.full),
                login_timeout_s=config.login_timeout_s,
                tries_left=penalties.tries_left,
            ),
            guests=GuestPlaces(
                quotas.guests, per_session=config.max_guests_per_session, per_source=config.max_guests_per_source
            ),
            max_hosts=quotas.sessions,
            hosts=self._hosts,
            new_host_link=self._new_link,
            audit=self._audit,
        )
        self._operator = Operator(self._state, self._take_no_more, self._place)
        self._stop_metrics: Callable[[], None] = lambda: None
        self._tasks = Supervisor()
        self._stopping = asyncio.Event()
        self._links: set[HostLink] = set()
        self._changed = asyncio.Event()
        self._is_stopping = False
        self._key = host_key(directory)
        self._footprint = Footprint(directory / ("own-gateway.sessions" if settings.is_own else "gateway.sessions"))
        self._front = Acceptor(
            self._state,
            ssh_options(self._state, self._key, login_timeout_s=config.login_timeout_s),
            self._reserve,
            Balancers(config.proxy_protocol_from),
            self._tasks,
        )

    def serving(self, path: Path) -> Serving:
        """Say where it is found; `path` is the link socket."""
        place = self._place()
        return Serving(tuple(place["listen"]), str(path), place["fingerprint"])

    async def serve(self, listener: socket.socket, path: Path, on_ready: Callable[[], None]) -> None:
        self._front.check_asyncssh()
        if self._settings.is_own:
            self._front.add(bind_loopback(self._settings.port))
        for each in self._settings.config.listen:
            self._front.add_address(*parse_address(each))
        loop = asyncio.get_running_loop()
        if self._footprint.had_sessions:
            self._state.waiting_room.open(loop.time() + RETURN_S)
            self._state.access.penalties.hold_until(loop.time() + RETURN_S)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        await self._operator.serve(operator_socket(path))
        self._local_owners = LocalOwners(self._hosts.local_owner)
        links = LinkSocket(listener, self._reserve, self._new_local_link, self._tasks)
        if self._settings.config.metrics_port:
            self._stop_metrics = serve_metrics(self._settings.config.metrics_port, self._operator.status)
        gc.collect()
        gc.freeze()
        on_ready()
        self._room.log()
        if problem := self._hosts.problem():
            logger.warning("%s", problem)
        self._audit.write("start", {"pid": os.getpid(), "version": __version__})
        notify("READY=1")
        if self._hosts.takes_remote:
            self._tasks.keep("following the list of hosts", self._follow_hosts)
        try:
            if self._settings.is_own:
                await self._until_unused()
            else:
                await self._stopping.wait()
        finally:
            notify("STOPPING=1")
            links.close()
            self._operator.close()
            self._stop_metrics()
            await self._drain()
            await self._tasks.close()
            self._audit.write("stop", {"pid": os.getpid()})
            self._audit.close()
            self._reserve.close()

    async def _drain(self) -> None:
        """Part with everyone in words: guests may come again in a moment, hosts dial again at short intervals."""
        self._is_stopping = True
        for link in self._links:
            link.send(Restarting())
        for session in self._directory.sessions:
            line = f"[{session.name}: the gateway is going away; run the same command again in a moment]"
            session.end_guests(line, 1, may_return=True)
        links = list(self._links)
        for link in links:
            link.close()
        await self._front.wait_empty(_FAREWELL_S)
        await self._front.close()
        for link in links:
            link.abort()

    async def _until_unused(self) -> None:
        """Return when told to stop, or when no session has been here for a while."""
        patience_s = _FIRST_SESSION_S
        while not self._stopping.is_set():
            self._changed.clear()
            try:
                async with asyncio.timeout(None if len(self._directory) else patience_s):
                    await self._changed.wait()
            except TimeoutError:
                return
            patience_s = _LAST_SESSION_S

    def _stop(self) -> None:
        self._stopping.set()
        self._changed.set()

    def _take_no_more(self) -> None:
        """Take nobody any more, and end when the last guest has left."""
        if not self._state.is_draining:
            self._state.is_draining = True
            self._tasks.keep("draining", self._end_when_empty)

    async def _end_when_empty(self) -> None:
        await self._front.shut()
        while self._state.access.guests.count:  # noqa: ASYNC110 -- guests are counted in many places, this happens once
            await asyncio.sleep(_EMPTY_POLL_S)
        self._stop()

    # Hosts.

    def _new_link(self, owner: HostOwner) -> HostLink:
        link = HostLink(owner, self)
        self._links.add(link)
        return link

    async def _new_local_link(self, uid: int) -> asyncio.Protocol:
        """Return a link for a user of this machine, which says so if they may not share here."""
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

    def refusal(self, link: HostLink) -> Refused | None:
        """Return why a link may not even wait for its session: too many of its owner's do."""
        owner = link.owner
        if sum(1 for each in self._links if each.session is None and each.owner.id == owner.id) <= owner.max_sessions:
            return None
        self._audit.refused("links", owner.id)
        return Refused(None, "full", "too many of your links wait without a session")

    async def _follow_hosts(self) -> None:
        """Disconnect hosts whose keys are taken off the list. Never returns."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._hosts.look():
                self._dismiss_unlisted()
                self._hosts.settle()

    def _dismiss_unlisted(self) -> None:
        """Disconnect those who may share here no more. The failure of one keeps no other."""
        failures: list[Exception] = []
        for link in list(self._links):
            try:
                if not self._hosts.lets_in(link.owner):
                    logger.info("%s is on the list of hosts no more", link.owner.id)
                    self._audit.refused("host-key", link.owner.id)
                    link.dismiss("your key is on the gateway's list no more")
            except Exception as error:
                failures.append(error)
        for session in self._directory.sessions:
            if session.link is None and not self._hosts.lets_in(session.owner):
                self.forget(session)
                session.end_guests(f"[{session.name}: ended by the gateway]", 1)
        if failures:
            raise ExceptionGroup("hosts could not be disconnected", failures)

    def open(self, link: HostLink) -> None:
        """Take note of a link of this machine."""
        self._links.add(link)

    def register(self, link: HostLink, message: Register) -> tuple[HostedSession, Registered]:
        """Answer a host: where its links lead."""
        try:
            return self._take_up(link, message)
        except UsageError as error:
            self._audit.refused(f"session: {error.code}", link.owner.id)
            raise

    def _take_up(self, link: HostLink, message: Register) -> tuple[HostedSession, Registered]:
        """Take a session up, or again. The user's own gateway opens what it is asked to first."""
        if self._is_stopping:
            raise UsageError("the gateway is going away", code="stopping")
        if self._state.is_draining:
            raise UsageError("the gateway takes no more sessions", code="draining")
        if self._settings.is_own:
            for each in message.listen:
                self._listen_on(*parse_address(each))
        rival = self._directory.named(message.fixed_name) if message.fixed_name else None
        before = len(self._directory)
        session, refusal = self._directory.register(message, link.owner, now_ms=time.time_ns() // 1_000_000)
        session.owner = link.owner  # The same; it may come from elsewhere now.
        session.on_event = self._audit.write
        if isinstance(session.link, HostLink):
            session.link.supersede()
        if rival is not None and rival is not session and not rival.fixed_name and isinstance(rival.link, HostLink):
            rival.link.send(
                self._registered(rival, f"{message.fixed_name} lives elsewhere now: a newer session has it")
            )
        self._mark_footprint()
        self._changed.set()
        logger.info("session %s of %s registered", session.name, link.owner.id)
        self._tell_of(session, "session" if len(self._directory) > before else "session-back")
        return session, self._registered(session, refusal)

    def _mark_footprint(self) -> None:
        if not self._is_stopping:
            self._footprint.mark(has_sessions=len(self._directory) > 0)

    def _tell_of(self, session: HostedSession, event: str) -> None:
        if self._is_stopping:
            return  # Its links end with the gateway; the sessions do not.
        self._audit.write(event, {"session": session.name, "owner": session.owner.id})

    def admit(self, session: HostedSession, message: AdmissionRules) -> None:
        """Take what leads to a session from now on."""
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
        """Let a session go."""
        self._directory.remove(session)
        self._mark_footprint()
        self._changed.set()
        logger.info("session %s of %s gone", session.name, session.owner.id)
        self._tell_of(session, "session-end")

    def away(self, session: HostedSession) -> None:
        """Keep a session whose host is away, for the grace."""
        logger.info("the host of session %s of %s is away", session.name, session.owner.id)
        self._tell_of(session, "session-away")
        grace_s = self._settings.config.hosts.grace_s
        asyncio.get_running_loop().call_later(grace_s, self._end_absent, session, session.away_since_s)

    def _end_absent(self, session: HostedSession, away_since_s: float | None) -> None:
        if session.away_since_s is not None and session.away_since_s == away_since_s:
            self.forget(session)
            grace_s = self._settings.config.hosts.grace_s
            session.end_guests(f"[{session.name}: its host has been away for {grace_s} s, the link has ended]", 1)

    def gone(self, link: HostLink) -> None:
        """Take note that a link is no more."""
        self._links.discard(link)
        self._changed.set()

    def _listen_on(self, host: str, port: int) -> None:
        """Open one more address, and tell all hosts that their links read differently now."""
        before = self._front.addresses
        try:
            self._front.add_address(host, port)
        except SystemFault as fault:
            raise UsageError(fault.message, code=fault.code) from fault
        for link in self._links:
            if link.session is not None and before != self._front.addresses:
                link.send(self._registered(link.session))

    def _place(self) -> dict[str, Any]:
        """Return where guests find it, for its operator."""
        host, port = self._advertised()
        listen = [f"[{each}]:{at}" if ":" in each else f"{each}:{at}" for each, at in self._front.addresses]
        return {"host": host, "port": port, "listen": listen, "fingerprint": self._key.get_fingerprint()}

    def _registered(self, session: HostedSession, notice: str = "") -> Registered:
        host, port = self._advertised()
        return Registered(
            host=host,
            port=port,
            public_key=" ".join(self._key.export_public_key().decode().split()[:2]),
            fingerprint=self._key.get_fingerprint(),
            is_loopback=self._front.is_loopback,
            is_own=self._settings.is_own,
            is_advertised=bool(parse_address(self._settings.config.advertise)[0]),
            generation=session.claim.generation,
            fixed_name=session.fixed_name,
            notice=notice[:500],
            seen_address=session.owner.address,
            seen_key=session.owner.key,
            by_key=session.fixed_name or f"{session.owner.word}/{session.name}",
        )

    def _advertised(self) -> tuple[str, int]:
        """Return the host and port that links name; port 0 while it takes no guests any more."""
        addresses = self._front.addresses
        open_ports = [port for host, port in addresses if host not in ("127.0.0.1", "::1")]
        port = next(iter(open_ports or [port for _, port in addresses]), 0)
        host, given = parse_address(self._settings.config.advertise)
        if ":" in self._settings.config.advertise.rpartition("]")[2]:
            port = given
        if not host:
            host = "localhost" if self._front.is_loopback else socket.gethostname()
        return host if is_host(host) else "localhost", port


_NOBODY = HostOwner("nobody", 0, None, may_be_away=False)


class _LocalLink(HostLink):
    """A host's link as it arrives on the link socket: the kernel says whose it is."""

    def __init__(self, owner: HostOwner, gateway: _Gateway, refusal: Refused | None) -> None:
        super().__init__(owner, gateway)
        self._gateway = gateway
        self._refusal = refusal

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the link, unless there is a refusal (asyncio calls this)."""
        super().connection_made(transport)
        self._gateway.open(self)
        self.open(self._refusal)


def _audit_path(config: GatewayConfig, directory: Path) -> Path | None:
    if not config.audit.enabled:
        return None
    return Path(config.audit.file) if config.audit.file else gateway_audit_file(directory)


def own_gateway_settings(listen: list[str], advertise: str, port: int) -> GatewaySettings:
    """Return the settings of a user's own gateway, on `port` or the next free one."""
    config = replace(GatewayConfig(), listen=listen, advertise=advertise)
    return GatewaySettings(config=config, is_own=True, port=port)
