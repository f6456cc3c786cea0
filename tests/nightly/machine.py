"""A clean Debian machine in a container: debootstrap makes its root, and systemd runs as its PID 1.

The root is made once and kept in `build/`. Each machine has an overlay above it, a network of its own
(slirp4netns connects it to the outside without a change on this machine), and its own processes. All of that
lives in namespaces and ends with its PID 1. It needs root, Linux, and Debian's packages `debootstrap`,
`systemd-container` and `slirp4netns`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.e2e.terminal import eventually

__all__ = ["ROOT", "Machine", "booted", "built_deb", "built_image", "joins", "needs", "needs_machine"]

ROOT = Path(__file__).resolve().parents[2]

_PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,iproute2,procps,openssh-client"
"""Debian's minimal root plus the parts that every cloud's image has."""

_MIRROR = "http://deb.debian.org/debian"

_SOURCES = """\
deb http://deb.debian.org/debian {suite} main
deb http://deb.debian.org/debian {suite}-updates main
deb http://deb.debian.org/debian-security {suite}-security main
"""

_BOOT_S = 120.0

_COMMAND_S = 600.0
"""The limit of one command: apt may download."""

_BUILD_S = 1200.0


def needs(*programs: str) -> pytest.MarkDecorator:
    """Return the mark of a test that needs root and these programs. In CI, a missing one is a failure."""
    missing = [each for each in programs if shutil.which(each) is None]
    problem = f"not installed: {', '.join(missing)}" if missing else "needs root" if os.getuid() else ""
    return pytest.mark.skipif(bool(problem) and not os.environ.get("CI"), reason=problem)


needs_machine = needs("debootstrap", "systemd-nspawn", "slirp4netns", "nsenter")


class Machine:
    """A booted machine."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        """The process of its systemd."""

    def ask(
        self, *argv: str, user: str = "root", limit_s: float = _COMMAND_S, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as `user`; return its output (errors are part of it) and its status."""
        return subprocess.run(
            [*self._inside(user), *argv],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=limit_s,
        )

    def run(self, *argv: str, user: str = "root", status: int = 0, limit_s: float = _COMMAND_S) -> str:
        """Run a command that shall exit with `status`; return its output."""
        done = self.ask(*argv, user=user, limit_s=limit_s)
        assert done.returncode == status, (argv, done.returncode, done.stdout[-4000:])
        return done.stdout

    def sh(self, line: str, *, user: str = "root", status: int = 0, limit_s: float = _COMMAND_S) -> str:
        """Run a line of shell."""
        return self.run("bash", "-c", line, user=user, status=status, limit_s=limit_s)

    def start(self, *argv: str, user: str = "root") -> subprocess.Popen[str]:
        """Start a command with pipes; the caller ends it."""
        return subprocess.Popen(
            [*self._inside(user), *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def copy_in(self, source: Path, target: str) -> None:
        """Copy a file into the machine."""
        with source.open("rb") as file:
            subprocess.run([*self._inside("root"), "sh", "-c", f"cat > {target}"], stdin=file, check=True)

    def _inside(self, user: str) -> Sequence[str]:
        environment = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
        enter = ["nsenter", "-t", str(self.pid), "-a", *environment, "TERM=xterm-256color"]
        if user == "root":
            return [*enter, "HOME=/root", "DEBIAN_FRONTEND=noninteractive"]
        return [*enter, "runuser", "-u", user, "--", "env", f"HOME=/home/{user}", f"USER={user}", "SHELL=/bin/bash"]


@contextlib.contextmanager
def booted(suite: str = "bookworm", *, arguments: Sequence[str] = ()) -> Iterator[Machine]:
    """Yield a booted machine of its own, and end it. `arguments` go to systemd-nspawn."""
    base = base_root(suite)
    work = Path(tempfile.mkdtemp(prefix="pairterm-machine-", dir="/var/tmp"))
    for each in ("upper", "over", "root"):
        (work / each).mkdir()
    overlay = f"lowerdir={base},upperdir={work}/upper,workdir={work}/over"
    nspawn = [
        "systemd-nspawn", "--quiet", f"--directory={work}/root", "--register=no", "--keep-unit", "--console=pipe",
        "--private-network", "--resolv-conf=off", "--hostname=vm",
        f"--machine=pairterm-{os.getpid()}-{os.path.getctime(work):.0f}", "--boot", *arguments,
    ]  # fmt: skip
    line = f'mount -t overlay overlay -o "{overlay}" {work}/root && exec "$@"'
    process = subprocess.Popen(
        ["unshare", "--mount", "--propagation=private", "sh", "-c", line, "sh", *nspawn],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    network: subprocess.Popen[bytes] | None = None
    try:
        eventually(lambda: _first_process(process.pid) > 0, "systemd-nspawn started nothing", deadline_s=_BOOT_S)
        pid = _first_process(process.pid)
        machine = Machine(pid)
        eventually(
            lambda: machine.ask("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"),
            "the machine never booted",
            deadline_s=_BOOT_S,
        )
        network = subprocess.Popen(
            ["slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback", str(pid), "tap0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(lambda: "10.0.2." in machine.run("ip", "-brief", "address"), "no network", deadline_s=_BOOT_S)
        yield machine
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(_first_process(process.pid) or process.pid, signal.SIGKILL)
        process.wait(_BOOT_S)
        if network is not None:
            network.terminate()
            network.wait(_BOOT_S)
        shutil.rmtree(work, ignore_errors=True)


def joins(machine: Machine, command: str, line: str, shows: str) -> None:
    """Let bo join with their own ssh by the command of a link, type a line, and see what comes of it."""
    ssh = command.replace("ssh ", "ssh -tt -o StrictHostKeyChecking=accept-new ", 1)
    guest = machine.start("sh", "-c", f"stty -echo 2>/dev/null; exec {ssh}", user="bo")
    assert guest.stdin is not None
    assert guest.stdout is not None
    guest.stdin.write(f"{line}\r")
    guest.stdin.flush()
    seen = ""
    with guest:
        while shows not in seen:
            piece = os.read(guest.stdout.fileno(), 65_536).decode(errors="replace")
            assert piece, seen
            seen += piece
        guest.terminate()


def built_deb(into: Path, *options: str, environment: Mapping[str, str] | None = None) -> Path:
    """Build the Debian package of this checkout; return its path."""
    return _built("build-deb", into, *options, environment=environment)


def built_image(into: Path) -> Path:
    """Build the gateway's image of this checkout; return the path of the archive."""
    return _built("build-image", into)


def _built(script: str, into: Path, *options: str, environment: Mapping[str, str] | None = None) -> Path:
    done = subprocess.run(
        [str(ROOT / "scripts" / script), "--into", str(into), *options],
        env=os.environ | dict(environment or {}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=_BUILD_S,
    )
    return Path(done.stdout.splitlines()[-1])


def base_root(suite: str) -> Path:
    """Return the root of a suite, which nobody may change; make it the first time."""
    place = ROOT / "build" / "roots" / suite
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(f".{suite}.{os.getpid()}")
        command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", suite, str(fresh), _MIRROR]
        began_s = time.monotonic()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        (fresh / "etc/apt/sources.list").write_text(_SOURCES.format(suite=suite))
        (fresh / "etc/resolv.conf").unlink(missing_ok=True)
        (fresh / "etc/resolv.conf").write_text("nameserver 10.0.2.3\n")
        (fresh / "etc/hosts").write_text("127.0.0.1 localhost vm pair.example.org\n")
        fresh.rename(place)
        print(f"debootstrap {suite}: {time.monotonic() - began_s:.0f} s")
    return place


def _first_process(pid: int) -> int:
    """Return the systemd that systemd-nspawn, which is process `pid`, has started; 0 if there is none yet."""
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                return int(child)
    return 0
