"""A host's way out: the link to its gateway, and coming back to it.

A gateway that goes away, or a network that does, takes no shell with it: the host
keeps the session, dials again with growing pauses, registers with the same token
hashes, and so its links work as before. How it dials is the `GatewayConnector`'s: over a Unix
socket (`ways`) or over SSH (`sshway`, which alone imports SSH).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from pairterm.errors import PairtermError, PeerError, SystemFault, UsageError
from pairterm.host.actor import HostActor
from pairterm.host.viewer_link import Peer
from pairterm.link.messages import Ping, Refused, Register, Registered, Restarting
from pairterm.outbound.redial_pauses import RedialPauses
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.link_stream import LinkStream

__all__ = ["GatewayConnector", "Uplink"]

logger = logging.getLogger(__name__)

_REGISTER_TIMEOUT_S = 10.0


class GatewayConnector(Protocol):
    """How a host reaches its gateway."""

    @property
    def dialled(self) -> tuple[str, int] | None:
        """The host and port that were dialled; None on this machine."""

    async def connect(self, stream: LinkStream) -> None:
        """Connect `stream` to the gateway.

        Raises:
            SystemFault: It is not to be reached; code `refused` if its machine is there.
            UsageError: It is reached, and does not take us.
        """

    async def start_gateway(self, known: Registered | None) -> bool:
        """Start the gateway if it is ours to start; return whether it was."""

    def advice(self) -> str:
        """Return what a person may do when it is not to be reached at all."""


class Uplink:
    """The link of one host to its gateway, for as long as the session lives."""

    def __init__(self, connector: GatewayConnector, actor: HostActor, register: Register) -> None:
        self._connector = connector
        self._actor = actor
        self._register = register
        self._lost = asyncio.Event()
        self._is_superseded = False
        self._is_near = False
        """The gateway's machine is there: it said that it would be back, or refused a connection."""

    async def connect(self) -> None:
        """Reach the gateway and bring it the session.

        Raises:
            UsageError: The gateway does not take it.
            SystemFault: No gateway is to be reached, and none of one's own came up.
        """
        try:
            await self._dial_or_start()
        except SystemFault as fault:
            advice = self._connector.advice()
            if not advice:
                raise
            raise SystemFault(f"no gateway reachable: {fault.message}; {advice}", code="no_gateway") from fault

    async def stay(self) -> None:
        """Come back to the gateway whenever it is lost. Returns when another link has the session.

        It may be called again after a failure: it goes on where it was.
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
                    self._actor.gateway_state = f"away: {error.message}"
                    self._is_near = error.code in ("refused", "stopping")
                    if error.code == "superseded":
                        self._supersede(error.message)
                        return

    async def _dial_or_start(self) -> None:
        try:
            await self._dial()
        except SystemFault:
            if not await self._connector.start_gateway(self._actor.registered):
                raise
            await self._dial()

    async def _dial(self) -> None:
        """Connect, register, and take the gateway's answer."""
        link = _GatewayLink(
            self._actor, is_remote=self._connector.dialled is not None, on_news=self._hear, on_lost=self._lose
        )
        try:
            await self._connector.connect(link)
            message = await link.register(self._register)
            if isinstance(message, Refused):
                raise UsageError(message.text, code=message.code)
        except BaseException:
            link.close()  # Nobody else would: the next dial begins a link of its own.
            raise
        self._lost.clear()
        self._is_near = False
        self._actor.gateway_found(self._taken(message))

    def _hear(self, message: Registered | Refused | Restarting) -> None:
        """Take what the gateway says later on."""
        match message:
            case Restarting():
                self._is_near = True
            case Registered():
                # It has opened another address since, or took a name away.
                self._actor.registered = self._taken(message)
            case Refused(code="superseded", text=text):
                self._supersede(text)

    def _lose(self) -> None:
        if not self._is_superseded:
            self._actor.gateway_lost("the link was lost")
        self._lost.set()

    def _taken(self, message: Registered) -> Registered:
        """Take what the gateway says of our links, and return it as it holds here."""
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
        self._actor.gateway_lost(f"{text}; it does not come back from here")


class _GatewayLink(LinkStream):
    """One link with the gateway, from the dial to its loss."""

    def __init__(
        self,
        actor: HostActor,
        *,
        is_remote: bool,
        on_news: Callable[[Registered | Refused | Restarting], None],
        on_lost: Callable[[], None],
    ) -> None:
        """`on_news` gets what the gateway says after its answer; `on_lost` is called if it had taken the session."""
        super().__init__(self._receive, self._gone)
        self._actor = actor
        self._is_remote = is_remote
        self._on_news = on_news
        self._on_session_lost = on_lost
        self._heartbeat: Heartbeat | None = None
        self._peer: Peer | None = None
        self._early: list[bytes] = []
        """What arrived before we came to look: the gateway's hello."""
        self._answer: asyncio.Future[Registered | Refused] = asyncio.get_running_loop().create_future()

    async def register(self, message: Register) -> Registered | Refused:
        """Bring the session, and return the answer.

        Raises:
            SystemFault: There is none.
        """
        self._peer = self._actor.add_peer(self, is_local=False, on_gateway=self._settle)
        if self._is_remote:
            self._heartbeat = Heartbeat(lambda: self.send(Ping()), self.abort, on_silent=self._actor.gateway_silent)
        for payload in self._early:
            self._peer.receive(payload)
        self.send(message)
        try:
            async with asyncio.timeout(_REGISTER_TIMEOUT_S):
                return await self._answer
        except TimeoutError as error:
            self.abort()
            raise SystemFault("the gateway does not answer", code="unreachable") from error

    def data_received(self, data: bytes) -> None:
        """Take any sign of life (the transport calls this)."""
        if self._heartbeat is not None:
            self._heartbeat.heard()
        super().data_received(data)

    def _settle(self, message: Registered | Refused | Restarting) -> None:
        if isinstance(message, Restarting) or self._answer.done():
            self._on_news(message)
        else:
            self._answer.set_result(message)

    def _receive(self, payload: bytes) -> None:
        if self._peer is None:
            self._early.append(payload)
        else:
            self._peer.receive(payload)

    def _gone(self, error: PeerError | None) -> None:
        if self._heartbeat is not None:
            self._heartbeat.stop()
        if self._peer is not None:
            self._actor.remove_peer(self._peer)
        if not self._answer.done():
            text = error.message if error is not None else "the gateway closed the link"
            self._answer.set_exception(SystemFault(text, code="unreachable"))
            self._answer.exception()  # Perhaps nobody waits for it.
        elif isinstance(self._answer.result(), Registered):
            self._on_session_lost()
