"""The sending side of one SSH connection: how much of what was sent has not left this machine, and the round trip.

asyncssh says none of this in public: its own back-pressure fires after the client's
window, 2 MiB late. The names that are not public are listed in `private_names`.
"""

from __future__ import annotations

import asyncssh

from pairterm.gateway.ssh.guest_connection import GuestConnection
from pairterm.runtime.live_view import kernel_holds_bytes
from pairterm.runtime.socket_peer import kernel_round_trip_ms
from pairterm.view.pacing import MAX_IN_FLIGHT_BYTES

__all__ = ["LITTLE_BYTES", "Outgoing"]

LITTLE_BYTES = MAX_IN_FLIGHT_BYTES
"""So much may be on the way without a question to the kernel: no pace depends on it. Typing asks once in fifty keys."""

_PACKET_BYTES = 64
"""How much longer a packet is than its data, at most: lengths, padding, tag."""


class Outgoing:
    """What is on the way to one client."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = channel
        self._connection = channel.get_connection()
        self.held_bytes_at_most = 0
        """What was still held when the kernel was asked last, and all that was written since."""

    @property
    def is_exchanging_keys(self) -> bool:
        """Whether asyncssh keeps what is sent now until a key exchange has ended, or the connection is gone."""
        connection = self._connection
        return isinstance(connection, GuestConnection) and (
            connection._transport is None or not connection._kex_complete
        )

    def wrote(self, size_bytes: int) -> None:
        """Take note that so much was written."""
        self.held_bytes_at_most += size_bytes + _PACKET_BYTES

    def held_bytes(self) -> int | None:
        """Return what the channel, the transport and the kernel still hold; None during a key exchange."""
        connection = self._connection
        if not isinstance(connection, GuestConnection):
            return self._channel.get_write_buffer_size()  # Plain asyncssh: see `private_names`.
        transport = connection._transport
        if transport is None or not connection._kex_complete:
            return None
        if self.held_bytes_at_most > LITTLE_BYTES:
            waiting = self._channel.get_write_buffer_size() + transport.get_write_buffer_size()
            self.held_bytes_at_most = waiting + kernel_holds_bytes(transport.get_extra_info("socket").fileno())
        return self.held_bytes_at_most

    def round_trip_ms(self) -> int | None:
        """Return how long packets take to the client and back, as the kernel knows it; None: it does not say."""
        sock = self._connection.get_extra_info("socket")
        return kernel_round_trip_ms(sock) if sock is not None else None
