"""Some gateways that are one service by a nats-server: the one that has the sessions' hosts, and others."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

from pairterm.gateway.bus.service_secret import new_secret
from pairterm.types import Size
from tests.bench.peers.client import Door
from tests.bench.peers.targets import Pairterm, Target
from tests.integration.nats_server import NatsServer, open_nats_server

__all__ = ["PairtermByNats"]

_TIMEOUT_S = 60


class PairtermByNats(Pairterm):
    """`pairterm serve` several times, with `[cluster]`. The sessions' hosts are at the first one."""

    def __init__(self, *, others: int = 1, is_direct: bool = False) -> None:
        """`others`: how many gateways there are besides the first. `is_direct`: they take direct streams."""
        super().__init__()
        self._is_direct = is_direct
        self._count = others
        self._others: list[tuple[subprocess.Popen[bytes], int, str]] = []
        self.nats: NatsServer

    def start(self, size: Size, *, sessions: int = 1) -> None:
        """Start the server, the gateways and so many sessions, and wait until all gateways know them."""
        self._stack = ExitStack()
        super().start(size, sessions=sessions)
        until_s = time.monotonic() + _TIMEOUT_S
        while min(self._known_at(path) for _, _, path in self._others) < sessions:
            if time.monotonic() > until_s:
                raise RuntimeError("the other gateways know of no sessions")
            time.sleep(0.1)

    def _prepare(self) -> None:
        super()._prepare()
        directory = self._root / "nats"
        directory.mkdir()
        self.nats = self._stack.enter_context(open_nats_server(directory))
        secret = self._root / "secret"
        secret.touch(mode=0o600)
        secret.write_text(new_secret() + "\n")
        with (self._root / "gateway.toml").open("a") as config:
            config.write(f'[cluster]\nnats = ["{self.nats.url}"]\nsecret_file = "{secret}"\n')
            if self._is_direct:
                config.write('listen = "127.0.0.1:0"\n')
        for number in range(self._count):
            state = self._root / f"other{number}"
            state.mkdir(mode=0o700)
            path = str(state / "link.sock")
            self._others.append((*self._serve(path, "--state-directory", str(state)), path))

    def _known_at(self, path: str) -> int:
        status = self._run("gateway", "status", "--json", "--link-socket", path)
        return int(status["cluster"]["sessions_elsewhere"])

    def stop(self) -> None:
        """End the sessions, the gateways and the server."""
        for process, _, _ in self._others:
            process.terminate()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
        super().stop()
        self._stack.close()

    def at(self, session: int, gateway: int) -> Target:
        """Return one session, as it is reached at a gateway: 0 has its host."""
        return _AtGateway(self, session, self._others[gateway - 1][1] if gateway else 0)

    @contextlib.contextmanager
    def frozen(self, gateway: int) -> Iterator[None]:
        """Stop a gateway that is not the first one for the block, as `kill -STOP` does."""
        process = self._others[gateway - 1][0]
        os.kill(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process.pid, signal.SIGCONT)


class _AtGateway:
    """One session at one gateway. It is started and ended with its service."""

    def __init__(self, service: PairtermByNats, session: int, port: int) -> None:
        self.name = service.name
        self._service = service
        self._session = session
        self._port = port

    def start(self, size: Size) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def door(self, *, may_type: bool) -> Door:
        """Return how a client comes in."""
        door = self._service.door(may_type=may_type, session=self._session)
        return Door(self._port or door.port, door.user)

    def server_pids(self) -> list[int]:
        """Return the processes that serve."""
        return self._service.server_pids()
