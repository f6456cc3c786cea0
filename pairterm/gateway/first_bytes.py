"""Tells from the first byte of a connection whether its client speaks SSH, or TLS or HTTP, without reading it.

On a port for both, most clients speak first: browsers always, and the usual ssh clients too. An ssh
client may instead wait for our version (RFC 4253 §4.2). So a client that is silent for
`WAIT_S` speaks ssh. No more than a few clients of a source are waited for at a time: of further
ones, the byte that is there already decides. So a flood of silent connections gets no longer
lives than on a port for ssh alone.
"""

from __future__ import annotations

import asyncio
import socket
from enum import Enum

from pairterm.access.counts import Counts

__all__ = ["WAIT_S", "FirstBytes", "Speaks", "peeked"]

WAIT_S = 0.3
"""How long a client may be silent before it is taken for an ssh client that waits: a round trip on a slow network."""

_MAX_WAITING = 256
_MAX_WAITING_OF_SOURCE = 32
"""A browser opens six connections. Many people may share an address."""

_TLS_HANDSHAKE = 0x16
"""The type of the record that a ClientHello is in (RFC 8446 §5.1)."""

_METHODS = b"CDGHOPT"
"""The first letters of HTTP's methods. SSH begins with `SSH-`."""


class Speaks(Enum):
    """The protocol of a client."""

    SSH = "ssh"
    WEB = "web"
    """TLS, or HTTP."""


def peeked(sock: socket.socket) -> bytes | None:
    """Return the first byte that waits to be read; None if there is none yet, b"" if the client has disconnected."""
    try:
        return sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _told_by(first: bytes) -> Speaks:
    is_web = first[0] == _TLS_HANDSHAKE or first in (bytes([each]) for each in _METHODS)
    return Speaks.WEB if is_web else Speaks.SSH


class FirstBytes:
    """The connections of a port for both that nobody can tell yet."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._waiting: Counts[str] = Counts()

    async def tell(self, sock: socket.socket, source: str) -> Speaks:
        """Return what the client of a connection speaks. Nothing is read of it. A client that has left speaks ssh."""
        first = peeked(sock)
        if first is None and self._waiting.total < _MAX_WAITING and self._waiting[source] < _MAX_WAITING_OF_SOURCE:
            self._waiting.add(source)
            try:
                first = await self._awaited(sock)
            finally:
                self._waiting.remove(source)
        return _told_by(first) if first else Speaks.SSH

    async def _awaited(self, sock: socket.socket) -> bytes | None:
        """Return the first byte when it is there; None if the client is silent for too long."""
        loop = asyncio.get_running_loop()
        readable: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not readable.done():
                readable.set_result(None)

        loop.add_reader(sock, wake)
        try:
            async with asyncio.timeout(self._wait_s):
                await readable
        except TimeoutError:
            return None
        finally:
            loop.remove_reader(sock)
        return peeked(sock)
