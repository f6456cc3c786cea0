"""docs/cluster.md, followed: three NATS servers and three gateways with the page's files, behind a balancer.

Each address 127.0.0.N stands for a VM. A real host over SSH and guests with `ssh` do all that the page promises.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.terminal import Terminal, eventually
from tests.e2e.world import Links, World, open_world
from tests.nightly.machine import ROOT, needs

pytestmark = needs("nats-server")

PAGE = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")

VMS = (1, 2, 3)

FIRST_PORT = 12222
"""The gateways' port, the balancer's and those of NATS (two more): not the page's, which this machine may use."""


def block(begins: str) -> str:
    """Return the block of the page that begins so."""
    found = re.search(rf"```\w*\n({re.escape(begins)}.*?)```", PAGE, re.DOTALL)
    assert found is not None, begins
    return found[1]


class Balancer:
    """A TCP balancer in a thread: each connection goes to the next gateway that takes it."""

    def __init__(self, port: int, targets: list[tuple[str, int]]) -> None:
        self._targets = itertools.cycle(targets)
        self._count = len(targets)
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", port))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(self._count):
            with contextlib.suppress(OSError):
                to_reader, to_writer = await asyncio.open_connection(*next(self._targets))
                await asyncio.gather(self._copy(reader, to_writer), self._copy(to_reader, writer))
                return
        writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def close(self) -> None:
        """End all connections and the thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)


class Service:
    """The VMs of the page."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.root = world.root
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        world.run("gateway", "cluster-key", str(self.root / "secret"))
        for vm in VMS:
            (self.root / f"vm{vm}").mkdir(mode=0o700)
            self.start_nats(vm)
        for vm in VMS:
            self._write_settings(vm)
            self.start(vm)
            key = self.root / f"vm{vm}" / "state" / "ssh_host_ed25519_key"
            for other in VMS[vm:]:
                (self.root / f"vm{other}" / "state").mkdir(mode=0o700, exist_ok=True)
                shutil.copy(key, self.root / f"vm{other}" / "state")
        self.balancer = Balancer(FIRST_PORT + 1, [(f"127.0.0.{vm}", FIRST_PORT) for vm in VMS])

    def start_nats(self, vm: int) -> None:
        """Start a NATS server with the page's file."""
        others = ", ".join(f"nats://127.0.0.{other}:{FIRST_PORT + 3}" for other in VMS if other != vm)
        text = block("server_name: nats1").replace("nats1", f"nats{vm}", 1)
        text = text.replace("0.0.0.0:4222", f"127.0.0.{vm}:{FIRST_PORT + 2}")
        text = text.replace("0.0.0.0:6222", f"127.0.0.{vm}:{FIRST_PORT + 3}")
        text = re.sub(r"routes: \[.*?\]", f"routes: [{others}]", text).replace(
            "/var/lib/nats", f"{self.root}/vm{vm}/nats"
        )
        path = self.root / f"vm{vm}" / "nats-server.conf"
        path.write_text(text)
        self._start(f"nats{vm}", "nats-server", "-c", str(path))

    def _write_settings(self, vm: int) -> None:
        text = block("advertise").replace("pair.example.org:2222", f"127.0.0.1:{FIRST_PORT + 1}")
        for other in VMS:
            text = text.replace(f"nats{other}.example.org:4222", f"127.0.0.{other}:{FIRST_PORT + 2}")
        text = text.replace("[cluster]", f'[cluster]\nsecret_file = "{self.root}/secret"')
        listen = f'listen = ["127.0.0.{vm}:{FIRST_PORT}"]\nstate_directory = "{self.root}/vm{vm}/state"\n'
        (self.root / f"vm{vm}.toml").write_text(listen + text)

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.root / f"{name}.log").open("ab") as log:
            self._running[name] = self.world.start(*command, stdout=subprocess.PIPE, stderr=log)
        return self._running[name]

    def start(self, vm: int) -> None:
        """Start a gateway, and wait until it serves."""
        options = ("--config", str(self.root / f"vm{vm}.toml"), "--link-socket", self.socket(vm))
        process = self._start(f"gateway{vm}", "pairterm", "serve", "--json", *options)
        assert process.stdout is not None
        assert process.stdout.readline(), (self.root / f"gateway{vm}.log").read_text()

    def kill(self, name: str) -> None:
        self._running[name].send_signal(signal.SIGKILL)
        self._running[name].wait()

    def has_ended(self, name: str) -> bool:
        return self._running[name].poll() == 0

    def socket(self, vm: int) -> str:
        return str(self.root / f"vm{vm}" / "link.sock")

    def operator(self, vm: int, *words: str) -> str:
        return self.world.run("gateway", *words, "--link-socket", self.socket(vm)).stdout

    def statuses(self, vm: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.operator(vm, "status", "--all", "--json"))
        return found

    def is_whole(self, vm: int) -> bool:
        """Return whether the gateway of a VM reaches all the others."""
        found = self.statuses(vm)
        return len(found) == len(VMS) and not any("error" in each for each in found)

    def home(self) -> int:
        """Return the VM whose gateway has the session; 0: none has it now."""
        for vm in VMS:
            with contextlib.suppress(AssertionError):
                status = json.loads(self.operator(vm, "status", "--json"))
                if any(not each["is_away"] for each in status["sessions"]):
                    return vm
        return 0

    def guest(self, link: str, vm: int) -> Terminal:
        """Let a guest land at the gateway of a VM."""
        return self.world.terminal([
            "ssh", "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "IdentityAgent=none", "-p", str(FIRST_PORT), f"{link}@127.0.0.{vm}",
        ])  # fmt: skip


