"""How many requests a connection may make: a bucket each, filled by time, and who empties it is parted with.

Counted is what SSH lets a client ask for besides sending what is typed: requests on
its channel and of the connection, openings of channels, key exchanges. What is
typed is bounded by its window and by the link, and costs nothing here. Overrides
names of asyncssh that are not public, as `connection` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncssh
from asyncssh.constants import MSG_CHANNEL_OPEN, MSG_CHANNEL_REQUEST, MSG_GLOBAL_REQUEST, MSG_KEXINIT
from asyncssh.packet import SSHPacket

from pairterm.access.rates import Bucket

__all__ = ["TOO_MANY", "CountedChannel", "CountedConnection"]

_BURST = 1000
_PER_S = 250
"""What a connection may spend at once, and a second in the long run."""

_CHEAP = 1
"""A window's edge that is dragged sends a window-change for each frame of the screen, 144 a second at most; a client
that is told to send all of its environment may send hundreds of variables, which are dropped."""

_REQUEST = 5
"""Another request: an interactive client makes a dozen, and a keep-alive now and then."""

_KEY_EXCHANGE = 50
"""A millisecond of CPU; due once in a GiB or an hour."""

_CHEAP_REQUESTS = (b"\x00\x00\x00\rwindow-change", b"\x00\x00\x00\x03env")

TOO_MANY = "pairterm: too many requests on this connection"

_Handler = Callable[[Any, int, int, SSHPacket], Any]


class CountedConnection(asyncssh.SSHServerConnection):
    """A connection that lets its client ask for so much and no more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on_limit: Callable[[], None] = lambda: None
        """Is called before the connection is ended because of this."""
        self._budget = Bucket(_BURST, _PER_S)

    def spend(self, cost: int) -> None:
        """Count a request.

        Raises:
            asyncssh.DisconnectError: It is one too many.
        """
        if not self._budget.take(self._loop.time(), cost):
            self.on_limit()
            raise asyncssh.DisconnectError(asyncssh.DISC_BY_APPLICATION, TOO_MANY)


class CountedChannel(asyncssh.SSHServerChannel[bytes]):
    """A channel whose requests its connection counts."""


def _counted(handler: _Handler, cost: int) -> _Handler:
    def count(connection: CountedConnection, kind: int, number: int, packet: SSHPacket) -> Any:
        connection.spend(cost)
        return handler(connection, kind, number, packet)

    return count


def _counted_request(handler: _Handler) -> _Handler:
    def count(channel: CountedChannel, kind: int, number: int, packet: SSHPacket) -> Any:
        connection = channel.get_connection()
        if isinstance(connection, CountedConnection):
            is_cheap = packet.get_remaining_payload().startswith(_CHEAP_REQUESTS)
            connection.spend(_CHEAP if is_cheap else _REQUEST)
        return handler(channel, kind, number, packet)

    return count


def _with_counts() -> None:
    """Put the counting between asyncssh's packets and its handlers; all other packets go as before."""
    handlers = dict(asyncssh.SSHServerConnection._packet_handlers)
    for kind, cost in ((MSG_GLOBAL_REQUEST, _REQUEST), (MSG_CHANNEL_OPEN, _REQUEST), (MSG_KEXINIT, _KEY_EXCHANGE)):
        handlers[kind] = _counted(handlers[kind], cost)
    CountedConnection._packet_handlers = handlers
    of_channel = dict(asyncssh.SSHServerChannel._packet_handlers)
    of_channel[MSG_CHANNEL_REQUEST] = _counted_request(of_channel[MSG_CHANNEL_REQUEST])
    CountedChannel._packet_handlers = of_channel


_with_counts()
