"""Our overrides of asyncssh still do what asyncssh does: packets, padding, re-keying, death."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

import asyncssh
import pytest
from asyncssh.constants import MSG_CHANNEL_DATA, MSG_CHANNEL_EOF
from asyncssh.encryption import Encryption
from asyncssh.packet import String, UInt32

from pairterm.gateway.dead_peers import watch_for_death
from pairterm.gateway.ssh.algorithms import ENCRYPTION
from pairterm.gateway.ssh.guest_connection import _DROPBEAR_CIPHER, TerminalChannel, serve_connection
from pairterm.runtime.lost_segments import resend_soon
from tests.e2e.world import World
from tests.integration.guest_server import connected_sockets, server_options

_TIMEOUT_S = 60


class _Painter(asyncssh.SSHServerSession[bytes]):
    """Paints whatever the client types, in pieces of every size."""

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        assert isinstance(chan, TerminalChannel)
        self.channel = chan

    def shell_requested(self) -> bool:
        return True

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.channel.write(data)


class _Client(asyncssh.SSHClientSession[bytes]):
    def __init__(self) -> None:
        self.received = bytearray()
        self.lost: Exception | None = None
        self.grew = asyncio.Event()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.received += data
        self.grew.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc
        self.grew.set()


class _Forger(Encryption):
    """Changes the tag of all that is sent from now on."""

    def __init__(self, cipher: Encryption) -> None:
        self._cipher = cipher

    def encrypt_packet(self, seq: int, header: bytes, packet: bytes) -> tuple[bytes, bytes]:
        sealed, tag = self._cipher.encrypt_packet(seq, header, packet)
        return sealed, bytes((tag[0] ^ 1,)) + tag[1:]


async def _echo(
    pieces: list[bytes],
    *,
    cipher: str = "",
    forge: Callable[[asyncssh.SSHClientConnection, asyncssh.SSHClientChannel[bytes]], None] = lambda *_: None,
    **options: Any,
) -> tuple[bytes, asyncssh.SSHServerConnection]:
    """Send the pieces through a connection of ours and return what came back, and the server's end.

    `forge` does something to the client's end before.

    Raises:
        asyncssh.Error: The server ended the connection.
    """
    ours, theirs = connected_sockets()
    client = _Client()
    async with asyncio.timeout(_TIMEOUT_S):
        serving = asyncio.create_task(serve_connection(ours, server_options(_Painter, keepalive_interval=1, **options)))
        connection = await asyncssh.connect(
            "",
            sock=theirs,
            known_hosts=None,
            username="x",
            config=None,
            encryption_algs=[cipher] if cipher else (),
            client_version="dropbear_2022.83" if cipher == _DROPBEAR_CIPHER.decode() else (),
        )
        async with connection:
            server = await serving
            channel, _ = await connection.create_session(lambda: client, term_type="xterm", encoding=None)
            forge(connection, channel)
            for piece in pieces:
                sent = len(client.received) + len(piece)
                channel.write(piece)
                while len(client.received) < sent:
                    client.grew.clear()
                    await client.grew.wait()
                    if client.lost is not None:
                        raise client.lost
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


def test_the_kernel_sends_lost_data_again_soon() -> None:
    """Linux 6.15 and later take a longest pause, and older ones keep the first pauses short."""
    with socket.socket() as sock:
        resend_soon(sock)
        assert sock.getsockopt(socket.IPPROTO_TCP, 16) == 1
        with contextlib.suppress(OSError):
            assert sock.getsockopt(socket.IPPROTO_TCP, 44) == 1000
    with socket.socket(socket.AF_UNIX) as sock:
        resend_soon(sock)


@pytest.mark.parametrize("cipher", [*ENCRYPTION, _DROPBEAR_CIPHER.decode()])
async def test_typed_data_arrives_by_every_cipher(cipher: str) -> None:
    """Alone, which takes the short way, and many packets at once or one in parts, which do not."""
    pieces = [b"k", b"key" * 5, b"paste" * 20_000, b"k"]
    received, _ = await _echo(pieces, cipher=cipher)
    assert received == b"".join(pieces)


@pytest.mark.parametrize("cipher", ENCRYPTION)
async def test_a_key_takes_the_short_way(monkeypatch: pytest.MonkeyPatch, cipher: str) -> None:
    """Also behind the empty packet that asyncssh's clients send before it."""
    taken: list[bytes] = []
    take = TerminalChannel.take

    def noted(channel: TerminalChannel, opened: bytes) -> None:
        taken.append(opened[10:11])
        take(channel, opened)

    monkeypatch.setattr(TerminalChannel, "take", noted)
    await _echo([b"k", b"e", b"y"], cipher=cipher)
    assert taken == [b"k", b"e", b"y"]


