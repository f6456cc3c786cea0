"""A TCP proxy for tests: a slow line, one that stands still, or one that is cut. It holds almost nothing itself.

Its socket to the server takes a few kilobytes at most, so what it does not pass on
stays with the server, as behind a slow modem. One thread a connection and direction.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Self

__all__ = ["SlowLine"]

_HELD_BYTES = 4096
"""Of the receive buffer towards the server; the kernel doubles it."""

_PIECE_BYTES = 400


class SlowLine:
    """A listening port of loopback whose connections go on to `target`, at `bytes_per_s` on the way back."""

    def __init__(self, target: tuple[str, int], *, bytes_per_s: float) -> None:
        self._target = target
        self._bytes_per_s = bytes_per_s
        self._may_pass = threading.Event()
        self._may_pass.set()
        self._is_cut = False
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.passed_bytes = 0
        """Bytes that came from the server and went on to a client."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)

    def stall(self) -> None:
        """Let nothing more through from the server."""
        self._may_pass.clear()

    def go_on(self) -> None:
        """Let it through again."""
        self._may_pass.set()

    def cut(self) -> None:
        """End all connections, and each new one at once."""
        self._is_cut = True
        self._hang_up()

    def mend(self) -> None:
        """Let new connections through again."""
        self._is_cut = False

    def _hang_up(self) -> None:
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End every connection."""
        self._may_pass.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._hang_up()
        for thread in self._threads:
            thread.join()
        for each in [self._listener, *self._sockets]:
            each.close()

    def __enter__(self) -> Self:
        """Be closed at the end of a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every connection."""
        self.close()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]  # any callable
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_cut:
                    client.close()
                    continue
                server = socket.socket()
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _HELD_BYTES)
                server.connect(self._target)
                self._sockets += [client, server]
                self._start(self._pass_up, client, server)
                self._start(self._pass_down, server, client)

    def _pass_up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _pass_down(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(_PIECE_BYTES):
                self._may_pass.wait()
                client.sendall(data)
                self.passed_bytes += len(data)
                time.sleep(len(data) / self._bytes_per_s)
            client.shutdown(socket.SHUT_WR)
