"""Gateways that are one service by a real nats-server: what one announces, claims, says and sends to another."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.aio.msg import Msg

from pairterm.access.name_claims import Claim
from pairterm.errors import UsageError
from pairterm.gateway.bus.bus import BusAwayError, Topic
from pairterm.gateway.bus.service_secret import new_secret
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import Service, StreamEnd, die, entry_of, open_service, open_stream, until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with open_nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest_asyncio.fixture
async def service(server: NatsServer, tmp_path: Path) -> AsyncIterator[Service]:
    async with open_service(server.url, tmp_path / "secret", tmp_path.name[:32]) as service:
        yield service


async def test_what_a_gateway_announces_the_others_know_until_it_withdraws_it(service: Service) -> None:
    a, b = await service.gateway(), await service.gateway()
    a.announce(entry_of(a.name, 1))
    assert a.directory.with_token(b"h" * 32) == [entry_of(a.name, 1)]
    await until(lambda: b.directory.with_token(b"h" * 32) == [entry_of(a.name, 1)])
    a.announce(entry_of(a.name, 1, is_away=True))
    await until(lambda: b.directory.with_token(b"h" * 32) == [entry_of(a.name, 1, is_away=True)])
    late = await service.gateway()
    await until(lambda: len(late.directory) == 1)
    a.withdraw(entry_of(a.name, 1).session_id)
    await until(lambda: not len(b.directory) and not len(late.directory))
    assert b.is_connected
    assert not b.problem


async def test_a_gateway_that_leaves_is_gone_at_once_and_one_that_dies_when_its_lease_is_over(service: Service) -> None:
    stays, leaves, dies = [await service.gateway() for _ in range(3)]
    leaves.announce(entry_of(leaves.name, 1))
    dies.announce(entry_of(dies.name, 2))
    here, _ = await open_stream(stays, dies)
    await until(lambda: len(stays.directory) == 2)
    await leaves.close()
    await until(lambda: leaves.name not in stays.directory.gateways)
    assert len(stays.directory) == 1
    die(dies)
    await until(lambda: dies.name not in stays.directory.gateways)
    assert not len(stays.directory)
    await until(lambda: here.is_lost)


async def test_of_two_gateways_that_claim_a_name_at_once_one_gets_it(service: Service) -> None:
    a, b = await service.gateway(), await service.gateway()
    first, second = Claim("ana", b"1", 0), Claim("ana", b"2", 0)
    results = await asyncio.gather(
        a.claim_name("demo", first, is_connected=True),
        b.claim_name("demo", second, is_connected=True),
        return_exceptions=True,
    )
    granted = [each for each in results if isinstance(each, Claim)]
    refused = [each for each in results if isinstance(each, UsageError)]
    assert len(granted) == 1, results
    assert [each.code for each in refused] == ["duplicate_name"]
    winner = a if results[0] is granted[0] else b
    winner.release_name("demo", granted[0])
    loser = b if winner is a else a
    await until(lambda: not loser._names._holders)

    again = await loser.claim_name("demo", second, is_connected=True)
    assert again.generation > granted[0].generation, "a later claim is the newer one"


async def test_a_host_that_comes_to_another_gateway_takes_its_name_along(service: Service) -> None:
    a, b = await service.gateway(), await service.gateway()
    lost: list[tuple[str, Claim]] = []
    a.on_name_lost.append(lambda name, claim: lost.append((name, claim)))
    granted = await a.claim_name("demo", Claim("ana", b"1", 0), is_connected=True)
    again = await b.claim_name("demo", granted, is_connected=True)
    assert again == granted
    with pytest.raises(UsageError, match="somebody else's"):
        await a.claim_name("demo", Claim("eve", b"3", 0), is_connected=False)
    await b.close()
    await until(lambda: b.name not in a.directory.gateways)
    newer = await a.claim_name("demo", Claim("ana", b"2", 0), is_connected=True)
    assert newer.generation > granted.generation
    assert not lost


async def test_broadcasts_reach_all_others_and_answers_whoever_asked(service: Service) -> None:
    a, b, c = [await service.gateway() for _ in range(3)]
    heard: list[tuple[str, str, bytes]] = []
    for bus in (a, b, c):
        bus.subscribe(Topic.LIMITS, lambda sender, payload, me=bus.name: heard.append((me, sender, payload)))  # type: ignore[misc]

    async def answer(sender: str, payload: bytes) -> bytes:
        return payload + sender.encode()

    b.answer(Topic.STATUS, answer)
    a.broadcast(Topic.LIMITS, b"one")
    a.broadcast(Topic.LIMITS, b"two")
    await until(lambda: len(heard) == 4)
    assert {each[0] for each in heard} == {b.name, c.name}
    assert [each[2] for each in heard if each[0] == b.name] == [b"one", b"two"]
    assert await a.ask(b.name, Topic.STATUS, b"hi ", timeout_s=30) == b"hi " + a.name.encode()
    with pytest.raises(BusAwayError, match="did not answer"):
        await a.ask(c.name, Topic.STATUS, b"hi", timeout_s=0.1)


async def test_a_stream_carries_ten_megabytes_both_ways_and_each_end_sees_the_other_close(service: Service) -> None:
    a, b = await service.gateway(), await service.gateway()
    here, there = await open_stream(a, b)
    assert there.peer == a.name
    data = bytes(range(256)) * (10 << 12)
    here.transport.write(data)
    there.transport.write(data[::-1])
    await until(lambda: len(here.received) == len(there.received) == len(data))
    assert there.received == data
    assert here.received == data[::-1]
    here.transport.close()
    await until(lambda: here.is_lost and there.is_lost)
    assert here.error is there.error is None
    assert not len(a._streams)
    assert not len(b._streams)


async def test_a_stream_of_a_gateway_to_itself_ends_with_it(service: Service) -> None:
    a = await service.gateway()
    here, there = await open_stream(a, a)
    here.transport.write(b"hello")
    await until(lambda: there.received == b"hello")
    await a.close()
    await until(lambda: here.is_lost and there.is_lost)


async def test_a_stream_to_itself_that_is_given_up_leaves_no_socket(service: Service) -> None:
    a = await service.gateway()
    a.accept(StreamEnd)
    for turns in range(4):
        opening = asyncio.create_task(a.connect(a.name, StreamEnd()))
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    gc.collect()  # A socket that is left is a warning now, and warnings are errors.


async def test_a_reader_that_stalls_holds_one_window_and_no_other_stream_waits_for_it(service: Service) -> None:
    a, b = await service.gateway(), await service.gateway()
    slow, stalled = await open_stream(a, b)
    stalled.transport.pause_reading()
    for _ in range(64):
        slow.transport.write(b"x" * 65_536)
    await until(lambda: slow.is_paused)
    quick, other = await open_stream(a, b)
    quick.transport.write(b"quick")
    await until(lambda: other.received == b"quick")
    inner = next(iter(b._streams._streams.values()))
    assert len(inner._arrived) <= 512 << 10
    stalled.transport.resume_reading()
    await until(lambda: len(stalled.received) == 64 * 65_536)
    await until(lambda: not slow.is_paused)


async def test_nothing_that_gateways_say_is_readable_on_the_wire(service: Service, server: NatsServer) -> None:
    seen: list[bytes] = []

    async def took(message: Msg) -> None:
        seen.append(message.subject.encode() + b" " + message.data)

    client = Client()
    await client.connect(server.url)
    await client.subscribe(">", cb=took)
    await client.flush()
    a, b = await service.gateway(), await service.gateway()
    marker = b"canary-of-the-wire"
    heard: list[bytes] = []
    b.subscribe(Topic.LIMITS, lambda _, payload: heard.append(payload))

    async def answer(_: str, payload: bytes) -> bytes:
        return payload

    b.answer(Topic.STATUS, answer)
    a.broadcast(Topic.LIMITS, marker)
    assert await a.ask(b.name, Topic.STATUS, marker, timeout_s=30) == marker
    a.announce(entry_of(a.name, 1, (marker * 2)[:32]))
    await a.claim_name(marker.decode(), Claim(marker.decode(), marker, 0), is_connected=True)
    await a.push_config(marker)
    here, there = await open_stream(a, b)
    here.transport.write(marker)
    await until(lambda: there.received == marker and heard == [marker] and len(b.directory))
    await until(lambda: any(b".stream." in each for each in seen) and any(b"-settings." in each for each in seen))
    assert not [each for each in seen if marker in each or (marker * 2)[:32] in each]
    await client.close()


async def test_settings_reach_all_gateways_also_those_that_come_later(service: Service) -> None:
    a = await service.gateway()
    heard: list[bytes] = []
    a.on_config.append(heard.append)
    await a.push_config(b"one")
    await a.push_config(b"two")
    await until(lambda: heard == [b"one", b"two"])


async def test_a_gateway_with_another_secret_does_not_start(service: Service, tmp_path: Path) -> None:
    await service.gateway()
    other = tmp_path / "other"
    other.touch(mode=0o600)
    other.write_text(new_secret())
    async with open_service(service.config.nats[0], other, service.config.name) as stranger:
        with pytest.raises(UsageError, match="have another secret"):
            await stranger.gateway()
