"""Refuses connections in words that the client's user sees.

No client shows a line of text before SSH's first line; OpenSSH says "Connection reset" or
"closed". So SSH's own first line and a disconnect message (RFC 4253 §11.1) follow the
line. They need no key exchange, and OpenSSH and PuTTY print the message's text.

To close a socket with unread bytes resets the connection, and the client may lose the
text. So writing is shut down, and the client's bytes are read and dropped until it
disconnects: for a short time, up to a limit, and for a limited number of clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass

__all__ = ["RefusedClients"]

_TOO_MANY_CONNECTIONS = 12
"""SSH_DISCONNECT_TOO_MANY_CONNECTIONS (RFC 4253 §11.1)."""

_MSG_DISCONNECT = 1

_BLOCK_BYTES = 8
"""A packet without a cipher is padded to this (RFC 4253 §6), with four bytes at least."""

_LINGER_S = 2.0

_MAX_LINGERING = 64
"""Clients that may read their line at a time. For one more, the first of them is closed."""

_MAX_DRAINED_BYTES = 16 << 10
"""More than a client sends before it hears something: its version and one key exchange message."""

_MAX_DRAINED_LATER_BYTES = 256 << 10
"""What is read of a client that was disconnected later: a little more than a kernel receives ahead."""


class RefusedClients:
    """The clients of one gateway that were refused and have not hung up yet."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lingering: dict[socket.socket, _RefusedClient] = {}

    def __len__(self) -> int:
        return len(self._lingering)

    def part(self, sock: socket.socket, text: str, *, may_linger: bool = True) -> None:
        """Tell a client why it is refused, and disconnect it: soon, or at once if it may not linger.

        The socket belongs to this object from then on; the caller's object is closed.
        """
        sock = socket.socket(fileno=sock.detach())
        sock.setblocking(False)
        try:
            sock.send(_refusal(text))
            sock.shutdown(socket.SHUT_WR)
            if not may_linger:
                sock.recv(_MAX_DRAINED_BYTES)
        except OSError:
            may_linger = False
        if may_linger:
            self._keep(sock, _MAX_DRAINED_BYTES)
        else:
            sock.close()

    def linger(self, sock: socket.socket) -> None:
        """Let a client read why it is disconnected, and close its socket then. Nothing is written to it any more."""
        try:
            sock.setblocking(False)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            sock.close()
        else:
            self._keep(sock, _MAX_DRAINED_LATER_BYTES)

    def _keep(self, sock: socket.socket, max_bytes: int) -> None:
        if len(self._lingering) >= _MAX_LINGERING:
            self._close(next(iter(self._lingering)))
        self._loop.add_reader(sock, self._drain, sock)
        self._lingering[sock] = _RefusedClient(self._loop.call_later(_LINGER_S, self._close, sock), max_bytes)

    def close(self) -> None:
        """Close all sockets that are left."""
        for sock in list(self._lingering):
            self._close(sock)

    def _drain(self, sock: socket.socket) -> None:
        client = self._lingering[sock]
        data = b""
        with contextlib.suppress(OSError):
            data = sock.recv(_MAX_DRAINED_BYTES)
        client.left_bytes -= len(data)
        if not data or client.left_bytes < 0:
            self._close(sock)

    def _close(self, sock: socket.socket) -> None:
        self._lingering.pop(sock).timer.cancel()
        self._loop.remove_reader(sock)
        sock.close()


@dataclass(slots=True)
class _RefusedClient:
    """A client that was told why, and has not disconnected yet."""

    timer: asyncio.TimerHandle
    left_bytes: int
    """How much is still read of it."""


def _refusal(text: str) -> bytes:
    """Return a refusal: as a line, for people who look at the raw connection, and as SSH says it."""
    line = text.encode()
    message = struct.pack(">BII", _MSG_DISCONNECT, _TOO_MANY_CONNECTIONS, len(line)) + line + struct.pack(">I", 0)
    padding = _BLOCK_BYTES - (5 + len(message)) % _BLOCK_BYTES
    padding += _BLOCK_BYTES if padding < 4 else 0
    packet = struct.pack(">IB", 1 + len(message) + padding, padding) + message + bytes(padding)
    return line + b"\r\nSSH-2.0-pairterm\r\n" + packet
