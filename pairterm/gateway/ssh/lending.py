"""The sending side of an SSH connection, lent to a crowd (`gateway.outlet`).

It can be lent while asyncssh has nothing to do with it: keys are exchanged, the channel is open, and nothing waits in a
buffer. All that asyncssh sends goes through `GuestConnection.send_packet`, which takes the sending side back first. So
asyncssh sees the same counts as if it had sent the packets itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from pairterm.gateway.outlet import Outlet
from pairterm.gateway.ssh.data_packets import data_packet
from pairterm.gateway.ssh.guest_connection import GuestConnection, TerminalChannel
from pairterm.gateway.ssh.outgoing import Outgoing
from pairterm.gateway.ssh.packet_ciphers import WholePackets
from pairterm.runtime.live_view import kernel_holds_bytes
from pairterm.view.paint_cache import MAX_PART_BYTES

__all__ = ["lend"]

_MAX_DATA_BYTES = 2 * MAX_PART_BYTES
"""A client has to take packets with so much data. RFC 4253 §6.1 asks for it, and no painting is larger."""


class _ChannelOutlet(Outlet):
    """The outlet of one channel."""

    __slots__ = ("_channel", "_connection", "_lent_bytes", "_outgoing")

    _channel: TerminalChannel
    _connection: GuestConnection
    _outgoing: Outgoing
    _lent_bytes: int

    def ask_held_bytes(self) -> int:
        transport = self._connection._transport
        sock = transport.get_extra_info("socket") if transport is not None else None
        self.held_bytes = kernel_holds_bytes(sock.fileno()) if sock is not None else 0
        return self.held_bytes

    def give_back(self, rest: bytes) -> None:
        connection = self._connection
        connection.outlet = None
        connection._send_seq = self.seq
        connection._rekey_bytes_sent += self._lent_bytes - self.room_bytes
        self._channel._send_window -= self.data_bytes
        self._outgoing.held_bytes_at_most = self.held_bytes
        if rest and connection._transport is not None:
            connection._transport.write(rest)


def lend(channel: TerminalChannel, outgoing: Outgoing, on_taken: Callable[[], None]) -> Outlet | None:
    """Return the sending side of a channel and its connection. None: it can't be lent now.

    `on_taken`: see `Outlet`.
    """
    connection = channel._conn
    held_bytes = outgoing.held_bytes()
    if (
        held_bytes is None
        or not isinstance(connection, GuestConnection)
        or connection.outlet is not None
        or connection._transport is None
        or connection._transport.is_closing()
        or connection._transport.get_write_buffer_size()
        or not isinstance(connection._send_encryption, WholePackets)
        or (connection._rekey_seconds and time.monotonic() >= connection._rekey_time)
        or channel._send_buf
        or channel._send_state != "open"
        or channel._send_chan is None
        or channel._send_pktsize < _MAX_DATA_BYTES
    ):
        return None
    # asyncio shows a socket without `send`. Without asyncio's name for the real one, nothing is lent.
    sock = getattr(connection._transport.get_extra_info("socket"), "_sock", None)
    if sock is None:
        return None
    form = channel._send_chan, connection._send_enchdrlen, connection._send_blocksize
    outlet = _ChannelOutlet(
        form=form,
        pack=partial(_packed, form),
        seal=connection._send_encryption.seal,
        send=sock.send,
        seq=connection._send_seq,
        room_bytes=min(channel._send_window, connection._rekey_bytes - connection._rekey_bytes_sent),
        held_bytes=held_bytes,
        on_taken=on_taken,
    )
    outlet._channel, outlet._connection, outlet._outgoing = channel, connection, outgoing
    outlet._lent_bytes = outlet.room_bytes
    connection.outlet = outlet
    return outlet


def _packed(form: tuple[int, int, int], data: bytes) -> tuple[bytes, bytes]:
    channel, header_bytes, block_bytes = form
    return data_packet(channel, data, header_bytes, block_bytes)
