"""A service of five gateways by NATS: how soon 1,000 of 5,000 sessions are found again when their gateway is killed.

`python -m tests.bench.bench_service` starts a nats-server and five buses on loopback, in one process, and prints a
table in Markdown. The sessions are entries in the directory, without hosts and terminals: what is measured is what the
directory adds to the time that a host needs to dial again. The killed gateway's entries are announced again by
the four others, 250 each, 0.2 s after its end: a host's first pause. It passes no judgement.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pairterm.cluster.service_directory import InvitationEntry, SessionEntry
from pairterm.gateway.bus.nats_bus import NatsBus
from tests.integration.nats_server import open_nats_server
from tests.integration.service_gateways import StreamEnd, die, open_service

_GATEWAYS = 5
_SESSIONS = 1000
"""Of each gateway."""

_FIRST_PAUSE_S = 0.2
_STREAM_BYTES = 32 << 20


def _entry(gateway: str, number: int) -> SessionEntry:
    """Return the entry of a session: its id is new at each gateway, and its token is the same."""
    token_hash = hashlib.sha256(b"%d" % number).digest()
    session_id = hashlib.sha256(gateway.encode() + b"%d" % number).digest()[:16]
    return SessionEntry(session_id, gateway, (InvitationEntry(token_hash, "rw"), InvitationEntry(session_id * 2, "ro")))


async def _until(is_so: Callable[[], bool]) -> float:
    """Return after how many seconds something is so."""
    began_s = time.perf_counter()
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 -- it is the state of several objects
            await asyncio.sleep(0.005)
    return time.perf_counter() - began_s


async def _failover(buses: list[NatsBus]) -> None:
    for at, bus in enumerate(buses):
        for number in range(at * _SESSIONS, (at + 1) * _SESSIONS):
            bus.announce(_entry(bus.name, number))
    announced_s = await _until(lambda: all(len(each.directory) == _GATEWAYS * _SESSIONS for each in buses))
    print(f"| {_GATEWAYS * _SESSIONS:,} sessions announced, known to all gateways | {announced_s:.2f} s |")
    dead, *alive = buses
    began_s = time.perf_counter()
    die(dead)
    await asyncio.sleep(_FIRST_PAUSE_S)
    for number in range(_SESSIONS):
        bus = alive[number % len(alive)]
        bus.announce(_entry(bus.name, number))
    count = _GATEWAYS * _SESSIONS
    await _until(lambda: all(_is_found(each, dead) for each in alive))
    print(
        f"| killed: all {_SESSIONS:,} are found first at their new gateways | {time.perf_counter() - began_s:.2f} s |"
    )
    await _until(lambda: all(len(each.directory) == count for each in alive))
    print(f"| killed: nobody knows the old gateway any more | {time.perf_counter() - began_s:.2f} s |")


def _is_found(bus: NatsBus, dead: NatsBus) -> bool:
    """Return whether each session of the dead gateway is looked for at a living one first."""
    hashes = (hashlib.sha256(b"%d" % number).digest() for number in range(_SESSIONS))
    return all((found := bus.directory.with_token(each)) and found[0].gateway != dead.name for each in hashes)


async def _stream(a: NatsBus, b: NatsBus) -> None:
    ends: list[StreamEnd] = []

    def new_end(peer: str) -> StreamEnd:
        ends.append(StreamEnd(peer))
        return ends[0]

    b.accept(new_end)
    here = StreamEnd()
    began_s = time.perf_counter()
    await a.connect(b.name, here)
    await _until(lambda: bool(ends))
    print(f"| an encrypted stream opened | {1000 * (time.perf_counter() - began_s):.1f} ms |")
    rounds_s = []
    for _ in range(200):
        size, began_s = len(here.received), time.perf_counter()
        here.transport.write(b"x")
        while not ends[0].received:  # noqa: ASYNC110 -- an event would cost a turn of the loop
            await asyncio.sleep(0)
        ends[0].received.clear()
        ends[0].transport.write(b"y")
        while len(here.received) == size:  # noqa: ASYNC110
            await asyncio.sleep(0)
        rounds_s.append(time.perf_counter() - began_s)
    print(f"| a byte there and back, median of 200 | {1000 * sorted(rounds_s)[100]:.2f} ms |")
    began_s = time.perf_counter()
    here.transport.write(bytes(_STREAM_BYTES))
    await _until(lambda: len(ends[0].received) >= _STREAM_BYTES)
    mb_a_second = _STREAM_BYTES / (time.perf_counter() - began_s) / 1e6
    print(f"| bytes over one stream, both ends in one process | {mb_a_second:.0f} MB/s |")


async def _main() -> None:
    with tempfile.TemporaryDirectory() as directory, open_nats_server(Path(directory)) as server:
        async with open_service(server.url, Path(directory) / "secret") as service:
            buses = [await service.gateway() for _ in range(_GATEWAYS)]
            print("| five gateways by one nats-server | |\n|---|---|")
            await _stream(buses[1], buses[2])
            await _failover(buses)


if __name__ == "__main__":
    asyncio.run(_main())
