"""Connects a host to a gateway on another machine: by SSH, with the user's own keys (see `outbound.ssh_login`)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from typing import Any

from pairterm.access.host_login import host_user
from pairterm.host.actor import HostActor
from pairterm.host.local_gateways import GatewayAddress
from pairterm.link.messages import Registered
from pairterm.outbound.dialling import dial, start_proxy_command
from pairterm.outbound.ssh_login import GatewayLogin, SessionKey, Target
from pairterm.runtime.link_stream import LinkStream

__all__ = ["SshConnector"]

_CONNECT_TIMEOUT_S = 20.0
"""For a whole login. A slow agent may ask the user for a touch or a confirmation."""

_LOGIN_TIMEOUT_S = 60.0
"""For the first login: the user may have to confirm that a key is used."""


class SshConnector:
    """Connects to the gateway at a host and port."""

    def __init__(self, settings: GatewayAddress, actor: HostActor) -> None:
        self._settings = settings
        self._key = SessionKey()
        self._target = Target(
            host=settings.host,
            port=settings.port,
            user=host_user(self._key.public),
            host_key=settings.host_key,
            identity=settings.identity,
        )
        self._actor = actor
        self._is_first = True

    @property
    def dialled(self) -> tuple[str, int] | None:
        """The host and port of the gateway. Links can contain them."""
        return self._settings.host, self._settings.port

    def advice(self) -> str:
        """Return "": the errors of a login say what to do."""
        return ""

    def sign(self, text: bytes) -> bytes:
        """Sign with the key that the user name of the login names."""
        return self._key.sign(text)

    async def start_gateway(self, known: Registered | None) -> bool:
        """Return False: the gateway is on another machine."""
        return False

    async def connect(self, stream: LinkStream) -> None:
        """Connect, check the gateway's key, log in, and open the link's subsystem."""
        login = GatewayLogin(self._target)
        process: subprocess.Popen[bytes] | None = None

        def ended() -> None:
            self._end(process)

        try:
            async with asyncio.timeout(_LOGIN_TIMEOUT_S if self._is_first else _CONNECT_TIMEOUT_S):
                sock, process = await self._socket()
                await login.open(sock, stream, ended)
        except BaseException as error:
            ended()
            raise login.translated(error) from error
        self._is_first = False

    async def _socket(self) -> tuple[Any, subprocess.Popen[bytes] | None]:
        settings = self._settings
        if not settings.proxy_command:
            return await dial(settings.host, settings.port, os.environ), None
        sock, process = start_proxy_command(settings.proxy_command, settings.host, settings.port)
        self._actor.proxies.add(process.pid)
        return sock, process

    def _end(self, process: subprocess.Popen[bytes] | None) -> None:
        """End a proxy command. `children.collect_orphans` collects it."""
        if process is not None and process.pid in self._actor.proxies:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            self._actor.proxies.discard(process.pid)
