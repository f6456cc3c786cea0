"""The Debian package: built, installed, used, upgraded below a session, and purged, in a Debian 12 that was booted."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import eventually
from tests.nightly.machine import ROOT, Machine, booted, built_deb, joins, needs, needs_machine

pytestmark = needs_machine

_OWN_NAMES = ("/root/", "/proc/", "/sys/", "/home/", "/tmp/pairterm-", "/var/log/", "/var/cache/apt/")
"""Where a name may have `pairterm` in it after a purge: the users' files, and what apt and the journal keep."""


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_deb(tmp_path_factory.mktemp("second"), "--revision", "2")


@pytest.fixture(scope="module")
def booted_machine() -> Iterator[Machine]:
    """A machine with two users."""
    with booted() as found:
        for user in ("ana", "bo"):
            found.run("useradd", "--create-home", "--shell", "/bin/bash", user)
        found.run("apt-get", "-qq", "update")
        yield found


@pytest.fixture
def machine(booted_machine: Machine, package: Path) -> Iterator[Machine]:
    """The machine with the package as it is after a first installation. Afterwards nothing of it is left."""
    install(booted_machine, package)
    yield booted_machine
    booted_machine.ask("pairterm", "kill-server", user="ana")
    booted_machine.run("dpkg", "--purge", "pairterm")
    booted_machine.sh("rm -rf /etc/credstore /run/systemd/system/pairterm* ~bo/.ssh && systemctl daemon-reload")


def install(machine: Machine, package: Path) -> str:
    machine.copy_in(package, f"/root/{package.name}")
    return machine.run("apt-get", "install", "--yes", "--no-install-recommends", f"/root/{package.name}")


