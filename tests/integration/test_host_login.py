"""What a client can't make of a host's login: keys that it only offered, names changed on the way, other channels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import asyncssh
import pytest

from pairterm import __version__
from pairterm.link.codec import encode
from pairterm.link.framing import framed
from pairterm.link.messages import PROTOCOL, Hello, Register
from pairterm.runtime.link_over_ssh import HOST_USER, LINK_SUBSYSTEM
from tests.e2e.world import Links, World, open_world


@dataclass
class Street:
    """A gateway where one key may share, and a session at it."""

    world: World
    port: int
    key: asyncssh.SSHKey
    links: Links


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with open_world() as world:
        key = asyncssh.generate_private_key("ssh-ed25519")
        (world.root / "authorized_hosts").write_bytes(key.export_public_key())
        config = world.root / "gateway.toml"
        config.write_text(f'[hosts]\nauthorized_hosts = "{world.root}/authorized_hosts"\n')
        _, ready = world.serve("--config", str(config), "--listen", "127.0.0.1:0", "--advertise", "127.0.0.1")
        yield Street(world, int(ready["listen"][0].rpartition(":")[2]), key, world.new("target"))


def connect(street: Street, **options: object) -> contextlib.AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
    settings = {"username": HOST_USER, "client_keys": [street.key], "agent_path": None, "known_hosts": None}
    return asyncssh.connect("127.0.0.1", street.port, config=None, **(settings | options))


async def test_a_host_gets_the_links_subsystem_and_nothing_else(street: Street) -> None:
    async with connect(street) as connection:
        process = await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)
        hello = await process.stdout.read(200)
        assert b"hello" in hello
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process(subsystem=LINK_SUBSYSTEM)
    for options in ({"term_type": "xterm"}, {"command": "id"}, {"subsystem": "sftp"}):
        async with connect(street) as connection:
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.create_process(**options)
    async with connect(street) as connection:
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("", 0, "127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", 22)


async def test_another_key_none_and_a_password_are_refused(street: Street) -> None:
    for options in (
        {"client_keys": [asyncssh.generate_private_key("ssh-ed25519")]},
        {"client_keys": None},
        {"client_keys": None, "password": "x"},
    ):
        with pytest.raises(asyncssh.PermissionDenied):
            async with connect(street, **options):
                pass


async def test_a_guests_connection_is_no_hosts(street: Street) -> None:
    async with connect(street, username=street.links.ro.user, client_keys=None) as connection:
        process = await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)
        hello = Hello(PROTOCOL, __version__, "host")
        register = Register("stolen", b"r" * 32, b"w" * 32)
        process.stdin.write(framed(encode(hello)) + framed(encode(register)))
        heard = await process.stdout.read()
        assert b"session" in heard, "what a guest is told of its session"
        assert b"registered" not in heard
        assert [each["session"] for each in street.world.sessions()] == [street.links.session]


@pytest.mark.parametrize("first", ["host", "guest"])
async def test_a_connection_has_one_user_name_where_a_host_is_one_of_them(street: Street, first: str) -> None:
    """A key that was only offered under one name must not count under another."""
    guest = street.links.rw.user
    names = [HOST_USER, guest] if first == "host" else ["rw-" + "a" * 32, HOST_USER]

    class Client(asyncssh.SSHClient):
        def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
            self._conn = conn

        def public_key_auth_requested(self) -> asyncssh.SSHKeyPair:
            # The first name is done with: go on under the second, in the same connection.
            self._conn._username = names[1]
            return asyncssh.load_keypairs([street.key])[0]

    with pytest.raises((asyncssh.DisconnectError, asyncssh.PermissionDenied)):
        async with connect(street, username=names[0], client_keys=None, client_factory=Client) as connection:
            await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)


async def test_a_key_that_is_on_no_curve_is_refused_as_any_other(street: Street) -> None:
    """asyncssh fails on such a point. The gateway lost the connection without a word."""
    (pair,) = asyncssh.load_keypairs(asyncssh.generate_private_key("ecdsa-sha2-nistp256"))
    pair.public_data = pair.public_data[:-1] + bytes([pair.public_data[-1] ^ 1])
    with pytest.raises(asyncssh.PermissionDenied):
        async with connect(street, client_keys=[pair]):
            pass
