"""A host's link to its gateway, from the first connection through all reconnections.

If the gateway or the network goes away, the session goes on. The host dials again with growing
pauses, and registers with the same token hashes, so its links work as before. A
`GatewayConnector` makes the connection: over a Unix socket (`local_gateways`) or over SSH
(`gateway_over_ssh`, the only one that imports SSH).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from pairterm.access.host_login import home_statement
from pairterm.errors import PairtermError, PeerError, SystemFault, UsageError
from pairterm.host.actor import HostActor
from pairterm.host.peer_seams import GatewayNews
from pairterm.host.viewer_link import Peer
from pairterm.link.messages import HomeProved, Ping, ProveHome, Refused, Register, Registered, Restarting
from pairterm.outbound.redial_pauses import RedialPauses
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.link_stream import LinkStream

__all__ = ["GatewayConnector", "Uplink"]

logger = logging.getLogger(__name__)

_REGISTER_TIMEOUT_S = 10.0


class GatewayConnector(Protocol):
    """Connects a host to its gateway."""

    @property
    def dialled(self) -> tuple[str, int] | None:
        """The host and port of the gateway; None if it is on this machine."""

    async def connect(self, stream: LinkStream) -> None:
        """Connect `stream` to the gateway.

        Raises:
            SystemFault: It can't be reached. The code is `refused` if its machine answers.
            UsageError: It does not accept us.
        """

    async def start_gateway(self, known: Registered | None) -> bool:
        """Start the gateway if it is the user's own. Return whether it runs now."""

    def advice(self) -> str:
        """Return what the user can do if the gateway can't be reached; "" if the error says it."""

    def sign(self, text: bytes) -> bytes:
        """Return a signature by the session's key; b"" if the host has logged in without one."""


class Uplink:
    """The link of one host to its gateway, for as long as the session lives."""

    def __init__(self, connector: GatewayConnector, actor: HostActor, register: Register) -> None:
        self._connector = connector
        self._actor = actor
        self._register = register
        self._lost = asyncio.Event()
        self._is_superseded = False
        self._is_near = False
        """The gateway's machine answers: it refused a connection, or the gateway said that it restarts."""

    async def connect(self) -> None:
        """Connect to the gateway and register the session.

        Raises:
            UsageError: The gateway does not accept the session.
            SystemFault: The gateway can't be reached, or the user's own one does not start.
        """
        try:
            await self._dial_or_start()
        except SystemFault as fault:
            advice = self._connector.advice()
            if not advice:
                raise
            raise SystemFault(f"no gateway reachable: {fault.message}; {advice}", code="no_gateway") from fault

    async def stay(self) -> None:
        """Connect to the gateway again whenever the link is lost. Return if another link has taken over the session.

        If it fails, it may be called again, and continues where it was.
        """
        while True:
            await self._lost.wait()
            if self._is_superseded:
                return
            redial = RedialPauses()
            while self._lost.is_set():
                await asyncio.sleep(redial.pause_s(is_near=self._is_near))
                try:
                    await self._dial_or_start()
                except PairtermError as error:
                    self._actor.gateway.text = f"away: {error.message}"
                    self._is_near = error.code in ("refused", "stopping")
                    if error.code == "superseded":
                        self._supersede(error.message)
                        return

    async def _dial_or_start(self) -> None:
        try:
            await self._dial()
        except SystemFault:
            if not await self._connector.start_gateway(self._actor.gateway.registered):
                raise
            await self._dial()

    async def _dial(self) -> None:
        """Connect, register, and apply the gateway's answer."""
        link = _GatewayLink(
            self._actor,
            is_remote=self._connector.dialled is not None,
            on_news=self._hear,
            on_lost=self._lose,
            prove=self._prove,
        )
        try:
            await self._connector.connect(link)
            is_recorded = self._actor.gateway.says_recorded
            message = await link.register(msgspec.structs.replace(self._register, is_recorded=is_recorded))
            if isinstance(message, Refused):
                raise UsageError(message.text, code=message.code)
        except BaseException:
            link.close()  # Nobody else closes it: the next dial makes a new link.
            raise
        self._lost.clear()
        self._is_near = False
        self._actor.gateway.found(self._taken(message))

    def _hear(self, message: Registered | Refused | Restarting) -> None:
        """Apply a message that the gateway sends after its answer."""
        match message:
            case Restarting():
                self._is_near = True
            case Registered():
                # It has opened another address since, or has taken a fixed name away.
                self._actor.gateway.registered = self._taken(message)
            case Refused(code="superseded", text=text):
                self._supersede(text)

    def _prove(self, message: ProveHome) -> bytes:
        """Say, signed, that the session is at the gateway that asks, with the names that it has there."""
        names = self._register
        return self._connector.sign(
            home_statement(
                asking=message.asking,
                home=message.home,
                nonce=message.nonce,
                name=names.session,
                fixed_name=names.fixed_name,
            )
        )

    def _lose(self) -> None:
        if not self._is_superseded:
            self._actor.gateway_lost("the link was lost")
        self._lost.set()

    def _taken(self, message: Registered) -> Registered:
        """Apply what the gateway says about our links, and return it with the address that guests need."""
        if self._connector.dialled is not None and not message.is_advertised:
            host, port = self._connector.dialled
            message = msgspec.structs.replace(message, host=host, port=port)
        if message.notice:
            self._actor.note(message.notice)
        self._register = msgspec.structs.replace(
            self._register, generation=message.generation, fixed_name=message.fixed_name
        )
        return message

    def _supersede(self, text: str) -> None:
        self._is_superseded = True
        self._actor.gateway_lost(f"{text}; this host does not connect to it again")


