"""The one client of all targets: an asyncssh connection with a terminal, that says when it has seen a text.

It models no screen: what it looks for is told from the bytes without their escape
sequences. So a task has to use texts that share no cell with what was there
before, since a painter may leave those cells out.
"""

from __future__ import annotations

import asyncio
import re
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass

import asyncssh
from asyncssh.constants import MSG_CHANNEL_DATA, MSG_IGNORE
from asyncssh.packet import SSHPacketLogger

from pairterm.types import Size

__all__ = ["Client", "Door", "Eyes", "connect"]

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]+[0-~]|[0-Z\\`-~])"
    rb"|[\x00-\x1f]"
)

_KEPT_BYTES = 4096
"""What is kept of the stream while a text is looked for: the text may arrive in pieces."""

_LOGIN_TIMEOUT_S = 60

_CIPHER = "aes256-gcm@openssh.com"
"""The same for all targets, so that decrypting costs this side the same."""

_WINDOW_BYTES = 1 << 30
"""What the server may send: more than any task's, so that no client has to say that it has read."""

_LENGTH_BYTES, _BLOCK_BYTES, _TAG_BYTES = 4, 16, 16
"""A packet of this cipher: its length in the clear (RFC 5647), what is encrypted, the tag."""

_DATA_AT = 10
"""Where the data of SSH_MSG_CHANNEL_DATA begins: after the padding's length, the type, the channel and the length."""

_READ_BYTES = 1 << 17

_SIP_S = 0.05
"""How often a slow client reads."""


@dataclass(frozen=True, slots=True)
class Door:
    """How a client gets into a target."""

    port: int
    user: str
    key: asyncssh.SSHKey | None = None
    command: str | None = None
    """What is asked to be run; None: a shell."""


class Client(asyncssh.SSHClientSession[bytes]):
    """One terminal. `received_bytes` counts what its screen was sent."""

    def __init__(self) -> None:
        self.received_bytes = 0
        self.on_data: Callable[[bytes], None] | None = None
        """Gets all bytes, for who needs a screen."""
        self._looked_for = b""
        self._tail = b""
        self._on_seen: Callable[[], None] | None = None

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """Take the channel."""
        self._channel = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Look for the text."""
        self.received_bytes += len(data)
        if self.on_data is not None:
            self.on_data(data)
        if self._on_seen is None:
            return
        self._tail = (self._tail + data)[-_KEPT_BYTES:]
        if self._looked_for[-1:] in data and self._looked_for in _SEQUENCE.sub(b"", self._tail):
            seen, self._on_seen, self._tail = self._on_seen, None, b""
            seen()

    def look_for(self, text: bytes, on_seen: Callable[[], None]) -> None:
        """Call `on_seen` once, when `text` has arrived from now on."""
        self._looked_for, self._on_seen, self._tail = text, on_seen, b""

    def type(self, data: bytes) -> None:
        """Send keys."""
        self._channel.write(data)

    def close(self) -> None:
        """Leave, without a word to the program."""
        self._channel.get_connection().abort()


class Eyes:
    """Reads for many clients at once, when they are in: what arrives is decrypted and looked at, and nothing else.

    asyncssh's way from a socket to a channel costs more a packet than the servers' and would be all that is
    measured with fifty clients. Keys still go out by asyncssh.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._loop.add_reader(self._epoll.fileno(), self._look)
        self._streams: dict[int, _Stream] = {}

    def adopt(self, client: Client) -> None:
        """Read for this client from now on."""
        stream = _Stream(client)
        self._streams[stream.fd] = stream
        self._epoll.register(stream.fd, select.EPOLLIN)

    def release(self, client: Client) -> int:
        """Read for this client no more; return the descriptor of its socket, which nobody reads now."""
        stream = next(each for each in self._streams.values() if each.client is client)
        self._epoll.unregister(stream.fd)
        stream.socket.close()
        del self._streams[stream.fd]
        fd: int = client._channel.get_connection().get_extra_info("socket").fileno()
        return fd

    def slow_down(self, client: Client, bytes_per_s: int) -> None:
        """Let this client read so much and no more, as behind a thin line."""
        stream = next(each for each in self._streams.values() if each.client is client)
        self._epoll.unregister(stream.fd)
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._sip(stream, bytes_per_s)

    def close(self) -> None:
        """Read no more."""
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
        for stream in self._streams.values():
            stream.socket.close()
        self._streams.clear()

    def _look(self) -> None:
        for fd, _ in self._epoll.poll(0):
            if not self._streams[fd].read(_READ_BYTES):
                self._epoll.unregister(fd)

    def _sip(self, stream: _Stream, bytes_per_s: int) -> None:
        if stream.fd in self._streams:
            stream.read(int(bytes_per_s * _SIP_S))
            self._loop.call_later(_SIP_S, self._sip, stream, bytes_per_s)


class _Stream:
    """One connection's incoming packets, taken over from asyncssh."""

    def __init__(self, client: Client) -> None:
        connection = client._channel.get_connection()
        transport = connection._transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()
        self.client = client
        # A descriptor of its own: the loop has the transport's.
        self.socket = transport.get_extra_info("socket").dup()
        self.socket.setblocking(False)
        self.fd = self.socket.fileno()
        self._cipher = connection._recv_encryption
        self._sequence = connection._recv_seq
        self._pending = connection._packet + connection._inpbuf

    def read(self, most_bytes: int) -> bool:
        """Read and deliver; return False at the end."""
        try:
            data = self.socket.recv(most_bytes)
        except BlockingIOError:
            return True
        except OSError:
            return False
        pending = self._pending + data
        start = 0
        while len(pending) - start >= _LENGTH_BYTES:
            end = start + _LENGTH_BYTES + int.from_bytes(pending[start : start + _LENGTH_BYTES], "big")
            if len(pending) < end + _TAG_BYTES:
                break
            self._deliver(pending[start : start + _BLOCK_BYTES], pending[start + _BLOCK_BYTES : end],
                          pending[end : end + _TAG_BYTES])  # fmt: skip
            start = end + _TAG_BYTES
        self._pending = pending[start:]
        return bool(data)

    def _deliver(self, first: bytes, rest: bytes, tag: bytes) -> None:
        assert self._cipher is not None
        packet = self._cipher.decrypt_packet(self._sequence, first, rest, _LENGTH_BYTES, tag)
        assert packet is not None, "a packet that does not decrypt"
        self._sequence += 1
        if packet[1] == MSG_CHANNEL_DATA:
            self.client.data_received(packet[_DATA_AT : -packet[0]], None)


async def connect(door: Door, size: Size, *, client: Client | None = None, address: str = "127.0.0.1") -> Client:
    """Come in from an address and return once the terminal is granted.

    A client that was given can look for a text before that.
    """
    client = client or Client()
    async with asyncio.timeout(_LOGIN_TIMEOUT_S):
        connection = await asyncssh.connect(
            "127.0.0.1",
            door.port,
            local_addr=(address, 0),
            username=door.user,
            client_keys=[door.key] if door.key is not None else None,
            agent_path=None,
            known_hosts=None,
            config=None,
            encryption_algs=[_CIPHER],
        )
        _send_as_openssh(connection)
        await connection.create_session(
            lambda: client,
            door.command or (),
            term_type="xterm-256color",
            term_size=(size.cols, size.rows),
            encoding=None,
            window=_WINDOW_BYTES,
        )
    return client


def _send_as_openssh(connection: asyncssh.SSHClientConnection) -> None:
    """Have asyncssh send no empty packet before each one: people's ssh sends one packet a key."""
    send = connection.send_packet

    def send_packet(pkttype: int, *args: bytes, handler: SSHPacketLogger | None = None) -> None:
        if pkttype != MSG_IGNORE:
            send(pkttype, *args, handler=handler)

    connection.send_packet = send_packet  # type: ignore[method-assign]
