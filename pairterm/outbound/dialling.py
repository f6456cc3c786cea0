"""Connects a socket to a gateway on another machine: directly, through an HTTP proxy, or by a proxy command.

IPv6 and IPv4 are tried at the same time (RFC 8305). The proxy comes from the environment
(`https_proxy`, `all_proxy`, `no_proxy`, also in capitals), as in other programs. The standard
input and output of a proxy command are the connection, as with ssh's ProxyCommand: `%h` and `%p`
stand for the gateway's host and port.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import os
import shlex
import socket
import subprocess
from collections.abc import Mapping
from typing import cast
from urllib.parse import unquote, urlsplit

from pairterm.errors import SystemFault, UsageError
from pairterm.runtime.lost_segments import resend_soon

__all__ = ["dial", "proxy_for", "start_proxy_command"]

_ATTEMPT_DELAY_S = 0.25
"""RFC 8305 §8: after this time without an answer, the next address is tried too."""

_MAX_ANSWER_BYTES = 8192
"""The longest answer of an HTTP proxy: a line and some headers."""


async def dial(host: str, port: int, environment: Mapping[str, str]) -> socket.socket:
    """Return a socket that is connected to the address, through the environment's proxy if there is one for it.

    Raises:
        SystemFault: The address can't be reached.
        UsageError: The proxy's address is not usable.
    """
    proxy = proxy_for(host, environment)
    if not proxy:
        return await _connected(host, port)
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        raise UsageError(f"can't use the proxy {_without_password(proxy)!r}: only http://HOST:PORT", code="proxy")
    sock = await _connected(parts.hostname, parts.port or 80)
    try:
        await _ask_proxy(sock, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", parts.username, parts.password)
    except BaseException:
        sock.close()
        raise
    return sock


def proxy_for(host: str, environment: Mapping[str, str]) -> str:
    """Return the proxy to use for a host; "" for none."""

    def value(name: str) -> str:
        return environment.get(name, "") or environment.get(name.upper(), "")

    exceptions = [each.strip().lstrip("*").lstrip(".").lower() for each in value("no_proxy").split(",")]
    name = host.lower()
    if value("no_proxy").strip() == "*" or name in ("localhost", "127.0.0.1", "::1"):
        return ""
    if any(each and (name == each or name.endswith(f".{each}")) for each in exceptions):
        return ""
    return value("https_proxy") or value("all_proxy")


def _without_password(proxy: str) -> str:
    return proxy.rpartition("@")[2]


class _Taker(asyncio.Protocol):
    """Reads nothing, so that the socket can be taken from asyncio before any byte is read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).pause_reading()


async def _connected(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_connection(
            _Taker, host, port, happy_eyeballs_delay=_ATTEMPT_DELAY_S, interleave=1
        )
    except OSError as error:
        raise SystemFault(f"can't reach {host} port {port}: {_reason(error)}", code=_code(error)) from error
    sock = cast(socket.socket, transport.get_extra_info("socket")).dup()
    transport.abort()
    sock.setblocking(False)
    resend_soon(sock)
    return sock


def _is_refusal(error: OSError) -> bool:
    """Return whether an address refused. For several addresses, asyncio passes on only the texts of the errors."""
    return isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error)


def _code(error: OSError) -> str:
    return "refused" if _is_refusal(error) else "unreachable"


def _reason(error: OSError) -> str:
    if _is_refusal(error):
        return "nobody listens there"
    if isinstance(error, socket.gaierror):
        return "no such host"
    return os.strerror(error.errno) if error.errno else str(error)


async def _ask_proxy(sock: socket.socket, target: str, user: str | None, password: str | None) -> None:
    """Ask an HTTP proxy to connect us to `target` (RFC 9110 §9.3.6)."""
    loop = asyncio.get_running_loop()
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if user is not None:
        secret = base64.b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {secret}")
    answer = b""
    try:
        await loop.sock_sendall(sock, ("\r\n".join(lines) + "\r\n\r\n").encode())
        # Byte by byte: the bytes after the empty line come from the gateway.
        while not answer.endswith(b"\r\n\r\n") and len(answer) < _MAX_ANSWER_BYTES:
            byte = await loop.sock_recv(sock, 1)
            if not byte:
                break
            answer += byte
    except OSError as error:
        raise SystemFault(f"the proxy broke the connection: {error.strerror}", code="unreachable") from error
    status = answer.split(b"\r\n")[0].decode("ascii", "replace")
    if not answer.endswith(b"\r\n\r\n") or status.split(" ")[1:2] != ["200"]:
        raise SystemFault(f"the proxy does not connect to {target}: {status[:100] or 'no answer'}", code="unreachable")


def start_proxy_command(command: str, host: str, port: int) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start a proxy command. Return the socket that is its standard input and output, and its process.

    Raises:
        UsageError: The command line has a syntax error.
        SystemFault: The command can't be started.
    """
    try:
        argv = [each.replace("%h", host).replace("%p", str(port)) for each in shlex.split(command)]
    except ValueError as error:
        raise UsageError(f"can't read proxy_command: {error}", code="proxy") from error
    ours, theirs = socket.socketpair()
    try:
        process = subprocess.Popen(argv, stdin=theirs.fileno(), stdout=theirs.fileno(), start_new_session=True)
    except (OSError, IndexError) as error:
        ours.close()
        reason = f"{argv[0]}: {error.strerror}" if isinstance(error, OSError) else "it is empty"
        raise SystemFault(f"can't start proxy_command: {reason}", code="unreachable") from error
    finally:
        theirs.close()
    ours.setblocking(False)
    return ours, process