class _GatewayLink(LinkStream):
    """One link with the gateway, from the dial to its loss."""

    def __init__(
        self,
        actor: HostActor,
        *,
        is_remote: bool,
        on_news: Callable[[Registered | Refused | Restarting], None],
        on_lost: Callable[[], None],
        prove: Callable[[ProveHome], bytes],
    ) -> None:
        """`on_news` gets the gateway's later messages. `on_lost` is called if the gateway had accepted the session."""
        super().__init__(self._receive, self._gone)
        self._actor = actor
        self._is_remote = is_remote
        self._on_news = on_news
        self._on_session_lost = on_lost
        self._prove = prove
        self._peer: Peer | None = None
        self._early: list[bytes] = []
        """Messages that arrived before `register` was called: the gateway's hello."""
        self._answer: asyncio.Future[Registered | Refused] = asyncio.get_running_loop().create_future()

    async def register(self, message: Register) -> Registered | Refused:
        """Register the session, and return the answer.

        Raises:
            SystemFault: The gateway does not answer.
        """
        self._peer = self._actor.add_peer(self, is_local=False, on_gateway=self._settle)
        if self._is_remote:
            self.heartbeat = Heartbeat(lambda: self.send(Ping()), self.abort, on_silent=self._actor.gateway_silent)
        for payload in self._early:
            self._peer.receive(payload)
        self._on_payload = self._peer.receive
        self.send(message)
        try:
            async with asyncio.timeout(_REGISTER_TIMEOUT_S):
                return await self._answer
        except TimeoutError as error:
            self.abort()
            raise SystemFault("the gateway does not answer", code="unreachable") from error

    def _settle(self, message: GatewayNews) -> None:
        if isinstance(message, ProveHome):
            self.send(HomeProved(message.request, self._prove(message)))
        elif isinstance(message, Restarting) or self._answer.done():
            self._on_news(message)
        else:
            self._answer.set_result(message)

    def _receive(self, payload: bytes) -> None:
        """Keep a message that arrives before `register` is called."""
        self._early.append(payload)

    def _gone(self, error: PeerError | None) -> None:
        if self._peer is not None:
            self._actor.remove_peer(self._peer)
        if not self._answer.done():
            text = error.message if error is not None else "the gateway closed the link"
            self._answer.set_exception(SystemFault(text, code="unreachable"))
            self._answer.exception()  # Nobody may wait for it; without this, asyncio would log it.
        elif isinstance(self._answer.result(), Registered):
            self._on_session_lost()
