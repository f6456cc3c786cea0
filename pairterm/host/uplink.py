"""A host's way out: the link to its gateway, and coming back to it.

A gateway that goes away takes no shell with it: the host keeps the session, dials
again with growing pauses, registers with the same token hashes, and so its links
work as before. The user's own gateway is started by whichever host needs it, on
the port it had.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pairterm.errors import PairtermError, PeerError, SystemFault, UsageError
from pairterm.host.actor import HostActor
from pairterm.link.messages import Refused, Register, Registered
from pairterm.linkio import LinkStream, connect_unix
from pairterm.paths import state_dir
from pairterm.spawn import start

__all__ = ["GatewayTarget", "Uplink"]

logger = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.2
_LAST_PAUSE_S = 15.0
"""Pauses between dials double from the first to the last, each shortened by up to half at random."""

_REGISTER_TIMEOUT_S = 10.0

_OWN_GATEWAY_WAIT_S = 5.0
"""How long another process's start of the same gateway may take."""


@dataclass(frozen=True, slots=True)
class GatewayTarget:
    """Which gateway, and for the user's own how to start it."""

    socket: Path
    is_own: bool
    listen: tuple[str, ...] = ()
    advertise: str = ""

    def settings(self, port: int) -> dict[str, Any]:
        """Return what the user's own gateway is started with; `port` 0 lets it choose."""
        return {"listen": list(self.listen), "advertise": self.advertise, "port": port}


class Uplink:
    """The link of one host to its gateway, for as long as the session lives."""

    def __init__(self, target: GatewayTarget, actor: HostActor, register: Register) -> None:
        self._target = target
        self._actor = actor
        self._register = register
        self._lost = asyncio.Event()

    async def connect(self) -> None:
        """Reach the gateway and bring it the session.

        Raises:
            UsageError: The gateway does not take it.
            SystemFault: No gateway is to be reached, and none of one's own came up.
        """
        try:
            await self._dial_or_start()
        except SystemFault as fault:
            if self._target.is_own:
                raise
            raise SystemFault(
                f"no gateway reachable: {fault.message}; start it with 'pairterm serve', "
                "or share through one of your own with '--gateway own'",
                code="no_gateway",
            ) from fault

    async def stay(self) -> None:
        """Come back to the gateway whenever it is lost. Ends only by being cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            await self._lost.wait()
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 -- spreads hosts, guards nothing
            try:
                await self._dial_or_start()
            except PairtermError as error:
                self._actor.gateway_state = f"away: {error.message}"
                pause_s = min(pause_s * 2, _LAST_PAUSE_S)
            else:
                pause_s = _FIRST_PAUSE_S

    async def _dial_or_start(self) -> None:
        try:
            await self._dial()
        except SystemFault:
            if not self._target.is_own:
                raise
            await self._start_own()

    async def _start_own(self) -> None:
        """Start the user's own gateway and dial it; another process may be just as far."""
        known = self._actor.registered
        settings = self._target.settings(known.port if known is not None else 0)
        log = state_dir() / "gateway.log"
        # In a thread: when a gateway is restarted, the session must go on meanwhile.
        await asyncio.to_thread(start, "pairterm.gateway", settings, log)
        deadline_s = asyncio.get_running_loop().time() + _OWN_GATEWAY_WAIT_S
        while True:
            try:
                return await self._dial()
            except SystemFault:
                if asyncio.get_running_loop().time() > deadline_s:
                    raise
            await asyncio.sleep(0.05)

    async def _dial(self) -> None:
        """Connect, register, and take the gateway's answer."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Registered | Refused] = loop.create_future()

        def settle(message: Registered | Refused) -> None:
            if not answer.done():
                answer.set_result(message)
            elif isinstance(message, Registered):
                self._actor.registered = message  # The gateway has opened another address since.

        def receive(payload: bytes) -> None:
            peer.receive(payload)

        def lost(error: PeerError | None) -> None:
            self._actor.remove_peer(peer)
            self._actor.gateway_state = "away: the link was lost"
            if not answer.done():
                text = error.message if error is not None else "the gateway closed the link"
                answer.set_exception(SystemFault(text, code="unreachable"))
            self._lost.set()

        stream = LinkStream(receive, lost)
        await connect_unix(self._target.socket, stream)
        peer = self._actor.add_peer(stream, is_local=False, on_registered=settle)
        stream.send(self._register)
        try:
            async with asyncio.timeout(_REGISTER_TIMEOUT_S):
                message = await answer
        except TimeoutError as error:
            stream.close()
            raise SystemFault("the gateway does not answer", code="unreachable") from error
        if isinstance(message, Refused):
            stream.close()
            raise UsageError(message.text, code=message.code)
        self._lost.clear()
        self._actor.registered = message
        self._actor.gateway_state = "connected"
