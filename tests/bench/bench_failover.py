"""Five real gateways by NATS with thousands of real links: how soon the sessions of a killed one are elsewhere.

`python -m tests.bench.bench_failover` starts a nats-server and five `pairterm serve` on loopback, and registers 1,000
sessions at each. Then it kills one of them with SIGKILL. It measures until each of its hosts is registered at another
gateway, and until a gateway that had none of them finds them all there. It passes no judgement.

The hosts have no shell and no screen. Their links are real: `Uplink` is the code of a host, with its pauses between two
dials, and all of them run in this process. They come by the gateways' Unix sockets. With `--ssh` they come over SSH,
each from an address of its own, as hosts of other machines do; the bench pays for the other half of each login.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from pairterm import __version__
from pairterm.access.tokens import new_tokens, token_hash
from pairterm.cluster_config import ClusterConfig
from pairterm.errors import SystemFault
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import new_secret, read_secrets
from pairterm.host.gateway_link import Uplink
from pairterm.link.codec import decode_viewer_message
from pairterm.link.messages import (
    PROTOCOL,
    AdmissionRules,
    Hello,
    InvitationWire,
    Ping,
    Refused,
    Register,
    Registered,
    Restarting,
    ViewSettings,
)
from pairterm.outbound.ssh_login import ACCEPT_NEW, GatewayLogin, Target
from pairterm.runtime.direct_loop import run
from pairterm.runtime.link_over_ssh import HOST_USER
from pairterm.runtime.link_stream import LinkStream, connect_unix
from pairterm.runtime.supervisor import Supervisor
from tests.bench.peers.report import percentile
from tests.integration.nats_server import NatsServer, open_nats_server

_GATEWAYS = 5

_CONFIG = """\
listen = ["127.0.0.1:0"]
max_sessions = 10000
max_sessions_per_user = 10000
max_guests = 100
[hosts]
allow = "anyone"
[cluster]
nats = ["{url}"]
secret_file = "{secret}"
"""

_TIMEOUT_S = 300

_AT_ONCE = 50
"""Hosts that register at the same time at the start, which is not measured."""


class _Gateway:
    """One `pairterm serve`."""

    def __init__(self, root: Path, number: int) -> None:
        self._directory = root / f"gateway{number}"
        self._directory.mkdir(mode=0o700)
        self.socket = self._directory / "link.sock"
        with (self._directory / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "pairterm", "serve", "--json", "--config", str(root / "gateway.toml"),
                 "--link-socket", str(self.socket), "--state-directory", str(self._directory)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=os.environ | {"HOME": str(root)},
            )  # fmt: skip
        self.port = 0
        self.is_dead = False

    def started(self) -> None:
        """Wait until it serves."""
        assert self.process.stdout is not None
        self.port = int(json.loads(self.process.stdout.readline())["listen"][0].rpartition(":")[2])

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        self.is_dead = True
        self.process.kill()

    def cpu_s(self) -> float:
        """Return the processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Connector:
    """Connects a host: to one gateway at first, and then to any, as one name with all addresses does."""

    def __init__(self, number: int, gateways: list[_Gateway], *, is_ssh: bool) -> None:
        self._number = number
        self._first: _Gateway | None = gateways[number % len(gateways)]
        self._gateways = gateways
        self._is_ssh = is_ssh

    @property
    def dialled(self) -> tuple[str, int] | None:
        """Where it is."""
        return ("127.0.0.1", 1) if self._is_ssh else None

    async def connect(self, stream: LinkStream) -> None:
        """Try the gateways in any order until one answers."""
        first, self._first = self._first, None
        fault = SystemFault("no gateway", code="refused")
        for gateway in [first] if first is not None else random.sample(self._gateways, len(self._gateways)):
            try:
                await self._connect(gateway, stream)
            except SystemFault as error:
                fault = SystemFault(error.message, code="refused")
            else:
                return
        raise fault

    async def _connect(self, gateway: _Gateway, stream: LinkStream) -> None:
        if not self._is_ssh:
            await connect_unix(gateway.socket, stream)
            return
        sock = socket.socket()
        sock.setblocking(False)
        sock.bind((f"127.{1 + self._number // 250}.0.{1 + self._number % 250}", 0))
        login = GatewayLogin(
            Target(host="127.0.0.1", port=gateway.port, user=HOST_USER, host_key=ACCEPT_NEW, identity=_identity())
        )
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", gateway.port))
        except OSError as error:
            sock.close()
            raise SystemFault(str(error), code="refused") from error
        try:
            async with asyncio.timeout(20):
                await login.open(sock, stream)
        except BaseException as error:
            raise login.translated(error) from error

    async def start_gateway(self, known: Registered | None) -> bool:
        """Start none."""
        return False

    def sign(self, text: bytes) -> bytes:
        """Have no key."""
        return b""

    def advice(self) -> str:
        """Have none."""
        return ""


