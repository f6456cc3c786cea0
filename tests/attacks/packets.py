"""Floods of SSH packets, before and after the login: each costs its sender next to nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import asyncssh
from asyncssh.constants import (
    MSG_CHANNEL_WINDOW_ADJUST,
    MSG_DEBUG,
    MSG_UNIMPLEMENTED,
    MSG_USERAUTH_FAILURE,
    MSG_USERAUTH_REQUEST,
)
from asyncssh.packet import Boolean, SSHPacket, String, UInt32

from tests.attacks.guests import connected, drained, terminal
from tests.attacks.registry import Aims, Bounds, attack

_HOST = "host"
"""The user name under which the gateway asks for a key: whoever has none may ask again and again."""

Send = Callable[[asyncssh.SSHClientConnection, Any], None]


async def _flood(aims: Aims, bounds: Bounds, send: Send, *, user: str = "") -> None:
    """Log in, open a terminal and send packets without a pause."""
    async with connected(aims, user or aims.ro, bounds) as connection:
        process = await terminal(connection)
        async for _ in bounds.steps():
            if not await drained(connection) or process.channel.is_closing():
                break
            send(connection, process.channel)


@attack("MSG_DEBUG without end", is_ended=True)
async def debug(aims: Aims, bounds: Bounds) -> None:
    await _flood(aims, bounds, lambda wild, _: wild.send_packet(
        MSG_DEBUG, Boolean(False), String("x" * 200), String("")))  # fmt: skip


@attack("MSG_UNIMPLEMENTED without end", is_ended=True)
async def unimplemented(aims: Aims, bounds: Bounds) -> None:
    await _flood(aims, bounds, lambda wild, _: wild.send_packet(MSG_UNIMPLEMENTED, UInt32(1)))


@attack("packets of a type that there is not", is_ended=True)
async def unknown_packets(aims: Aims, bounds: Bounds) -> None:
    await _flood(aims, bounds, lambda wild, _: wild.send_packet(192, UInt32(1)))


@attack("USERAUTH_REQUEST after the login, names of 1 KB", is_ended=True)
async def auth_after_login(aims: Aims, bounds: Bounds) -> None:
    async with connected(aims, aims.ro, bounds) as connection:
        async for number in bounds.steps():
            if not await drained(connection):
                break
            name = f"{number:04}" + "ä" * 500
            connection.send_packet(MSG_USERAUTH_REQUEST, String(name), String("ssh-connection"), String("none"))


@attack("window adjusts by one byte", smoke_count=8000)
async def window_adjusts(aims: Aims, bounds: Bounds) -> None:
    await _flood(aims, bounds, lambda wild, channel: wild.send_packet(
        MSG_CHANNEL_WINDOW_ADJUST, UInt32(channel._send_chan), UInt32(1)))  # fmt: skip


@attack("tiny typed packets, read-write", smoke_count=8000)
async def tiny_packets(aims: Aims, bounds: Bounds) -> None:
    await _flood(aims, bounds, lambda _, channel: channel.write(b"x"), user=aims.rw)


@attack("tiny typed packets, read-only", smoke_count=8000)
async def tiny_packets_of_a_watcher(aims: Aims, bounds: Bounds) -> None:
    await _flood(aims, bounds, lambda _, channel: channel.write(b"x"))


class _Asking(asyncssh.SSHClientConnection):
    """Goes on to ask to be let in, whatever the answers are."""

    bounds: Bounds
    request: tuple[bytes, ...] = ()
    asking: asyncio.Future[None] | None = None

    def try_next_auth(self, *, next_method: bool = False) -> None:
        """Begin to ask (asyncssh calls this when it may)."""
        self.asking = asyncio.ensure_future(self._ask())

    def _count_answer(self, kind: int, number: int, packet: SSHPacket) -> None:
        self.bounds.counts.answers += 1

    _packet_handlers = asyncssh.SSHClientConnection._packet_handlers | {MSG_USERAUTH_FAILURE: _count_answer}

    async def _ask(self) -> None:
        async for _ in self.bounds.steps():
            if not await drained(self):
                break
            self.send_packet(MSG_USERAUTH_REQUEST, String(_HOST), String("ssh-connection"), *self.request)


async def _ask_without_end(aims: Aims, bounds: Bounds, *request: bytes) -> None:
    loop = asyncio.get_running_loop()
    options = asyncssh.SSHClientConnectionOptions(
        username=_HOST, known_hosts=None, client_keys=None, agent_path=None, config=None
    )
    options.waiter = loop.create_future()
    wild = _Asking(loop, options, wait="auth")
    wild.bounds, wild.request = bounds, request
    await loop.create_connection(lambda: wild, "127.0.0.1", aims.port)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(bounds.seconds):
            await wild.wait_closed()
            bounds.counts.is_parted = True
    wild.abort()
    with contextlib.suppress(BaseException):
        options.waiter.exception()


@attack("`none` requests of the user `host`, before the login", is_ended=True)
async def none_requests(aims: Aims, bounds: Bounds) -> None:
    await _ask_without_end(aims, bounds, String("none"))


@attack("offers of keys with names of 1 KB, before the login", is_ended=True)
async def key_names(aims: Aims, bounds: Bounds) -> None:
    await _ask_without_end(aims, bounds, String("publickey"), Boolean(False), String("k" * 1000), String("k" * 1000))
