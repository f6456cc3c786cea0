"""The address of a gateway, and how a host connects to a gateway on this machine: a shared one, or the user's own."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path

from pairterm.errors import PairtermError, SystemFault
from pairterm.host.early_gateway import EarlyGateway
from pairterm.link.messages import Registered
from pairterm.paths import state_dir
from pairterm.runtime.link_stream import LinkStream, connect_unix
from pairterm.runtime.spawn import start

__all__ = ["GatewayAddress", "OwnGatewayConnector", "UnixConnector"]

_OWN_GATEWAY_WAIT_S = 5.0
"""How long another process may take to start the same gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAddress:
    """The address of a gateway: a socket on this machine, or a host and port elsewhere."""

    socket: str = ""
    is_own: bool = False
    """It is the user's own gateway, and a host may start it."""
    host: str = ""
    """"" for a gateway on this machine."""
    port: int = 0
    host_key: str = ""
    """The host key that is accepted for an unknown gateway: a fingerprint, or `accept-new` for any; "" for none."""
    identity: str = ""
    """The only key file to use; "" uses the agent's keys and the default ones in ~/.ssh."""
    proxy_command: str = ""
    """A command whose standard input and output are the connection; "" for none."""
    fixed_name: str = ""
    """The fixed user name that the session asks for, besides its tokens; "" for none."""


class UnixConnector:
    """Connects to the gateway that listens at a Unix socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    @property
    def dialled(self) -> tuple[str, int] | None:
        """None: it is on this machine."""
        return None

    async def connect(self, stream: LinkStream) -> None:
        """Connect. Each failure has the code `refused`: the gateway's machine is this one, so it is there."""
        try:
            await connect_unix(self._socket, stream)
        except SystemFault as fault:
            raise SystemFault(fault.message, code="refused") from fault

    async def start_gateway(self, known: Registered | None) -> bool:
        """Return False: its operator starts it."""
        return False

    def sign(self, text: bytes) -> bytes:
        """Return b"": a host of this machine has no key."""
        return b""

    def advice(self) -> str:
        """Return what the user can do if there is no gateway."""
        return "start it with 'pairterm serve', or share through your own gateway with '--gateway own'"


class OwnGatewayConnector(UnixConnector):
    """Connects to the user's own gateway, and starts it: on the port that it had before, `port` the first time."""

    def __init__(
        self, socket: Path, listen: list[str], advertise: str, port: int, *, web: bool, early: EarlyGateway
    ) -> None:
        """`early`: the gateway that was begun before this host was ready."""
        super().__init__(socket)
        self._early = early
        self._web = web
        self._listen = listen
        self._advertise = advertise
        self._port = port

    async def connect(self, stream: LinkStream) -> None:
        """Connect. If the gateway has been begun, wait for it first."""
        begun = self._early.take()
        if begun is not None:
            # If it has failed, nobody listens: `start_gateway` starts another one then, and reports its error.
            with contextlib.suppress(PairtermError):
                await asyncio.to_thread(begun.wait)
        await super().connect(stream)

    async def start_gateway(self, known: Registered | None) -> bool:
        """Start it, and wait until it listens. Another process may be starting it at the same moment."""
        settings = {
            "listen": self._listen,
            "advertise": self._advertise,
            "port": known.port if known is not None else self._port,
            "web": self._web,
        }
        log = state_dir() / "gateway.log"
        # In a thread: the session must go on while the gateway starts.
        await asyncio.to_thread(start, "pairterm.gateway", settings, log)
        deadline_s = asyncio.get_running_loop().time() + _OWN_GATEWAY_WAIT_S
        while not await self._listens():
            if asyncio.get_running_loop().time() > deadline_s:
                return False
            await asyncio.sleep(0.05)
        return True

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_unix_connection(str(self._socket))
        except OSError:
            return False
        writer.close()
        return True

    def advice(self) -> str:
        """Return "": the error says what went wrong."""
        return ""
