"""Requests to hosts: a host that does not answer delays no other."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from pairterm.cli.local_query import live_sessions
from pairterm.errors import SystemFault
from pairterm.paths import session_socket

HOSTS = 5


def test_all_sessions_are_asked_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each host that did not answer cost `ls` ten seconds. These hang up when all of them have been asked."""
    monkeypatch.setenv("PAIRTERM_TMPDIR", str(tmp_path))
    all_asked = threading.Barrier(HOSTS, timeout=60)

    def hang_up(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        all_asked.wait()
        connection.close()
        listener.close()

    threads = []
    for number in range(HOSTS):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(session_socket(f"silent-{number}")))
        listener.listen()
        threads.append(threading.Thread(target=hang_up, args=(listener,)))
        threads[-1].start()
    with pytest.raises(SystemFault, match="the host of silent-0 closed the link"):
        live_sessions()
    for each in threads:
        each.join(20)
    assert not all_asked.broken, "they were asked one after the other"
