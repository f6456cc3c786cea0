"""Guests' SSH connections of the gateway's own class, on loopback and without a gateway around them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import asyncssh

from pairterm.gateway.ssh.algorithms import ENCRYPTION, MACS
from pairterm.gateway.ssh.guest_connection import TerminalChannel

__all__ = ["connected_sockets", "server_options"]

Session = asyncssh.SSHServerSession[bytes]


class _Server(asyncssh.SSHServer):
    """Lets everybody in."""

    def __init__(self, new_session: Callable[[], Session]) -> None:
        self._new_session = new_session

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        return False

    def session_requested(self) -> tuple[TerminalChannel, Session]:
        loop = asyncio.get_running_loop()
        channel = TerminalChannel(
            self._connection, loop, True, False, False, 0, 0, None, "strict", 65_536, 32_768
        )  # fmt: skip
        return channel, self._new_session()


def server_options(new_session: Callable[[], Session], **options: Any) -> asyncssh.SSHServerConnectionOptions:
    """Return the options of a server that lets everybody in. Each channel gets what `new_session` returns."""
    return asyncssh.SSHServerConnectionOptions(
        server_factory=lambda: _Server(new_session),
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        encryption_algs=ENCRYPTION,
        mac_algs=MACS,
        encoding=None,
        **options,
    )


def connected_sockets() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a TCP connection: the server's and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    return ours, theirs