def status(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(machine.run("pairterm", "gateway", "status", "--json"))
    return found


def sessions(machine: Machine) -> dict[str, Any]:
    """Return what ana's `ls` prints of each session, by its name."""
    found = json.loads(machine.run("pairterm", "ls", "--json", user="ana"))
    return {each["session"]: each for each in found}


def share(machine: Machine, name: str) -> str:
    """Start a session of ana's, and return the command of its link."""
    text = machine.run("pairterm", "new", "-d", "--json", "-s", name, "--", "bash", "--norc", user="ana")
    command: str = json.loads(text)["links"]["ssh_rw"]["command"]
    return command


@contextlib.contextmanager
def nobody_is_refused(machine: Machine) -> Iterator[None]:
    """Connect to the guests' port all the time."""
    machine.copy_in(ROOT / "tests" / "nightly" / "crowd.py", "/tmp/crowd.py")
    crowd = machine.start("python3.11", "/tmp/crowd.py")
    assert crowd.stdout is not None
    assert crowd.stdout.readline() == "begun\n"
    yield
    out, _ = crowd.communicate("\n", timeout=120)
    assert out == "served=True refused=0\n"


def test_the_same_commit_gives_the_same_bytes(package: Path, tmp_path: Path) -> None:
    again = built_deb(tmp_path, environment={"TZ": "Asia/Tokyo", "LC_ALL": "C", "TMPDIR": str(tmp_path)})
    assert again.read_bytes() == package.read_bytes()


def test_it_has_the_libraries_of_all_that_a_gateway_can_do(package: Path, tmp_path: Path) -> None:
    """`lsp` is for people whose editors share, and they install it. Each library is in the list of licences."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    names = {canonical(each) for extra in extras.keys() - {"bench", "dev", "lsp"} for each in extras[extra]}
    subprocess.run(["dpkg-deb", "-x", package, tmp_path], check=True)
    site = next(tmp_path.glob("usr/lib/pairterm/payload/lib/python3.*/site-packages"))
    libraries = {canonical(each.name.partition("-")[0]) for each in site.glob("*.dist-info")} - {"pairterm"}
    assert names <= libraries
    text = (tmp_path / "usr/share/doc/pairterm/copyright").read_text(encoding="utf-8").lower()
    assert not [each for each in libraries if f" {each} (" not in text]
    probe = "import sys; sys.path.insert(0, sys.argv[1]); import aiohttp, nacl.secret, nats, nkeys, spake2, zstandard"
    subprocess.run(["/usr/bin/python3.11", "-I", "-c", probe, site], check=True)


def canonical(requirement: str) -> str:
    """Return the name of a requirement or a library in the form in which PyPI compares it."""
    return re.split(r"[\[<>=;, ]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


@needs("lintian")
def test_lintian_finds_nothing(package: Path) -> None:
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on=error,warning", package], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_it_serves_after_the_installation_and_is_gone_after_a_purge(machine: Machine) -> None:
    assert "active" in machine.run("systemctl", "is-active", "pairterm.service")
    machine.run("systemd-analyze", "security", "--no-pager", "--threshold=15", "pairterm.service")
    joins(machine, share(machine, "ours"), "echo it-$((1+1))", "it-2")
    assert "Type=notify" in machine.run("systemctl", "cat", "pairterm.service")
    eventually(
        lambda: "1 sessions" in machine.run("systemctl", "show", "--property=StatusText", "pairterm"), "no status"
    )
    for path in (
        "/usr/share/man/man1/pairterm.1.gz",
        "/usr/share/man/man1/pairterm-new.1.gz",
        "/usr/share/bash-completion/completions/pairterm",
        "/usr/share/zsh/vendor-completions/_pairterm",
        "/usr/share/fish/vendor_completions.d/pairterm.fish",
    ):
        machine.run("test", "-s", path)
    machine.run("pairterm", "serve", "--config", "/etc/pairterm.toml", "--check-config")
    found = machine.ask("pairterm", "doctor").stdout
    assert "systemd unit: none" not in found
    machine.run("pairterm", "kill", "-t", "ours", user="ana")
    machine.run("apt-get", "purge", "--yes", "pairterm")
    names = machine.run("find", "/", "-xdev", "-name", "*pairterm*").splitlines()
    assert not [each for each in names if not each.startswith(_OWN_NAMES)]
    assert machine.ask("systemctl", "is-active", "pairterm.socket").stdout.strip() == "inactive"
    machine.run("bash", "-c", "! ss -ltn | grep -q :2222")


def test_a_restart_refuses_nobody_and_keeps_the_links(machine: Machine) -> None:
    command = share(machine, "ours")
    before = status(machine)["pid"]
    with nobody_is_refused(machine):
        machine.run("systemctl", "restart", "pairterm")
    assert status(machine)["pid"] != before
    joins(machine, command, "echo back-$((1+1))", "back-2")


def test_an_upgrade_ends_no_session_and_changes_no_file_below_it(machine: Machine, second: Path) -> None:
    command = share(machine, "ours")
    pid = sessions(machine)["ours"]["pid"]
    old = Path(machine.run("readlink", "/usr/lib/pairterm/current").strip())
    with nobody_is_refused(machine):
        install(machine, second)
    new = Path(machine.run("readlink", "/usr/lib/pairterm/current").strip())
    assert new != old
    assert sessions(machine)["ours"]["pid"] == pid
    joins(machine, command, "echo again-$((1+1))", "again-2")
    # The host reads this module only now, from the files of its own version.
    machine.run("pairterm", "send-keys", "-t", "ours", "echo late-$((1+1))", "Enter", user="ana")
    eventually(
        lambda: "late-2" in machine.run("pairterm", "capture-pane", "-p", "-t", "ours", user="ana"), "no late import"
    )
    machine.run("test", "-d", f"/usr/lib/pairterm/{old}")
    machine.run("pairterm", "kill", "-t", "ours", user="ana")
    eventually(lambda: machine.ask("test", "-d", f"/proc/{pid}").returncode == 1, "the host never ended")
    machine.run("dpkg-reconfigure", "pairterm")
    assert machine.run("ls", "/usr/lib/pairterm").split() == [str(new), "current", "payload"]


def test_a_removal_leaves_sessions_and_the_configuration(machine: Machine) -> None:
    share(machine, "ours")
    pid = sessions(machine)["ours"]["pid"]
    said = machine.run("apt-get", "remove", "--yes", "pairterm")
    assert "sessions still run from /usr/lib/pairterm/" in said
    machine.run("test", "-d", f"/proc/{pid}")
    machine.run("test", "-e", "/etc/pairterm.toml")
    machine.run("test", "-e", "/var/lib/pairterm/ssh_host_ed25519_key")
    machine.run("kill", str(pid))
    machine.run("apt-get", "purge", "--yes", "pairterm")
    machine.run("test", "!", "-e", "/usr/lib/pairterm")
    machine.run("test", "!", "-e", "/var/lib/private/pairterm")


def test_a_gateway_that_is_stuck_is_started_again(machine: Machine) -> None:
    machine.sh("mkdir -p /run/systemd/system/pairterm.service.d")
    drop_in = "[Service]\\nWatchdogSec=2\\nRestartSec=100ms\\nTimeoutAbortSec=10\\n"
    machine.sh(f"printf '{drop_in}' > /run/systemd/system/pairterm.service.d/short.conf")
    machine.sh("systemctl daemon-reload && systemctl restart pairterm")
    stuck = status(machine)["pid"]
    machine.run("kill", "-STOP", str(stuck))
    eventually(
        lambda: machine.run("systemctl", "show", "--property=NRestarts", "pairterm").strip() != "NRestarts=0",
        "the watchdog never restarted it",
    )
    eventually(lambda: machine.ask("pairterm", "gateway", "status").returncode == 0, "it never came back")
    assert status(machine)["pid"] != stuck
    assert "Watchdog timeout" in machine.run("journalctl", "--unit=pairterm", "--no-pager")


def test_a_host_key_that_is_a_credential_is_used(machine: Machine) -> None:
    machine.sh("mkdir -p /etc/credstore && chmod 700 /etc/credstore && ssh-keygen -q -t ed25519 -N '' -f /root/key")
    machine.sh("install -m 0600 /root/key /etc/credstore/pairterm.ssh_host_ed25519_key")
    machine.run("systemctl", "restart", "pairterm")
    fingerprint = machine.run("ssh-keygen", "-lf", "/root/key.pub").split()[1]
    assert status(machine)["fingerprint"] == fingerprint


def test_a_wrong_configuration_is_told_and_is_no_endless_loop(machine: Machine) -> None:
    machine.sh("echo 'max_gusts = 5' >> /etc/pairterm.toml")
    machine.run("systemctl", "restart", "pairterm", status=1)
    assert "did you mean 'max_guests'?" in machine.run("journalctl", "--unit=pairterm", "--no-pager")
    assert machine.run("systemctl", "show", "--property=NRestarts", "pairterm").strip() == "NRestarts=0"


def test_it_installs_where_no_systemd_runs(package: Path) -> None:
    """In a container that is being built, for example."""
    assert shutil.which("chroot")
    with booted() as machine:
        machine.copy_in(package, "/root/it.deb")
        machine.run("apt-get", "-qq", "update")
        line = "mount --bind / /mnt && mount -t tmpfs none /mnt/run && chroot /mnt apt-get install -y /root/it.deb"
        machine.sh(line + " --no-install-recommends && chroot /mnt pairterm --version")
        assert machine.run("systemctl", "is-enabled", "pairterm.socket").strip() == "enabled"
