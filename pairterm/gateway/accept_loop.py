"""Accepts connections: listening sockets, and an accept loop that makes crowds wait before they cost anything.

There is one loop for each listener, and one guarded task for each connection.
Those that speak ssh wait for their turn to log in (`login_turns`), as sockets that nobody reads.
A connection of a load balancer that the operator names begins with a PROXY header, which says where it comes
from. On a port for both, the first byte tells browsers from ssh clients (`first_bytes`);
`gateway.web` serves the browsers. When no descriptor is left, the reserve serves to tell new
clients so, a few at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import asyncssh

from pairterm.access.max_startups import Login
from pairterm.access.named_networks import NamedNetworks
from pairterm.access.penalties import source_of
from pairterm.errors import PeerError, SystemFault
from pairterm.gateway.dead_peers import watch_for_death
from pairterm.gateway.descriptors import Reserve, is_shortage
from pairterm.gateway.first_bytes import FirstBytes, Speaks, peeked
from pairterm.gateway.listeners import ANY, GONE_ALREADY, bind, bind_one
from pairterm.gateway.login_turns import DROP_TEXTS, Arrival
from pairterm.gateway.proxy_headers import ProxyHeaders
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.ssh.guest_connection import GuestConnection, serve_connection
from pairterm.gateway.ssh.private_names import missing_names
from pairterm.gateway.ssh.refused_sockets import RefusedClients
from pairterm.runtime.lost_segments import resend_soon
from pairterm.runtime.supervisor import Supervisor

__all__ = ["Acceptor"]

logger = logging.getLogger(__name__)

_SHORTAGE_PAUSE_S = 0.5
"""The pause after `accept` failed or no descriptor was left: no busy loop."""

_TURNED_AWAY_AT_ONCE = 16
"""How many clients are told so before the next pause."""

_SHORTAGE_TOLD_S = 60.0
"""How often the log says that descriptors ran out."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a connection may not log in: for the audit, and for the client."""

    why: str
    text: str


_SHORTAGE = _Refusal("descriptors", "The gateway is full, try again in a moment")
_DRAINING = _Refusal("draining", "The gateway takes no more guests")

ServeWeb: TypeAlias = Callable[[socket.socket, str, int], Coroutine[Any, Any, None]]
"""Serves a browser's connection to its end, and closes its socket. The address and port are the client's."""