@functools.cache
def _identity() -> str:
    """Return the key file of all hosts."""
    path = Path(os.environ["HOME"]) / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return str(path)


class _Host:
    """One host without a shell: what `Uplink` needs of the actor, and of its end of the link."""

    says_recorded = False

    def __init__(
        self, number: int, gateways: list[_Gateway], on_found: Callable[[_Host], None], *, is_ssh: bool
    ) -> None:
        tokens = new_tokens()
        self.read_write, self.read_only = token_hash(tokens.read_write), token_hash(tokens.read_only)
        self.registered: Registered | None = None
        self.text = ""
        self.gateway = self
        self.is_lost = False
        self._on_found = on_found
        register = Register(
            f"s{number}", self.read_write, self.read_only, instance=number.to_bytes(8), seal=tokens.seal
        )
        self.uplink = Uplink(_Connector(number, gateways, is_ssh=is_ssh), cast(Any, self), register)

    def found(self, registered: Registered) -> None:
        """Note that a gateway has the session."""
        self.registered, self.is_lost = registered, False
        self._on_found(self)

    def gateway_lost(self, text: str) -> None:
        """Note that it is away."""
        self.is_lost = True

    def gateway_silent(self, is_silent: bool) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""

    def add_peer(
        self, wire: LinkStream, *, is_local: bool, on_gateway: Callable[[Registered | Refused | Restarting], None]
    ) -> _Peer:
        """Begin a link."""
        return _Peer(self, wire, on_gateway)

    def remove_peer(self, peer: _Peer) -> None:
        """Do nothing."""


class _Peer:
    """The host's end of one link."""

    def __init__(
        self, host: _Host, wire: LinkStream, on_gateway: Callable[[Registered | Refused | Restarting], None]
    ) -> None:
        self._host = host
        self._wire = wire
        self._on_gateway = on_gateway
        wire.send(Hello(PROTOCOL, __version__, "host"), ViewSettings())

    def receive(self, payload: bytes) -> None:
        """Take a message."""
        match decode_viewer_message(payload):
            case Registered() as message:
                links = [InvitationWire(self._host.read_write, "rw"), InvitationWire(self._host.read_only, "ro")]
                self._wire.send(AdmissionRules(links, [], False))
                self._on_gateway(message)
            case Refused() | Restarting() as message:
                self._on_gateway(message)
            case Ping():
                self._wire.answer_ping()


