"""packaging/cluster/compose.yaml, started as docs/cluster.md says: seven containers with names, two networks, one port.

The gateways' image is this checkout's. NATS and HAProxy are Debian 12's, in images that the test makes: no registry is
asked. podman-compose does what the page does by `docker compose`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.terminal import eventually
from tests.e2e.world import Links, World
from tests.nightly.containers import ContainerPlace, container_place
from tests.nightly.machine import ROOT, needs
from tests.nightly.test_cluster_guide import block

pytestmark = needs(
    "buildah", "podman", "podman-compose", "crun", "mmdebstrap", "dpkg-deb", "ssh-keygen", "/usr/lib/podman/netavark"
)

_FILES = ROOT / "packaging" / "cluster"

_SERVICES = yaml.safe_load((_FILES / "compose.yaml").read_text(encoding="utf-8"))["services"]

_GATEWAYS = tuple(each for each in _SERVICES if each.startswith("gateway"))

_CLIENTS_COME_FROM = "172.30.77.1"
"""The machine's own address on the network `front` of the file: the test's guests come by it."""

_NATS, _HAPROXY = "localhost/pairterm-test-nats", "localhost/pairterm-test-haproxy"

_IMAGES = {
    _NATS: 'ENTRYPOINT ["/usr/sbin/nats-server"]',
    _HAPROXY: 'CMD ["/usr/sbin/haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]',
}
"""The images that stand for the public ones, and how these start."""

_NO_TIMERS = yaml.safe_dump({"services": {each: {"healthcheck": {"interval": "disable"}} for each in _SERVICES}})
"""podman's timers of health checks take systemd, so the test runs the checks itself."""

_LIMIT_S = 1200.0


def servers_built(directory: Path) -> None:
    """Make the images of NATS and HAProxy."""
    root = directory / "rootfs"
    mirror = "http://deb.debian.org/debian"
    packages = "nats-server,haproxy,busybox-static,base-files"
    run(
        "mmdebstrap",
        "--quiet",
        "--variant=extract",
        f"--include={packages}",
        "bookworm",
        root,
        f"deb {mirror} bookworm main",
    )
    (root / "bin" / "wget").symlink_to("busybox")
    run("tar", "-C", root, "-cf", directory / "rootfs.tar", ".")
    for name, starts in _IMAGES.items():
        (directory / "Containerfile").write_text(f"FROM scratch\nADD rootfs.tar /\n{starts}\n")
        run(
            "buildah", "bud", "--quiet", "--layers", "--format=docker", "--isolation=chroot", f"--tag={name}", directory
        )


def run(*argv: str | Path) -> None:
    subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=_LIMIT_S)


class Project:
    """The project, when it is up."""

    def __init__(self, place: ContainerPlace, directory: Path) -> None:
        self._place = place
        self.directory = directory
        self.port = place.forwarded(2222)

    def run(self, line: str, *, status: int | None = 0) -> str:
        """Run a line of the page in the directory of the file; return its output."""
        line = line.replace("docker compose", "podman-compose -f compose.yaml -f timers.yaml")
        line = line.replace("docker run", "podman run --health-interval=disable")
        return self._place.run("bash", "-ec", line, at=self.directory, status=status)

    def operator(self, gateway: str, words: str, *, status: int | None = 0) -> str:
        """Run one of the operator's commands in the container of a gateway."""
        return self.run(f"docker compose exec -T {gateway} /usr/bin/pairterm gateway {words}", status=status)

    def statuses(self, gateway: str, options: str = "") -> list[dict[str, Any]]:
        """Return what a gateway tells of itself, or with `--all` of each gateway; []: it does not answer."""
        told = self.operator(gateway, f"status --json {options}", status=None)
        found = json.loads(told) if told else []
        return found if isinstance(found, list) else [found]

    def is_whole(self) -> bool:
        """Return whether each gateway reaches all the others."""
        found = [self.statuses(gateway, "--all") for gateway in _GATEWAYS]
        return all(len(each) == len(_GATEWAYS) and not any("error" in one for one in each) for each in found)

    def home(self) -> str:
        """Return the gateway that has the session now; "": none."""
        for gateway in _GATEWAYS:
            for status in self.statuses(gateway):
                if any(not each["is_away"] for each in status["sessions"]):
                    return str(gateway)
        return ""

    def kill(self, service: str) -> None:
        """Kill the first process of a container, as the kernel does when memory is short."""
        facts = json.loads(self._place.run("podman", "inspect", f"pairterm_{service}_1"))[0]
        os.kill(facts["State"]["Pid"], signal.SIGKILL)

    def is_healthy(self, service: str) -> bool:
        """Run the health check of a container."""
        self._place.run("podman", "healthcheck", "run", f"pairterm_{service}_1", status=None)
        facts = json.loads(self._place.run("podman", "inspect", f"pairterm_{service}_1"))[0]
        return bool(facts["State"]["Health"]["Status"] == "healthy")


