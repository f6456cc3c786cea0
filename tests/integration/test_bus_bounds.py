"""Every queue between gateways has a bound: what waits for one that stalls, and what others may ask for at once.

docs/architecture.md has the table of these bounds ("Many gateways").
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from pairterm.cluster.stream_frames import Frame, FrameKind
from pairterm.gateway.bus import local_bus, local_wire, nats_connection, nats_messages, nats_streams
from pairterm.gateway.bus.bus import MAX_PAYLOAD_BYTES, BusAwayError, Topic
from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.runtime.supervisor import Supervisor
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import Service, StreamEnd, open_service, until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with open_nats_server(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def service(server: NatsServer, tmp_path: Path) -> AsyncIterator[Service]:
    async with open_service(server.url, tmp_path / "secret") as service:
        yield service


async def test_of_messages_that_servers_do_not_take_the_oldest_are_dropped(
    service: Service, server: NatsServer
) -> None:
    a, b = await service.gateway(), await service.gateway()
    heard: list[bytes] = []
    b.subscribe(Topic.LIMITS, lambda _, payload: heard.append(payload[:4]))
    connection = a._connection
    assert connection is not None
    server.freeze()
    for number in range(400):  # 25 MiB, more than the kernel and all bounds hold.
        a.broadcast(Topic.LIMITS, number.to_bytes(4) + bytes(MAX_PAYLOAD_BYTES - 4))
        assert connection._waiting_bytes <= nats_connection._MAX_WAITING_BYTES
        if number % 20 == 0:
            await asyncio.sleep(0)
            assert connection._client.pending_data_size <= (2 << 20) + 2 * MAX_PAYLOAD_BYTES
    server.thaw()
    await until(lambda: (399).to_bytes(4) in heard)
    assert len(heard) < 400
    assert heard == sorted(heard)


async def test_questions_beyond_the_bound_are_dropped_also_when_they_come_together(service: Service) -> None:
    """They were counted when their tasks began, so one read of the socket could bring any number."""
    a, b = await service.gateway(), await service.gateway()
    done = asyncio.Event()
    running: list[bytes] = []

    async def answer(sender: str, payload: bytes) -> bytes:
        running.append(payload)
        await done.wait()
        return payload

    b.answer(Topic.STATUS, answer)
    asked = [asyncio.create_task(a.ask(b.name, Topic.STATUS, b"%d" % each, timeout_s=5.0)) for each in range(200)]
    await until(lambda: len(running) == nats_messages._MAX_ANSWERING)
    done.set()
    await until(lambda: sum(each.done() for each in asked) == nats_messages._MAX_ANSWERING)
    assert len(running) == nats_messages._MAX_ANSWERING
    for each in asked:
        each.cancel()
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, bytes) for each in results) == nats_messages._MAX_ANSWERING
    assert await a.ask(b.name, Topic.STATUS, b"again", timeout_s=5.0) == b"again"


async def test_a_gateway_that_begins_streams_and_proves_nothing_holds_its_own_places_only(service: Service) -> None:
    a, b, c = [await service.gateway() for _ in range(3)]
    ends: list[StreamEnd] = []

    def new_end(peer: str) -> StreamEnd:
        ends.append(StreamEnd(peer))
        return ends[-1]

    b.accept(new_end)
    _begin_streams(a, b, 500)
    await until(lambda: len(b._streams) == nats_streams._MAX_UNPROVED_OF_GATEWAY)
    here = StreamEnd()
    await c.connect(b.name, here)
    here.transport.write(b"hello")
    await until(lambda: any(each.received == b"hello" for each in ends))
    await until(lambda: len(b._streams) == 1)  # Those of `a` have ended: they did not prove themselves in time.


def _begin_streams(a: NatsBus, b: NatsBus, count: int) -> None:
    for _ in range(count):
        a._send_frame(b.name, secrets.token_hex(12), Frame(FrameKind.OPEN, 0, 1 << 19).encode())


async def test_no_more_streams_than_a_gateway_takes(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_streams, "_MAX_STREAMS", 3)
    monkeypatch.setattr(nats_streams, "_OPEN_S", 0.5)
    a, b = await service.gateway(), await service.gateway()
    b.accept(StreamEnd)
    ends = [StreamEnd() for _ in range(4)]
    for end in ends[:3]:
        await a.connect(b.name, end)
    with pytest.raises(BusAwayError):
        await a.connect(b.name, ends[3])
    ends[0].transport.close()
    await until(lambda: len(b._streams) == 2)
    await a.connect(b.name, ends[3])


async def test_a_worker_that_does_not_read_is_cut_off_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_bus, "_LOOK_S", 0.05)
    path, tasks = tmp_path / "bus", Supervisor()
    path.mkdir(mode=0o700)
    a, b = LocalBus(path, tasks), LocalBus(path, tasks)
    heard: list[bytes] = []
    try:
        for bus in (a, b):
            await bus.start()
        await until(lambda: b.name in a._leaving and a.name in b._arrived)
        b.subscribe(Topic.LIMITS, lambda _, payload: heard.append(payload))
        wire, stalled = a._leaving[b.name], b._arrived[a.name]
        assert stalled._transport is not None
        stalled._transport.pause_reading()
        while a._leaving.get(b.name) is wire:
            a.broadcast(Topic.LIMITS, bytes(MAX_PAYLOAD_BYTES))
            waiting = wire._transport.get_write_buffer_size() if wire._transport is not None else 0
            assert waiting <= local_wire._MAX_WAITING_BYTES + 2 * MAX_PAYLOAD_BYTES
            await asyncio.sleep(0)
        await until(lambda: a._leaving.get(b.name) not in (None, wire))
        a.broadcast(Topic.LIMITS, b"again")
        await until(lambda: b"again" in heard)
    finally:
        for bus in (a, b):
            await bus.close()
        await tasks.close()