class _Bench:
    """The gateways, the hosts, and one more gateway's copy of the directory."""

    def __init__(self, root: Path, server: NatsServer, per_gateway: int, *, is_ssh: bool) -> None:
        self._tasks = Supervisor()
        secret = root / "secret"
        secret.touch(mode=0o600)
        secret.write_text(new_secret() + "\n")
        (root / "gateway.toml").write_text(_CONFIG.format(url=server.url, secret=secret))
        self.gateways = [_Gateway(root, number) for number in range(_GATEWAYS)]
        config = ClusterConfig(nats=[server.url])
        self.bus = NatsBus(config, read_secrets(secret, config.name), self._tasks)
        self.found_s: dict[_Host, float] = {}
        self.hosts = [
            _Host(number, self.gateways, self._found, is_ssh=is_ssh) for number in range(per_gateway * _GATEWAYS)
        ]

    def _found(self, host: _Host) -> None:
        self.found_s[host] = time.perf_counter()

    async def start(self) -> None:
        """Register all hosts, and wait until the directory has them."""
        for each in self.gateways:
            await asyncio.to_thread(each.started)
        await self.bus.start()
        places = asyncio.Semaphore(_AT_ONCE)

        async def begin(host: _Host) -> None:
            async with places:
                await host.uplink.connect()
            self._tasks.keep("a host's link", host.uplink.stay)

        began_s = time.perf_counter()
        await asyncio.gather(*map(begin, self.hosts))
        registered_s = time.perf_counter() - began_s
        known_s = await _until(lambda: len(self.bus.directory) == len(self.hosts), began_s)
        print(f"| {len(self.hosts):,} sessions registered | {registered_s:.1f} s |")
        print(f"| … and known to one more gateway | {known_s:.1f} s |")

    async def fail_over(self) -> None:
        """Kill the first gateway."""
        lost = self.hosts[::_GATEWAYS]
        dead, *alive = self.gateways
        (name,) = {self._place(each) for each in lost}
        used_s, own_s = [each.cpu_s() for each in alive], time.process_time()
        self.found_s.clear()
        began_s = time.perf_counter()
        dead.kill()
        await _until(lambda: len(self.found_s) == len(lost), began_s)
        directory_s = await _until(lambda: all(self._place(each) not in ("", name) for each in lost), began_s)
        taken_s = [each - began_s for each in self.found_s.values()]
        print(
            f"| killed: half of its {len(lost):,} hosts are registered elsewhere | {statistics.median(taken_s):.2f} s |"
        )
        print(f"| … 99 of 100 | {percentile(taken_s, 99):.2f} s |")
        print(f"| … the last one | {max(taken_s):.2f} s |")
        print(f"| one more gateway finds all of them there | {directory_s:.2f} s |")
        busy = " ".join(f"{each.cpu_s() - before:.1f}" for each, before in zip(alive, used_s, strict=True))
        print(f"| processor time of each gateway, of the hosts | {busy} s, {time.process_time() - own_s:.1f} s |")

    def _place(self, host: _Host) -> str:
        """Return the gateway at which a session would be looked for first; "": nobody has it."""
        found = self.bus.directory.with_token(host.read_write)
        return found[0].gateway if found else ""

    async def close(self) -> None:
        """End everything."""
        await self.bus.close()
        await self._tasks.close()
        for each in self.gateways:
            each.kill()
            each.process.wait()


async def _until(is_so: Callable[[], bool], began_s: float) -> float:
    """Wait until something is so; return the seconds since `began_s`."""
    async with asyncio.timeout(_TIMEOUT_S):
        while not is_so():  # noqa: ASYNC110 -- it is the state of several objects
            await asyncio.sleep(0.01)
    return time.perf_counter() - began_s


async def _main(per_gateway: int, *, is_ssh: bool) -> None:
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ptf-")))
        os.environ |= {"HOME": str(root), "XDG_STATE_HOME": str(root / "state"), "PAIRTERM_TMPDIR": str(root)}
        nats = root / "nats"
        nats.mkdir()
        server = stack.enter_context(open_nats_server(nats))
        print(f"| five gateways by one nats-server, links {'over SSH' if is_ssh else 'on Unix sockets'} | |\n|---|---|")
        bench = _Bench(root, server, per_gateway, is_ssh=is_ssh)
        try:
            await bench.start()
            await bench.fail_over()
        finally:
            await bench.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000, help="of each gateway")
    parser.add_argument("--ssh", action="store_true", help="the hosts come over SSH")
    given = parser.parse_args()
    run(_main(given.sessions, is_ssh=given.ssh))
