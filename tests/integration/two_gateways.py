"""Gateways in one process, with a real bus between them, and a real host's core behind one of them.

The bus is that of workers, told that it may not trust the others: what is proved between gateways is proved.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from pairterm import __version__
from pairterm.access.max_startups import Startups
from pairterm.access.quotas import Quotas
from pairterm.access.tokens import Tokens, new_tokens, token_hash
from pairterm.access.user_names import UserName
from pairterm.config import GatewayConfig
from pairterm.gateway.audit_events import GatewayAudit
from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.gateway.bus.machine_bus import MachineBus
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.descriptors import Room
from pairterm.gateway.gateway_parts import state_of
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.hosts.session_link import SessionLink
from pairterm.gateway.relay.key_logins import KeyLogins
from pairterm.gateway.relay.remote_sessions import RemoteSessions
from pairterm.gateway.relay.service_sessions import ServiceSessions
from pairterm.host.viewer_link import Peer
from pairterm.link.codec import LinkMessage, decode_host_message, encode
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    AdmissionRules,
    Echo,
    Hello,
    HomeProved,
    HostMessage,
    InvitationWire,
    Register,
    ScreenUpdate,
    SessionInfo,
    ViewSettings,
)
from pairterm.runtime.supervisor import Supervisor
from pairterm.types import PaneId, Size
from tests.laws.link.test_resume import HostEnd, Watcher

__all__ = ["Gateway", "Host", "Service", "eventually_true", "service"]

AnyBus: TypeAlias = LocalBus | NatsBus | MachineBus

OWNER = HostOwner("key SHA256:x", 9, "team-", may_be_away=True)

_DEADLINE_S = 60.0


async def eventually_true(is_so: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    try:
        async with asyncio.timeout(_DEADLINE_S):
            while not is_so():  # noqa: ASYNC110 -- it is the state of several objects
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(what) from None


class _GatewaySide(SessionLink):
    """The gateway's end of a host's link without a transport: what it sends comes to the host at once."""

    def __init__(self, host: Host) -> None:
        super().__init__(lambda payload: None, lambda error: None, is_near=True, max_waiting_bytes=1, share=None)
        self._host = host

    def send(self, *messages: LinkMessage) -> None:
        for each in messages:
            if self._host.gateway_side is self:
                self._host.says_gateway(each)

    def excuse(self, took_s: float) -> None: ...


class _HostSide:
    """The host's end of it."""

    waiting_bytes = 0

    def __init__(self, host: Host) -> None:
        self._host = host

    def send(self, message: HostMessage) -> None:
        self._host.says_host(decode_host_message(encode(message)))

    def close(self) -> None: ...
    def answer_ping(self) -> None: ...


class Host(HostEnd):
    """A host with a real core, at one gateway after the other."""

    def __init__(self) -> None:
        self.tokens: Tokens = new_tokens()
        super().__init__(self.tokens)
        self.session: HostedSession | None = None
        self.gateway_side: _GatewaySide | None = None
        self.fixed_name = ""
        self.sent_to_it: list[object] = []
        """All that its gateway sent it."""

    def connect(self, gateway: Gateway) -> HostedSession:
        """Register at a gateway."""
        hashes = token_hash(self.tokens.read_write), token_hash(self.tokens.read_only)
        message = Register("ours", *hashes, instance=b"i", seal=self.tokens.seal, fixed_name=self.fixed_name)
        session, _ = gateway.state.directory.register(message, self.owner_at(gateway), now_ms=1)
        session.on_event = lambda event, fields: None
        self.gateway_side = _GatewaySide(self)
        self.session = session
        self.peer = Peer(1, self, _HostSide(self), is_local=False, on_gateway=self.hears_gateway)
        self.peer.receive(encode(Hello(PROTOCOL, __version__, "gateway")))
        session.connect(self.gateway_side, ViewSettings())
        links = [InvitationWire(hashes[0], "rw"), InvitationWire(hashes[1], "ro")]
        gateway.state.directory.admit(session, self.rules(links))
        return session

    def owner_at(self, gateway: Gateway) -> HostOwner:
        """Return the owner as a gateway sees them."""
        return OWNER

    def rules(self, links: list[InvitationWire]) -> AdmissionRules:
        """Return what opens the session, with these links."""
        return AdmissionRules(links, [], False)

    def hears_gateway(self, message: object) -> None:
        """The gateway says something to the host, and not to its session."""

    def lose_link(self) -> None:
        """The link to the gateway is lost."""
        assert self.peer is not None
        assert self.session is not None
        peer, self.peer, self.gateway_side = self.peer, None, None
        peer.lost()
        self.session.disconnect(asyncio.get_running_loop().time())

    def says_gateway(self, message: object) -> None:
        """The gateway sends a message."""
        self.sent_to_it.append(message)
        if self.peer is not None:
            self.peer.receive(encode(message))  # type: ignore[arg-type]  # The host decides about any message.

    def says_host(self, message: HostMessage) -> None:
        """The host sends a message."""
        if isinstance(message, Hello | ViewSettings | SessionInfo):
            return
        if self.session is not None and self.gateway_side is not None:
            if isinstance(message, ScreenUpdate | Echo):
                self.session.update(message)
                self.says_gateway(Ack(message.pane, message.generation))
                return
            if isinstance(message, HomeProved):
                self.session.home_proofs.take(message)
                return
            self.gateway_side.take_for(self.session, message)  # type: ignore[arg-type]  # The others are left out above.

    def print(self, text: bytes) -> None:
        """The program prints."""
        self.core.feed(PaneId(0), text, self.now_s)
        self.publish()


