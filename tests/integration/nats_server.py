"""A real nats-server with JetStream on loopback, for one test file: started, stopped, killed and started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.e2e.terminal import DEADLINE_S

__all__ = ["NatsServer", "open_nats_cluster", "open_nats_server"]


class NatsServer:
    """One server. It keeps its port and its store when it starts again."""

    def __init__(self, directory: Path, *options: str) -> None:
        self._directory = directory
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = -1
        self.start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        ports = self._directory / "ports"
        shutil.rmtree(ports, ignore_errors=True)
        ports.mkdir()
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-js",
                    "-sd", str(self._directory / "store"), "--ports_file_dir", str(ports), *self._options,
                ],
                stdout=log, stderr=log, env={**os.environ, "PATH": _PATH},
            )  # fmt: skip
        until_s = time.monotonic() + DEADLINE_S
        while not (urls := _urls(ports)):
            assert self._process.poll() is None, (self._directory / "log").read_text()
            assert time.monotonic() < until_s, "nats-server does not say its port"
            time.sleep(0.02)
        self.port = int(urls[0].rpartition(":")[2])

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
"""Debian puts the server where a user's PATH does not look."""


@contextmanager
def open_nats_server(directory: Path, *options: str) -> Iterator[NatsServer]:
    """Run a server whose files are in `directory`. Without the program, the test is skipped."""
    if shutil.which("nats-server", path=_PATH) is None:
        pytest.skip("not installed: nats-server")
    server = NatsServer(directory, *options)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def open_nats_cluster(directory: Path, count: int) -> Iterator[list[NatsServer]]:
    """Run servers that are one cluster: JetStream has a copy of each bucket at three of them."""
    with ExitStack() as stack:
        ports = _free_ports(count)
        routes = ",".join(f"nats://127.0.0.1:{port}" for port in ports)
        servers = []
        for number, port in enumerate(ports):
            place = directory / f"nats-{number}"
            place.mkdir()
            own = f"nats://127.0.0.1:{port}"
            options = "--name", f"nats-{number}", "--cluster_name", "test", "--cluster", own, "--routes", routes
            servers.append(stack.enter_context(open_nats_server(place, *options)))
        yield servers


def _free_ports(count: int) -> list[int]:
    """Return ports of loopback that are free now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _urls(ports: Path) -> list[str]:
    """Return the URLs that the server wrote, when it has written them all."""
    for each in ports.iterdir():
        try:
            return [str(url) for url in json.loads(each.read_text())["nats"]]
        except ValueError:
            return []
    return []
