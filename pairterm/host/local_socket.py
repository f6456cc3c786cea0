"""The socket on which a host listens for its owner: `attach`, `ls`, `links`, `kill`.

Its name is the session's, in a directory of mode 0700, and the peer's uid is
asked of the kernel all the same. One host a name: a lock in that directory makes
"is it in use?" and "take it" one step.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from pairterm.errors import PeerError, SystemFault, UsageError
from pairterm.host.actor import HostActor
from pairterm.host.viewer_link import Peer
from pairterm.paths import runtime_dir, session_socket
from pairterm.runtime.link_stream import LinkStream, peer_uid

__all__ = ["LocalSocket"]

logger = logging.getLogger(__name__)

_BACKLOG = 16

_LOOK_S = 2.0
"""How often the host looks whether its socket is still there."""


class LocalSocket:
    """The session's socket: bound, later served, and made again if somebody removes it."""

    def __init__(self, name: str) -> None:
        """Bind the socket of session `name`.

        Raises:
            UsageError: A session of this name is running.
            SystemFault: The socket can't be made.
        """
        self._name = name
        with _lock():
            self.path = session_socket(name)
            self._socket = self._bound()
        self._server: asyncio.Server | None = None
        self._new_link: Callable[[], asyncio.Protocol] | None = None

    def _bound(self) -> socket.socket:
        """Return a new listening socket at our path; the lock is held."""
        if _is_live(self.path):
            raise UsageError(
                f"duplicate session: {self._name}; attach to it with 'pairterm attach -t {self._name}'",
                code="duplicate_session",
            )
        sock = socket.socket(socket.AF_UNIX)
        try:
            self.path.unlink(missing_ok=True)
            sock.bind(str(self.path))
            self.path.chmod(0o600)
            sock.listen(_BACKLOG)
            self._inode = self.path.stat().st_ino
        except OSError as error:
            sock.close()
            raise SystemFault(f"can't listen at {self.path}: {error.strerror}", code="socket") from error
        return sock

    async def serve(self, actor: HostActor) -> None:
        """Begin to take the owner's processes."""
        self._new_link = lambda: _OwnersLink(actor)
        self._server = await asyncio.get_running_loop().create_unix_server(self._new_link, sock=self._socket)

    async def keep(self) -> None:
        """Make the socket again whenever it is gone, with its directory. Returns when another session has the name.

        Programs that clean up `/tmp` remove what nobody has used for days; the session must stay reachable.
        """
        while True:
            await asyncio.sleep(_LOOK_S)
            if not self._is_there():
                try:
                    await self._bind_again()
                except UsageError:
                    logger.warning("another session is at %s: this one can't be attached to any more", self.path)
                    return

    async def _bind_again(self) -> None:
        assert self._new_link is not None
        try:
            with _lock(waits=False):
                sock = self._bound()
        except BlockingIOError:
            return  # Somebody makes a socket at this moment: the next look finds the lock free.
        self._close_listener()
        self._socket = sock
        self._server = await asyncio.get_running_loop().create_unix_server(self._new_link, sock=sock)
        logger.warning("the socket %s was gone: it is made again", self.path)

    def _is_there(self) -> bool:
        try:
            return self.path.stat().st_ino == self._inode
        except OSError:
            return False

    def _close_listener(self) -> None:
        """Listen no more; links that are up stay."""
        if self._server is not None:
            self._server.close()
        self._socket.close()

    def close(self) -> None:
        """Stop listening and remove the socket, if it is still ours."""
        self._close_listener()
        if self._is_there():
            with contextlib.suppress(OSError):
                self.path.unlink()


class _OwnersLink(LinkStream):
    """A link of one of the owner's processes."""

    def __init__(self, actor: HostActor) -> None:
        super().__init__(self._receive, self._gone)
        self._actor = actor
        self._peer: Peer | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the link if its peer is the owner (asyncio calls this)."""
        super().connection_made(transport)
        uid = peer_uid(self.peer_socket())
        if uid != os.getuid():
            self.close(PeerError(f"uid {uid} is not the owner", code="not_owner"))
            return
        self._peer = self._actor.add_peer(self, is_local=True)

    def _receive(self, payload: bytes) -> None:
        assert self._peer is not None
        self._peer.receive(payload)

    def _gone(self, error: PeerError | None) -> None:
        if error is not None:
            logger.warning("a local link ended: %s", error)
        if self._peer is not None:
            self._actor.remove_peer(self._peer)


@contextlib.contextmanager
def _lock(*, waits: bool = True) -> Iterator[None]:
    """Hold the lock of the sockets' directory; it goes with the descriptor, also in a crash.

    Raises:
        SystemFault: It can't be made.
        BlockingIOError: Another process holds it, and we do not wait.
    """
    path = runtime_dir() / ".lock"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SystemFault(f"can't make {path}: {error.strerror}", code="socket") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        yield
    finally:
        os.close(fd)


def _is_live(path: Path) -> bool:
    """Return whether somebody listens at `path`; a socket that a crash left behind is no session."""
    probe = socket.socket(socket.AF_UNIX)
    probe.setblocking(False)
    try:
        probe.connect(str(path))
    except BlockingIOError:
        return True  # Somebody listens and takes nobody: their queue is full.
    except OSError:
        return False
    finally:
        probe.close()
    return True
