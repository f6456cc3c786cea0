"""The fork server: it has loaded a host's code, and forks each further host of its user.

Hosts that it forks share the memory of the code, and start without loading it. `runtime.fork_request` starts the
server and sends the requests. The server runs one thread and no event loop, and knows nothing of any session. It
forks only for a process of the same user with its own attributes, and only while all files that it has loaded are
unchanged. It ends after the last host that it has forked, or a minute later if its user has another session. If it is
killed, its hosts go on. See docs/decisions/0016.
Linux only.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from pairterm.host.small_process import give_back_memory
from pairterm.runtime.fork_request import MAX_REQUEST_BYTES
from pairterm.runtime.inherited_attributes import inherited_attributes
from pairterm.runtime.socket_peer import peer_uid

__all__ = ["serve"]

_FIRST_REQUEST_S = 20.0
"""The command that started the server has already connected, or never will."""

_LINGER_S = 60.0
"""How long it stays after its last host while its user has another session: people who end one session and start the
next need not wait until a server has loaded the code again."""

_LINGER_LOOK_S = 1.0
"""How often it looks meanwhile whether there is another session."""

_REQUEST_TIMEOUT_S = 2.0
"""For one request. Only the user's own processes connect."""

_DESCRIPTORS = 4
"""Standard input, output and error, and the directory."""

_HOST_NAME = b"\0pairterm.host\0"
_SERVER_NAME = b"\0pairterm.fork\0"
"""In the server's arguments, so that lists of processes tell it from hosts. Of the same length."""

_STATE, _ARG_START, _ARG_END = 3, 48, 49
"""The numbers of fields in /proc/self/stat (proc(5)). The state is the first one after the program's name."""


def serve() -> None:
    """Serve, and return in each forked process, which is to become a host. The server itself exits.

    Load the code of a host before. Standard input is the socket on which the server accepts.
    """
    _Server().run()


