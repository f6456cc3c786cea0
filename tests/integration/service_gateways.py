"""Buses of one service in the test's process, and what runs over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from pairterm.cluster.service_directory import InvitationEntry, SessionEntry
from pairterm.cluster_config import ClusterConfig
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import new_secret, read_secrets
from pairterm.runtime.supervisor import Supervisor
from tests.e2e.terminal import DEADLINE_S

__all__ = ["Service", "StreamEnd", "die", "entry_of", "open_service", "open_stream", "until", "write_secret"]


class Service:
    """Gateways of one service; each has a bus and nothing else."""

    def __init__(self, url: str, secret_file: Path, name: str) -> None:
        self.config = ClusterConfig(nats=[url], name=name)
        self.secret_file = secret_file
        self.tasks = Supervisor()
        self.buses: list[NatsBus] = []
        if not secret_file.exists():
            write_secret(secret_file)

    async def gateway(
        self, *, url: str = "", listen: str = "", advertise: str = "", is_near: Callable[[str], bool] = lambda _: False
    ) -> NatsBus:
        """Return the bus of a new gateway that knows all the others, and that they know.

        `listen` and `advertise` are where it takes direct streams, `is_near` is as for `NatsBus`.
        """
        nats = [url] if url else self.config.nats
        config = replace(self.config, nats=nats, listen=listen, advertise=advertise)
        bus = NatsBus(config, read_secrets(self.secret_file, config.name), self.tasks, is_near=is_near)
        await bus.start()
        self.buses.append(bus)
        names = {each.name for each in self.buses}
        await until(lambda: all(names <= each.directory.gateways for each in self.buses))
        return bus

    async def close(self) -> None:
        for each in self.buses:
            await each.close()
        await self.tasks.close()


@asynccontextmanager
async def open_service(url: str, secret_file: Path, name: str = "test") -> AsyncIterator[Service]:
    service = Service(url, secret_file, name)
    try:
        yield service
    finally:
        await service.close()


def write_secret(file: Path) -> None:
    """Make the secret of a service."""
    file.touch(mode=0o600)
    file.write_text(new_secret() + "\n")


class StreamEnd(asyncio.Protocol):
    """One end of a stream, which counts and keeps what comes."""

    def __init__(self, peer: str = "") -> None:
        self.peer = peer
        self.received = bytearray()
        self.transport: asyncio.Transport
        self.is_made = self.is_lost = self.has_eof = self.is_paused = False
        self.error: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.is_made = True

    def data_received(self, data: bytes) -> None:
        self.received += data

    def eof_received(self) -> None:
        self.has_eof = True

    def pause_writing(self) -> None:
        self.is_paused = True

    def resume_writing(self) -> None:
        self.is_paused = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost, self.error = True, exc


async def open_stream(a: NatsBus, b: NatsBus) -> tuple[StreamEnd, StreamEnd]:
    """Return the ends of a new stream from `a` to `b`."""
    there: list[StreamEnd] = []

    def new_end(peer: str) -> StreamEnd:
        there.append(StreamEnd(peer))
        return there[0]

    b.accept(new_end)
    here = StreamEnd()
    await a.connect(b.name, here)
    await until(lambda: there)
    return here, there[0]


def die(bus: NatsBus) -> None:
    """End a bus as if its process was killed: it says nothing more to anybody."""
    assert bus._keeper is not None
    bus._is_closing = True
    bus._keeper.cancel()
    bus._direct.close()  # Its streams are in this process, which goes on.


def entry_of(gateway: str, number: int, token_hash: bytes = b"h" * 32, *, is_away: bool = False) -> SessionEntry:
    return SessionEntry(number.to_bytes(16, "big"), gateway, (InvitationEntry(token_hash, "rw"),), is_away=is_away)


async def until(is_true: Callable[[], object]) -> None:
    """Wait until something is true, and fail loudly if it never is."""
    async with asyncio.timeout(DEADLINE_S):
        while not is_true():  # noqa: ASYNC110 -- what is waited for has no event
            await asyncio.sleep(0.01)