class Acceptor:
    """The listeners of one gateway, and the connections that they accepted."""

    def __init__(
        self,
        state: GatewayState,
        options: asyncssh.SSHServerConnectionOptions,
        reserve: Reserve,
        balancers: NamedNetworks,
        tasks: Supervisor,
    ) -> None:
        self._state = state
        self._options = options
        self._reserve = reserve
        self._tasks = tasks
        self._refused_clients = RefusedClients()
        self._headers = ProxyHeaders(balancers)
        self._first_bytes = FirstBytes()
        self._serve_web: ServeWeb | None = None
        self._is_port_for_both = False
        self._is_plain = False
        """Connections are asyncssh's own, because asyncssh lacks a name that ours need."""
        self._shortage_told_s = float("-inf")
        self._listeners: dict[socket.socket, asyncio.Task[None]] = {}
        self._web_listeners: dict[socket.socket, asyncio.Task[None]] = {}
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """The addresses and ports listened on for ssh, in the order in which they were added."""
        return [each.getsockname()[:2] for each in self._listeners]

    @property
    def web_addresses(self) -> list[tuple[str, int]]:
        """The same for browsers alone."""
        return [each.getsockname()[:2] for each in self._web_listeners]

    def take_browsers(self, serve: ServeWeb, *, on_ssh_ports: bool) -> None:
        """Have `serve` serve browsers. `on_ssh_ports`: on the ports for ssh too, from now on."""
        self._serve_web = serve
        self._is_port_for_both = on_ssh_ports

    def check_asyncssh(self) -> None:
        """Check that asyncssh has all that our connections need. If not, serve with its own, and log a warning."""
        missing = missing_names(self._options)
        self._is_plain = bool(missing)
        if missing:
            logger.warning(
                "asyncssh %s lacks %s: connections are slower, their packets have no bound, and 'pairterm join' is not "
                "served; install a version that pairterm's requirements name", asyncssh.__version__, ", ".join(missing),
            )  # fmt: skip

    def add(self, listeners: list[socket.socket]) -> None:
        """Accept guests on these sockets from now on."""
        for listener in listeners:
            self._listeners[listener] = self._tasks.keep("taking guests", partial(self._accept, listener))

    def add_web(self, listeners: list[socket.socket]) -> None:
        """Accept browsers, and nobody else, on these sockets from now on. `take_browsers` comes first."""
        for listener in listeners:
            work = partial(self._accept, listener, Speaks.WEB)
            self._web_listeners[listener] = self._tasks.keep("taking browsers", work)

    def add_address(self, host: str, port: int) -> None:
        """Accept guests on one more address; nothing happens if it is listened on already.

        An address for everyone replaces loopback on the same port, which it includes: the kernel does not
        allow both.

        Raises:
            SystemFault: The address can't be had. Loopback stays.
        """
        if any(address == (host, port) for address in self.addresses):
            return
        families = ANY.get(host, ())
        covered = [each for each in self._listeners if each.family in families and each.getsockname()[1] == port]
        here = [(each.family, each.getsockname()[:2]) for each in covered]
        for each in covered:
            self._close_listener(each)
        try:
            self.add(bind(host, port))
        except SystemFault:
            self.add([bind_one(family, address) for family, address in here])
            raise

    def _close_listener(self, listener: socket.socket, *, in_all_processes: bool = False) -> None:
        (self._listeners if listener in self._listeners else self._web_listeners).pop(listener).cancel()
        # At once, not when the cancelled task runs: the descriptor's number is free for another from here on.
        asyncio.get_running_loop().remove_reader(listener.fileno())
        if in_all_processes:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
        listener.close()

    async def close(self) -> None:
        """Accept no more guests, and disconnect all that are here."""
        await self.shut()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._state.login_turns.close()
        self._refused_clients.close()

    async def shut(self, *, in_all_processes: bool = False) -> None:
        """Accept no more guests; all that are here stay.

        `in_all_processes`: the sockets listen no more in any process that has them too, such as a worker's parent.
        """
        for listener in [*self._listeners, *self._web_listeners]:
            self._close_listener(listener, in_all_processes=in_all_processes)

    async def wait_empty(self, timeout_s: float | None) -> None:
        """Wait until everyone has left, or the time is over; None sets no limit."""
        if self._connections:
            await asyncio.wait(self._connections, timeout=timeout_s)

    # New connections.

    async def _accept(self, listener: socket.socket, speaks: Speaks | None = None) -> None:
        """Accept connections for ever. `speaks`: what all of them speak; None: ssh, or what a port for both finds."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, address = await loop.sock_accept(listener)
            except OSError as error:
                if error.errno in GONE_ALREADY:
                    continue
                if is_shortage(error):
                    self._turn_away(listener)
                else:
                    logger.warning("taking a connection: %s", error)
                await asyncio.sleep(_SHORTAGE_PAUSE_S)
                continue
            if self._state.is_draining and speaks is None and not self._is_port_for_both:
                self._refuse(sock, source_of(str(address[0])), _DRAINING)
                continue
            work = self._serve(sock, str(address[0]), int(address[1]), speaks)
            task = self._tasks.once("a guest's connection", work)
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    def _refuse(self, sock: socket.socket, source: str, refusal: _Refusal) -> None:
        """Tell a client why it is refused, and disconnect it."""
        self._state.audit.refused(refusal.why, source)
        # When descriptors run out, those of the reserve are needed for the next clients.
        self._refused_clients.part(sock, refusal.text, may_linger=refusal is not _SHORTAGE)

    def _turn_away(self, listener: socket.socket) -> None:
        """Tell some of the clients that wait that no descriptor is left, with the descriptors of the reserve."""
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._shortage_told_s + _SHORTAGE_TOLD_S:
            self._shortage_told_s = now_s
            logger.warning("out of file descriptors or memory: new connections are refused")
        with self._reserve.lent():
            for _ in range(_TURNED_AWAY_AT_ONCE):
                try:
                    sock, address = listener.accept()
                except OSError:
                    return
                self._refuse(sock, source_of(str(address[0])), _SHORTAGE)

    async def _serve(self, sock: socket.socket, address: str, port: int, speaks: Speaks | None) -> None:
        """Serve one connection to its end. A failure ends this connection only."""
        try:
            address, port = await self._headers.read(sock, address, port)
            if speaks is None:
                speaks = await self._told(sock, source_of(address))
            if speaks is Speaks.WEB and self._serve_web is not None:
                await self._serve_web(sock, address, port)
            elif self._state.is_draining:
                self._refuse(sock, source_of(address), _DRAINING)
            else:
                await self._serve_ssh(sock, address, port)
        except PeerError as error:
            logger.warning("a connection from %s: %s", address, error.message)
            self._state.audit.refused(error.code, source_of(address))
        except (asyncssh.Error, OSError, TimeoutError) as error:
            logger.info("a connection from %s ended: %s", source_of(address), type(error).__name__)
        except Exception:
            logger.exception("a connection from %s made us fail", source_of(address))

    async def _told(self, sock: socket.socket, source: str) -> Speaks:
        """Return what a client of a port for ssh speaks: on a port for both, its first byte tells."""
        if not self._is_port_for_both:
            return Speaks.SSH
        try:
            return await self._first_bytes.tell(sock, source)
        except BaseException:
            sock.close()
            raise

    async def _serve_ssh(self, sock: socket.socket, address: str, port: int) -> None:
        """Serve an ssh client to its end."""
        connection = await self._log_in(sock, address, port)
        if connection is None:
            return
        try:
            await connection.wait_closed()
        finally:
            connection.close()

    async def _log_in(self, sock: socket.socket, address: str, port: int) -> asyncssh.SSHServerConnection | None:
        """Wait for a place and then for the login; return None if the connection was refused or has ended."""
        login = Login(source_of(address), asyncio.get_running_loop().time())
        task = asyncio.current_task()
        assert task is not None
        connection: asyncssh.SSHServerConnection | None = None
        arrival = Arrival(login, lambda: _has_spoken(connection), lambda: _has_sent(sock), task.cancel)
        try:
            with self._state.login_turns.waiting(arrival):
                dropped = await arrival.begun
                if dropped is not None:
                    self._refuse(sock, login.source, _Refusal(dropped.value, DROP_TEXTS[dropped]))
                    return None
                if peeked(sock) == b"":
                    return None  # It ended while it waited.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                watch_for_death(sock)
                resend_soon(sock)

                def made(made_one: asyncssh.SSHServerConnection) -> None:
                    nonlocal connection
                    made_one.set_extra_info(peername=(address, port), login=login)
                    if isinstance(made_one, GuestConnection):
                        made_one.linger = self._refused_clients.linger
                    connection = made_one

                return await serve_connection(sock, self._options, made, is_plain=self._is_plain)
        finally:
            if connection is None:
                sock.close()  # From then on it is asyncssh's.


def _has_spoken(connection: asyncssh.SSHServerConnection | None) -> bool:
    """Return whether the client has sent its version."""
    return connection is not None and not connection.is_closed() and bool(connection.get_extra_info("client_version"))


def _has_sent(sock: socket.socket) -> bool:
    """Return whether a client that waits has sent anything."""
    return bool(peeked(sock))
