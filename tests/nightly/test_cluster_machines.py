"""docs/cluster.md on three machines that systemd has booted, with its files and units, and the Debian package.

The machines have one bridge. Their /etc/hosts is the page's DNS: `pair.example.org` has the addresses of all three.
The NATS server is Debian 12's, which is old and runs for tests only.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import eventually
from tests.nightly.machine import Machine, booted, joins, needs_machine
from tests.nightly.test_cluster_guide import block

pytestmark = needs_machine

VMS = (1, 2, 3)


def address(vm: int) -> str:
    return f"10.77.0.{vm}"


def link(machines: Sequence[Machine]) -> None:
    """Join the machines by a bridge in the first one's network."""

    def ip(machine: Machine, *words: str) -> None:
        subprocess.run(["nsenter", "-t", str(machine.pid), "-n", "ip", *words], check=True)

    hub = machines[0]
    ip(hub, "link", "add", "br0", "type", "bridge")
    ip(hub, "address", "add", f"{address(1)}/24", "dev", "br0")
    ip(hub, "link", "set", "br0", "up")
    for vm, machine in zip(VMS[1:], machines[1:], strict=True):
        ip(hub, "link", "add", f"vm{vm}", "type", "veth", "peer", "name", "vm", "netns", str(machine.pid))
        ip(hub, "link", "set", f"vm{vm}", "master", "br0", "up")
        ip(machine, "address", "add", f"{address(vm)}/24", "dev", "vm")
        ip(machine, "link", "set", "vm", "up")


def write(machine: Machine, path: str, text: str) -> None:
    done = machine.ask("sh", "-c", f"cat > {path}", stdin=text)
    assert done.returncode == 0, done.stdout


def install(machine: Machine, package: Path) -> None:
    """Give a machine the names of the others, users, and the packages."""
    names = "".join(f"{address(vm)} nats{vm}.example.org\n{address(vm)} pair.example.org\n" for vm in VMS)
    write(machine, "/etc/hosts", f"127.0.0.1 localhost vm\n{names}")
    for user in ("ana", "bo"):
        machine.run("useradd", "--create-home", "--shell", "/bin/bash", user)
    machine.copy_in(package, "/root/pairterm.deb")
    machine.run("apt-get", "-qq", "update")
    machine.run("apt-get", "install", "--yes", "--no-install-recommends", "nats-server", "/root/pairterm.deb")


def set_up_nats(vm: int, machine: Machine) -> None:
    """Follow the page's section about NATS."""
    others = ", ".join(f"nats://nats{each}.example.org:6222" for each in VMS if each != vm)
    text = block("server_name: nats1").replace("nats1", f"nats{vm}", 1)
    write(machine, "/etc/nats-server.conf", re.sub(r"routes: \[.*?\]", f"routes: [{others}]", text))
    write(machine, "/etc/systemd/system/nats-server.service", block("[Unit]\nDescription=NATS"))
    machine.sh(block("chmod 600 /etc/nats-server.conf"))


def set_up_gateways(machines: Sequence[Machine]) -> None:
    """Follow the page's section about the gateways."""
    machines[0].sh("set -e\n" + block("install -d -m 700 /etc/credstore"))
    shared = machines[0].run("base64", "-w0", "/etc/credstore/pairterm.ssh_host_ed25519_key")
    secret = machines[0].run("cat", "/etc/credstore/pairterm.cluster_secret")
    for machine in machines[1:]:
        machine.run("install", "-d", "-m", "700", "/etc/credstore")
        machine.sh(f"umask 077; cd /etc/credstore; base64 -d > pairterm.ssh_host_ed25519_key <<< {shared}")
        write(machine, "/etc/credstore/pairterm.cluster_secret", secret)
        machine.run("chmod", "600", "/etc/credstore/pairterm.cluster_secret")
    for machine in machines:
        write(machine, "/root/cluster.toml", block("advertise"))
        machine.sh("cat /root/cluster.toml >> /etc/pairterm.toml && systemctl restart pairterm")


