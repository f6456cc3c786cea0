"""Crowds at the door of a running gateway: floods that log in never, classes that log in at once, guessers among them.

Each source is an address of loopback's network, so a crowd is as real as on a network.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

import asyncssh
import pytest

from pairterm.access.penalties import GUESSES_AT_ONCE
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.test_operator import status
from tests.e2e.world import Link, Links, World
from tests.integration.test_attacks import answer_at
from tests.integration.test_hostile_ssh import connected, opened, shows

HERE = "127.0.0.1"


@contextlib.contextmanager
def half_open(port: int, *, sources: int, each: int) -> Iterator[None]:
    """Hold connections that say nothing, from addresses other than ours."""
    with contextlib.ExitStack() as stack:
        for number in range(sources):
            for _ in range(each):
                raw = socket.create_connection((HERE, port), DEADLINE_S, source_address=(f"127.0.1.{number + 1}", 0))
                stack.enter_context(raw)
        yield


async def log_in(link: Link, source: str = HERE, **options: Any) -> None:
    """Log in from an address, open a terminal, see the picture, and leave."""
    async with asyncio.timeout(DEADLINE_S), connected(link, local_addr=(source, 0), **options) as connection:
        process = await opened(connection)
        assert await process.stdout.read(1)


@pytest.fixture
def links(world: World) -> Links:
    world.serve()
    return world.new("ours", "cat")


async def test_a_crowd_of_half_open_connections_keeps_nobody_out(links: Links) -> None:
    """64 silent connections from 8 addresses kept every newcomer out for 120 s."""
    with half_open(links.rw.port, sources=8, each=8):
        await log_in(links.rw)
    with half_open(links.rw.port, sources=30, each=10):
        await log_in(links.rw)


async def test_two_hundred_guests_of_one_address_all_come_in_beside_a_flood(world: World, links: Links) -> None:
    """The ninth of thirty students behind one address was cut off."""
    with half_open(links.rw.port, sources=20, each=10):
        async with contextlib.AsyncExitStack() as stack:
            guests = [stack.enter_async_context(connected(links.ro)) for _ in range(200)]
            async with asyncio.timeout(DEADLINE_S):
                await asyncio.gather(*guests)
            assert status(world)["guests"] == 200


async def test_a_flood_from_the_same_address_keeps_nobody_behind_it_out(links: Links) -> None:
    """An attacker inside the class' own network holds silent connections; they make room."""
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(socket.create_connection((HERE, links.rw.port), DEADLINE_S))
        await log_in(links.rw)


async def test_a_right_link_opens_whatever_its_address_presented(world: World, links: Links) -> None:
    """One wrong link a second left the honest guests behind the same address 3 of 40 logins."""
    wrong = Link("", "rw-" + "a" * 26, "localhost", links.rw.port)

    async def guess() -> None:
        with pytest.raises(asyncssh.Error, match="no such session"):
            await log_in(wrong)

    await asyncio.gather(*[guess() for _ in range(2 * GUESSES_AT_ONCE)], *[log_in(links.ro) for _ in range(20)])
    await log_in(links.rw)
    assert status(world)["wrong_links"] == 2 * GUESSES_AT_ONCE


async def test_a_link_that_watches_leaves_places_for_those_who_type(world: World) -> None:
    """One read-only link took all 1,000 places of a gateway in 4 s."""
    config = world.root / "gateway.toml"
    config.write_text("max_guests = 30\nmax_guests_per_session = 20\nmax_guests_per_source = 25\n")
    world.serve("--config", str(config))
    links, other = world.new("ours", "cat"), world.new("other", "cat")
    async with contextlib.AsyncExitStack() as stack:
        for number in range(18):
            await stack.enter_async_context(connected(links.ro, local_addr=(f"127.0.1.{number + 1}", 0)))
        with pytest.raises(asyncssh.Error, match="the session has as many guests as it may have"):
            await log_in(links.ro)
        await log_in(links.rw)
        for _ in range(9):
            await stack.enter_async_context(connected(other.ro))
        with pytest.raises(asyncssh.Error, match="the gateway is full"):
            await log_in(other.ro)
        await log_in(other.rw)
    refused = {each.get("why") for each in map(json.loads, world.run("gateway", "audit", "--json").stdout.splitlines())}
    assert {"full", "session-full"} <= refused


async def test_one_address_has_a_share_of_the_places(world: World) -> None:
    config = world.root / "gateway.toml"
    config.write_text("max_guests_per_source = 2\n")
    world.serve("--config", str(config))
    links = world.new("ours", "cat")
    async with connected(links.rw), connected(links.ro):
        with pytest.raises(asyncssh.Error, match="too many guests from your address"):
            await log_in(links.rw)
        await log_in(links.rw, "127.0.1.1")