class Gateway:
    """One gateway of the service, without doors."""

    def __init__(self, path: Path, tasks: Supervisor, new_bus: Callable[[], AnyBus]) -> None:
        config = GatewayConfig()
        quotas = Quotas(sessions=20, guests=200, logins=50, browsers=0)
        self.state = state_of(
            config,
            Room(quotas, 1000, 1000),
            Startups.parse("10:30:40"),
            HostAdmission(config.hosts, path, max_sessions=9),
            GatewayAudit(None, max_bytes=1 << 20),
        )
        self.bus = new_bus()
        self.remote = RemoteSessions(self.bus, self.state, tasks, grace_s=60, most=20)
        self.state.elsewhere = self.remote
        self.keys = KeyLogins(self.remote, self.bus, self.state.hosts)
        self.sessions = ServiceSessions(self.bus, self.state.directory, self.remote)
        self.state.access.sessions = self.sessions

    async def lands(self, token: str) -> Watcher:
        """Let a guest land here with a token, and be let in by the host."""
        watcher = await self.knocks(token)
        await eventually_true(lambda: watcher.roles, "the guest was not let in")
        return watcher

    async def knocks(self, token: str) -> Watcher:
        """Let a guest land here with a token, and ask to be let in."""
        user = UserName.of(token)
        if self.sessions.may_be_elsewhere(user):
            await self.remote.bring(user)
        session = self.sessions.find(user)
        assert session is not None, "no session"
        watcher = Watcher(session, Credentials(token_hash=user.token_hash, address="192.0.2.1", user_name=user))
        watcher.guest.ask_in(Size(rows=6, cols=20), term="xterm")
        return watcher


class Service:
    """Some gateways that know each other."""

    def __init__(
        self, path: Path, *, is_trusted: bool = False, new_bus: Callable[[Supervisor], NatsBus] | None = None
    ) -> None:
        """`new_bus` makes the bus of each gateway; None: that of workers."""
        self._path = path
        self.tasks = Supervisor()
        self.new_bus: Callable[[Supervisor], AnyBus] = new_bus or (
            lambda tasks: LocalBus(path / "bus", tasks, is_trusted=is_trusted)
        )
        self.gateways: list[Gateway] = []
        self.dead: list[Gateway] = []
        """Those that have died. Their sockets are closed at the end, as the kernel does."""

    async def gateway(self) -> Gateway:
        """Start one more gateway."""
        gateway = Gateway(self._path, self.tasks, lambda: self.new_bus(self.tasks))
        await gateway.bus.start()
        self.gateways.append(gateway)
        return gateway

    async def know(self, token: str) -> None:
        """Wait until all gateways know where a token, or a name, may lead."""
        user = UserName.of(token)
        for each in self.gateways:
            directory = each.bus.directory
            is_known = (
                partial(directory.with_name, token)
                if user.may_be_by_key
                else partial(directory.with_token, user.token_hash)
            )
            await eventually_true(is_known, "not announced")


@asynccontextmanager
async def service(
    path: Path, *, is_trusted: bool = False, new_bus: Callable[[Supervisor], NatsBus] | None = None
) -> AsyncIterator[Service]:
    """Yield a service without gateways, and end those that it has got."""
    (path / "bus").mkdir(mode=0o700)
    made = Service(path, is_trusted=is_trusted, new_bus=new_bus)
    try:
        yield made
    finally:
        for each in [*made.gateways, *made.dead]:
            await each.bus.close()
        await made.tasks.close()
