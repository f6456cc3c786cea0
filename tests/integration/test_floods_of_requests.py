"""A guest who is in and asks without end: it is parted with, and nobody else notices (T14)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import asyncssh
import pytest
from asyncssh.constants import MSG_GLOBAL_REQUEST
from asyncssh.packet import Boolean, String, UInt32

from tests.e2e.terminal import DEADLINE_S
from tests.e2e.test_people import people
from tests.e2e.world import World
from tests.integration.test_hostile_ssh import connected, opened, shows

Send = Callable[[asyncssh.SSHClientConnection, Any, int], None]


def resize(connection: asyncssh.SSHClientConnection, channel: Any, number: int) -> None:
    channel.change_terminal_size(40 + number % 100, 10 + number % 30)


def environment(connection: asyncssh.SSHClientConnection, channel: Any, number: int) -> None:
    channel._send_request(b"env", String(b"LANG"), String(b"C.UTF-8"))


def keep_alive(connection: asyncssh.SSHClientConnection, channel: Any, number: int) -> None:
    connection.send_packet(MSG_GLOBAL_REQUEST, String(b"keepalive@openssh.com"), Boolean(False))


def forward(connection: asyncssh.SSHClientConnection, channel: Any, number: int) -> None:
    connection.send_packet(MSG_GLOBAL_REQUEST, String(b"tcpip-forward"), Boolean(False), String(b""), UInt32(0))


def open_channel(connection: asyncssh.SSHClientConnection, channel: Any, number: int) -> None:
    opening = asyncio.ensure_future(connection.create_process())
    opening.add_done_callback(lambda done: done.cancelled() or done.exception())  # refused, as it should be


class _Client(asyncssh.SSHClient):
    """Knows when it has been parted with."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()


@pytest.mark.parametrize(
    "send", [resize, environment, keep_alive, forward, open_channel], ids=lambda each: each.__name__
)
async def test_who_asks_without_end_is_parted_with(world: World, send: Send) -> None:
    links = world.new("ours", "cat")
    other, flooder = _Client(), _Client()
    options: dict[str, Any] = {"known_hosts": None, "client_keys": None, "agent_path": None, "config": None}
    calm = await asyncssh.connect(
        "127.0.0.1", links.ro.port, username=links.ro.user, client_factory=lambda: other, **options
    )
    wild = await asyncssh.connect(
        "127.0.0.1", links.ro.port, username=links.ro.user, client_factory=lambda: flooder, **options
    )
    async with calm, wild:
        process = await opened(calm)
        await shows(process, b"\x1b[")
        flooding = await opened(wild)
        await shows(flooding, b"\x1b[")
        for number in range(5000):
            if wild._transport is None:
                break
            send(wild, flooding.channel, number)
            if number % 50 == 0:
                await asyncio.sleep(0)
        await asyncio.wait_for(flooder.lost.wait(), DEADLINE_S)
        assert not other.lost.is_set()
        process.change_terminal_size(40, 10)
        assert await asyncio.wait_for(process.stdout.read(65536), DEADLINE_S), "another guest sees nothing any more"
    found = await asyncio.to_thread(lambda: world.run("gateway", "audit", "--json").stdout)
    assert "requests" in [json.loads(line).get("why") for line in found.splitlines()]


async def test_a_window_that_is_dragged_for_long_is_followed_to_its_last_size(world: World) -> None:
    """144 sizes a second are what a window manager may send; each would paint the terminal anew."""
    links = world.new("ours", "cat")
    client = _Client()
    connection = await asyncssh.connect(
        "127.0.0.1", links.rw.port, username=links.rw.user, client_factory=lambda: client, known_hosts=None,
        client_keys=None, agent_path=None, config=None,
    )  # fmt: skip
    async with connection:
        process = await opened(connection)
        await shows(process, b"\x1b[")
        for number in range(900):
            process.change_terminal_size(80 + number % 40, 24)
        process.change_terminal_size(77, 21)

        def size() -> tuple[int, int]:
            (found,) = people(world, "ours").values()
            return found["cols"], found["rows"]

        async with asyncio.timeout(DEADLINE_S):
            while await asyncio.to_thread(size) != (77, 21):  # noqa: ASYNC110 -- it is in another process
                await asyncio.sleep(0.05)
        assert not client.lost.is_set()


async def test_a_guest_that_renames_itself_without_end_fills_neither_audit_nor_screens(world: World) -> None:
    links = world.new("ours", "cat")
    async with connected(links.ro) as connection:
        process = await opened(connection)
        await shows(process, b"\x1b[")
        for number in range(300):
            process.stdin.write(f"\x02:name n{number}x\r".encode())
        await shows(process, b"slow down")
        process.stdin.write(b"\x02:name n300x\r")
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process()  # answered after all that was sent before it
    audit = await asyncio.to_thread(lambda: world.run("audit", "-t", "ours", "--json").stdout)
    names = [json.loads(line) for line in audit.splitlines() if '"name"' in line]
    # Ten at once, and one a second for as long as this may take.
    assert len([each for each in names if each["event"] == "name"]) <= 10 + DEADLINE_S