def _forge_tags(connection: asyncssh.SSHClientConnection, _: asyncssh.SSHClientChannel[bytes]) -> None:
    assert connection._send_encryption is not None
    connection._send_encryption = _Forger(connection._send_encryption)


def _claim_too_much(connection: asyncssh.SSHClientConnection, channel: asyncssh.SSHClientChannel[bytes]) -> None:
    assert channel._send_chan is not None
    connection.send_packet(MSG_CHANNEL_DATA, UInt32(channel._send_chan), UInt32(100), b"key")


def _claim_too_little(connection: asyncssh.SSHClientConnection, channel: asyncssh.SSHClientChannel[bytes]) -> None:
    assert channel._send_chan is not None
    connection.send_packet(MSG_CHANNEL_DATA, UInt32(channel._send_chan), UInt32(1), b"key")


def _type_after_the_end(connection: asyncssh.SSHClientConnection, channel: asyncssh.SSHClientChannel[bytes]) -> None:
    assert channel._send_chan is not None
    connection.send_packet(MSG_CHANNEL_EOF, UInt32(channel._send_chan))
    connection.send_packet(MSG_CHANNEL_DATA, UInt32(channel._send_chan), String(b"key"))


def _type_into_nothing(connection: asyncssh.SSHClientConnection, _: asyncssh.SSHClientChannel[bytes]) -> None:
    connection.send_packet(MSG_CHANNEL_DATA, UInt32(77), String(b"key"))


@pytest.mark.parametrize(
    ("forge", "error"),
    [
        (_forge_tags, asyncssh.MACError),
        (_claim_too_much, asyncssh.ProtocolError),
        (_claim_too_little, asyncssh.ProtocolError),
        (_type_after_the_end, asyncssh.ProtocolError),
        (_type_into_nothing, asyncssh.ProtocolError),
    ],
)
async def test_a_packet_that_is_wrong_ends_the_connection_and_nothing_of_it_arrives(
    monkeypatch: pytest.MonkeyPatch, forge: Any, error: type[asyncssh.Error]
) -> None:
    taken: list[bytes] = []
    monkeypatch.setattr(TerminalChannel, "take", lambda channel, opened: taken.append(opened))
    with pytest.raises(error):
        await _echo([b"x"], cipher="aes256-gcm@openssh.com", forge=forge)
    assert not taken


def test_a_gateway_serves_by_plain_asyncssh_where_that_lacks_a_name(world: World) -> None:
    """A newer asyncssh may have renamed what is not public: the gateway says so and goes on, slower."""
    hook = world.root / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'serve' in sys.argv or 'serve' in sys.orig_argv:\n"
        "    import pairterm.gateway.ssh.private_names as names\n"
        "    names.CONNECTION += ('_renamed',)\n"
    )
    world.environment["PYTHONPATH"] = f"{hook}:{world.environment.get('PYTHONPATH', '')}"
    world.serve()
    assert "lacks SSHServerConnection._renamed" in world.log()
    links = world.new("ours")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    guest.enter("echo plain-$((1+1))")
    guest.sees("plain-2")
    watcher = world.ssh(links.ro)
    watcher.sees("plain-2")
    watcher.type("x")
    guest.enter("echo after-$((2+2))")
    guest.sees("after-4")
    guest.keys("C-d")
    world.ends("ours")
