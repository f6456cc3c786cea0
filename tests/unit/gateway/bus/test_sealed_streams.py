"""Unit tests of encrypted streams, over a pair of sockets: both ends prove who they are."""

from __future__ import annotations

import asyncio
import socket
from typing import cast

import pytest

from pairterm.errors import PeerError
from pairterm.gateway.bus.sealed_streams import StreamTls
from pairterm.gateway.bus.service_secret import ServiceSecret

_OLD, _NEW = ServiceSecret("one", b"1" * 32), ServiceSecret("one", b"2" * 32)
_A, _B, _C = "a" * 16, "b" * 16, "c" * 16


class _End(asyncio.Protocol):
    def __init__(self) -> None:
        self.received = b""
        self.has_data = asyncio.Event()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        self.has_data.set()


async def _meet(a: StreamTls, b: StreamTls, *, expected: str = _B, claimed: str = _A) -> tuple[_End, _End]:
    """Connect `a` to `b` and return their ends; `a` expects one name, and says that it has another."""
    loop = asyncio.get_running_loop()
    one, two = socket.socketpair()
    here, _ = await loop.create_connection(asyncio.Protocol, sock=one)
    there, _ = await loop.create_connection(asyncio.Protocol, sock=two)
    ends = _End(), _End()
    async with asyncio.timeout(30):
        results = await asyncio.gather(
            a.connected(here, expected, lambda: ends[0]),
            b.accepted(there, claimed, lambda _: ends[1]),
            return_exceptions=True,
        )
    for each in results:
        if isinstance(each, BaseException):
            here.abort()
            there.abort()
            raise each
    return ends


@pytest.mark.parametrize(("ours", "theirs"), [([_OLD], [_OLD]), ([_OLD], [_NEW, _OLD]), ([_OLD, _NEW], [_NEW, _OLD])])
async def test_gateways_of_one_service_connect_also_while_its_secret_changes(
    ours: list[ServiceSecret], theirs: list[ServiceSecret]
) -> None:
    if len(ours) != len(theirs):
        ours = [*ours, _NEW]
    here, there = await _meet(StreamTls(ours, _A), StreamTls(theirs, _B))
    assert here.transport is not None
    here.transport.write(b"hello")
    async with asyncio.timeout(30):
        await there.has_data.wait()
    assert there.received == b"hello"
    assert here.transport.get_extra_info("cipher")[1] == "TLSv1.3"
    here.transport.abort()


@pytest.mark.parametrize(
    ("ours", "theirs", "expected", "claimed"),
    [
        ([_NEW], [_OLD], _B, _A),
        ([_OLD], [ServiceSecret("two", b"1" * 32)], _B, _A),
        ([_OLD], [_OLD], _C, _A),
        ([_OLD], [_OLD], _B, _C),
    ],
    ids=["another secret", "another service", "another gateway answers", "another gateway's name"],
)
async def test_a_gateway_that_is_not_who_it_says_gets_no_stream(
    ours: list[ServiceSecret], theirs: list[ServiceSecret], expected: str, claimed: str
) -> None:
    with pytest.raises(PeerError):
        await _meet(StreamTls(ours, _A), StreamTls(theirs, _B), expected=expected, claimed=claimed)
