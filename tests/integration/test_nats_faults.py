"""Gateways of one service while NATS is killed, stopped, or cut off from one of them.

Each test waits for the things it names, and for nothing else. The lease of a gateway lasts three seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from nats.js import JetStreamContext
from nats.js.kv import KeyValue

from pairterm.access.name_claims import Claim
from pairterm.cluster.service_directory import name_hash
from pairterm.gateway.bus.bus import BusAwayError
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import read_secrets
from tests.e2e.terminal import DEADLINE_S
from tests.integration.cut_proxy import CutProxy, open_proxy
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import Service, StreamEnd, entry_of, open_service, until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with open_nats_server(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def proxy(server: NatsServer) -> AsyncIterator[CutProxy]:
    async with open_proxy(server.port) as proxy:
        yield proxy


@pytest_asyncio.fixture
async def service(server: NatsServer, proxy: CutProxy, tmp_path: Path) -> AsyncIterator[Service]:
    async with open_service(server.url, tmp_path / "secret") as service:
        yield service


async def test_a_service_goes_on_when_the_servers_were_killed_and_have_forgotten_its_sessions(
    service: Service, server: NatsServer
) -> None:
    a, b = await service.gateway(), await service.gateway()
    a.announce(entry_of(a.name, 1))
    granted = await a.claim_name("demo", Claim("ana", b"1", 0), is_connected=True)
    await until(lambda: len(b.directory) == 1)
    server.kill()
    await until(lambda: not a.is_connected and not b.is_connected)
    assert a.problem
    assert b.directory.with_token(b"h" * 32) == [entry_of(a.name, 1)], "what it knows, it keeps"
    a.announce(entry_of(a.name, 2))
    with pytest.raises(BusAwayError):
        await b.claim_name("other", Claim("ana", b"2", 0), is_connected=True)
    with pytest.raises(BusAwayError):
        await b.connect(a.name, StreamEnd())
    server.start()
    await until(lambda: a.is_connected and b.is_connected and len(b.directory) == 2)
    assert {a.name, b.name} == a.directory.gateways == b.directory.gateways
    again = await b.claim_name("demo", granted, is_connected=True)
    assert again == granted


async def test_a_gateway_that_is_cut_off_keeps_what_it_has_and_loses_the_name_that_a_newer_session_took(
    service: Service, proxy: CutProxy
) -> None:
    a, b = await service.gateway(), await service.gateway(url=proxy.url)
    lost: list[tuple[str, Claim]] = []
    b.on_name_lost.append(lambda name, claim: lost.append((name, claim)))
    b.announce(entry_of(b.name, 1))
    await b.claim_name("demo", Claim("ana", b"1", 0), is_connected=True)
    kept = await b.claim_name("kept", Claim("ana", b"1", 0), is_connected=True)
    ended = await b.claim_name("ended", Claim("ana", b"1", 0), is_connected=True)
    moved = await a.claim_name("moved", Claim("ana", b"4", 0), is_connected=True)
    await until(lambda: len(a.directory) == 1)
    proxy.cut()
    await until(lambda: not b.is_connected and b.name not in a.directory.gateways)
    assert not len(a.directory)
    assert len(b.directory) == 1
    newer = await a.claim_name("demo", Claim("ana", b"2", 0), is_connected=True)
    with pytest.raises(BusAwayError):
        await b.claim_name("moved", moved, is_connected=True)
    b.release_name("ended", ended)
    proxy.mend()
    await until(lambda: b.is_connected and len(a.directory) == 1)
    await until(lambda: lost)
    assert lost == [("demo", newer)]
    assert (await b.claim_name("kept", kept, is_connected=True)) == kept
    await until(lambda: b._names._holders.get(name_hash("moved").hex(), (0, ""))[1] == b.name)
    await b._names.tidy()
    assert (await a.claim_name("ended", Claim("bob", b"5", 0), is_connected=True)).owner == "bob"


async def test_servers_that_stall_hold_no_gateway_up_and_all_streams_end(service: Service, server: NatsServer) -> None:
    a, b = await service.gateway(), await service.gateway()
    here = StreamEnd()
    there: list[StreamEnd] = []

    def new_end(peer: str) -> StreamEnd:
        there.append(StreamEnd(peer))
        return there[-1]

    b.accept(new_end)
    await a.connect(b.name, here)
    await until(lambda: there)
    server.freeze()
    for _ in range(200):  # More than all buffers on the way hold.
        here.transport.write(b"x" * 65_536)
    await until(lambda: here.is_lost and there[0].is_lost and not a.is_connected)
    server.thaw()
    await until(lambda: a.is_connected and b.is_connected)
    again = StreamEnd()
    await a.connect(b.name, again)
    again.transport.write(b"again")
    await until(lambda: there[-1].received == b"again")


async def test_a_connection_that_is_given_up_while_it_closes_leaves_no_socket(
    service: Service, server: NatsServer
) -> None:
    """It waited for servers that had stalled, was cancelled, and forgot to cut the socket."""
    a = await service.gateway()
    connection = a._connection
    assert connection is not None
    transport = connection._client._transport._io_writer.transport  # type: ignore[union-attr]  # It is connected.
    server.freeze()
    for _ in range(200):
        connection.send("x", bytes(65_536))
    closing = asyncio.create_task(connection.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    assert transport.is_closing()
    await until(lambda: transport.get_extra_info("socket").fileno() == -1)


async def test_a_gateway_leaves_while_nats_py_swallows_the_cancellation_of_its_task(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`asyncio.wait_for` does so in Python 3.11, if the answer comes in the same turn. nats-py calls it."""
    answered, key_value = asyncio.Event(), JetStreamContext.key_value

    async def swallowing(js: JetStreamContext, bucket: str) -> KeyValue:
        found = await key_value(js, bucket)
        answered.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return found

    first = await service.gateway()
    monkeypatch.setattr(JetStreamContext, "key_value", swallowing)
    bus = NatsBus(service.config, read_secrets(service.secret_file, service.config.name), service.tasks)
    starting = asyncio.create_task(bus.start())
    async with asyncio.timeout(DEADLINE_S):
        await answered.wait()
        await bus.close()
    assert bus.name not in first.directory.gateways
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