def statuses(machine: Machine, *options: str) -> list[dict[str, Any]]:
    """Return what the gateway of a machine tells of itself, or with `--all` of each; []: it does not answer."""
    done = machine.ask("pairterm", "gateway", "status", "--json", *options)
    if done.returncode:
        return []
    found = json.loads(done.stdout)
    return found if isinstance(found, list) else [found]


def is_whole(machines: Sequence[Machine]) -> bool:
    """Return whether each gateway reaches all the others."""
    found = [statuses(each, "--all") for each in machines]
    return all(len(each) == len(VMS) and not any("error" in one for one in each) for each in found)


def home(machines: Sequence[Machine]) -> int:
    """Return which machine's gateway has the session now, from 0 on; -1: none."""
    for at, machine in enumerate(machines):
        for status in statuses(machine):
            if any(not each["is_away"] for each in status["sessions"]):
                return at
    return -1


@pytest.fixture(scope="module")
def machines(package: Path) -> Iterator[list[Machine]]:
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(booted()) for _ in VMS]
        link(made)
        for machine in made:
            install(machine, package)
        for vm, machine in zip(VMS, made, strict=True):
            set_up_nats(vm, machine)
        set_up_gateways(made)
        yield made


def log(machine: Machine) -> str:
    return machine.run("journalctl", "--no-pager", "--lines=40", "--unit=nats-server", "--unit=pairterm")


def share(machine: Machine, name: str) -> str:
    """Share a session of ana's by the name of the service; return the command of its link."""
    fingerprint = statuses(machine)[0]["fingerprint"]
    address = ("--gateway", "pair.example.org", "--host-key", fingerprint, "-i", "/home/ana/.ssh/id_ed25519")
    text = machine.run("pairterm", "new", "-d", "--json", "-s", name, *address, "--", "bash", "--norc", user="ana")
    command: str = json.loads(text)["links"]["ssh_rw"]["command"]
    return command


def test_three_machines_are_one_service_and_survive_what_the_page_says(machines: list[Machine]) -> None:
    first, second, third = machines
    eventually(lambda: is_whole(machines), lambda: "".join(map(log, machines)), deadline_s=60)
    for machine in machines:
        machine.run("systemd-analyze", "security", "--no-pager", "--threshold=15", "pairterm.service")
    fingerprints = {statuses(each)[0]["fingerprint"] for each in machines}
    assert fingerprints == {first.run("ssh-keygen", "-lf", "/etc/credstore/pairterm.ssh_host_ed25519_key").split()[1]}

    third.sh("mkdir -m 700 ~/.ssh && ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519", user="ana")
    write(first, "/root/keys.txt", third.run("cat", "/home/ana/.ssh/id_ed25519.pub"))
    first.run("pairterm", "gateway", "config", "push", "--authorized-hosts", "/root/keys.txt")
    command = share(third, "ours")
    assert command.endswith("@pair.example.org")
    before = home(machines)
    for machine in machines:
        joins(machine, command, "echo one-$((1+1))", "one-2")

    # A gateway is away. The host goes to another one, and guests come by the same name.
    units = ("pairterm.socket", "pairterm-operator.socket", "pairterm.service")
    machines[before].run("systemctl", "stop", *units)
    eventually(lambda: home(machines) not in (-1, before), "the host did not come back")
    joins(second, command, "echo two-$((1+1))", "two-2")
    machines[before].run("systemctl", "start", *units)
    eventually(lambda: is_whole(machines), "the gateway is not back in the service")
    joins(machines[before], command, "echo three-$((1+1))", "three-2")

    # A NATS server is away, and another one dies.
    first.run("systemctl", "stop", "nats-server")
    eventually(lambda: is_whole(machines), "two NATS servers are not enough")
    joins(first, share(third, "second"), "echo four-$((1+1))", "four-2")
    first.run("systemctl", "start", "nats-server")
    second.sh("kill -KILL $(systemctl show --property=MainPID --value nats-server)")
    eventually(
        lambda: second.run("systemctl", "show", "--property=NRestarts", "nats-server") == "NRestarts=1\n",
        "systemd did not start the NATS server again",
    )
    eventually(lambda: is_whole(machines), "the gateways do not see each other")
    joins(second, command, "echo five-$((1+1))", "five-2")
