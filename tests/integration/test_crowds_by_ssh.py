"""A crowd on real SSH connections: whatever a connection does meanwhile, each client decrypts what it has to show.

The connections' counts (packets, the client's window, bytes until keys are exchanged anew) have to be right each time
that a sending side is lent and taken back. If one were wrong, the client would find a wrong MAC, or too large a packet.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import asyncssh
import pytest

from pairterm.access.tokens import token_hash
from pairterm.gateway.guest import Credentials
from pairterm.gateway.hosts import hosted_session
from pairterm.gateway.ssh.guest_channel import GuestChannel
from pairterm.gateway.ssh.guest_connection import GuestConnection, serve_connection
from pairterm.terminal import Terminal
from pairterm.types import Size
from tests.integration.guest_server import connected_sockets, server_options
from tests.laws.gateway.test_web_pictures import Stage

_TIMEOUT_S = 60

_SIZE = Size(rows=8, cols=30)

_REKEY_BYTES = 1500


@pytest.fixture(scope="module", autouse=True)
def _small_crowds() -> Iterator[None]:
    """Let so few guests have a crowd: they are enough to show what it does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hosted_session, "FEW_GUESTS", 3)
        yield


def _new_session(stage: Stage) -> GuestChannel:
    stage.now_s += 100.0  # Guests may not join too often.
    credentials = Credentials(token_hash=token_hash(stage.tokens.read_only), address="203.0.113.7")
    return GuestChannel(stage.session, credentials, SimpleNamespace(bytes_in=0, bytes_out=0))


class _Client(asyncssh.SSHClientSession[bytes]):
    """A terminal that shows what it is sent."""

    def __init__(self) -> None:
        self._terminal = Terminal(_SIZE)
        self._grew = asyncio.Event()
        self.received_bytes = 0

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self.channel = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.received_bytes += len(data)
        self._terminal.feed(data)
        self._grew.set()

    def connection_lost(self, exc: Exception | None) -> None:
        assert exc is None, exc
        self._grew.set()

    async def shows(self, text: str) -> None:
        """Wait until the first row is this text."""
        while "".join(self._terminal.snapshot().rows[0].cells).rstrip() != text:
            self._grew.clear()
            await self._grew.wait()


async def _watch(stage: Stage, **options: Any) -> tuple[_Client, asyncssh.SSHClientConnection, GuestConnection]:
    """Come in; return the terminal, and both ends of its connection."""
    window = options.pop("window", 2 << 20)
    allowed = server_options(partial(_new_session, stage), line_editor=False, rekey_bytes=_REKEY_BYTES)
    ours, theirs = connected_sockets()
    made: list[asyncssh.SSHServerConnection] = []
    serving = asyncio.create_task(serve_connection(ours, allowed, made.append))
    connection = await asyncssh.connect("", sock=theirs, known_hosts=None, username="x", config=None, **options)
    await serving
    assert isinstance(made[0], GuestConnection)
    client = _Client()
    await connection.create_session(
        lambda: client, term_type="xterm-256color", term_size=(_SIZE.cols, _SIZE.rows), encoding=None, window=window
    )
    while not stage.link.to_host:  # noqa: ASYNC110 -- the guest asks to be let in with a callback of asyncssh
        await asyncio.sleep(0.001)
    stage.deliver()
    return client, connection, made[0]


async def test_counts_are_right_each_time_that_a_sending_side_is_lent() -> None:
    stage = Stage(Size(rows=7, cols=30))
    async with asyncio.timeout(_TIMEOUT_S):
        watching = [
            await _watch(stage),
            await _watch(stage, encryption_algs=["aes256-ctr"]),
            await _watch(stage, window=1500),
            await _watch(stage, rekey_bytes=200),
        ]
        lent, exchanged = [0] * len(watching), [0] * len(watching)
        keys_before = [server._send_encryption for _, _, server in watching]
        for number in range(120):
            text = f"{number}:" + "x" * (number % 20)
            stage.print(f"\x1b[H\x1b[2K{text}".encode())
            for at, (client, _, server) in enumerate(watching):
                await client.shows(text)
                lent[at] += server.outlet is not None
                if server._send_encryption is not keys_before[at]:
                    keys_before[at] = server._send_encryption
                    exchanged[at] += 1
                if number % 10 == at:
                    client.channel.change_terminal_size(_SIZE.cols, _SIZE.rows)
        assert min(lent) > 5, lent
        for (client, connection, server), exchanges in zip(watching, exchanged, strict=True):
            assert exchanges > client.received_bytes // (2 * _REKEY_BYTES)
            server.take_outlet_back()
            (channel,) = server._channels.values()
            assert channel._send_window == client.channel._recv_window
            connection.close()
            await connection.wait_closed()
            await server.wait_closed()
            assert server.outlet is None


async def test_a_client_that_does_not_read_leaves_the_crowd_and_gets_all_of_it_later() -> None:
    """Its socket takes only a part of a packet. The rest comes before anything else."""
    stage = Stage(Size(rows=7, cols=30))
    async with asyncio.timeout(_TIMEOUT_S):
        slow, connection, server = await _watch(stage)
        quick, other, _ = await _watch(stage)
        rest = [(await _watch(stage))[1] for _ in range(2)]  # more than a few guests make a crowd
        sock = server.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        transport = connection._transport
        assert isinstance(transport, asyncio.ReadTransport)
        for number in range(200):
            text = f"{number}:" + "x" * (number % 20)
            stage.print(f"\x1b[H\x1b[2K{text}".encode())
            await quick.shows(text)
            if number == 20:
                transport.pause_reading()
        transport.resume_reading()
        await slow.shows(text)
        for each in (connection, other, *rest):
            each.close()
            await each.wait_closed()
