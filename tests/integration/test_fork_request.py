"""A fork server that breaks its promise: what `pairterm new` says then."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.errors import SystemFault
from pairterm.paths import fork_server_socket
from pairterm.runtime.fork_request import start_by_fork


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short path for sockets, in the place of /tmp."""
    root = Path(tempfile.mkdtemp(prefix="pt-", dir="/tmp"))
    monkeypatch.setenv("PAIRTERM_TMPDIR", str(root))
    monkeypatch.setenv("XDG_STATE_HOME", str(root / "state"))
    yield root
    shutil.rmtree(root)


def test_a_forked_process_that_dies_at_once_is_an_error_with_its_log(place: Path) -> None:
    """The settings are larger than a pipe. The answer can be here before the client has finished sending."""
    forked = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(fork_server_socket()))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                request, fds, _, _ = socket.recv_fds(connection, 1 << 16, 4)
                while not request.endswith(b"\n"):
                    request += connection.recv(1 << 16)
                for fd in fds:
                    os.close(fd)
                connection.sendall(b"%d" % forked.pid)

        server = threading.Thread(target=answer)
        server.start()
        with pytest.raises(SystemFault, match=r"pairterm\.host did not start; its log is .*session-x\.log"):
            start_by_fork({"large": "x" * (1 << 18)}, place / "session-x.log", timeout_s=60.0)
        server.join()
    assert forked.wait(60) == -9, "what was forked was not ended"


def test_a_refusal_is_no_error(place: Path) -> None:
    """A refusal is the end of the connection without an answer. Then the host is started in the usual way."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(fork_server_socket()))
        listener.listen()

        def refuse() -> None:
            listener.accept()[0].close()

        server = threading.Thread(target=refuse)
        server.start()
        assert start_by_fork({}, place / "session-x.log", timeout_s=60.0) is None
        server.join()
