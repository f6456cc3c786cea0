"""Streams between gateways while the NATS server of one of them is killed, in a cluster of three: they go on.

That is how NATS is upgraded: one server after the other. The gateways that were connected to it come back by another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from pairterm.cluster_config import ClusterConfig
from pairterm.gateway.bus import nats_bus, nats_leases
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import read_secrets
from pairterm.runtime.supervisor import Supervisor
from tests.integration.nats_server import NatsServer, open_nats_cluster
from tests.integration.service_gateways import StreamEnd, until, write_secret
from tests.integration.test_relay import begun, sees
from tests.integration.two_gateways import Gateway, Service, eventually_true, service


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[NatsServer]]:
    with open_nats_cluster(tmp_path_factory.mktemp("nats"), 3) as servers:
        yield servers


@pytest_asyncio.fixture
async def made(servers: list[NatsServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    """Yield a service whose leases last so long that nobody is given up because the machine is slow."""
    for module in (nats_bus, nats_leases):
        monkeypatch.setattr(module, "LEASE_S", 60.0)
    secret = tmp_path / "secret"
    write_secret(secret)
    config = ClusterConfig(nats=[each.url for each in servers], name=tmp_path.name[:32])

    def new_bus(tasks: Supervisor) -> NatsBus:
        return NatsBus(config, read_secrets(secret, config.name), tasks)

    async with service(tmp_path, new_bus=new_bus) as made:
        yield made


async def kill_server_of(bus: NatsBus, servers: list[NatsServer]) -> NatsServer:
    """Kill the server to which a gateway is connected, and wait until the gateway has noticed."""
    connection = bus._connection
    assert connection is not None
    (server,) = [each for each in servers if each.port == int(connection.address.rpartition(":")[2])]
    server.kill()
    await until(lambda: bus._connection is not connection)
    return server


async def connected(*gateways: Gateway) -> None:
    await until(lambda: all(each.bus.is_connected for each in gateways))


async def test_a_stream_outlives_the_nats_servers_of_both_ends_under_a_flood(
    made: Service, servers: list[NatsServer]
) -> None:
    a, b = await made.gateway(), await made.gateway()
    assert isinstance(a.bus, NatsBus)
    assert isinstance(b.bus, NatsBus)
    await connected(a, b)
    there: list[StreamEnd] = []

    def new_end(peer: str) -> StreamEnd:
        there.append(StreamEnd(peer))
        return there[0]

    b.bus.accept(new_end)
    here = StreamEnd()
    await a.bus.connect(b.bus.name, here)
    await until(lambda: there)
    wanted, is_over = [bytearray(), bytearray()], False

    async def flood() -> None:
        number = 0
        while not is_over:
            for end, kept in ((here, wanted[1]), (there[0], wanted[0])):
                number += 1
                if not end.is_paused:
                    data = b"%d " % number * 2000
                    kept.extend(data)
                    end.transport.write(data)
            await asyncio.sleep(0.005)

    flooding = asyncio.create_task(flood())
    try:
        for bus in (a.bus, b.bus):
            passed = [len(each.received) for each in (here, there[0])]
            server = await kill_server_of(bus, servers)
            await until(
                lambda passed=passed: (
                    [  # type: ignore[misc]
                        len(each.received) > before + 2_000_000
                        for each, before in zip((here, there[0]), passed, strict=True)
                    ]
                    == [True, True]
                )
            )
            server.start()
            await connected(a, b)
    finally:
        is_over = True
        await flooding
    await until(lambda: [here.received, there[0].received] == wanted)
    assert not here.is_lost
    assert not there[0].is_lost


async def test_a_guest_elsewhere_types_on_under_a_flood_while_the_nats_server_of_their_gateway_is_killed(
    made: Service, servers: list[NatsServer]
) -> None:
    home, landing = await made.gateway(), await made.gateway()
    assert isinstance(landing.bus, NatsBus)
    await connected(home, landing)
    host, far = await begun(made, home, landing)
    typed = 0

    def types() -> None:
        nonlocal typed
        far.guest.type(b"<%d>" % typed)
        typed += 1
        host.print(b"\r\n%d " % typed * 20)

    killed: asyncio.Task[NatsServer] = asyncio.create_task(kill_server_of(landing.bus, servers))
    while not killed.done():
        types()
        assert not far.is_away
        await asyncio.sleep(0.005)
    for _ in range(100):
        types()
        assert not far.is_away
        await asyncio.sleep(0.005)
    wanted = b"".join(b"<%d>" % number for number in range(typed))
    await eventually_true(lambda: len(b"".join(host.typed)) >= len(wanted), "what was typed never came")
    assert b"".join(host.typed) == wanted
    host.print(b"\r\nthe end")
    await sees(far, "the end")
    assert len(far.roles) == 1, "the guest came in once"
    killed.result().start()
