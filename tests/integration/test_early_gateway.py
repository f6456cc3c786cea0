"""A user's own gateway is begun before the host has loaded its code, and ends if the session does not start."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pairterm.host.early_gateway import EarlyGateway
from pairterm.paths import gateway_socket


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short path for sockets, in the place of /tmp."""
    root = Path(tempfile.mkdtemp(prefix="pt-", dir="/tmp"))
    monkeypatch.setenv("PAIRTERM_TMPDIR", str(root))
    monkeypatch.setenv("XDG_STATE_HOME", str(root / "state"))
    yield root
    shutil.rmtree(root)


def settings(**address: object) -> dict[str, Any]:
    gateway = {"socket": str(gateway_socket()), **address}
    return {"gateway": gateway, "listen": [], "advertise": "", "port": 2222, "web": False}


def test_a_gateway_that_is_begun_is_taken_once_and_listens(place: Path) -> None:
    early = EarlyGateway(settings(is_own=True))
    begun = early.take()
    assert begun is not None
    assert early.take() is None
    ready = begun.wait()
    assert ready.ready["listen"]
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(gateway_socket()))
    assert EarlyGateway(settings(is_own=True)).take() is None, "another one is begun though one listens"
    assert ready.process is not None
    ready.process.terminate()
    assert ready.process.wait(60) == 0


def test_a_gateway_that_nobody_took_ends(place: Path) -> None:
    early = EarlyGateway(settings(is_own=True))
    begun = early._starting
    assert begun is not None
    early.end_unless_taken()
    assert begun._process.returncode is not None


def test_a_shared_gateway_is_not_begun(place: Path) -> None:
    assert EarlyGateway(settings()).take() is None
    assert EarlyGateway(settings(host="vm.example.com", port=2222)).take() is None
