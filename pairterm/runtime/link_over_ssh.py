"""What both ends of a link over SSH agree on, and its channel as a transport. Imports no SSH.

A host logs in to a gateway as the user `host` with a key and opens the subsystem
`pairterm-link`, which carries the same bytes as a Unix socket would. Guests log in
with a token as their user name, which never reads `host`; one who joined by
`pairterm join` opens the same subsystem, for its own part of the session alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

from pairterm.access.user_names import HOST_USER

__all__ = ["HOST_USER", "LINK_SUBSYSTEM", "LINK_WINDOW_BYTES", "Channel", "ChannelTransport"]

LINK_SUBSYSTEM = "pairterm-link"

LINK_WINDOW_BYTES = 1 << 20
"""What may be under way on a link: 5 MB/s at a round trip of 200 ms, a large screen in one go."""


class Connection(Protocol):
    """What is used of an SSH connection."""

    _transport: asyncio.Transport | None
    _kex_complete: bool
    """asyncssh says in no public way what waits there, nor that a key exchange holds it up."""

    def abort(self) -> None:
        """Close at once, whether or not the other side is there."""


class Channel(Protocol):
    """What is used of an SSH channel, a client's or a server's."""

    def write(self, data: bytes) -> None:
        """Send data."""

    def close(self) -> None:
        """Close after what is still to be sent."""

    def get_connection(self) -> Connection:
        """Return what the channel is part of."""

    def get_write_buffer_size(self) -> int:
        """Return what waits for the other side's window."""


class ChannelTransport(asyncio.Transport):
    """An SSH channel, as a transport for a link stream."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel
        self.written_bytes = 0
        """What was sent so far."""
        self._held_bytes = 0
        """What was sent since a key exchange began: asyncssh keeps it until that has ended."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data; on a channel that is just closing it is lost, as on a socket."""
        self.written_bytes += len(data)
        self._held_bytes = 0 if self._channel.get_connection()._kex_complete else self._held_bytes + len(data)
        with contextlib.suppress(OSError):
            self._channel.write(bytes(data))

    def close(self) -> None:
        """Close after what is still to be sent."""
        self._channel.close()

    def abort(self) -> None:
        """End the connection, which has no other channel: closing a channel would wait for the other side."""
        self._channel.get_connection().abort()

    def get_write_buffer_size(self) -> int:
        """Return what waits for the other side's window, its kernel, or the end of a key exchange."""
        connection = self._channel.get_connection()
        below = connection._transport.get_write_buffer_size() if connection._transport is not None else 0
        held = 0 if connection._kex_complete else self._held_bytes
        return self._channel.get_write_buffer_size() + below + held
