"""The socket on which a host listens for its owner's commands: `attach`, `ls`, `links`, `kill`.

It has the session's name, and is in a directory of mode 0700. The kernel is asked for the uid of
each peer too. A name has one host: a lock in that directory makes the check whether a name is
free and the use of the name one step.
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
from pairterm.link.messages import Ping
from pairterm.paths import runtime_dir, session_socket
from pairterm.runtime.heartbeat import Heartbeat
from pairterm.runtime.link_stream import LinkStream
from pairterm.runtime.socket_peer import peer_uid

__all__ = ["LocalSocket"]

logger = logging.getLogger(__name__)

_BACKLOG = 16

_LOOK_S = 10.0
"""How often the host checks that its socket still exists. Nothing else wakes an idle host up."""


class LocalSocket:
    """The session's socket. It is bound first and served later, and made again if somebody removes it."""

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
        self._is_closed = False
        self._new_link: Callable[[], asyncio.Protocol] | None = None

    def _bound(self) -> socket.socket:
        """Return a new listening socket at our path. The caller holds the lock."""
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
        """Begin to accept links of the owner's processes."""
        self._new_link = lambda: _OwnersLink(actor)
        self._server = await asyncio.get_running_loop().create_unix_server(self._new_link, sock=self._socket)

    async def keep(self) -> None:
        """Make the socket and its directory again whenever they are removed, until it is closed.

        Programs that clean up `/tmp` remove files that were not used for days. The session must stay reachable.
        Return also if another session has the name.
        """
        while not self._is_closed:
            await asyncio.sleep(_LOOK_S)
            if not self._is_closed and not self._is_there():
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
            return  # Another process has the lock at this moment. The next check tries again.
        self._close_listener()
        self._socket = sock
        self._server = await asyncio.get_running_loop().create_unix_server(self._new_link, sock=sock)
        logger.warning("the socket %s was removed, and has been made again", self.path)

    def _is_there(self) -> bool:
        try:
            return self.path.stat().st_ino == self._inode
        except OSError:
            return False

    def _close_listener(self) -> None:
        """Stop listening. Links that are open stay open."""
        if self._server is not None:
            self._server.close()
        self._socket.close()

    def close(self) -> None:
        """Stop listening for good, and remove the socket, if it is still ours."""
        self._is_closed = True
        self._close_listener()
        if self._is_there():
            with contextlib.suppress(OSError):
                self.path.unlink()


class _OwnersLink(LinkStream):
    """A link of one of the owner's processes. A recorder's link has a heartbeat, because nobody sees its screen."""

    def __init__(self, actor: HostActor) -> None:
        super().__init__(self._receive, self._gone)
        self._actor = actor
        self._peer: Peer | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the link if its peer is the owner (asyncio calls this)."""
        super().connection_made(transport)
        uid = peer_uid(self.peer_socket())
        if uid != os.getuid():
            self.close(PeerError(f"uid {uid} is not the owner", code="not_owner"))
            return
        self._peer = self._actor.add_peer(self, is_local=True)

    def _receive(self, payload: bytes) -> None:
        assert self._peer is not None
        self._peer.receive(payload)
        if self.heartbeat is None and self._peer.is_recorder:
            self.heartbeat = Heartbeat(lambda: self.send(Ping()), self.abort, on_silent=self._silent)

    def _silent(self, is_silent: bool) -> None:
        assert self._peer is not None
        self._actor.recording.silent(self._peer, is_silent)

    def _gone(self, error: PeerError | None) -> None:
        if error is not None:
            logger.warning("a local link ended: %s", error)
        if self._peer is not None:
            self._actor.remove_peer(self._peer)


@contextlib.contextmanager
def _lock(*, waits: bool = True) -> Iterator[None]:
    """Hold the lock of the directory of sockets. The kernel releases it with the descriptor, also in a crash.

    Raises:
        SystemFault: The lock file can't be made.
        BlockingIOError: Another process holds the lock, and `waits` is False.
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
    """Return whether a process listens at `path`. Nobody listens at a socket that a crash left behind."""
    probe = socket.socket(socket.AF_UNIX)
    probe.setblocking(False)
    try:
        probe.connect(str(path))
    except BlockingIOError:
        return True  # A process listens, but its queue is full.
    except OSError:
        return False
    finally:
        probe.close()
    return True
