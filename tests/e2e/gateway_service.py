"""Several gateway processes that are one service by a real nats-server, in one world: killed, stopped, started again.

Hosts and guests come by one address: a TCP balancer that knows which gateways are healthy, as the one in
docs/cluster.md.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.e2e.wire import Wire
from tests.e2e.world import Link, Links, World
from tests.integration.nats_server import NatsServer

__all__ = ["Balancer", "GatewayService", "ServingGateway", "at", "open_gateway_service"]

_CONFIG = """\
max_unauthenticated = 100
max_unauthenticated_per_source = 100
[hosts]
allow = "anyone"
[cluster]
nats = [{servers}]
secret_file = "{secret}"
"""


class Balancer(Wire):
    """Leads each connection to the next gateway that is healthy."""

    def __init__(self, healthy: Callable[[], Sequence[int]]) -> None:
        """`healthy` returns the ports of these gateways."""
        self._healthy = healthy
        self._turns = itertools.count()
        super().__init__(0)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ports = self._healthy()
        if not ports:
            raise ConnectionRefusedError
        return await asyncio.open_connection("127.0.0.1", ports[next(self._turns) % len(ports)])


class ServingGateway:
    """One `pairterm serve`. It keeps its port, its sockets and its state when it starts again."""

    def __init__(self, world: World, name: str, url: str, advertise: str, host_key: Path | None) -> None:
        self.name = name
        self._world = world
        self._advertise = advertise
        self.directory = world.root / name
        self.directory.mkdir(mode=0o700)
        self.socket = self.directory / "gateway.sock"
        self.config = self.directory / "gateway.toml"
        self.config.write_text(_CONFIG.format(servers=f'"{url}"', secret=world.root / "secret"))
        if host_key is not None:
            shutil.copy(host_key, self.directory)  # One name, one key.
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.is_ready = self.is_frozen = False

    @property
    def host_key(self) -> Path:
        """Its host key, after its first start."""
        return self.directory / "ssh_host_ed25519_key"

    def launch(self) -> None:
        """Begin to start it."""
        with (self._world.root / "serve.log").open("ab") as log:
            self.process = self._world.start(
                *("pairterm", "serve", "--json", "--config", str(self.config), "--link-socket", str(self.socket)),
                *("--state-directory", str(self.directory), "--listen", f"127.0.0.1:{self.port}"),
                *("--advertise", self._advertise),
                stderr=log,
            )

    def is_started(self) -> None:
        """Wait until it serves."""
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self._world.log()
        self.port = int(json.loads(line)["listen"][0].rpartition(":")[2])
        self.is_ready = True

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        assert self.process is not None
        self.is_ready = self.is_frozen = False
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._world.forget(self.process)

    def freeze(self) -> None:
        """Stop it as `kill -STOP` does."""
        assert self.process is not None
        self.is_frozen = True
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self.process is not None
        self.is_frozen = False
        self.process.send_signal(signal.SIGCONT)

    @property
    def is_healthy(self) -> bool:
        """Whether a balancer would send connections to it."""
        return self.is_ready and not self.is_frozen

    def sessions(self) -> list[str]:
        """Return the names of the sessions whose hosts are here."""
        found = self._world.run("gateway", "status", "--json", "--link-socket", str(self.socket))
        return [each["session"] for each in json.loads(found.stdout)["sessions"] if not each["is_away"]]

    def descriptors(self) -> int:
        """Return how many it has open."""
        assert self.process is not None
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class GatewayService:
    """All of them."""

    def __init__(self, world: World, server: NatsServer, count: int, urls: Sequence[str] = ()) -> None:
        """`urls`: the way of each gateway to NATS; (): straight to the server."""
        self.world = world
        self.server = server
        self.gateways: list[ServingGateway] = []
        self.balancer = Balancer(lambda: [each.port for each in self.gateways if each.is_healthy])
        world.run("gateway", "cluster-key", str(world.root / "secret"))
        for number in range(count):
            key = self.gateways[0].host_key if self.gateways else None
            url = urls[number] if urls else server.url
            gateway = ServingGateway(world, f"gw{number}", url, f"127.0.0.1:{self.balancer.port}", key)
            gateway.launch()
            self.gateways.append(gateway)
            if number == 0:
                gateway.is_started()
        for gateway in self.gateways[1:]:
            gateway.is_started()

    def new(self, name: str, *command: str) -> Links:
        """Start a session whose host comes by the balancer."""
        self.world.environment["PAIRTERM_GATEWAY"] = f"127.0.0.1:{self.balancer.port}"
        return self.world.new(name, *command, options=("--accept-new",))

    def home(self, session: str) -> ServingGateway:
        """Return the gateway that has the host of a session."""
        return next(each for each in self.gateways if each.is_healthy and session in each.sessions())


def at(link: Link, port: int) -> Link:
    """Return a link that leads to another port."""
    return replace(link, command=link.command.replace(f"-p {link.port}", f"-p {port}"), port=port)


@contextmanager
def open_gateway_service(
    world: World, count: int, server: NatsServer, *, urls: Sequence[str] = ()
) -> Iterator[GatewayService]:
    """Start so many gateways. `urls`: the way of each one to NATS; (): straight to the server."""
    service = GatewayService(world, server, count, urls)
    try:
        yield service
    finally:
        for each in service.gateways:
            if each.is_frozen:
                each.thaw()
        service.balancer.close()
