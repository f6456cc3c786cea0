"""An attacker's SSH connections: what all attacks through the ssh door share."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncssh

from tests.attacks.registry import Aims, Bounds

__all__ = ["Wild", "connected", "drained", "terminal"]

_MAX_WAITING_BYTES = 128 << 10
"""What the attacker's own buffer may hold: more would be its memory, and no attack."""

_PAUSE_S = 0.002

_END_S = 60.0
"""How long a gateway on a busy machine may take to end a connection that it ends."""

_reading: set[asyncio.Future[None]] = set()
"""The loop holds a task weakly."""


class Wild(asyncssh.SSHClient):
    """Knows when it has been parted with."""

    def __init__(self) -> None:
        self.is_lost = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note (asyncssh calls this)."""
        self.is_lost = True


@asynccontextmanager
async def connected(aims: Aims, user: str, bounds: Bounds) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Open a connection with nobody's keys; say in the end whether the gateway had ended it."""
    client = Wild()
    connection = await asyncssh.connect(
        "127.0.0.1", aims.port, username=user, known_hosts=None, client_keys=None, agent_path=None, config=None,
        client_factory=lambda: client,
    )  # fmt: skip
    try:
        yield connection
        if not client.is_lost:
            with contextlib.suppress(asyncssh.Error, OSError, TimeoutError):
                # A packet that is on its way may end it yet.
                async with asyncio.timeout(min(_END_S if bounds.is_ended else 2.0, bounds.seconds)):
                    await connection.wait_closed()
    finally:
        bounds.counts.is_parted = client.is_lost
        connection.abort()


async def terminal(connection: asyncssh.SSHClientConnection, *, cols: int = 80, rows: int = 24) -> Any:
    """Open a terminal, wait for its first picture, and read on without looking."""
    process = await connection.create_process(term_type="xterm-256color", term_size=(cols, rows), encoding=None)
    await process.stdout.read(1)

    async def read_on() -> None:
        with contextlib.suppress(asyncssh.Error, OSError):
            while await process.stdout.read(1 << 20):
                pass

    _reading.add(reading := asyncio.ensure_future(read_on()))
    reading.add_done_callback(_reading.discard)
    return process


async def drained(connection: asyncssh.SSHClientConnection) -> bool:
    """Wait until the connection takes more; return False when it has ended."""
    while (transport := connection._transport) is not None:
        assert isinstance(transport, asyncio.WriteTransport)
        if transport.get_write_buffer_size() < _MAX_WAITING_BYTES:
            return True
        await asyncio.sleep(_PAUSE_S)
    return False
