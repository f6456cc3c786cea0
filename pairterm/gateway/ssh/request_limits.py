"""Limits the packets that a connection may send. Time fills its bucket; a connection that empties it is disconnected.

Packets of every type are counted, also unknown ones. Typed text is not counted: it only
waits, because a connection may take no more than its share of the loop's time
(`guest_connection`). A request for authentication after the login is counted and ignored
unread, as RFC 4252 §5.1 asks for. Overrides names of asyncssh that are not public.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncssh
from asyncssh.constants import (
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_REQUEST,
    MSG_CHANNEL_WINDOW_ADJUST,
    MSG_IGNORE,
    MSG_KEXINIT,
    MSG_USERAUTH_REQUEST,
)
from asyncssh.packet import SSHPacket

from pairterm.access.rate_limits import Bucket
from pairterm.gateway.ssh.client_keys import ProvingConnection

__all__ = ["TOO_MANY", "CountedChannel", "CountedConnection"]

_BURST = 1000
_PER_S = 250
"""What a connection may spend at once, and per second in the long run."""

_CHEAP = 1
"""While a window is resized, its terminal sends a window-change for each frame of the screen, 144 a second at most. A
client that sends all of its environment may send hundreds of variables, which are dropped."""

_WINDOW_ADJUST = 0.25
"""Some clients (Go's x/crypto/ssh) send one for each piece that they read, and a flood is painted in many pieces."""

_REQUEST = 5
"""Any other packet: an interactive client makes a dozen requests, and sends a keep-alive now and then."""

_LOGIN_TRY = 20
"""A request for authentication: an agent with twenty keys may offer them all, and prove one."""

_KEY_EXCHANGE = 50
"""A millisecond of CPU; due once in a GiB or an hour."""

_CHEAP_REQUESTS = (b"\x00\x00\x00\rwindow-change", b"\x00\x00\x00\x03env")

TOO_MANY = "pairterm: too many requests on this connection"

_COSTS: dict[int, float] = {
    MSG_CHANNEL_DATA: 0,
    MSG_CHANNEL_REQUEST: 0,  # counted by what is asked for: see `CountedChannel`
    MSG_CHANNEL_WINDOW_ADJUST: _WINDOW_ADJUST,
    MSG_IGNORE: 0,  # asyncssh's clients, hosts among them, send one before each other packet
    MSG_KEXINIT: _KEY_EXCHANGE,
    MSG_USERAUTH_REQUEST: _LOGIN_TRY,
}
"""What a packet costs, where it is not `_REQUEST`."""


class CountedConnection(ProvingConnection):
    """A connection that limits its client's packets."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on_limit: Callable[[], None] = lambda: None
        """Called before the connection is ended because of the limit."""
        self._budget = Bucket(_BURST, _PER_S)

    def spend(self, cost: float) -> None:
        """Count a packet.

        Raises:
            asyncssh.DisconnectError: It is one too many.
        """
        if not self._budget.take(self._loop.time(), cost):
            self.on_limit()
            raise asyncssh.DisconnectError(asyncssh.DISC_BY_APPLICATION, TOO_MANY)

    def _finish_recv_packet(
        self, pkttype: int, seq: int, _task: asyncio.Task[Any] | None = None, is_async: bool = False
    ) -> None:
        """Count a packet of any type, after asyncssh has taken it: it calls this for each one."""
        try:
            self.spend(_COSTS.get(pkttype, _REQUEST))
        except asyncssh.DisconnectError as error:
            if not is_async:
                raise
            self._send_disconnect(error.code, error.reason, error.lang)
            self._force_close(error)
            return
        super()._finish_recv_packet(pkttype, seq, _task, is_async)

    def _ignore_after_login(self, kind: int, number: int, packet: SSHPacket) -> Any:
        """Take a request for authentication, unless the client has logged in."""
        if self._auth_complete:
            return None
        return asyncssh.SSHServerConnection._packet_handlers[kind](self, kind, number, packet)


def _counted(channel: Any, kind: int, number: int, packet: SSHPacket) -> Any:
    """Count a channel's request, and have asyncssh take it."""
    connection = channel.get_connection()
    if isinstance(connection, CountedConnection):
        is_cheap = packet.get_remaining_payload().startswith(_CHEAP_REQUESTS)
        connection.spend(_CHEAP if is_cheap else _REQUEST)
    return asyncssh.SSHServerChannel._packet_handlers[kind](channel, kind, number, packet)


class CountedChannel(asyncssh.SSHServerChannel[bytes]):
    """A channel whose requests its connection counts."""


CountedConnection._packet_handlers = {
    **getattr(asyncssh.SSHServerConnection, "_packet_handlers", {}),  # see `private_names`
    MSG_USERAUTH_REQUEST: CountedConnection._ignore_after_login,
}
CountedChannel._packet_handlers = {
    **getattr(asyncssh.SSHServerChannel, "_packet_handlers", {}),
    MSG_CHANNEL_REQUEST: _counted,
}
