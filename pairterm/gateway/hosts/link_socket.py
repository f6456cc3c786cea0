"""The Unix socket to which the hosts of this machine connect. One gateway holds it.

The kernel says which user connects. Hosts go before guests: when no descriptor is left,
a link gets one of the reserve. One user can't take all links: without a session they may
have as many links as they may have sessions.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from pairterm.access.counts import Counts
from pairterm.config import GatewayConfig
from pairterm.errors import SystemFault, UsageError
from pairterm.gateway.descriptors import Reserve, is_shortage
from pairterm.paths import SYSTEM_LINK_SOCKET, check_socket_path, gateway_socket
from pairterm.runtime.socket_peer import has_listener, peer_uid
from pairterm.runtime.supervisor import Supervisor

__all__ = ["LinkSocket", "held_link_socket", "link_socket_path"]

logger = logging.getLogger(__name__)

_BACKLOG = 64

_MAX_BEGINNING = _BACKLOG
"""So many links of one user may wait for the user database at a time. More are closed; their hosts dial again."""

_LOCK_POLL_S = 0.1

_PAUSE_S = 0.2
"""The pause after a link could not be taken even with the reserve: no busy loop."""


class LinkSocket:
    """Accepts links while the gateway runs."""

    def __init__(
        self,
        listener: socket.socket,
        reserve: Reserve,
        new_link: Callable[[int], Awaitable[asyncio.Protocol]],
        tasks: Supervisor,
    ) -> None:
        """`new_link` returns the link of a user, by their uid. It may take long; other links are accepted meanwhile."""
        self._listener = listener
        self._reserve = reserve
        self._new_link = new_link
        self._tasks = tasks
        self._beginning: Counts[int] = Counts()
        """How many links of each user are being begun now."""
        self._task = tasks.keep("taking links", self._take_links)

    def close(self) -> None:
        """Accept no more links. The caller closes the socket."""
        self._task.cancel()
        asyncio.get_running_loop().remove_reader(self._listener.fileno())

    async def _take_links(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                if is_shortage(error):
                    await self._take_one_of_the_reserve()
                else:
                    logger.warning("taking a link: %s", error)
                    await asyncio.sleep(_PAUSE_S)
                continue
            try:
                uid = peer_uid(sock)
            except OSError:
                sock.close()  # It is gone already.
                continue
            if self._beginning[uid] >= _MAX_BEGINNING:
                sock.close()
                continue
            self._beginning.add(uid)
            self._tasks.once("beginning a link", self._begin(sock, uid))

    async def _take_one_of_the_reserve(self) -> None:
        """Take a link with a descriptor of the reserve; the rest of it is free while the link looks up its user."""
        with self._reserve.lent():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                sock = None
            if sock is not None:
                sock.setblocking(False)
                uid = peer_uid(sock)
                self._beginning.add(uid)
                await self._begin(sock, uid)
        if sock is None:
            await asyncio.sleep(_PAUSE_S)

    async def _begin(self, sock: socket.socket, uid: int) -> None:
        """Begin a user's link, which is counted already. A failure ends this link only."""
        try:
            link = await self._new_link(uid)
            await asyncio.get_running_loop().connect_accepted_socket(lambda: link, sock)
        except BaseException as error:
            sock.close()
            if not isinstance(error, Exception):
                raise
            logger.exception("a link could not be begun")
        finally:
            self._beginning.remove(uid)


def link_socket_path(config: GatewayConfig, *, is_own: bool) -> Path:
    """Return where hosts find the gateway."""
    if config.link_socket:
        return check_socket_path(Path(config.link_socket))
    if is_own:
        return gateway_socket()
    if "RUNTIME_DIRECTORY" in os.environ:
        return check_socket_path(Path(os.environ["RUNTIME_DIRECTORY"]) / SYSTEM_LINK_SOCKET.name)
    if os.getuid() == 0:
        with contextlib.suppress(OSError):
            SYSTEM_LINK_SOCKET.parent.mkdir(mode=0o755, exist_ok=True)
        return SYSTEM_LINK_SOCKET
    return gateway_socket()


@contextlib.contextmanager
def held_link_socket(
    path: Path, *, wait_s: float = 0.0, passed: socket.socket | None = None
) -> Iterator[socket.socket]:
    """Hold the link socket: it listens for every user of the machine, and only one gateway can hold it.

    `wait_s`: how long another gateway may take to end. A user's own gateway stays for three seconds
    after its last session, and `serve` in its place should not fail for that.
    `passed`: systemd made the socket at `path`. It stays when the gateway ends.

    Raises:
        UsageError: Another gateway has it.
        SystemFault: It can't be made.
    """
    if passed is not None:
        with passed:
            yield passed
        return
    lock = -1
    sock = socket.socket(socket.AF_UNIX)
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        _lock(lock, wait_s)
        if has_listener(path):
            raise BlockingIOError(errno.EWOULDBLOCK, "systemd holds it for another gateway")
        path.unlink(missing_ok=True)
        sock.bind(str(path))
        path.chmod(0o666)
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        if lock >= 0:
            os.close(lock)
        if isinstance(error, BlockingIOError):
            raise UsageError(f"another gateway is running at {path}", code="gateway_running") from error
        raise SystemFault(f"can't listen at {path}: {error.strerror}", code="link_socket") from error
    try:
        yield sock
    finally:
        path.unlink(missing_ok=True)
        sock.close()
        os.close(lock)


def _lock(fd: int, wait_s: float) -> None:
    """Lock the file, within `wait_s`. Nothing else runs yet, so this may block.

    Raises:
        BlockingIOError: Another process holds it all this time.
    """
    end_s = time.monotonic() + wait_s
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end_s:
                raise
        time.sleep(_LOCK_POLL_S)