@pytest.fixture
def service() -> Iterator[Service]:
    with open_world() as world:
        made = Service(world)
        try:
            yield made
        finally:
            made.balancer.close()


def shared(service: Service) -> Links:
    """Push the owner's key to all gateways, and share a session through the balancer."""
    world = service.world
    key = world.home / ".ssh" / "id_ed25519"
    key.parent.mkdir(mode=0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (world.root / "limits.toml").write_text("max_guests_per_session = 20\n")
    keys = str(key.with_suffix(".pub"))
    service.operator(1, "config", "push", "--authorized-hosts", keys, str(world.root / "limits.toml"))
    eventually(lambda: "authorized_hosts: 1 lines" in service.operator(3, "config", "show"), "it was not pushed")
    found = json.loads(service.operator(1, "status", "--json"))
    address = ("--gateway", f"127.0.0.1:{FIRST_PORT + 1}", "--host-key", found["fingerprint"], "-i", str(key))
    return world.new("ours", options=address)


def test_the_page_followed_serves_and_survives_what_the_page_says(service: Service) -> None:
    eventually(lambda: service.is_whole(1), "the gateways do not see each other")
    links = shared(service)
    assert links.rw.port == FIRST_PORT + 1
    home = service.home()
    elsewhere, third = (vm for vm in VMS if vm != home)
    guest, watcher, near = (
        service.guest(links.rw.user, elsewhere),
        service.guest(links.ro.user, third),
        service.guest(links.ro.user, home),
    )
    guest.sees("here$")
    guest.keys("echo one-$((1+1))\r")
    for each in (guest, watcher, near):
        each.sees("one-2")

    # Drain: the host goes to another gateway, and the guests of this one are served from there.
    service.operator(home, "drain")
    eventually(lambda: service.home() not in (0, home), "the host did not move")
    guest.keys("echo two-$((1+1))\r")
    for each in (guest, watcher, near):
        each.sees("two-2")
    near.keys("q")
    eventually(lambda: service.has_ended(f"gateway{home}"), "it did not end after its last guest")
    service.start(home)
    eventually(lambda: service.is_whole(home), "it is not back in the service")

    # A gateway dies.
    before = service.home()
    survivors = [(vm, each) for vm, each in ((elsewhere, guest), (third, watcher)) if vm != before]
    service.kill(f"gateway{before}")
    eventually(lambda: service.home() not in (0, before), "the host did not come back")
    service.world.run("send-keys", "-t", "ours", "echo three-$((1+1))", "Enter")
    for _, each in survivors:
        each.sees("three-2")
    service.start(before)
    eventually(lambda: service.is_whole(before), "it is not back in the service")

    # NATS is gone, and comes back.
    for vm in VMS:
        service.kill(f"nats{vm}")
    home = service.home()
    here = service.guest(links.rw.user, home)
    here.sees("three-2")
    eventually(lambda: "cut off" in service.operator(home, "status"), "it does not say that it is cut off")
    for vm in VMS:
        service.start_nats(vm)
    eventually(lambda: service.is_whole(home), "they did not find each other again")
    other = next(vm for vm in VMS if vm != home)
    late = service.guest(links.rw.user, other)
    late.sees("three-2")
    late.keys("echo four-$((1+1))\r")
    here.sees("four-2")
