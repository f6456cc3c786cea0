"""Floods of link messages: from `pairterm join`, and from a host."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

import asyncssh

from pairterm import __version__
from pairterm.link.codec import LinkMessage, encode
from pairterm.link.framing import framed
from pairterm.link.messages import PROTOCOL, FetchHistory, Hello, Join, Ping, Register, Resize
from pairterm.runtime.link_over_ssh import LINK_SUBSYSTEM
from tests.attacks.guests import connected, drained
from tests.attacks.registry import Aims, Bounds, attack

_HELLO = Hello(PROTOCOL, __version__, "client")

_AT_ONCE = 50
"""Messages that travel in one packet."""


def _wire(*messages: LinkMessage) -> bytes:
    return b"".join(framed(encode(each)) for each in messages)


async def _join(aims: Aims, bounds: Bounds, message: Callable[[int], LinkMessage], *, reads: bool = True) -> None:
    async with connected(aims, aims.ro, bounds) as connection:
        process = await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)
        process.stdin.write(_wire(_HELLO, Join(0, 24, 80)))
        await process.stdout.read(1)
        transport = connection._transport
        assert isinstance(transport, asyncio.Transport)
        if reads:
            reading = asyncio.ensure_future(_read_on(process.stdout))
        else:
            transport.pause_reading()
        async for number in bounds.steps():
            if not await drained(connection):
                break
            process.stdin.write(_wire(*[message(number)] * _AT_ONCE))
        if reads:
            reading.cancel()
        else:
            transport.resume_reading()


async def _read_on(stream: asyncssh.SSHReader[bytes]) -> None:
    with contextlib.suppress(asyncssh.Error, OSError):
        while await stream.read(1 << 20):
            pass


@attack("`join`: sizes without end")
async def joined_sizes(aims: Aims, bounds: Bounds) -> None:
    await _join(aims, bounds, lambda number: Resize(0, 20 + number % 30, 80))


@attack("`join`: Ping without end, and reads nothing")
async def joined_pings(aims: Aims, bounds: Bounds) -> None:
    await _join(aims, bounds, lambda _: Ping(), reads=False)


@attack("`join`: history without end, and reads nothing")
async def joined_history(aims: Aims, bounds: Bounds) -> None:
    await _join(aims, bounds, lambda number: FetchHistory(0, 0, number % 2000, number % 2000 + 200), reads=False)


@attack("a host: Ping without end, and reads nothing")
async def host_pings(aims: Aims, bounds: Bounds) -> None:
    """Share a session by hand, as any user of the machine may."""
    stream, sink = await asyncio.open_unix_connection(aims.link_socket)
    sink.write(_wire(_HELLO, Register("flood", os.urandom(32), os.urandom(32))))
    await stream.read(1)
    transport = sink.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    flood = _wire(*[Ping()] * _AT_ONCE)
    with contextlib.suppress(OSError):
        async for _ in bounds.steps():
            sink.write(flood)
            await sink.drain()
    transport.resume_reading()
    try:
        async with asyncio.timeout(1):
            while data := await stream.read(1 << 20):
                bounds.counts.answers += len(data)
        bounds.counts.is_parted = True
    except TimeoutError:
        pass
    except OSError:
        bounds.counts.is_parted = True
    transport.abort()
