"""Streams between gateways by TCP: a real nats-server says where the gateways are, and is the way if that fails."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from pairterm.errors import PeerError, SystemFault
from pairterm.gateway.bus import direct_streams
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.sealed_streams import StreamTls
from pairterm.gateway.bus.service_secret import ServiceSecret, read_secrets
from tests.e2e.terminal import DEADLINE_S
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import Service, StreamEnd, open_service, open_stream, until

_ANY_PORT = "127.0.0.1:0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with open_nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest_asyncio.fixture
async def service(server: NatsServer, tmp_path: Path) -> AsyncIterator[Service]:
    async with open_service(server.url, tmp_path / "secret", tmp_path.name[:32]) as service:
        yield service


def _port_of(bus: NatsBus) -> int:
    return int(next(iter(bus._direct._listeners)).getsockname()[1])


async def test_a_direct_stream_carries_ten_megabytes_both_ways_and_each_end_sees_the_other_close(
    service: Service,
) -> None:
    a, b = await service.gateway(), await service.gateway(listen=_ANY_PORT)
    here, there = await open_stream(a, b)
    assert len(a._direct) == len(b._direct) == 1
    assert len(a._streams) == len(b._streams) == 0
    assert there.peer == a.name
    sent = bytes(range(256)) * 40_960
    here.transport.write(sent)
    there.transport.write(sent)
    await until(lambda: len(here.received) == len(there.received) == len(sent))
    assert here.received == there.received == sent
    here.transport.close()
    await until(lambda: here.is_lost and there.is_lost)
    assert here.error is there.error is None
    assert len(a._direct) == len(b._direct) == 0
    back, _ = await open_stream(b, a)
    assert len(a._streams) == 1, "`a` takes no direct streams"
    back.transport.close()


async def test_a_gateway_that_leaves_ends_its_direct_streams_and_its_port(service: Service) -> None:
    a, b = await service.gateway(listen=_ANY_PORT), await service.gateway(listen=_ANY_PORT)
    port = _port_of(b)
    here, there = await open_stream(a, b)
    await b.close()
    await until(lambda: here.is_lost and there.is_lost)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


@pytest.mark.parametrize("at_the_address", ["nobody", "somebody who says nothing", "another gateway", "no name"])
async def test_where_no_direct_stream_opens_it_goes_over_nats(
    service: Service, at_the_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_streams, "_AVOID_S", 600.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        host = "127.0.0.1"
        match at_the_address:
            case "somebody who says nothing":
                silent.listen()
            case "another gateway":
                other = await service.gateway(listen=_ANY_PORT)
                port = _port_of(other)
            case "no name":
                host = "x" * 64 + ".invalid"
        a, b = await service.gateway(), await service.gateway(listen=_ANY_PORT, advertise=f"{host}:{port}")
        for count in (1, 2):
            here, there = await open_stream(a, b)
            here.transport.write(b"hello")
            await until(lambda there=there: there.received == b"hello")  # type: ignore[misc]
            assert len(a._streams) == count
    assert list(a._direct._avoid_until_s) == [b.name]


async def test_strangers_who_prove_nothing_end_when_there_are_too_many_and_gateways_come_in(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_streams, "_MAX_UNPROVED", 3)
    monkeypatch.setattr(direct_streams, "_PROVE_S", 600.0)
    a, b = await service.gateway(), await service.gateway(listen=_ANY_PORT)
    with ExitStack() as stack:
        strangers = [
            stack.enter_context(socket.create_connection(("127.0.0.1", _port_of(b)), timeout=DEADLINE_S))
            for _ in range(5)
        ]
        for each in strangers[:2]:
            assert await asyncio.to_thread(each.recv, 1) == b"", "the oldest ones end"
        await open_stream(a, b)
        assert len(a._direct) == 1
        assert await asyncio.to_thread(strangers[2].recv, 1) == b"", "it was the oldest one then"
        assert len(b._direct._unproved) == 2


async def test_a_stranger_who_says_nothing_or_nonsense_ends(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_streams, "_PROVE_S", 0.1)
    b = await service.gateway(listen=_ANY_PORT)
    for said in (b"", b"GET / HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", _port_of(b)), timeout=DEADLINE_S) as stranger:
            stranger.sendall(said)
            while await asyncio.to_thread(stranger.recv, 100):
                pass  # TLS says why.
    await until(lambda: not b._direct._unproved)
    assert not len(b._direct)


async def test_a_certificate_of_another_secret_or_a_name_of_a_worker_gets_no_stream(service: Service) -> None:
    b = await service.gateway(listen=_ANY_PORT, is_near=lambda name: name == "w" * 16)
    ends: list[str] = []

    def new_end(peer: str) -> StreamEnd:
        ends.append(peer)
        return StreamEnd(peer)

    b.accept(new_end)
    secrets = read_secrets(service.secret_file, service.config.name)
    for tls in (
        StreamTls([ServiceSecret(service.config.name, b"x" * 32)], "a" * 16),
        StreamTls(secrets, "w" * 16),
        StreamTls(secrets, b.name),
    ):
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(direct_streams._Unread, "127.0.0.1", _port_of(b))
        end = StreamEnd()
        try:
            await tls.connected(transport, b.name, lambda end=end: end)  # type: ignore[misc]
        except PeerError:
            transport.abort()
        else:  # In TLS 1.3, this end is ready before the other one has its certificate.
            await until(lambda end=end: end.is_lost)  # type: ignore[misc]
    await until(lambda: not b._direct._unproved)
    assert not ends


async def test_beyond_the_bound_streams_go_over_nats(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_streams, "_MAX_STREAMS", 2)
    a, b = await service.gateway(), await service.gateway(listen=_ANY_PORT)
    for _ in range(3):
        await open_stream(a, b)
    assert len(a._direct) == 2
    assert len(a._streams) == 1


async def test_a_port_that_is_taken_is_named(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemFault, match=f"can't listen on 127.0.0.1:{port}: Address already in use$"):
            await service.gateway(listen=f"127.0.0.1:{port}")


async def test_a_direct_stream_that_is_given_up_leaves_no_socket(service: Service) -> None:
    a, b = await service.gateway(), await service.gateway(listen=_ANY_PORT)
    b.accept(StreamEnd)
    for turns in range(12):
        opening = asyncio.create_task(a.connect(b.name, StreamEnd()))
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    for each in list(a._direct._transports):
        each.abort()
    await until(lambda: not b._direct._unproved and not len(b._direct))
