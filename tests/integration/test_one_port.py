"""One port for ssh and browsers, with real clients: OpenSSH, Python's TLS, aiohttp as the browser's server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
import ssl
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest
from aiohttp import web

from pairterm.access.named_networks import NamedNetworks
from pairterm.gateway import accept_loop
from pairterm.gateway.accept_loop import Acceptor
from pairterm.gateway.first_bytes import FirstBytes
from pairterm.gateway.listeners import bind
from pairterm.gateway.web.connections import WebConnections
from pairterm.gateway.web.tls import Certificate
from tests.certificates import Authority
from tests.integration.test_front import front_of

TIMEOUT_S = 20
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEADER = b"PROXY TCP4 203.0.113.9 192.0.2.1 50123 443\r\n"


@dataclass(frozen=True, slots=True)
class Door:
    port: int
    front: Acceptor
    connections: WebConnections
    trust: ssl.SSLContext
    opened: list[asyncio.StreamWriter]

    async def raw(self, first: bytes = b"") -> Stream:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.opened.append(writer)
        writer.write(first)
        return reader, writer

    async def tls(self, header: bytes = b"") -> Stream:
        """Open a TLS connection; `header` goes before it."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_S)
        sock.sendall(header)
        reader, writer = await asyncio.open_connection(sock=sock, ssl=self.trust, server_hostname="localhost")
        self.opened.append(writer)
        return reader, writer


@contextlib.asynccontextmanager
async def both(
    tmp_path: Path, *, balancers: NamedNetworks | None = None, is_tls: bool = True, max_of_source: int = 128
) -> AsyncIterator[Door]:
    """Serve ssh and browsers on one port."""

    async def page(request: web.BaseRequest) -> web.Response:
        if request.path == "/settle":
            connections.settled(request.protocol)
        return web.Response(text=f"from {connections.address_of(request.protocol)}")

    authority = Authority(tmp_path)
    server = web.Server(page)
    connections = WebConnections(
        server, certificate=Certificate(*authority.sign()) if is_tls else None, max_unsettled_of_source=max_of_source
    )
    front, _ = front_of(tmp_path, balancers)
    front.take_browsers(connections.serve, on_ssh_ports=True)
    (listener,) = bind("127.0.0.1", 0)
    front.add([listener])
    opened: list[asyncio.StreamWriter] = []
    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield Door(listener.getsockname()[1], front, connections, authority.client(), opened)
    finally:
        for each in opened:
            each.close()
        await server.shutdown()
        await front.close()


async def test_a_browser_and_openssh_are_served_on_one_port(tmp_path: Path) -> None:
    async with both(tmp_path) as door:
        reader, writer = await door.tls()
        writer.write(GET)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        keyscan = await asyncio.create_subprocess_exec(
            "ssh-keyscan", "-p", str(door.port), "127.0.0.1", stdout=PIPE, stderr=PIPE
        )
        printed, _ = await keyscan.communicate()
        assert b"ssh-ed25519 AAAA" in printed


async def test_plain_http_is_told_too(tmp_path: Path) -> None:
    async with both(tmp_path, is_tls=False) as door:
        reader, writer = await door.raw()
        writer.write(GET)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"


async def test_an_ssh_client_that_speaks_first_waits_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept_loop, "FirstBytes", lambda: FirstBytes(wait_s=3600))
    async with both(tmp_path) as door:
        reader, writer = await door.raw()
        writer.write(b"SSH-2.0-test\r\n")
        assert (await reader.readline()).startswith(b"SSH-2.0-")


