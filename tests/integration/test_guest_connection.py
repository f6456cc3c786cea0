"""What we override of asyncssh still does what it did: packets, padding, re-keying, death."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import asyncssh

from pairterm.gateway.connection import TerminalChannel, serve_connection, watch_for_death
from pairterm.gateway.server import _ENCRYPTION, _MACS

_TIMEOUT_S = 20


class _Painter(asyncssh.SSHServerSession[bytes]):
    """Paints whatever the client types, in pieces of every size."""

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        assert isinstance(chan, TerminalChannel)
        self.channel = chan

    def shell_requested(self) -> bool:
        return True

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.channel.write(data)


class _Server(asyncssh.SSHServer):
    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn

    def begin_auth(self, username: str) -> bool:
        return False

    def session_requested(self) -> tuple[TerminalChannel, _Painter]:
        loop = asyncio.get_running_loop()
        channel = TerminalChannel(
            self.connection, loop, True, False, False, 0, 0, None, "strict", 65_536, 32_768
        )  # fmt: skip
        return channel, _Painter()


class _Client(asyncssh.SSHClientSession[bytes]):
    def __init__(self) -> None:
        self.received = bytearray()
        self.grew = asyncio.Event()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.received += data
        self.grew.set()


async def _echo(pieces: list[bytes], **options: Any) -> tuple[bytes, asyncssh.SSHServerConnection]:
    """Send the pieces through a connection of ours and return what came back, and the server's end."""
    server_options = asyncssh.SSHServerConnectionOptions(
        server_factory=_Server,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        encryption_algs=_ENCRYPTION,
        mac_algs=_MACS,
        encoding=None,
        keepalive_interval=1,
        **options,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    client = _Client()
    async with asyncio.timeout(_TIMEOUT_S):
        serving = asyncio.create_task(serve_connection(ours, server_options))
        connection = await asyncssh.connect("", sock=theirs, known_hosts=None, username="x", config=None)
        async with connection:
            server = await serving
            channel, _ = await connection.create_session(lambda: client, term_type="xterm", encoding=None)
            for piece in pieces:
                sent = len(client.received) + len(piece)
                channel.write(piece)
                while len(client.received) < sent:
                    client.grew.clear()
                    await client.grew.wait()
            server.close()
            await server.wait_closed()
    return bytes(client.received), server


async def test_pieces_of_every_size_arrive() -> None:
    """Each padding that a block has, a window's worth, and more than a packet holds."""
    pieces = [bytes((size % 251,)) * size for size in (*range(1, 40), 4096, 32_768, 32_769, 100_000)]
    received, _ = await _echo(pieces)
    assert received == b"".join(pieces)


async def test_keys_are_exchanged_anew_in_time() -> None:
    """A connection that painted for long exchanges keys again, as asyncssh's own sending would have it."""
    pieces = [b"x" * 1000] * 40
    received, server = await _echo(pieces, rekey_bytes=8000)
    assert received == b"".join(pieces)
    assert server._rekey_bytes_sent < 8000 + 2000


async def test_no_timer_is_set_for_a_connection() -> None:
    """The kernel watches for a dead peer: an idle guest wakes nobody."""
    _, server = await _echo([b"x"])
    assert server._keepalive_timer is None


def test_the_kernel_watches_for_a_dead_peer() -> None:
    with socket.socket() as sock:
        watch_for_death(sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
