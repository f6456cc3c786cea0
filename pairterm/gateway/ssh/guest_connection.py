"""A guest's SSH connection: asyncssh's, without the work for each packet and each login that nobody needs here.

asyncssh sends an empty packet before each packet (against the chosen-plaintext attack on
CBC ciphers, which we do not offer), formats a log line for each packet that nobody reads,
sets its keepalive timer again for each packet that arrives, parses each in a dozen steps,
and makes all options again in a thread for each login (for configuration files that
depend on the user's name; we have none). A key's echo is one packet in and one packet
out, so this was half its cost. Here a packet of typed data that arrives whole goes directly
to its channel, and a painting goes directly out. asyncssh does all the rest. TCP's own
keepalive finds a dead peer, without waking this process.

No connection can stall the others. In one turn of the loop, little is read of it, a turn
ends after two milliseconds, and a connection that has taken more than its share of the
loop's time is not read for a while. Its client then waits, as behind a slow network.

Overrides names of asyncssh that are not public: `tests/integration/test_guest_connection.py`
checks that they still do the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable
from typing import Any

import asyncssh
from asyncssh.constants import MSG_CHANNEL_DATA, MSG_IGNORE
from asyncssh.packet import SSHPacket, SSHPacketLogger, String, UInt32

from pairterm.access.rate_limits import Share
from pairterm.gateway.outlet import Outlet
from pairterm.gateway.ssh.client_keys import ProvingConnection
from pairterm.gateway.ssh.data_packets import DATA_AT, LENGTH_BYTES, data_packet
from pairterm.gateway.ssh.packet_ciphers import WholePackets, quickened
from pairterm.gateway.ssh.request_limits import CountedChannel, CountedConnection
from pairterm.runtime.direct_loop import DirectLoop

__all__ = [
    "HOST_TURN_BYTES",
    "GuestConnection",
    "TerminalChannel",
    "UnloggedPackets",
    "serve_connection",
]

_TURN_BYTES = 4096
"""What is read of a connection in one turn of the loop. asyncio's own 256 KiB hold 5,000 typed packets: others' echo
took half a second (measured)."""

HOST_TURN_BYTES = 16384
"""The same for a host's link, whose pictures are large."""

_TURN_S = 0.002
"""After which the rest of what was read waits for the next turn."""

_BURST_S = 0.1
_PART = 0.15
"""The loop's time that a connection may take at once and in the long run: a person who types takes 0.005."""

_turn_buffer = memoryview(bytearray(HOST_TURN_BYTES))
"""All connections read into it, one after the other: its content is taken out before the next one reads."""

_DROPBEAR_CIPHER = b"chacha20-poly1305@openssh.com"
"""Debian 12's dropbear has no AES-GCM, and for AES-CTR no encrypt-then-MAC."""

_KEPT_ENVIRONMENT = (b"COLORTERM", b"LANG", b"LC_ALL", b"LC_CTYPE")
"""The variables that tell a view about a client's terminal; all others are dropped unread (T14)."""

_MAX_ENVIRONMENT_VALUE_BYTES = 64


class UnloggedPackets(SSHPacketLogger):
    """Leaves packets unlogged: they hold what people see and type."""

    def log_sent_packet(self, pkttype: int, pktid: int | None, packet: object, note: str = "") -> None:
        """Do nothing."""

    def log_received_packet(self, pkttype: int, pktid: int | None, packet: object, note: str = "") -> None:
        """Do nothing."""


class TerminalChannel(UnloggedPackets, CountedChannel):
    """A session channel that keeps none of the client's environment but what a view needs."""

    def _process_env_request(self, packet: SSHPacket) -> bool:
        name = packet.get_string()
        value = packet.get_string()
        packet.check_end()
        if name in _KEPT_ENVIRONMENT and len(value) <= _MAX_ENVIRONMENT_VALUE_BYTES:
            self._env[name] = value
        return True

    def hand_over(self, session: asyncssh.SSHServerSession[bytes]) -> None:
        """Have another session serve this channel from now on, before anything was served."""
        self._session = session
        session.connection_made(self)

    def may_take(self, opened: bytes) -> bool:
        """Return whether an opened SSH_MSG_CHANNEL_DATA is plain data for an open channel, and nothing else to do."""
        size = int.from_bytes(opened[6:DATA_AT], "big")
        return (
            0 < size == len(opened) - opened[0] - DATA_AT
            and self._recv_state == self._send_state == "open"
            and not self._recv_paused
            and self._recv_window - size >= self._init_recv_window // 2  # else asyncssh widens it
            and self._session is not None
        )

    def data_head(self, size: int) -> bytes:
        """Return how an opened SSH_MSG_CHANNEL_DATA for this channel begins, without its padding's length."""
        assert self._recv_chan is not None
        return b"%c%b%b" % (MSG_CHANNEL_DATA, self._recv_chan.to_bytes(4, "big"), size.to_bytes(4, "big"))

    def count(self, size: int) -> None:
        """Take note that somebody else has taken so much data."""
        self._recv_window -= size

    def take(self, opened: bytes) -> None:
        """Take the data of a packet that `may_take` was true for."""
        assert self._session is not None
        data = opened[DATA_AT : len(opened) - opened[0]]
        self._recv_window -= len(data)
        self._session.data_received(data, None)

    def write(self, data: bytes, datatype: asyncssh.DataType = None) -> None:
        """Send data: as asyncssh does, in the one packet that it mostly is."""
        connection = self._conn
        if isinstance(connection, GuestConnection):
            connection.take_outlet_back()
        if (
            not data
            or datatype is not None
            or not isinstance(connection, GuestConnection)
            or self._send_buf
            or self._send_state != "open"
            or self._send_chan is None
            or len(data) > self._send_window
            or len(data) > self._send_pktsize
        ):
            super().write(data, datatype)
            return
        self._send_window -= len(data)
        connection.send_data(self._send_chan, data)