@pytest.mark.parametrize(
    "argv",
    [
        ["ssh", "-F", "/dev/null", "-v", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-p"],
        ["plink", "-ssh", "-batch", "-v", "-P"],
        ["dbclient", "-y", "-T", "-p"],
    ],
    ids=lambda argv: argv[0],
)
async def test_the_usual_ssh_clients_speak_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str]
) -> None:
    """Each sees the gateway's key; one that waits for the gateway's version would wait for ever."""
    if shutil.which(argv[0]) is None:
        pytest.skip(f"not installed: {argv[0]}")
    monkeypatch.setattr(accept_loop, "FirstBytes", lambda: FirstBytes(wait_s=3600))
    async with both(tmp_path) as door:
        client = await asyncio.create_subprocess_exec(
            *argv, str(door.port), "nobody@127.0.0.1", env={**os.environ, "HOME": str(tmp_path)},
            stdin=DEVNULL, stdout=PIPE, stderr=STDOUT,
        )  # fmt: skip
        assert client.stdout is not None
        printed = b""
        try:
            while not re.search(rb"SHA256:|fingerprint", printed):
                line = await client.stdout.readline()
                assert line, printed
                printed += line
        finally:
            with contextlib.suppress(ProcessLookupError):
                client.kill()
            await client.wait()


async def test_asyncssh_speaks_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept_loop, "FirstBytes", lambda: FirstBytes(wait_s=3600))
    async with both(tmp_path) as door:
        assert await asyncssh.get_server_host_key("127.0.0.1", door.port) is not None


async def test_an_ssh_client_that_waits_for_our_version_gets_it(tmp_path: Path) -> None:
    async with both(tmp_path) as door:
        reader, _writer = await door.raw()
        assert (await reader.readline()).startswith(b"SSH-2.0-")


async def test_a_browser_that_hesitates_is_still_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept_loop, "FirstBytes", lambda: FirstBytes(wait_s=3600))
    async with both(tmp_path, is_tls=False) as door:
        reader, writer = await door.raw()
        await asyncio.sleep(0)  # It is accepted, and silent.
        writer.write(GET)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"


async def test_a_crowd_of_silent_clients_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would hold a descriptor for the time in which nobody knows what it speaks."""
    monkeypatch.setattr(accept_loop, "FirstBytes", lambda: FirstBytes(wait_s=3600))
    async with both(tmp_path) as door:
        crowd = [await door.raw() for _ in range(32)]
        reader, _writer = await door.raw()
        assert (await reader.readline()).startswith(b"SSH-2.0-")
        assert len(crowd) == 32


async def test_a_browser_behind_a_balancer_has_its_own_address(tmp_path: Path) -> None:
    async with both(tmp_path, balancers=NamedNetworks(["127.0.0.1"])) as door:
        reader, writer = await door.tls(HEADER)
        writer.write(GET)
        assert (await reader.readuntil(b"50123)")).endswith(b"from ('203.0.113.9', 50123)")
        reader, writer = await door.raw()
        writer.write(HEADER + b"SSH-2.0-test\r\n")
        assert (await reader.readline()).startswith(b"SSH-2.0-")


async def test_the_oldest_connection_of_a_crowded_source_ends(tmp_path: Path) -> None:
    async with both(tmp_path, is_tls=False, max_of_source=2) as door:
        settled = await door.raw()
        settled[1].write(GET.replace(b"/ ", b"/settle "))
        await settled[0].readline()
        crowd = [await door.raw() for _ in range(3)]
        for _, writer in crowd:
            writer.write(GET[:-2])  # a request without an end
            await writer.drain()
        assert await crowd[0][0].read() == b""
        for reader, writer in (*crowd[1:], settled):
            writer.write(b"\r\n" if writer is not settled[1] else GET)
            assert b"200 OK" in await reader.readuntil(b"200 OK")


async def test_a_client_that_is_no_tls_client_and_one_that_breaks_off_harm_nobody(tmp_path: Path) -> None:
    async with both(tmp_path) as door:
        reader, writer = await door.raw()
        writer.write(GET)
        assert await reader.read() == b""
        reader, writer = await door.raw()
        writer.write(b"\x16\x03\x01\x02\x00\x01")
        writer.close()
        await door.front.wait_empty(None)
        assert door.connections.count == 0
        reader, writer = await door.tls()
        writer.write(GET)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"


async def test_a_gateway_that_takes_no_more_guests_tells_each_in_their_own_protocol(tmp_path: Path) -> None:
    async with both(tmp_path) as door:
        door.front._state.is_draining = True
        reader, writer = await door.raw()
        writer.write(b"SSH-2.0-test\r\n")
        assert b"takes no more guests" in await reader.readline()
        reader, writer = await door.tls()
        writer.write(GET)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
