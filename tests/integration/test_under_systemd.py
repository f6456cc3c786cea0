"""A gateway whose sockets another process holds, as systemd does: a restart refuses nobody, and the state is told.

The test plays systemd: it listens, passes the sockets from descriptor 3 on, and reads the datagrams.
tests/nightly/test_deb.py shows the same under a real systemd.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.paths import operator_socket
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.world import World
from tests.integration.test_attacks import answer_at

ROOT = Path(__file__).resolve().parents[2]

NOBODY = 64_000
"""A user that is in no database, as systemd's dynamic ones are for a program without libnss-systemd."""


class Systemd:
    """The sockets that systemd holds, and what the service tells it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.path = world.root / "link.sock"
        self.guests = socket.create_server(("127.0.0.1", 0))
        self.link, self.operator = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        for sock, path in ((self.link, self.path), (self.operator, operator_socket(self.path))):
            sock.bind(str(path))
            sock.listen()
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(world.root / "notify"))
        self._notify.settimeout(DEADLINE_S)
        self.port: int = self.guests.getsockname()[1]
        world.environment["PAIRTERM_GATEWAY"] = str(self.path)

    def start(self, *, watchdog_us: int = 30_000_000, workers: int = 1) -> subprocess.Popen[bytes]:
        """Start the gateway, and wait until it is ready."""
        fds = (self.guests.fileno(), self.link.fileno(), self.operator.fileno())

        def place() -> None:
            high = [os.dup2(fd, 100 + at) for at, fd in enumerate(fds)]
            for at, fd in enumerate(high):
                os.dup2(fd, 3 + at)
                os.close(fd)

        environment = {
            "NOTIFY_SOCKET": str(self._world.root / "notify"),
            "WATCHDOG_USEC": str(watchdog_us),
            "LISTEN_FDS": "3",
        }
        line = f"LISTEN_PID=$$ WATCHDOG_PID=$$ exec pairterm serve --advertise 127.0.0.1 --workers {workers}"
        with (self._world.root / "serve.log").open("ab") as log:
            process = self._world.start(
                "sh", "-c", line, environment=environment, close_fds=False, preexec_fn=place, stdout=log, stderr=log
            )
        self.hears("READY=1")
        return process

    def hears(self, state: str) -> str:
        """Wait for a datagram with `state`; return it."""
        while state not in (found := self._notify.recv(1000).decode()):
            pass
        return found

    def close(self) -> None:
        for each in (self.guests, self.link, self.operator, self._notify):
            each.close()


@pytest.fixture
def systemd(world: World) -> Iterator[Systemd]:
    found = Systemd(world)
    yield found
    found.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_restart_refuses_neither_guests_nor_hosts_and_keeps_the_sockets(
    world: World, systemd: Systemd, workers: int
) -> None:
    gateway = systemd.start(workers=workers)
    links = world.new("ours")
    assert links.rw.port == systemd.port, "the links name the port that systemd listens on"
    gateway.terminate()
    systemd.hears("STOPPING=1")
    assert gateway.wait(DEADLINE_S) == 0
    assert systemd.path.exists(), "the gateway removed a socket that is systemd's"
    assert operator_socket(systemd.path).exists()
    guest = world.ssh(links.rw)
    late = world.start("pairterm", "new", "-d", "-s", "late", "--", "cat")
    with socket.create_connection(("127.0.0.1", systemd.port), DEADLINE_S) as waiting:
        waiting.settimeout(DEADLINE_S)
        systemd.start(workers=workers)
        assert waiting.recv(4) == b"SSH-"
    guest.sees("here$")
    assert late.wait(DEADLINE_S) == 0, late.communicate()
    eventually(lambda: world.session("late")["gateway"] == "connected", "a host that came meanwhile was not served")
    eventually(lambda: world.session("ours")["gateway"] == "connected", "the old host never came back")
    assert not [each for each in world.processes() if each.runs("pairterm.gateway")], "a host started one of its own"


def test_a_gateway_that_is_started_by_hand_leaves_the_sockets_to_systemd(world: World, systemd: Systemd) -> None:
    """It bound a socket of its own in the place of systemd's, and the service was cut off until the next boot."""
    before = systemd.path.stat().st_ino
    done = world.run("serve", "--listen", "127.0.0.1:0", "--link-socket", str(systemd.path), status=2)
    assert "another gateway is running" in done.stderr
    assert systemd.path.stat().st_ino == before


def test_a_gateway_needs_no_home(world: World) -> None:
    """The user of `DynamicUser` may be in no database, and has no `HOME`: asyncssh could not start there."""
    state = world.root / "nobody"
    state.mkdir()
    user = []
    if os.getuid() == 0:
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        world.root.chmod(0o755)
        os.chown(state, NOBODY, NOBODY)
    serve = ["pairterm", "serve", "--json", "--listen", "127.0.0.1:0", "--link-socket", str(state / "link.sock")]
    process = world.start("env", "-u", "HOME", *user, *serve, "--state-directory", str(state))
    assert process.stdout is not None
    assert b"fingerprint" in process.stdout.readline()


def test_a_gateway_that_drains_refuses_newcomers_with_the_reason(world: World, systemd: Systemd) -> None:
    """Nobody would accept them in systemd's socket: they would wait until the last guest has left."""
    gateway = systemd.start()
    links = world.new("ours")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    world.run("gateway", "drain")
    assert answer_at(systemd.port).startswith(b"The gateway takes no more guests")
    guest.keys("q")
    assert gateway.wait(DEADLINE_S) == 0


def test_signs_of_life_come_from_the_event_loop_with_the_counts(world: World, systemd: Systemd) -> None:
    gateway = systemd.start(watchdog_us=100_000)
    assert systemd.hears("WATCHDOG=1") == "WATCHDOG=1\nSTATUS=0 guests, 0 sessions"
    world.new("ours", "cat")
    systemd.hears("STATUS=0 guests, 1 sessions")
    gateway.send_signal(signal.SIGABRT)  # systemd ends a gateway in this way if the signs stop.
    assert gateway.wait(DEADLINE_S) == -signal.SIGABRT
    eventually(lambda: "most recent call first" in world.log(), "the log does not say where the gateway was")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_the_unit_leaves_little_to_attack() -> None:
    """systemd's own measure: 0 is safest, 10 is a service without any sandbox. It exits with 1 above the threshold."""
    unit = ROOT / "systemd" / "pairterm.service"
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager"]
    good = subprocess.run([*command, "--threshold=15", unit], capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stdout
    strict = subprocess.run([*command, "--threshold=1", unit], capture_output=True, text=True, check=False)
    assert strict.returncode != 0, "the threshold is not looked at"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_understands_every_line_of_the_units(tmp_path: Path) -> None:
    """`verify` also looks whether the program exists, so a copy names one that does."""
    for each in (ROOT / "systemd").iterdir():
        text = each.read_text(encoding="utf-8").replace("/opt/pairterm/bin/pairterm", "/bin/true")
        (tmp_path / each.name).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line for line in done.stderr.splitlines() if "pairterm" in line]
    assert not found