# A load balancer, and those who only say that they are one.

TCP4 = b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 22\r\n"
TCP6 = b"PROXY TCP6 2001:db8::7 2001:db8::1 56324 22\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
TCP4_2 = SIGNATURE + b"\x21\x11\x00\x0c" + bytes([192, 0, 2, 8, 198, 51, 100, 1]) + b"\xdc\x04\x00\x16"
TCP6_2 = SIGNATURE + b"\x21\x21\x00\x24" + b"\x20\x01\x0d\xb8" + bytes(11) + b"\x09" + bytes(16) + b"\xdc\x04\x00\x16"
LOCAL_2 = SIGNATURE + b"\x20\x00\x00\x00"


@pytest.fixture
def balanced(world: World) -> Links:
    config = world.root / "gateway.toml"
    config.write_text('proxy_protocol_from = ["127.0.9.0/24"]\n')
    world.serve("--config", str(config))
    return world.new("ours", "cat")


def sources(world: World) -> list[str]:
    """Return whence the session's guests have come, as its owner is told."""
    return [each["from"].removeprefix("ssh ") for each in world.session("ours")["clients"]]


async def passed_on(link: Link, header: bytes, balancer: str = "127.0.9.1") -> asyncssh.SSHClientConnection:
    """Connect from a balancer's address with a header before all else."""
    raw = socket.create_connection((HERE, link.port), DEADLINE_S, source_address=(balancer, 0))
    raw.sendall(header)
    raw.setblocking(False)
    return await asyncssh.connect(
        sock=raw, username=link.user, known_hosts=None, client_keys=None, agent_path=None, config=None
    )


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (TCP4, "192.0.2.7"),
        (TCP6, "2001:db8::7"),
        (TCP4_2, "192.0.2.8"),
        (TCP6_2, "2001:db8::9"),
        (b"PROXY UNKNOWN\r\n", "127.0.9.1"),
        (LOCAL_2, "127.0.9.1"),
    ],
)
async def test_a_guest_of_a_balancer_is_where_its_header_says(
    world: World, balanced: Links, header: bytes, address: str
) -> None:
    async with await passed_on(balanced.rw, header) as connection:
        await shows(await opened(connection), b"\x1b[")
        assert sources(world) == [address]


@pytest.mark.parametrize(
    "header", [b"SSH-2.0-x\r\n", b"PROXY TCP4 nonsense\r\n", b"PROXY " + b"x" * 200, SIGNATURE + b"\x31\x11\0\0"]
)
def test_a_balancer_without_a_right_header_is_refused(world: World, balanced: Links, header: bytes) -> None:
    with socket.create_connection((HERE, balanced.rw.port), DEADLINE_S, source_address=("127.0.9.1", 0)) as raw:
        raw.sendall(header)
        with contextlib.suppress(ConnectionResetError):
            assert raw.recv(4096) == b""
    assert "proxy_header" in world.run("gateway", "audit").stdout


async def test_nobody_else_is_believed_a_header(world: World, balanced: Links) -> None:
    with pytest.raises((asyncssh.Error, OSError)):
        await passed_on(balanced.rw, TCP4, balancer="127.0.8.1")
    async with connected(balanced.rw, local_addr=("127.0.8.1", 0)) as connection:
        await shows(await opened(connection), b"\x1b[")
        assert sources(world) == ["127.0.8.1"]


async def test_wrong_links_of_a_balancers_guest_are_charged_to_the_guest(world: World, balanced: Links) -> None:
    wrong = Link("", "rw-" + "a" * 26, "localhost", balanced.rw.port)
    with pytest.raises(asyncssh.Error, match="no such session"):
        await passed_on(wrong, TCP4)
    audit = [json.loads(line) for line in world.run("gateway", "audit", "--json").stdout.splitlines()]
    assert [each["address"] for each in audit if each.get("why") == "link"] == ["192.0.2.7"]


def test_a_balancers_health_check_is_answered(balanced: Links) -> None:
    """A balancer looks whether the gateway is there by a connection of its own (LOCAL)."""
    with socket.create_connection((HERE, balanced.rw.port), DEADLINE_S, source_address=("127.0.9.1", 0)) as raw:
        raw.sendall(LOCAL_2)
        assert raw.makefile("rb").readline().startswith(b"SSH-2.0-")
    assert answer_at(balanced.rw.port).startswith(b"SSH-2.0-")