@pytest.fixture
def project(image: Path, tmp_path: Path) -> Iterator[Project]:
    """Follow the page, with other images of the servers, and with a port of this machine's loopback as the address."""
    directory = tmp_path / "cluster"
    shutil.copytree(_FILES, directory)
    (directory / "timers.yaml").write_text(_NO_TIMERS)
    (directory / ".env").write_text(f"NATS_IMAGE={_NATS}\nHAPROXY_IMAGE={_HAPROXY}\n")
    servers_built(tmp_path)
    with container_place(tmp_path) as place:
        place.run("podman", "load", "--quiet", "--input", str(image))
        made = Project(place, directory)
        settings = directory / "pairterm.toml"
        settings.write_text(settings.read_text().replace("pair.example.org:2222", f"127.0.0.1:{made.port}"))
        try:
            for line in block("install -d -m 700 -o 65532").splitlines():
                made.run(line)
            yield made
        finally:
            made.run("docker compose down --volumes", status=None)


def shared(project: Project, world: World) -> Links:
    """Let the owner's key share at all gateways, and share a session through the balancer."""
    key = world.home / ".ssh" / "id_ed25519"
    key.parent.mkdir(mode=0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    shutil.copy(key.with_suffix(".pub"), project.directory / "keys.txt")
    project.run(block("docker compose exec -T gateway1"))
    fingerprint = project.statuses("gateway1")[0]["fingerprint"]
    address = ("--gateway", f"127.0.0.1:{project.port}", "--host-key", fingerprint, "-i", str(key))
    return world.new("ours", options=address)


def test_the_seven_containers_are_one_service_and_come_back_when_they_die(project: Project, world: World) -> None:
    eventually(project.is_whole, "the gateways do not see each other")
    for service in _SERVICES:
        eventually(lambda service=service: project.is_healthy(service), f"{service} is not healthy")  # type: ignore[misc]
    links = shared(project, world)
    guests = [world.ssh(links.rw) for _ in _GATEWAYS]
    for guest in guests:
        guest.sees("here$")
    home = project.home()
    elsewhere = sum(project.statuses(each)[0]["guests"] for each in _GATEWAYS if each != home)
    assert 1 <= elsewhere <= len(guests), "the balancer sent all to the gateway of the host"
    guests[0].keys("echo one-$((1+1))\r")
    for guest in guests:
        guest.sees("one-2")
    assert f"address={_CLIENTS_COME_FROM} " in project.operator(home, "audit"), "the PROXY header was not believed"

    # A gateway dies: its host goes to another one, and the container starts again.
    project.kill(home)
    eventually(lambda: project.home() not in ("", home), "the host did not come back")
    eventually(project.is_whole, "the gateway is not back in the service")
    world.run("send-keys", "-t", "ours", "echo two-$((1+1))", "Enter")
    world.ssh(links.rw).sees("two-2")

    # A NATS server dies, and then the balancer.
    project.kill("nats1")
    eventually(lambda: project.is_healthy("nats1"), "the NATS server did not come back")
    eventually(project.is_whole, "the gateways do not see each other")
    project.kill("balancer")
    eventually(lambda: world.session("ours")["gateway"] == "connected", "the host did not come back")
    late = world.ssh(links.rw)
    late.sees("two-2")
    late.keys("echo three-$((1+1))\r")
    late.sees("three-2")
