"""The gateway's front door: listening sockets, and an accept loop that keeps crowds out before they cost.

Connections that have not logged in are capped, in all and for each source, in the
manner of OpenSSH's MaxStartups; a source with too many bad tokens is turned away
before any key exchange. One loop a listener, one guarded task a connection. When no
descriptor is left, those who come are told so by means of the reserve, a few at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import socket
from collections import Counter
from dataclasses import dataclass

import asyncssh

from pairterm.access.penalties import source_of
from pairterm.errors import SystemFault
from pairterm.gateway.connection import serve_connection, watch_for_death
from pairterm.gateway.descriptors import Reserve, is_shortage
from pairterm.gateway.server import Admission

__all__ = ["Front", "bind", "bind_loopback"]

logger = logging.getLogger(__name__)

_BACKLOG = 128

_SHORTAGE_PAUSE_S = 0.5
"""How long the door stays shut when the process has no descriptor left: no busy loop."""

_TURNED_AWAY_AT_ONCE = 16
"""How many of those who wait then are told so before the next pause."""

_SHORTAGE_TOLD_S = 60.0
"""How often the log says so."""

_FREE_PORTS_TRIED = 100

_ANY = {  # Names of every address, and the families in which they are.
    "": (socket.AF_INET, socket.AF_INET6),
    "0.0.0.0": (socket.AF_INET,),  # noqa: S104 -- compared with what the user asked for
    "::": (socket.AF_INET6,),
}


def bind(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets on every address of `host` ("" for all), port 0 for a free one.

    Raises:
        SystemFault: The name has no address, the port is in use, or it may not be had.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise SystemFault(f"can't listen on {host}: {error.strerror}", code="listen") from error
    bound: list[socket.socket] = []
    for family, _, _, _, address in found:
        try:
            bound.append(_bind_one(family, (address[0], port or _port_of(bound))))
        except OSError as error:
            if len(found) > 1 and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                continue
            for each in bound:
                each.close()
            raise SystemFault(
                f"can't listen on {host or '*'}:{port}: {error.strerror}{_advice(error, host, port)}", code="listen"
            ) from error
    if not bound:
        raise SystemFault(f"can't listen on {host}:{port}: no usable address", code="listen")
    return bound


def _advice(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        free = next((each for each in range(port + 1, min(port + _FREE_PORTS_TRIED, 65536)) if not _is_taken(each)), 0)
        named = f"[{host}]" if ":" in host else host or "0.0.0.0"  # noqa: S104 -- what the user asked for
        return f"; port {free} is free: --listen {named}:{free}" if free else "; choose another with --listen ADDR:PORT"
    if error.errno == errno.EACCES:
        return "; ports under 1024 take root or CAP_NET_BIND_SERVICE"
    return ""


def _bind_one(family: int, address: tuple[object, int]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _port_of(bound: list[socket.socket]) -> int:
    return int(bound[0].getsockname()[1]) if bound else 0


def bind_loopback(first_port: int) -> list[socket.socket]:
    """Return sockets on 127.0.0.1 and, where there is one, ::1, on the first free port from `first_port` on.

    Raises:
        SystemFault: None of a hundred ports is free.
    """
    for port in range(first_port, min(first_port + _FREE_PORTS_TRIED, 65536)):
        if _is_taken(port):
            continue
        bound: list[socket.socket] = []
        try:
            bound.append(_bind_one(socket.AF_INET, ("127.0.0.1", port)))
            try:
                bound.append(_bind_one(socket.AF_INET6, ("::1", port)))
            except OSError as error:
                if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                    raise
        except OSError as error:
            for each in bound:
                each.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise SystemFault(f"can't listen on loopback: {error.strerror}", code="listen") from error
        else:
            return bound
    raise SystemFault(f"no free port on loopback from {first_port} on", code="listen")


def _is_taken(port: int) -> bool:
    """Return whether somebody answers on loopback: BSD's SO_REUSEADDR would let us bind beside 0.0.0.0."""
    with socket.socket(socket.AF_INET) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a connection is not begun: for the audit, and for the client."""

    why: str
    text: str


_PENALISED = _Refusal("penalty", "Not allowed at this time: too many wrong links from your address, wait a minute")
_CROWD = _Refusal("crowd", "Too many connections, try again in a moment")
_CROWD_OF_SOURCE = _Refusal("crowd-of-address", "Too many connections from your address, try again in a moment")
_SHORTAGE = _Refusal("descriptors", "The gateway is full, try again in a moment")


class Front:
    """The listeners of one gateway, and who is at the door."""

    def __init__(
        self,
        admission: Admission,
        options: asyncssh.SSHServerConnectionOptions,
        reserve: Reserve,
        *,
        max_unauthenticated: int,
        max_unauthenticated_per_source: int,
    ) -> None:
        self._admission = admission
        self._options = options
        self._reserve = reserve
        self._shortage_told_s = float("-inf")
        self._max_unauthenticated = max_unauthenticated
        self._max_unauthenticated_per_source = max_unauthenticated_per_source
        self._listeners: dict[socket.socket, asyncio.Task[None]] = {}
        self._arriving: Counter[str] = Counter()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """The addresses and ports listened on, in the order in which they were added."""
        return [each.getsockname()[:2] for each in self._listeners]

    @property
    def is_loopback(self) -> bool:
        """True while nobody can come from another machine."""
        return all(ipaddress.ip_address(host).is_loopback for host, _ in self.addresses)

    def add(self, listeners: list[socket.socket]) -> None:
        """Take guests on these sockets from now on."""
        for listener in listeners:
            self._listeners[listener] = asyncio.create_task(self._accept(listener))

    def add_address(self, host: str, port: int) -> None:
        """Take guests on one more address; nothing happens if that is done already.

        An address for everyone takes the place of loopback on the same port, which it includes: the
        kernel would not have both.

        Raises:
            SystemFault: It can't be had. Loopback stays.
        """
        if any(address == (host, port) for address in self.addresses):
            return
        families = _ANY.get(host, ())
        covered = [each for each in self._listeners if each.family in families and each.getsockname()[1] == port]
        here = [(each.family, each.getsockname()[:2]) for each in covered]
        for each in covered:
            self._close_listener(each)
        try:
            self.add(bind(host, port))
        except SystemFault:
            self.add([_bind_one(family, address) for family, address in here])
            raise

    def _close_listener(self, listener: socket.socket) -> None:
        self._listeners.pop(listener).cancel()
        # At once, not when the cancelled task runs: the descriptor's number is free for another from here on.
        asyncio.get_running_loop().remove_reader(listener.fileno())
        listener.close()

    async def close(self) -> None:
        """Take no more guests, and part with those who are here."""
        for listener in list(self._listeners):
            self._close_listener(listener)
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def shut(self) -> None:
        """Take no more guests; those who are here stay."""
        for listener in list(self._listeners):
            self._close_listener(listener)

    async def wait_empty(self, timeout_s: float | None) -> None:
        """Wait until everyone has left, or the time is over; None: however long it takes."""
        if self._connections:
            await asyncio.wait(self._connections, timeout=timeout_s)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, address = await loop.sock_accept(listener)
            except OSError as error:
                if is_shortage(error):
                    self._turn_away(listener)
                    await asyncio.sleep(_SHORTAGE_PAUSE_S)
                continue
            source = source_of(str(address[0]))
            refusal = self._refusal(source, loop.time())
            if refusal is not None:
                self._refuse(sock, source, refusal)
                continue
            task = asyncio.create_task(self._serve(sock, source))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    def _refuse(self, sock: socket.socket, source: str, refusal: _Refusal) -> None:
        """Say why, and hang up."""
        self._admission.audit.refused(refusal.why, source)
        with contextlib.suppress(OSError):
            sock.send(f"{refusal.text}\r\n".encode())
        sock.close()

    def _turn_away(self, listener: socket.socket) -> None:
        """There is no descriptor left: tell some of those who wait, with those of the reserve."""
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._shortage_told_s + _SHORTAGE_TOLD_S:
            self._shortage_told_s = now_s
            logger.warning("out of file descriptors or memory: newcomers are turned away")
        with self._reserve.lent():
            for _ in range(_TURNED_AWAY_AT_ONCE):
                try:
                    sock, address = listener.accept()
                except OSError:
                    return
                self._refuse(sock, source_of(str(address[0])), _SHORTAGE)

    def _refusal(self, source: str, now_s: float) -> _Refusal | None:
        """Return why a connection from `source` is not even begun; None when it may be."""
        if self._admission.penalties.is_refused(source, now_s):
            return _PENALISED
        room = self._admission.waiting_room
        if self._arriving.total() - room.count() >= self._max_unauthenticated:
            return _CROWD
        if self._arriving[source] - room.count(source) >= self._max_unauthenticated_per_source:
            return _CROWD_OF_SOURCE
        return None

    async def _serve(self, sock: socket.socket, source: str) -> None:
        """See one connection through; whatever goes wrong is its own end only."""
        connection: asyncssh.SSHServerConnection | None = None
        self._arriving[source] += 1
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            watch_for_death(sock)
            try:
                connection = await serve_connection(sock, self._options)
            finally:
                self._arriving[source] -= 1
                if not self._arriving[source]:
                    del self._arriving[source]
            await connection.wait_closed()
        except (asyncssh.Error, OSError, TimeoutError) as error:
            logger.info("a connection from %s ended: %s", source, type(error).__name__)
        except Exception:
            logger.exception("a connection from %s made us fail", source)
        finally:
            if connection is not None:
                connection.close()
