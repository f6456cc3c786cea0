"""A guest's SSH connection: asyncssh's, without what costs every packet and every login and serves nobody here.

asyncssh sends an empty packet before each one (against the chosen-plaintext attack on
CBC ciphers, which we do not offer), formats a log line for each that nobody reads,
sets its keepalive timer anew for each that arrives, and makes all options anew in a
thread for each login (for configuration files that depend on the user's name; we
have none). A key's echo is one packet in and one packet out, so this was half its
cost. A dead peer is found by TCP's own keepalive, without waking this process.

Overrides names of asyncssh that are not public: `tests/integration/gateway` holds
that they do what they did.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time

import asyncssh
from asyncssh.constants import MSG_CHANNEL_DATA, MSG_IGNORE
from asyncssh.packet import SSHPacketLogger, String, UInt32

from pairterm.gateway.requests import CountedConnection

__all__ = ["GuestConnection", "UnloggedPackets", "serve_connection", "watch_for_death"]

_KEEPALIVE_IDLE_S = 15
_KEEPALIVE_PROBES = 3
"""A peer that is silent is asked after 15 s and every 15 s; four such spans without a sign, and it is gone. Also
what keeps the mapping in a home router alive, which some forget after 30 s."""

_UNACKNOWLEDGED_MS = 60_000
"""How long sent bytes may go without the peer's kernel taking them; without it, some 15 minutes."""


_DROPBEAR_CIPHER = b"chacha20-poly1305@openssh.com"
"""Debian 12's dropbear has no AES-GCM, and for AES-CTR no encrypt-then-MAC."""

_CHANNEL_DATA = bytes((MSG_CHANNEL_DATA,))

_MIN_PADDING_BYTES = 4


class UnloggedPackets(SSHPacketLogger):
    """Leaves packets unlogged: they hold what people see and type."""

    def log_sent_packet(self, pkttype: int, pktid: int | None, packet: object, note: str = "") -> None:
        """Do nothing."""

    def log_received_packet(self, pkttype: int, pktid: int | None, packet: object, note: str = "") -> None:
        """Do nothing."""


class GuestConnection(UnloggedPackets, CountedConnection):
    """One connection of the front door."""

    def _send_kexinit(self) -> None:
        """Offer dropbear a cipher of its own, when it has said who it is."""
        if "dropbear" in self.get_extra_info("client_version", ""):
            self._enc_algs = [_DROPBEAR_CIPHER]
        super()._send_kexinit()

    def send_packet(self, pkttype: int, *args: bytes, handler: SSHPacketLogger | None = None) -> None:
        """Send a packet, and no empty one before it."""
        if pkttype != MSG_IGNORE:
            super().send_packet(pkttype, *args, handler=handler)

    def send_data(self, channel: int, data: bytes) -> None:
        """Send a channel's data in one packet: what `send_packet` comes to when there is nothing else to do."""
        cipher = self._send_encryption
        if (
            not self._kex_complete
            or cipher is None
            or self._transport is None
            or self._rekey_bytes_sent >= self._rekey_bytes
            or (self._rekey_seconds and time.monotonic() >= self._rekey_time)
        ):
            super().send_packet(MSG_CHANNEL_DATA, UInt32(channel), String(data))
            return
        payload = b"".join((_CHANNEL_DATA, channel.to_bytes(4, "big"), len(data).to_bytes(4, "big"), data))
        # RFC 4253 §6: at least four bytes of padding, to a multiple of the cipher's block.
        padding_bytes = -(self._send_enchdrlen + len(payload)) % self._send_blocksize
        if padding_bytes < _MIN_PADDING_BYTES:
            padding_bytes += self._send_blocksize
        packet = b"".join((bytes((padding_bytes,)), payload, os.urandom(padding_bytes)))
        sealed, mac = cipher.encrypt_packet(self._send_seq, len(packet).to_bytes(4, "big"), packet)
        self._transport.write(sealed + mac)
        self._send_seq = (self._send_seq + 1) & 0xFFFFFFFF
        self._rekey_bytes_sent += len(packet)

    def _reset_keepalive_timer(self) -> None:
        """Have no timer: see `watch_for_death`."""

    async def reload_config(self) -> None:
        """Keep the options: they are the same for every user name."""


def watch_for_death(sock: socket.socket) -> None:
    """Have the kernel find out when the machine at the other end is gone."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    settings = {
        "TCP_KEEPIDLE": _KEEPALIVE_IDLE_S,
        "TCP_KEEPALIVE": _KEEPALIVE_IDLE_S,  # macOS' name of the same
        "TCP_KEEPINTVL": _KEEPALIVE_IDLE_S,
        "TCP_KEEPCNT": _KEEPALIVE_PROBES,
        "TCP_USER_TIMEOUT": _UNACKNOWLEDGED_MS,
    }
    for name, value in settings.items():
        if hasattr(socket, name):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def serve_connection(
    sock: socket.socket, options: asyncssh.SSHServerConnectionOptions
) -> asyncssh.SSHServerConnection:
    """Serve a connection that was accepted; return it when somebody has logged in.

    All connections share the options. The login's time limit is in them.

    Raises:
        asyncssh.Error: Nobody logged in.
        OSError: The connection was lost.
    """
    loop = asyncio.get_running_loop()
    options.waiter = loop.create_future()
    connection = GuestConnection(loop, options, wait="auth")
    waiter, options.waiter = options.waiter, None
    try:
        await loop.create_connection(lambda: connection, sock=sock)
    except BaseException:
        sock.close()
        raise
    try:
        await waiter
    except BaseException:
        connection.abort()
        raise
    return connection
