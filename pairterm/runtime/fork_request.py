"""Asks the user's fork server for a new host, and starts the server if there is none.

The server (`host.fork_server`) has loaded a host's code. A host that it forks shares that memory with
the others, and starts at once. It gets what a host gets that is started by `spawn.start`: the settings
on standard input, standard output for the answer, and its log on standard error. The first line on
standard input has the environment.

If anything goes wrong before the server has forked, the answer is None. The caller then starts the host
in the usual way. See docs/decisions/0016.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pairterm.errors import SystemFault
from pairterm.paths import fork_server_socket, state_dir
from pairterm.runtime.inherited_attributes import inherited_attributes, read_at_start
from pairterm.runtime.socket_peer import peer_uid
from pairterm.runtime.spawn import START_TIMEOUT_S, open_log, read_answer, settings_line

__all__ = ["MAX_REQUEST_BYTES", "start_by_fork"]

MAX_REQUEST_BYTES = 64 << 10

_ANSWER_TIMEOUT_S = 2.0
"""A server that runs answers in a millisecond. One that hangs or is stopped must not delay a start."""

_ANSWER_BYTES = 64

_BACKLOG = 64

_KEPT_VARIABLES = ("HOME", "PAIRTERM_TMPDIR", "PATH")
"""Python finds the user's packages by HOME. The others are for people who look at the process."""


def start_by_fork(
    settings: Mapping[str, Any], log: Path, *, timeout_s: float, meanwhile: Callable[[], None] | None = None
) -> tuple[Any] | None:
    """Let the fork server start a host, and wait until the host is ready. Return its answer in a tuple.

    None: there is no server and none could be started, or the server may not start a host for this process.
    `meanwhile` is called while the host starts.

    Raises:
        PairtermError: The error that the host reported.
        SystemFault: The host died or did not answer. Its log tells more.
    """
    attributes = inherited_attributes()
    if not attributes:
        return None
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(_connected())
            reading, writing = (os.fdopen(fd, mode) for fd, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
            stack.enter_context(reading), stack.enter_context(writing)
            answers, answering = (os.fdopen(fd, mode) for fd, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
            stack.enter_context(answers), stack.enter_context(answering)
            stderr = stack.enter_context(open_log(log))
            directory = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, directory)
            fds = [reading.fileno(), answering.fileno(), stderr.fileno(), directory]
            request = json.dumps({"attributes": attributes}).encode() + b"\n"
            sent = socket.send_fds(server, [request], fds)
            if sent < len(
                request
            ):  # To send nothing would be an error if the answer is here and the server has closed.
                server.sendall(request[sent:])
            pid = int(server.recv(_ANSWER_BYTES))
        except (OSError, SystemFault, ValueError):
            return None
        reading.close()
        answering.close()
        with contextlib.suppress(BrokenPipeError), writing:
            writing.write(settings_line({"environment": dict(os.environ)}) + settings_line(settings))
        if meanwhile is not None:
            meanwhile()
        return (read_answer(answers, "pairterm.host", pid, log, timeout_s=timeout_s),)


def _connected() -> socket.socket:
    """Return a connection to the server, with a limit for its answer. If there is none, one is started.

    Raises:
        OSError: There is no server, and none can be started.
        SystemFault: The same.
    """
    path = fork_server_socket()
    server = socket.socket(socket.AF_UNIX)
    try:
        server.settimeout(_ANSWER_TIMEOUT_S)
        if server.connect_ex(str(path)) != 0:
            with _lock(path):
                if server.connect_ex(str(path)) != 0:
                    _start_server(path)
                    server.connect(str(path))
            server.settimeout(START_TIMEOUT_S)
        if peer_uid(server) != os.getuid():
            raise PermissionError(path)
    except BaseException:
        server.close()
        raise
    return server


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Let nobody else of this user start a server at the same moment.

    Raises:
        BlockingIOError: Another process starts one at this moment. It may be stopped, so nobody waits for it.
    """
    fd = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(fd)


def _start_server(path: Path) -> None:
    """Start the server with a socket on which it will accept. Requests wait there until it has loaded the code.

    Its environment is small, because /proc shows it for all its hosts. A host gets the real one with its request.
    """
    import subprocess  # Here, not at the top: the server mostly runs.

    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    with socket.socket(socket.AF_UNIX) as listener, open_log(state_dir() / "fork-server.log") as log:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(_BACKLOG)
        subprocess.Popen(
            [sys.executable, "-P", "-m", "pairterm.host"],
            stdin=listener.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd="/",
            env=kept | read_at_start(),
            start_new_session=True,
        )
