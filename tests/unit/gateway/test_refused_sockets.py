"""Refusals: the whole text arrives, no reset, and clients that stay cost a bounded number of sockets."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import Iterator

import pytest

from pairterm.gateway.ssh import refused_sockets as partings
from pairterm.gateway.ssh.refused_sockets import RefusedClients

TIMEOUT_S = 60.0

TEXT = "Too many connections, try again in a moment"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


@contextlib.contextmanager
def connected(listener: socket.socket) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client's socket, and the gateway's end of it."""
    client = socket.create_connection(listener.getsockname(), timeout=TIMEOUT_S)
    ours, _ = listener.accept()
    with client:
        yield client, ours


def read_all(client: socket.socket) -> bytes:
    found = b""
    while data := client.recv(4096):
        found += data
    return found


async def sends_until_closed(client: socket.socket, data: bytes) -> None:
    """Send until the gateway has closed its end: then the kernel resets the connection."""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                await asyncio.to_thread(client.sendall, data)


async def test_a_client_that_talks_first_reads_the_whole_text(listener: socket.socket) -> None:
    """OpenSSH's first line and key exchange lay unread in the socket that was closed: "Connection reset"."""
    leaving = RefusedClients()
    with connected(listener) as (client, ours):
        client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" + b"k" * 1500)
        leaving.part(ours, TEXT)
        client.sendall(b"k" * 1500)
        async with asyncio.timeout(TIMEOUT_S):
            said = await asyncio.to_thread(read_all, client)
    assert said.startswith(TEXT.encode() + b"\r\nSSH-2.0-pairterm\r\n")
    leaving.close()


async def test_openssh_prints_the_text(listener: socket.socket) -> None:
    ssh = shutil.which("ssh")
    if ssh is None:
        pytest.skip("not installed: ssh")
    leaving = RefusedClients()
    loop = asyncio.get_running_loop()
    listener.setblocking(False)
    async with asyncio.timeout(TIMEOUT_S):
        process = await asyncio.create_subprocess_exec(
            ssh, "-F", "none", "-o", "BatchMode=yes", "-p", str(listener.getsockname()[1]), "rw-x@127.0.0.1",
            stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        ours, _ = await loop.sock_accept(listener)
        leaving.part(ours, TEXT)
        _, said = await process.communicate()
    leaving.close()
    assert process.returncode == 255
    assert TEXT in said.decode(), said


async def test_those_who_do_not_hang_up_are_few_and_closed(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partings, "_MAX_LINGERING", 3)
    leaving = RefusedClients()
    with contextlib.ExitStack() as stack:
        pairs = [stack.enter_context(connected(listener)) for _ in range(5)]
        for _, ours in pairs:
            leaving.part(ours, TEXT)
        assert len(leaving) == 3
        for client, _ in pairs[:2]:
            await sends_until_closed(client, b"k")
        leaving.close()
        assert not len(leaving)


async def test_one_that_sends_without_end_or_stays_too_long_is_closed(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving = RefusedClients()
    with connected(listener) as (client, ours):
        leaving.part(ours, TEXT)
        await sends_until_closed(client, b"k" * 4096)
    monkeypatch.setattr(partings, "_LINGER_S", 0.0)
    with connected(listener) as (client, ours):
        leaving.part(ours, TEXT)
        await sends_until_closed(client, b"k")
    assert not len(leaving)


async def test_without_descriptors_nobody_lingers(listener: socket.socket) -> None:
    leaving = RefusedClients()
    with connected(listener) as (client, ours):
        leaving.part(ours, TEXT, may_linger=False)
        assert not len(leaving)
        assert TEXT.encode() in await asyncio.to_thread(read_all, client)


async def test_a_client_that_is_disconnected_later_reads_the_reason_and_no_reset(listener: socket.socket) -> None:
    """It had sent 100,000 bytes, of which 4,096 had been read: it lost the reason, and heard of a reset."""
    leaving = RefusedClients()
    with connected(listener) as (client, ours):
        client.sendall(b"k" * 100_000)
        ours.sendall(b"why")
        leaving.linger(ours.dup())
        ours.close()
        async with asyncio.timeout(TIMEOUT_S):
            assert await asyncio.to_thread(read_all, client) == b"why"
    leaving.close()


async def test_a_client_that_goes_on_sending_after_that_is_closed(listener: socket.socket) -> None:
    leaving = RefusedClients()
    with connected(listener) as (client, ours):
        leaving.linger(ours)
        await sends_until_closed(client, b"k" * 65_536)
    assert len(leaving) == 0
