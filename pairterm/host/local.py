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
from collections.abc import Iterator
from pathlib import Path

from pairterm.errors import PeerError, SystemFault, UsageError
from pairterm.host.actor import HostActor
from pairterm.host.peer import Peer
from pairterm.linkio import LinkStream, peer_uid
from pairterm.paths import runtime_dir, session_socket

__all__ = ["LocalSocket"]

logger = logging.getLogger(__name__)

_BACKLOG = 16


class LocalSocket:
    """The session's socket: bound, and later served."""

    def __init__(self, name: str) -> None:
        """Bind the socket of session `name`.

        Raises:
            UsageError: A session of this name is running.
            SystemFault: The socket can't be made.
        """
        with _lock():
            self.path = session_socket(name)
            if _is_live(self.path):
                raise UsageError(
                    f"duplicate session: {name}; attach to it with 'pairterm attach -t {name}'",
                    code="duplicate_session",
                )
            self._socket = socket.socket(socket.AF_UNIX)
            try:
                self.path.unlink(missing_ok=True)
                self._socket.bind(str(self.path))
                self.path.chmod(0o600)
                self._socket.listen(_BACKLOG)
            except OSError as error:
                self._socket.close()
                raise SystemFault(f"can't listen at {self.path}: {error.strerror}", code="socket") from error
            self._inode = self.path.stat().st_ino
        self._server: asyncio.Server | None = None

    async def serve(self, actor: HostActor) -> None:
        """Begin to take the owner's processes."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: _OwnersLink(actor), sock=self._socket)

    def close(self) -> None:
        """Stop listening and remove the socket, if it is still ours."""
        if self._server is not None:
            self._server.close()
        self._socket.close()
        with contextlib.suppress(OSError):
            if self.path.stat().st_ino == self._inode:
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
def _lock() -> Iterator[None]:
    """Hold the lock of the sockets' directory; it goes with the descriptor, also in a crash."""
    path = runtime_dir() / ".lock"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SystemFault(f"can't make {path}: {error.strerror}", code="socket") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _is_live(path: Path) -> bool:
    """Return whether somebody listens at `path`; a socket that a crash left behind is no session."""
    probe = socket.socket(socket.AF_UNIX)
    try:
        probe.connect(str(path))
    except OSError:
        return False
    finally:
        probe.close()
    return True