class _Server:
    """The server's state: its listener, and the processes that it has forked."""

    def __init__(self) -> None:
        self._attributes = inherited_attributes()
        self._loaded = _loaded_files()
        self._children: set[int] = set()
        self._has_forked = False
        self._stays_until_s = 0.0
        """When it ends if it has no host then, on the monotonic clock."""
        self._listener: socket.socket | None = socket.socket(fileno=os.dup(0))
        self._path = Path(self._listener.getsockname())
        self._inode = _inode(self._path)
        self._woken, self._waking = socket.socketpair()

    def run(self) -> None:
        """Accept requests until the last child has ended. Return in each child."""
        woken = self._woken
        woken.setblocking(False)
        self._waking.setblocking(False)
        signal.signal(signal.SIGCHLD, _ignore)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)
        _rename(_HOST_NAME, _SERVER_NAME)
        gc.collect()
        gc.freeze()
        give_back_memory()
        self._stays_until_s = time.monotonic() + _FIRST_REQUEST_S
        while True:
            polled = select.poll()
            polled.register(woken, select.POLLIN)
            if self._listener is not None:
                polled.register(self._listener, select.POLLIN)
            ready = [fd for fd, _ in polled.poll(self._wait_ms())]
            if not ready:
                self._exit_if_unused()
            if woken.fileno() in ready:
                self._collect()
            if self._listener is not None and self._listener.fileno() in ready and self._accept(self._listener):
                return

    def _wait_ms(self) -> float | None:
        """Return how long to wait for a request: for ever while there is a host."""
        if self._children:
            return None
        wait_s = min(self._stays_until_s - time.monotonic(), _LINGER_LOOK_S)
        return max(0.0, wait_s) * 1000

    def _exit_if_unused(self) -> None:
        """Exit if the time is over, or if the user has no session any more."""
        has_session = not self._has_forked or any(self._path.parent.glob("*.sock"))
        if self._listener is None or not has_session or time.monotonic() >= self._stays_until_s:
            self._exit()

    def _collect(self) -> None:
        """Collect the children that have ended. After the last one, exit at once or later."""
        with contextlib.suppress(BlockingIOError):
            while self._woken.recv(64):
                pass
        for pid in list(self._children):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self._children.discard(pid)
        if not self._children:
            self._stays_until_s = time.monotonic() + _LINGER_S
            self._exit_if_unused()

    def _exit(self) -> NoReturn:
        self._retire()
        sys.exit(0)

    def _retire(self) -> None:
        """Take no more requests. The socket's path goes first: while we listen there, nobody replaces it."""
        if self._listener is not None:
            if _inode(self._path) == self._inode:  # A program that cleans up /tmp may have removed it.
                self._path.unlink(missing_ok=True)
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> bool:
        """Take one request. Return True in the forked process."""
        fds: list[int] = []
        try:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(_REQUEST_TIMEOUT_S)
                request = _request(connection, fds)
                if not self._may_fork(connection, request, fds):
                    return False
                pid = os.fork()
                if pid == 0:
                    self._become_host(fds)
                    return True
                self._children.add(pid)
                self._has_forked = True
                connection.sendall(b"%d" % pid)
        except OSError as error:
            print(f"a request failed: {error}", file=sys.stderr, flush=True)  # noqa: T201 -- the server's log
        finally:
            for fd in fds:
                os.close(fd)
        return False

    def _may_fork(self, connection: socket.socket, request: object, fds: list[int]) -> bool:
        if peer_uid(connection) != os.getuid() or len(fds) != _DESCRIPTORS or not isinstance(request, dict):
            return False
        if request.get("attributes") != self._attributes:
            return False
        if self._loaded != _stamps(self._loaded):
            self._retire()
            if not self._children:
                self._exit()
            return False
        return True

    def _become_host(self, fds: list[int]) -> None:
        """In the forked process: take the descriptors, the directory and the environment of the request."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            for each in (self._woken, self._waking, self._listener):
                if each is not None:
                    each.close()
            for number, fd in enumerate(fds[:3]):
                os.dup2(fd, number)
            os.fchdir(fds[3])
            _rename(_SERVER_NAME, _HOST_NAME)
            # A line that is not whole: the process that asked has gone.
            environment = json.loads(sys.stdin.buffer.readline())["environment"]
            os.environ.clear()
            os.environ.update(environment)
        except BaseException:  # No error may let this process go on as a second server.
            traceback.print_exc()
            os._exit(1)


def _ignore(*_: object) -> None:
    """Be a handler that does nothing. The wake-up descriptor has told the loop."""


def _request(connection: socket.socket, fds: list[int]) -> object:
    """Return the request, and put its descriptors into `fds`; None if it is broken."""
    data, received, _, _ = socket.recv_fds(connection, MAX_REQUEST_BYTES, _DESCRIPTORS)
    fds += received
    while data and not data.endswith(b"\n") and len(data) < MAX_REQUEST_BYTES:
        more = connection.recv(MAX_REQUEST_BYTES)
        if not more:
            return None
        data += more
    try:
        found: object = json.loads(data)
    except ValueError:
        return None
    return found


def _loaded_files() -> dict[str, tuple[int, int, int] | None]:
    """Return the stamps of all files that modules were loaded from, and of the interpreter."""
    paths = (getattr(each, "__file__", None) for each in list(sys.modules.values()))
    return _stamps([sys.executable, *(path for path in paths if path)])


def _stamps(paths: Iterable[str]) -> dict[str, tuple[int, int, int] | None]:
    """Return what changes when a file is replaced or written; None for a file that is gone."""
    return {path: _stamp(path) for path in paths}


def _inode(path: Path) -> int:
    """Return the inode at a path; 0 if there is none."""
    with contextlib.suppress(OSError):
        return path.stat().st_ino
    return 0


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _rename(before: bytes, after: bytes) -> None:
    """Replace a text in the arguments of this process, as `ps` shows them, by one of the same length."""
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = (int(fields[number - _STATE]) for number in (_ARG_START, _ARG_END))
    at = ctypes.string_at(start, end - start).rfind(before)
    if at >= 0:
        ctypes.memmove(start + at, after, len(after))
