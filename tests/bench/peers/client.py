"""The one client of all targets: an asyncssh connection with a terminal, that says when it has seen a text.

It models no screen: what it looks for is told from the bytes without their escape
sequences. So a task has to use texts that share no cell with what was there
before, since a painter may leave those cells out. `BlindClient` reads nothing
but the socket: hundreds of them cost this side little, and the server the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import asyncssh
from asyncssh.constants import MSG_IGNORE
from asyncssh.packet import SSHPacketLogger

from pairterm.types import Size

__all__ = ["BlindClient", "Client", "Door", "connect"]

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]+[0-~]|[0-Z\\`-~])|[\x00-\x1f]"
)

_KEPT_BYTES = 4096
"""What is kept of the stream while a text is looked for: the text may arrive in pieces."""

_LOGIN_TIMEOUT_S = 60

_CIPHER = "aes256-gcm@openssh.com"
"""The same for all targets, so that decrypting costs this side the same."""

_BLIND_WINDOW_BYTES = 1 << 30
"""What a blind client lets the server send: it never says that it has read."""


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


class BlindClient:
    """A client that takes its bytes off the socket unread."""

    def __init__(self, client: Client) -> None:
        """Take over a client that is connected."""
        self.received_bytes = 0
        transport = client._channel.get_connection()._transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()
        # A descriptor of its own: the loop won't have a reader on a transport's.
        self._socket = socket.fromfd(
            transport.get_extra_info("socket").fileno(), socket.AF_INET, socket.SOCK_STREAM
        )
        self._scratch = bytearray(1 << 16)
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._drain)

    def _drain(self) -> None:
        count = 0
        with contextlib.suppress(OSError):
            count = self._socket.recv_into(self._scratch)
        if count:
            self.received_bytes += count
        else:
            self._loop.remove_reader(self._socket)

    def slow_down(self, bytes_per_s: int) -> None:
        """Read this much from now on, as a thin line would let through."""
        self._loop.remove_reader(self._socket)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._sip(bytes_per_s, time.monotonic())

    def _sip(self, bytes_per_s: int, since_s: float) -> None:
        allowed = int((time.monotonic() - since_s) * bytes_per_s) - self.received_bytes
        if allowed > 0:
            with contextlib.suppress(OSError):
                self.received_bytes += len(self._socket.recv(allowed))
        self._timer = self._loop.call_later(0.05, self._sip, bytes_per_s, since_s)

    def close(self) -> None:
        """Leave."""
        self._loop.remove_reader(self._socket)
        if hasattr(self, "_timer"):
            self._timer.cancel()
        self._socket.close()
        self._client.close()


async def connect(door: Door, size: Size, *, client: Client | None = None, is_blind: bool = False) -> Client:
    """Come in and return once the terminal is granted; a client that was given can look for a text before that."""
    client = client or Client()
    async with asyncio.timeout(_LOGIN_TIMEOUT_S):
        connection = await asyncssh.connect(
            "127.0.0.1",
            door.port,
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
            **({"window": _BLIND_WINDOW_BYTES} if is_blind else {}),
        )
    return client


def _send_as_openssh(connection: asyncssh.SSHClientConnection) -> None:
    """Have asyncssh send no empty packet before each one: people's ssh sends one packet a key."""
    send = connection.send_packet

    def send_packet(pkttype: int, *args: bytes, handler: SSHPacketLogger | None = None) -> None:
        if pkttype != MSG_IGNORE:
            send(pkttype, *args, handler=handler)

    connection.send_packet = send_packet  # type: ignore[method-assign]
