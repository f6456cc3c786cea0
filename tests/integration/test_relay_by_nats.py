"""Guests at one gateway of a session whose host is at another, with NATS between them, while NATS and gateways fail.

A real host's core, real gateways without doors, a real nats-server. test_relay.py has the rest of what a relay does: it
is the same over each bus.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from pairterm.access.user_names import UserName
from pairterm.cluster_config import ClusterConfig
from pairterm.gateway.bus import nats_leases, nats_streams
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import read_secrets
from pairterm.gateway.relay import remote_sessions
from pairterm.runtime.supervisor import Supervisor
from tests.integration.code_host import CodeHost, knows_code, wrong
from tests.integration.key_guests import KeyHost, key_line, lands_by_key, new_key
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import die, write_secret
from tests.integration.test_relay import begun, sees
from tests.integration.two_gateways import Gateway, Host, Service, eventually_true, service


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with open_nats_server(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def made(server: NatsServer, tmp_path: Path) -> AsyncIterator[Service]:
    secret = tmp_path / "secret"
    write_secret(secret)
    config = ClusterConfig(nats=[server.url])

    def new_bus(tasks: Supervisor) -> NatsBus:
        return NatsBus(config, read_secrets(secret, config.name), tasks)

    async with service(tmp_path, new_bus=new_bus) as made:
        yield made


async def test_a_guest_elsewhere_sees_and_types_and_comes_back_when_nats_does(
    made: Service, server: NatsServer
) -> None:
    home, landing = await made.gateway(), await made.gateway()
    host = Host()
    host.connect(home)
    await made.know(host.tokens.read_write)
    near = await home.lands(host.tokens.read_write)
    far = await landing.lands(host.tokens.read_write)
    host.print(b"before")
    await sees(far, "before")
    far.guest.type(b"typed there")
    await eventually_true(lambda: b"typed there" in b"".join(host.typed), "the keys never came")
    server.kill()
    await eventually_true(lambda: far.is_away, "the guest was not told")
    host.print(b"\r\nmeanwhile")
    await sees(near, "meanwhile")
    server.start()
    await sees(far, "meanwhile")
    await eventually_true(lambda: not far.is_away, "the guest is still away")
    far.guest.type(b"and again")
    await eventually_true(lambda: b"and again" in b"".join(host.typed), "the keys never came")
    assert b"".join(host.typed).count(b"typed there") == 1


async def test_keys_open_a_session_at_another_machine(made: Service, tmp_path: Path) -> None:
    key = new_key()
    host = KeyHost([key_line(key)])
    (tmp_path / "authorized_hosts").write_text(f'name-prefix="team" {key_line(host.owner_key)} laptop\n')
    home, landing = await made.gateway(), await made.gateway()
    host.connect(home)
    await made.know("team/ours")
    assert await lands_by_key(landing, "team/ours", new_key()) is None
    far = await lands_by_key(landing, "team/ours", key)
    assert far is not None
    host.print(b"over NATS")
    await sees(far, "over NATS")


@pytest.mark.parametrize("is_by_code", [False, True])
async def test_when_a_home_dies_its_guests_elsewhere_follow_the_host(made: Service, *, is_by_code: bool) -> None:
    home, landing, third = [await made.gateway() for _ in range(3)]
    host = CodeHost()
    host.connect(home)
    await made.know(host.tokens.read_write)
    token = host.tokens.read_write
    if is_by_code:
        token = host.spoken()
        await knows_code(landing, token)
        with pytest.raises(AssertionError, match="no session"):
            await landing.knocks(wrong(token))
    far = await landing.lands(token)
    host.print(b"before")
    await sees(far, "before")
    assert isinstance(home.bus, NatsBus)
    die(home.bus)
    host.lose_link()
    host.connect(third)
    host.print(b"\r\nafter")
    await sees(far, "after")
    assert far.guest.person == 1
    late = await landing.lands(host.tokens.read_only)
    await sees(late, "after")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lease ends, and a gateway that does not answer is waited for longer than a test may take."""
    monkeypatch.setattr(nats_leases, "LEASE_S", 600.0)
    monkeypatch.setattr(nats_streams, "_OPEN_S", 600.0)
    monkeypatch.setattr(remote_sessions, "_OPEN_S", 600.0)


async def is_killed(gateway: Gateway) -> None:
    """Let a gateway end without a word: also its guests' streams end without one."""
    assert isinstance(gateway.bus, NatsBus)
    die(gateway.bus)
    await eventually_true(lambda: gateway.bus._connection is None, "it never died")  # type: ignore[union-attr]


@pytest.mark.usefixtures("patient")
async def test_guests_elsewhere_follow_a_host_before_the_lease_of_its_dead_gateway_is_over(made: Service) -> None:
    """Its next gateway announces the session, and the dead one does not answer: they waited three seconds more."""
    home, landing, third = [await made.gateway() for _ in range(3)]
    host, far = await begun(made, home, landing)
    await is_killed(home)
    host.lose_link()
    host.connect(third)
    host.print(b"\r\nafter")
    await sees(far, "after")
    assert home.bus.name in landing.bus.directory.gateways


@pytest.mark.usefixtures("patient")
async def test_a_guest_who_comes_while_a_dead_gateway_is_asked_finds_the_next_one(made: Service) -> None:
    home, landing, third = [await made.gateway() for _ in range(3)]
    host = Host()
    host.connect(home)
    await made.know(host.tokens.read_write)
    await is_killed(home)
    coming = asyncio.create_task(landing.lands(host.tokens.read_write))
    await eventually_true(lambda: landing.remote._opening, "nobody is asked")
    host.lose_link()
    host.connect(third)
    host.print(b"found")
    await sees(await coming, "found")
    assert landing.bus.directory.with_token(UserName.of(host.tokens.read_write).token_hash)[-1].gateway == home.bus.name


async def test_a_home_that_is_alive_keeps_its_guests_when_its_session_is_announced_elsewhere(
    made: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other gateway does not have it, whatever it says."""
    home, landing, third = [await made.gateway() for _ in range(3)]
    host = Host()
    host.connect(home)
    await made.know(host.tokens.read_write)
    far = await landing.lands(host.tokens.read_write)
    remote = next(iter(landing.remote._by_hash.values()))
    end, entry = remote.end, remote.entry
    assert end is not None
    doubt, doubted = end.doubt, asyncio.Event()

    def doubts() -> None:
        doubt()
        doubted.set()

    monkeypatch.setattr(end, "doubt", doubts)
    third.bus.announce(msgspec.structs.replace(entry, gateway=third.bus.name, session_id=bytes(16)))
    await eventually_true(doubted.is_set, "nobody doubts")
    await eventually_true(lambda: end._doubt is None, "it never answered")
    assert end.is_open
    assert not far.is_away
    host.print(b"here")
    await sees(far, "here")


async def test_logins_that_wait_for_other_gateways_are_bounded(made: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_sessions, "_MAX_OPENING", 1)
    home, landing = [await made.gateway() for _ in range(2)]
    host = Host()
    host.connect(home)
    await made.know(host.tokens.read_write)
    users = [UserName.of(each) for each in (host.tokens.read_write, host.tokens.read_only)]
    first = asyncio.create_task(landing.remote.bring(users[0]))
    await asyncio.sleep(0)  # It begins, and can't be over before the next line.
    assert landing.remote._opening == 1
    assert not await landing.remote.bring(users[1])
    assert await first
    assert await landing.remote.bring(users[1])
