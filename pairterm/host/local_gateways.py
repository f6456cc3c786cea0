"""Which gateway, and the ways to one on this machine: a shared one, or one's own, which a host starts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from pairterm.errors import SystemFault
from pairterm.link.messages import Registered
from pairterm.paths import state_dir
from pairterm.runtime.link_stream import LinkStream, connect_unix
from pairterm.runtime.spawn import start

__all__ = ["GatewayAddress", "OwnGatewayConnector", "UnixConnector"]

_OWN_GATEWAY_WAIT_S = 5.0
"""How long another process's start of the same gateway may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAddress:
    """Which gateway: one of this machine by its socket, or one of another by its host."""

    socket: str = ""
    is_own: bool = False
    """It is the user's own, and may be started."""
    host: str = ""
    """"" for a gateway of this machine."""
    port: int = 0
    host_key: str = ""
    """Which key a gateway that is not known yet may have: its fingerprint, or `accept-new`; "" none."""
    identity: str = ""
    """The one key file to use; "" takes the agent's and the usual ones in ~/.ssh."""
    proxy_command: str = ""
    """A command whose standard input and output are the connection; "" for none."""
    fixed_name: str = ""
    """The user name that the session wants besides its tokens; "" for none."""


class UnixConnector:
    """To the gateway that listens at a Unix socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    @property
    def dialled(self) -> tuple[str, int] | None:
        """Nothing: it is on this machine."""
        return None

    async def connect(self, stream: LinkStream) -> None:
        """Connect; a refusal is told from a socket that is not there by neither side: both are near."""
        try:
            await connect_unix(self._socket, stream)
        except SystemFault as fault:
            raise SystemFault(fault.message, code="refused") from fault

    async def start_gateway(self, known: Registered | None) -> bool:
        """Leave it: it is somebody else's to start."""
        return False

    def advice(self) -> str:
        """Return what to do without a gateway."""
        return "start it with 'pairterm serve', or share through one of your own with '--gateway own'"


class OwnGatewayConnector(UnixConnector):
    """To the user's own gateway, on the port that it had; `port` is where it tries first."""

    def __init__(self, socket: Path, listen: list[str], advertise: str, port: int) -> None:
        super().__init__(socket)
        self._listen = listen
        self._advertise = advertise
        self._port = port

    async def start_gateway(self, known: Registered | None) -> bool:
        """Start it, and wait until it listens; another process may be just as far."""
        settings = {
            "listen": self._listen,
            "advertise": self._advertise,
            "port": known.port if known is not None else self._port,
        }
        log = state_dir() / "gateway.log"
        # In a thread: when a gateway is restarted, the session must go on meanwhile.
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
        """Return nothing: what went wrong says it."""
        return ""
