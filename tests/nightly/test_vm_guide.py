"""docs/vm.md from the first line to the last, and its cloud-init file: each in an empty Debian 12 that was booted."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nightly.machine import ROOT, Machine, booted, joins, needs_machine

pytestmark = needs_machine

GUIDE = ROOT / "docs" / "vm.md"

CLOUD_INIT = ROOT / "packaging" / "cloud-init.yaml"


def lines_of(guide: Path) -> Iterator[tuple[str, str]]:
    """Yield the user and the text of each line of the blocks that are run on the VM."""
    for user, block in re.findall(
        r"^```sh ?(\w*)\n(.*?)^```", guide.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        for line in block.splitlines():
            yield user or "root", line


@pytest.fixture
def machine() -> Iterator[Machine]:
    with booted() as found:
        found.run("useradd", "--create-home", "--shell", "/bin/bash", "bo")
        yield found


def friend_joins(machine: Machine, session: str) -> None:
    links = json.loads(machine.run("pairterm", "links", "-t", session, "--json", user="ana"))
    command = links["links"]["ssh_rw"]["command"]
    assert command.endswith("@pair.example.org")
    joins(machine, command, "echo hello-$((1+1))", "hello-2")


def test_each_line_of_the_guide_works(machine: Machine, package: Path) -> None:
    machine.copy_in(package, "/root/pairterm.deb")
    fingerprints = []
    has_joined = False
    began_s = time.monotonic()
    for user, line in lines_of(GUIDE):
        line_began_s = time.monotonic()
        machine.sh(f"cd && {line}", user=user)
        print(f"{time.monotonic() - line_began_s:6.1f} s  {user}: {line}")
        if line.startswith("pairterm doctor"):
            friend_joins(machine, "hello")
            has_joined = True
            print(f"{time.monotonic() - began_s:6.1f} s  from the first line to a friend who types")
        if ("systemctl" in line and "pairterm" in line and "stop" not in line) or "--reinstall" in line:
            fingerprints.append(json.loads(machine.run("pairterm", "gateway", "status", "--json"))["fingerprint"])
    assert has_joined
    assert len(fingerprints) == 3
    assert len(set(fingerprints)) == 1, "the backup or the upgrade lost the host key"
    machine.run("su", "-", "bo", "-c", "rm -rf ~/.ssh")
    friend_joins(machine, "hello")
    rules = machine.run("ufw", "status")
    assert re.search(r"^2222/tcp +ALLOW", rules, re.MULTILINE)
    assert re.search(r"^22/tcp +ALLOW", rules, re.MULTILINE)
    assert "active" in machine.run("systemctl", "is-active", "unattended-upgrades")


def test_cloud_init_makes_the_same_machine(machine: Machine, package: Path) -> None:
    machine.copy_in(package, "/srv/pairterm.deb")
    text = CLOUD_INIT.read_text(encoding="utf-8").replace("https://example.org/", "file:///srv/")
    machine.sh("apt-get -qq update && apt-get -qq install -y --no-install-recommends cloud-init")
    machine.sh(
        "mkdir -p /var/lib/cloud/seed/nocloud && echo 'instance-id: one' > /var/lib/cloud/seed/nocloud/meta-data"
    )
    done = machine.ask("sh", "-c", "cat > /var/lib/cloud/seed/nocloud/user-data", stdin=text)
    assert done.returncode == 0
    machine.sh("cloud-init schema --config-file /var/lib/cloud/seed/nocloud/user-data")
    # The container has a network already, and it has no locales, which each cloud's image has.
    machine.sh("printf 'network: {config: disabled}\\nlocale: false\\n' > /etc/cloud/cloud.cfg.d/99-container.cfg")
    began_s = time.monotonic()
    for stage in ("init --local", "init", "modules --mode=config", "modules --mode=final"):
        machine.sh(f"cloud-init {stage}")
    print(f"{time.monotonic() - began_s:6.1f} s  cloud-init")
    log = machine.run("cat", "/var/log/cloud-init.log")
    assert "Failed to run module" not in log, log[-3000:]
    machine.run("pairterm", "new", "-d", "-s", "hello", "--", "bash", "--norc", user="ana")
    friend_joins(machine, "hello")
    assert re.search(r"^2222/tcp +ALLOW", machine.run("ufw", "status"), re.MULTILINE)
    machine.sh("grep -q Unattended-Upgrade /etc/apt/apt.conf.d/20auto-upgrades")