class GuestConnection(UnloggedPackets, CountedConnection, asyncio.BufferedProtocol):
    """One connection that the gateway accepted. `share` is its part of the loop's time."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.share = Share(_BURST_S, _PART)
        self.turn_bytes = _TURN_BYTES
        self._unread = b""
        """What was read and not taken yet: for want of time, or because a packet is not whole."""
        self._has_more = False
        """There are whole packets in it."""
        self._next_turn: asyncio.TimerHandle | None = None
        self._is_paused = False
        """We do not read until the next turn."""
        self.outlet: Outlet | None = None
        """The sending side while it is lent to a crowd (`lending`). It is taken back before anything else is sent."""
        self.linger: Callable[[socket.socket], None] = socket.socket.close
        """Keeps a socket open until the client has read why it is disconnected. The acceptor sets it."""

    def _force_close(self, exc: Exception | None) -> None:
        """Close at once, as asyncssh does. A client that is disconnected with a reason can still read it.

        A close with unread bytes is a reset, and a client that is reset may lose what it was sent.
        """
        self.take_outlet_back()
        if isinstance(exc, asyncssh.DisconnectError) and self._transport is not None:
            with contextlib.suppress(OSError):
                self.linger(socket.socket(fileno=os.dup(self._transport.get_extra_info("socket").fileno())))
        super()._force_close(exc)

    def _send_kexinit(self) -> None:
        """Offer dropbear a cipher of its own, when it has said who it is."""
        if "dropbear" in self.get_extra_info("client_version", ""):
            self._enc_algs = [_DROPBEAR_CIPHER]
        super()._send_kexinit()

    def send_packet(self, pkttype: int, *args: bytes, handler: SSHPacketLogger | None = None) -> None:
        """Send a packet, and no empty one before it."""
        if pkttype != MSG_IGNORE:
            self.take_outlet_back()
            super().send_packet(pkttype, *args, handler=handler)

    def take_outlet_back(self) -> None:
        """Have the sending side here, with its counts, before it is used or lost."""
        if self.outlet is not None:
            self.outlet.on_taken()

    def send_newkeys(self, k: bytes, h: bytes) -> None:
        """Finish a key exchange, with the quick form of its ciphers."""
        super().send_newkeys(k, h)
        self._send_encryption = quickened(self._send_encryption)
        self._next_recv_encryption = quickened(self._next_recv_encryption)

    def send_data(self, channel: int, data: bytes) -> None:
        """Send a channel's data in one packet: what `send_packet` comes to when there is nothing else to do."""
        cipher = self._send_encryption
        if (
            not self._kex_complete
            or not isinstance(cipher, WholePackets)
            or self._transport is None
            or self._rekey_bytes_sent >= self._rekey_bytes
            or (self._rekey_seconds and time.monotonic() >= self._rekey_time)
        ):
            super().send_packet(MSG_CHANNEL_DATA, UInt32(channel), String(data))
            return
        header, packet = data_packet(channel, data, self._send_enchdrlen, self._send_blocksize)
        self._transport.write(cipher.seal(self._send_seq, header, packet))
        self._send_seq = (self._send_seq + 1) & 0xFFFFFFFF
        self._rekey_bytes_sent += len(packet)

    def direct_fd(self, loop: DirectLoop) -> int | None:
        """Return the descriptor of the socket below, if each whole packet that is read there may be opened at once."""
        transport = self._transport
        if (
            transport is None
            or not isinstance(self._recv_encryption, WholePackets)
            or self._unread
            or self._next_turn is not None
            or self._inpbuf
            or not self._kex_complete
            or self._recv_handler != self._recv_pkthdr
        ):
            return None
        fd: int = transport.get_extra_info("socket").fileno()
        return fd if loop.is_read_by(fd, transport) else None

    @property
    def is_sending(self) -> bool:
        """Whether a packet leaves at once: no key exchange runs."""
        return self._kex_complete and self._transport is not None

    def is_whole(self, data: bytes) -> bool:
        """Return whether data that was read is just one packet, and can be opened."""
        size = int.from_bytes(data[:LENGTH_BYTES], "big") + LENGTH_BYTES + self._recv_macsize
        return len(data) == size and self._recv_blocksize <= size <= self._max_recv_pktlen and self._kex_complete

    def open_packet(self, data: bytes) -> bytes | None:
        """Open a whole packet; None: it was forged. Then `take_opened` or `has_taken` has to be called."""
        cipher = self._recv_encryption
        assert isinstance(cipher, WholePackets)
        return cipher.open(self._recv_seq, data, self._recv_macsize)

    def has_taken(self, channel: TerminalChannel, size: int) -> None:
        """Take note that somebody else has taken the data of an opened packet."""
        self._recv_seq = (self._recv_seq + 1) & 0xFFFFFFFF
        channel.count(size)

    def take_opened(self, opened: bytes | None, data: bytes) -> None:
        """Take a packet that somebody else has opened."""
        cipher = self._recv_encryption
        assert isinstance(cipher, WholePackets)
        began_s = time.thread_time()
        if self._take(opened):
            self._recv_seq = (self._recv_seq + 1) & 0xFFFFFFFF
        else:
            cipher.hand_over(opened)
            super().data_received(data)
        self.share.spend(self._loop.time(), time.thread_time() - began_s)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to read to, and so how much at most (asyncio calls this)."""
        return _turn_buffer[: self.turn_bytes]

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read (asyncio calls this)."""
        self.data_received(bytes(_turn_buffer[:nbytes]))

    def data_received(self, data: bytes, datatype: asyncssh.DataType = None) -> None:
        """Take what arrived, now or when this connection may have another turn."""
        self._unread = self._unread + data if self._unread else data
        if self._next_turn is None:
            self._go_on()

    def _go_on(self) -> None:
        """Take a turn if one is due, and read on only when the next one is."""
        self._next_turn = None
        wait_s = self.share.wait_s(self._loop.time())
        if not wait_s:
            began_s = time.thread_time()
            self._receive(began_s + _TURN_S)
            now_s = self._loop.time()
            wait_s = self.share.spend(now_s, time.thread_time() - began_s)
        transport = self._transport
        if transport is None:
            self._unread = b""
        elif wait_s or self._has_more:
            self._is_paused = True
            transport.pause_reading()
            self._next_turn = self._loop.call_later(wait_s, self._go_on)
        elif self._is_paused:
            self._is_paused = False
            transport.resume_reading()

    def _receive(self, until_s: float) -> None:
        """Take packets: whole ones of typed data go to their channel at once, the rest is asyncssh's."""
        data, self._unread, self._has_more = self._unread, b"", False
        at = 0
        while at < len(data) and self._transport is not None:
            cipher = self._recv_encryption
            if (
                not isinstance(cipher, WholePackets)
                or self._inpbuf
                or not self._kex_complete
                or self._recv_handler != self._recv_pkthdr
            ):
                super().data_received(data[at:])
                return
            left = len(data) - at
            size = int.from_bytes(data[at : at + LENGTH_BYTES], "big") + LENGTH_BYTES + self._recv_macsize
            if left >= LENGTH_BYTES and not self._recv_blocksize <= size <= self._max_recv_pktlen:
                super().data_received(data[at:])  # says what is wrong with it
                return
            if left < max(size, LENGTH_BYTES):
                self._unread = data[at:]
                return
            opened = cipher.open(self._recv_seq, data[at : at + size], self._recv_macsize)
            if self._take(opened):
                self._recv_seq = (self._recv_seq + 1) & 0xFFFFFFFF
            else:
                cipher.hand_over(opened)
                super().data_received(data[at : at + size])
            at += size
            if at < len(data) and time.thread_time() >= until_s:
                self._unread, self._has_more = data[at:], True
                return

    def _take(self, opened: bytes | None) -> bool:
        """Take an opened packet if it is one of the two that interactive clients send most; return whether it was."""
        if opened is None or len(opened) <= DATA_AT:
            return False
        if opened[1] == MSG_CHANNEL_DATA:
            channel = self._channels.get(int.from_bytes(opened[2:6], "big"))
            if isinstance(channel, TerminalChannel) and channel.may_take(opened):
                channel.take(opened)
                return True
        return opened[1] == MSG_IGNORE

    def _reset_keepalive_timer(self) -> None:
        """Have no timer: see `watch_for_death`."""

    async def reload_config(self) -> None:
        """Keep the options: they are the same for every user name."""


async def serve_connection(
    sock: socket.socket,
    options: asyncssh.SSHServerConnectionOptions,
    made: Callable[[asyncssh.SSHServerConnection], None] = lambda connection: None,
    *,
    is_plain: bool = False,
) -> asyncssh.SSHServerConnection:
    """Serve a connection that was accepted; return it when its client has logged in.

    All connections share the options. The login's time limit is in them. `made` is given the
    connection before anything arrives on it. `is_plain`: asyncssh's own connection (see `private_names`).

    Raises:
        asyncssh.Error: Nobody logged in.
        OSError: The connection was lost.
    """
    loop = asyncio.get_running_loop()
    options.waiter = loop.create_future()
    kind = ProvingConnection if is_plain else GuestConnection
    connection = kind(loop, options, wait="auth")
    waiter, options.waiter = options.waiter, None
    made(connection)
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
