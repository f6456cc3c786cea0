"""The constants of a link over SSH, and its SSH channel as an asyncio transport. It imports no SSH.

A host logs in to a gateway as the user `host` with a key, and opens the subsystem
`pairterm-link`. It carries the same bytes as a Unix socket. Guests log in with a token as their
user name, and no token is `host`. `pairterm join` opens the same subsystem, but gets only its own
guest's part of the session.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

from pairterm.access.user_names import HOST_USER

__all__ = ["HOST_USER", "LINK_SUBSYSTEM", "LINK_WINDOW_BYTES", "Channel", "ChannelTransport"]

LINK_SUBSYSTEM = "pairterm-link"

LINK_WINDOW_BYTES = 1 << 20
"""The SSH window of a link: 5 MB/s at a round trip of 200 ms, or a large screen at once."""


class Connection(Protocol):
    """The part of an SSH connection that is used here."""

    _transport: asyncio.Transport | None
    _kex_complete: bool
    """Private, because asyncssh has no public way to ask how much waits there, or whether a key exchange runs."""

    def abort(self) -> None:
        """Close at once, even if the other side does not answer."""


class Channel(Protocol):
    """The part of an SSH channel that is used here, of a client or a server."""

    def write(self, data: bytes) -> None:
        """Send data."""

    def close(self) -> None:
        """Close after what is still to be sent."""

    def get_connection(self) -> Connection:
        """Return the connection of the channel."""

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait for the other side's window."""


class ChannelTransport(asyncio.Transport):
    """An SSH channel, as a transport for a link stream."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel
        self.written_bytes = 0
        """How many bytes were sent so far."""
        self._held_bytes = 0
        """How many bytes were sent since a key exchange began: asyncssh holds them until it has ended."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data. On a channel that is closing it is lost, as on a socket."""
        self.written_bytes += len(data)
        self._held_bytes = 0 if self._channel.get_connection()._kex_complete else self._held_bytes + len(data)
        with contextlib.suppress(OSError):
            self._channel.write(bytes(data))

    def close(self) -> None:
        """Close after what is still to be sent."""
        self._channel.close()

    def abort(self) -> None:
        """End the connection, which has no other channel. Closing the channel would wait for the other side."""
        self._channel.get_connection().abort()

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait for the other side's window, for the kernel, or for the end of a key exchange."""
        connection = self._channel.get_connection()
        below = connection._transport.get_write_buffer_size() if connection._transport is not None else 0
        held = 0 if connection._kex_complete else self._held_bytes
        return self._channel.get_write_buffer_size() + below + held
