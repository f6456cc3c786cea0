"""The choice of a proxy for a gateway, and the dialogue with the proxy."""

from __future__ import annotations

import asyncio
import socket

import pytest

from pairterm.errors import SystemFault, UsageError
from pairterm.outbound.dialling import dial, proxy_for, start_proxy_command


@pytest.mark.parametrize(
    ("host", "environment", "proxy"),
    [
        ("vm.example.com", {}, ""),
        ("vm.example.com", {"https_proxy": "http://p:1"}, "http://p:1"),
        ("vm.example.com", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("vm.example.com", {"ALL_PROXY": "http://a:1"}, "http://a:1"),
        ("vm.example.com", {"https_proxy": "http://p:1", "no_proxy": "*"}, ""),
        ("vm.example.com", {"https_proxy": "http://p:1", "NO_PROXY": "localhost, .example.com"}, ""),
        ("vm.example.com", {"https_proxy": "http://p:1", "no_proxy": "*.Example.com"}, ""),
        ("vmexample.com", {"https_proxy": "http://p:1", "no_proxy": "example.com"}, "http://p:1"),
        ("127.0.0.1", {"https_proxy": "http://p:1"}, ""),
    ],
)
def test_which_proxy(host: str, environment: dict[str, str], proxy: str) -> None:
    assert proxy_for(host, environment) == proxy


async def proxied(answer: bytes, url: str = "http://127.0.0.1:{}") -> tuple[bytes, bytes]:
    """Dial through a proxy that answers so; return what it was asked, and what came after its answer."""
    asked = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        sock = await dial("vm.example.com", 22, {"https_proxy": url.format(port)})
        with sock:
            rest = await asyncio.get_running_loop().sock_recv(sock, 100)
    return bytes(asked), rest


async def test_a_proxy_connects_and_leaves_the_gateways_first_bytes() -> None:
    asked, rest = await proxied(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nSSH-2.0-pairterm\r\n")
    assert asked == b"CONNECT vm.example.com:22 HTTP/1.1\r\nHost: vm.example.com:22\r\n\r\n"
    assert rest == b"SSH-2.0-pairterm\r\n"


async def test_a_proxy_is_told_who_we_are() -> None:
    asked, _ = await proxied(b"HTTP/1.1 200 OK\r\n\r\nx", "http://ana:p%40ss@127.0.0.1:{}")
    assert b"\r\nProxy-Authorization: Basic YW5hOnBAc3M=\r\n" in asked


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Authentication Required\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b""])
async def test_a_proxy_that_does_not_connect(answer: bytes) -> None:
    with pytest.raises(SystemFault) as caught:
        await proxied(answer)
    assert caught.value.code == "unreachable"


async def test_a_proxy_of_another_kind() -> None:
    with pytest.raises(UsageError) as caught:
        await dial("vm.example.com", 22, {"all_proxy": "socks5://ana:secret@p:1"})
    assert "secret" not in caught.value.message


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SystemFault) as caught:
        await dial("127.0.0.1", port, {})
    assert caught.value.code == "refused"


async def test_a_commands_input_and_output_are_the_connection() -> None:
    sock, process = start_proxy_command("sh -c 'read line; echo \"$line to %h %p\"'", "vm", 2222)
    with sock:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(sock, b"from here\n")
        assert await loop.sock_recv(sock, 100) == b"from here to vm 2222\n"
    process.wait(60)


def test_a_command_that_is_none() -> None:
    with pytest.raises(UsageError):
        start_proxy_command("ssh 'jump", "vm", 1)
    with pytest.raises(SystemFault):
        start_proxy_command("/nowhere/such-program", "vm", 1)
