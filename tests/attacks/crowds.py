"""Crowds at the door, and guests who take all places. Each source is an address of loopback's network."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time

import asyncssh

from tests.attacks.registry import Aims, Bounds, attack

_WRONG = "rw-" + "a" * 26

_HONEST = "127.0.0.1"
"""Where the honest guest comes from: a guesser behind the same address."""

_STEP_S = 0.005
"""200 connections a second are a flood for a door, and leave the machine to those who are measured."""


async def _half_open(aims: Aims, bounds: Bounds, *, sources: int, most: int) -> None:
    """Hold so many silent connections from so many addresses; one that is dropped is followed by another."""
    held: list[socket.socket] = []
    end_s = time.monotonic() + bounds.seconds
    try:
        while time.monotonic() < end_s:
            held = [each for each in held if not _is_over(each)]
            if len(held) < most and bounds.counts.sent < bounds.count:
                held.append(_connected(aims.port, f"127.0.1.{bounds.counts.sent % sources + 1}"))
                bounds.counts.sent += 1
            elif bounds.counts.sent >= bounds.count:
                break
            if len(held) == most or bounds.counts.sent > most:
                await asyncio.sleep(_STEP_S)
    finally:
        for each in held:
            each.close()


def _connected(port: int, source: str) -> socket.socket:
    raw = socket.create_connection(("127.0.0.1", port), 5, source_address=(source, 0))
    raw.setblocking(False)
    return raw


def _is_over(raw: socket.socket) -> bool:
    try:
        return not raw.recv(4096)
    except BlockingIOError:
        return False
    except OSError:
        return True


@attack("64 silent connections from 8 addresses", smoke_count=100, smoke_seconds=5)
async def silent_64(aims: Aims, bounds: Bounds) -> None:
    await _half_open(aims, bounds, sources=8, most=64)


@attack("400 silent connections from 40 addresses, each dropped one renewed", smoke_count=500, smoke_seconds=5)
async def silent_400(aims: Aims, bounds: Bounds) -> None:
    await _half_open(aims, bounds, sources=40, most=400)


async def _guess(aims: Aims, bounds: Bounds, *, every_s: float) -> None:
    """Present a wrong link again and again, from the honest guest's address."""
    end_s = time.monotonic() + bounds.seconds
    while time.monotonic() < end_s and bounds.counts.sent < bounds.count:
        bounds.counts.sent += 1
        with contextlib.suppress(asyncssh.Error, OSError, TimeoutError):
            await asyncssh.connect(
                "127.0.0.1", aims.port, username=_WRONG, known_hosts=None, client_keys=None, agent_path=None,
                config=None, local_addr=(_HONEST, 0),
            )  # fmt: skip
        await asyncio.sleep(every_s)


@attack("a wrong link a second from the honest guest's address", smoke_count=3)
async def wrong_links(aims: Aims, bounds: Bounds) -> None:
    await _guess(aims, bounds, every_s=1.0)


@attack("wrong links without a pause from the honest guest's address", smoke_count=30)
async def wrong_links_without_a_pause(aims: Aims, bounds: Bounds) -> None:
    await _guess(aims, bounds, every_s=0.0)


@attack("one link that watches takes guests' places", smoke_count=20)
async def places(aims: Aims, bounds: Bounds) -> None:
    """Log in as often as it goes, from many addresses, and stay."""
    async with contextlib.AsyncExitStack() as stack:
        end_s = time.monotonic() + bounds.seconds
        while time.monotonic() < end_s and bounds.counts.sent < min(bounds.count, 1000):
            bounds.counts.sent += 1
            with contextlib.suppress(asyncssh.Error, OSError, TimeoutError):
                connection = await asyncssh.connect(
                    "127.0.0.1", aims.port, username=aims.ro, known_hosts=None, client_keys=None, agent_path=None,
                    config=None, local_addr=(f"127.0.1.{bounds.counts.sent % 50 + 1}", 0),
                )  # fmt: skip
                stack.push_async_callback(connection.wait_closed)
                stack.callback(connection.abort)
        if bounds.count > 1000:
            await asyncio.sleep(max(0.0, end_s - time.monotonic()))
