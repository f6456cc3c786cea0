"""Guests at one gateway of a session whose host is at another, over a direct stream, while NATS fails beside it.

test_relay_by_nats.py has the same without direct streams.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from pairterm.cluster_config import ClusterConfig
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import read_secrets
from pairterm.gateway.relay import landing_end
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.supervisor import Supervisor
from tests.integration.cut_proxy import CutProxy, open_proxy
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import write_secret
from tests.integration.test_relay import begun, sees
from tests.integration.two_gateways import Gateway, Host, Service, eventually_true, service
from tests.laws.link.test_resume import Watcher


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with open_nats_server(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def proxy(server: NatsServer) -> AsyncIterator[CutProxy]:
    """Return the way to NATS of the first gateway."""
    async with open_proxy(server.port) as proxy:
        yield proxy


@pytest_asyncio.fixture
async def made(server: NatsServer, proxy: CutProxy, tmp_path: Path) -> AsyncIterator[Service]:
    secret = tmp_path / "secret"
    write_secret(secret)
    config = ClusterConfig(nats=[server.url], listen="127.0.0.1:0")
    urls = [proxy.url]

    def new_bus(tasks: Supervisor) -> NatsBus:
        own = replace(config, nats=[urls.pop()]) if urls else config
        return NatsBus(own, read_secrets(secret, config.name), tasks)

    async with service(tmp_path, new_bus=new_bus) as made:
        yield made


def direct_streams_of(gateway: Gateway) -> int:
    assert isinstance(gateway.bus, NatsBus)
    assert not len(gateway.bus._streams)
    return len(gateway.bus._direct)


async def begun_directly(made: Service) -> tuple[Gateway, Gateway, Host, Watcher]:
    """Return a home, a landing gateway, the host of a session, and a guest who lands there."""
    home, landing = await made.gateway(), await made.gateway()
    host, far = await begun(made, home, landing)
    assert direct_streams_of(home) == direct_streams_of(landing) == 1
    return home, landing, host, far


async def types(far: Watcher, host: Host, text: bytes) -> None:
    far.guest.type(text)
    await eventually_true(lambda: text in b"".join(host.typed), "the keys never came")


async def test_a_guest_elsewhere_types_on_and_others_come_while_nats_is_away(made: Service, server: NatsServer) -> None:
    home, landing, host, far = await begun_directly(made)
    server.kill()
    await eventually_true(lambda: not home.bus.is_connected and not landing.bus.is_connected, "still connected")
    host.print(b"\r\nalone")
    await sees(far, "alone")
    await types(far, host, b"typed alone")
    late = await landing.lands(host.tokens.read_only)
    await sees(late, "alone")
    assert not far.is_away
    server.start()
    await eventually_true(lambda: home.bus.is_connected and landing.bus.is_connected, "not connected again")
    await types(far, host, b"typed later")
    assert direct_streams_of(landing) == 1


async def test_a_guest_stays_when_the_lease_of_the_hosts_gateway_lapses_and_it_answers(
    made: Service, proxy: CutProxy
) -> None:
    """Only the home is cut off from NATS, and the others give it up."""
    home, landing, host, far = await begun_directly(made)
    proxy.cut()
    await eventually_true(lambda: home.bus.name not in landing.bus.directory.gateways, "its lease never lapsed")
    (remote,) = landing.remote._remotes
    end = remote.end
    assert end is not None
    await eventually_true(lambda: end._doubt is None, "it never answered")
    await types(far, host, b"typed")
    host.print(b"\r\nhere")
    await sees(far, "here")
    assert not far.is_away
    proxy.mend()
    await eventually_true(lambda: home.bus.name in landing.bus.directory.gateways, "it never came back")
    await types(far, host, b"again")
    assert not far.is_away


async def test_guests_are_told_when_the_lease_of_the_hosts_gateway_lapses_and_it_is_silent(
    made: Service, proxy: CutProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process hangs: its kernel goes on with the connection."""
    monkeypatch.setattr(landing_end, "Heartbeat", partial(Heartbeat, dead_after_s=600.0))
    home, landing, _, far = await begun_directly(made)
    assert isinstance(home.bus, NatsBus)
    for each in home.bus._direct._transports:
        each.pause_reading()
    proxy.cut()
    await eventually_true(lambda: far.is_away, "the guest was not told")
    assert home.bus.name not in landing.bus.directory.gateways
