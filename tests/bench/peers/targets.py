"""What is measured: each target as it is installed, started on loopback with files of its own, and ended.

Nothing of the machine's is touched: own ports, own host key, own tmux server, own
directories. sshd runs as whoever runs the bench and lets in that user only. For
root, sshd then needs one process a connection instead of two: the peer's best case.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

import asyncssh

from pairterm.types import Size
from tests.bench.peers.account import descendants
from tests.bench.peers.client import Door

__all__ = ["BEFORE", "Pairterm", "SshTmux", "Target", "missing_for_sshd"]

BEFORE = "pairterm before"
"""The name of another checkout."""

_START_TIMEOUT_S = 60

_SSHD_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {root}/host_key
AuthorizedKeysFile {root}/authorized_keys
PidFile none
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
PrintLastLog no
MaxStartups 1000
LogLevel ERROR
SetEnv SHLVL=2
"""
"""SHLVL keeps bash, which sshd runs the command with, from the user's own .bashrc: that is not sshd's cost."""

_TMUX_CONFIG = """\
set -g status off
set -g window-size smallest
set -g history-limit 10000
set -g default-command "{shell}"
set -s escape-time 0
"""

_GATEWAY_CONFIG = """\
listen = ["127.0.0.1:0"]
max_unauthenticated = 1000
max_unauthenticated_per_source = 1000
max_sessions_per_user = 200
max_guests = 4000
max_guests_per_session = 4000
max_guests_per_source = 4000
[hosts]
allow = "anyone"
"""

_SHELL = ["env", "PS1=%READY% ", "bash", "--norc", "--noprofile"]


class Target(Protocol):
    """A shared shell that clients can come to."""

    name: str

    def start(self, size: Size) -> None:
        """Start the servers and one shell that shows `%READY%`."""

    def stop(self) -> None:
        """End everything that was started."""

    def door(self, *, may_type: bool) -> Door:
        """Return how a client comes in."""

    def server_pids(self) -> list[int]:
        """Return the processes that serve, not the shell itself."""


class Pairterm:
    """`pairterm serve` and `pairterm new -d`, from this checkout or another one."""

    def __init__(self, *, is_relayed: bool = False, workers: int = 1, checkout: Path | None = None) -> None:
        """`is_relayed`: the host reaches the gateway over SSH, as from another machine.

        `checkout`: where the code is; None: here.
        """
        self.name = "pairterm" if checkout is None else BEFORE
        self._checkout = checkout
        self._is_relayed = is_relayed
        self._workers = workers
        self._links: list[dict[str, Any]] = []
        self._gateway: subprocess.Popen[bytes] | None = None

    def start(self, size: Size, *, sessions: int = 1) -> None:
        """Start the gateway and so many sessions."""
        self._root = Path(tempfile.mkdtemp(prefix="ptb-"))
        self._prepare()
        self._link_socket = str(self._root / "link.sock")
        self.environment["PAIRTERM_GATEWAY"] = self._link_socket
        self._gateway, self._port = self._serve(self._link_socket, "--workers", str(self._workers))
        way = ["--gateway", f"127.0.0.1:{self._port}", "--accept-new"] if self._is_relayed else []
        for number in range(sessions):
            self._links.append(self._run("new", "-d", "--json", "-s", f"bench{number}", "-x", str(size.cols),
                                         "-y", str(size.rows), *way, "--", *_SHELL)["links"])  # fmt: skip

    def _prepare(self) -> None:
        """Write the configuration."""
        config = self._root / "config" / "pairterm" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text("status = false\n")
        (self._root / "gateway.toml").write_text(_GATEWAY_CONFIG)
        self.environment = os.environ | {
            "HOME": str(self._root),
            "PAIRTERM_TMPDIR": str(self._root),
            "XDG_CONFIG_HOME": str(self._root / "config"),
            "XDG_STATE_HOME": str(self._root / "state"),
            "LANG": "C.UTF-8",
        }
        self.environment.pop("PAIRTERM", None)
        if self._checkout is not None:
            self.environment["PYTHONPATH"] = str(self._checkout.resolve())

    def _serve(self, link_socket: str, *options: str) -> tuple[subprocess.Popen[bytes], int]:
        """Start a gateway; return it and its port."""
        with (self._root / "gateway.log").open("ab") as log:
            gateway = subprocess.Popen(
                [sys.executable, "-P", "-m", "pairterm", "serve", "--json",
                 "--config", str(self._root / "gateway.toml"), "--link-socket", link_socket, *options],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert gateway.stdout is not None
        listening = json.loads(gateway.stdout.readline())["listen"][0]
        return gateway, int(listening.rpartition(":")[2])

    def _run(self, *arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pairterm", *arguments],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=_START_TIMEOUT_S,
        )  # fmt: skip
        return json.loads(done.stdout)

    def owner_command(self, name: str, *arguments: str) -> None:
        """Give the first session a command of its owner's shell."""
        self._run(name, "-t", "bench0", "--json", *arguments)

    def stop(self) -> None:
        """End sessions and gateway."""
        for number in range(len(self._links)):
            self._run("kill", "-t", f"bench{number}", "--json")
        self._links.clear()
        if self._gateway is not None:
            self._gateway.terminate()
            self._gateway.wait()
            assert self._gateway.stdout is not None
            self._gateway.stdout.close()
        shutil.rmtree(self._root, ignore_errors=True)

    def door(self, *, may_type: bool, session: int = 0) -> Door:
        """Return how a client comes in: by a link, which is the user's name."""
        link = self._links[session]["ssh_rw" if may_type else "ssh_ro"]
        return Door(self._port, link["user"])

    def server_pids(self) -> list[int]:
        """Return the gateway and the hosts."""
        assert self._gateway is not None
        return [self._gateway.pid, *descendants(self._gateway.pid), *self.host_pids()]

    def workers(self) -> list[dict[str, Any]]:
        """Return the state of each worker; [] for a gateway of one process."""
        status = self._run("gateway", "status", "--json", "--link-socket", self._link_socket)
        found: list[dict[str, Any]] = status.get("workers", [])
        return found

    def host_pids(self) -> list[int]:
        """Return the hosts: one a session."""
        return [each["pid"] for each in self._run("ls", "--json")]


def missing_for_sshd() -> str:
    """Return what is not installed, "" if all is there."""
    needed = {"sshd": _sshd(), "tmux": shutil.which("tmux")}
    return ", ".join(name for name, path in needed.items() if path is None)


def _sshd() -> str | None:
    return shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


class SshTmux:
    """Debian's openssh-server, and `tmux attach` for everyone who comes, `attach -r` for watchers."""

    name = "sshd + tmux"

    def start(self, size: Size) -> None:
        """Start tmux with one shell, and sshd."""
        self._root = Path(tempfile.mkdtemp(prefix="ptb-"))
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        (self._root / "authorized_keys").write_bytes(self._key.export_public_key())
        host_key = self._root / "host_key"
        host_key.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
        host_key.chmod(0o600)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        config = self._root / "sshd_config"
        config.write_text(_SSHD_CONFIG.format(port=self._port, root=self._root))
        (self._root / "tmux.conf").write_text(_TMUX_CONFIG.format(shell=" ".join(f"'{each}'" for each in _SHELL)))
        self.socket = str(self._root / "tmux")
        self.tmux("new-session", "-d", "-s", "bench", "-x", str(size.cols), "-y", str(size.rows))
        self._tmux_pid = int(self.tmux("display-message", "-p", "#{pid}"))
        self._sshd = self._start_sshd(config)

    def _start_sshd(self, config: Path) -> subprocess.Popen[bytes]:
        program = _sshd()
        assert program is not None
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # Where sshd locks its unprivileged half in.
        with (self._root / "sshd.log").open("wb") as log:
            started = subprocess.Popen([program, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stderr=log)
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        while started.poll() is None and time.monotonic() < deadline_s:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port)):
                return started
            time.sleep(0.02)
        raise RuntimeError(f"sshd did not come up: {(self._root / 'sshd.log').read_text()}")

    def tmux(self, *arguments: str) -> str:
        """Run a tmux command on this target's server and return what it prints."""
        argv = ["tmux", "-u", "-S", self.socket, "-f", str(self._root / "tmux.conf"), *arguments]
        environment = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        return subprocess.run(
            argv, env=environment | {"LANG": "C.UTF-8"}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=True, timeout=600,
        ).stdout  # fmt: skip

    def stop(self) -> None:
        """End sshd, its connections and tmux."""
        connections = descendants(self._sshd.pid)
        self._sshd.terminate()
        self._sshd.wait()
        for pid in connections:
            with contextlib.suppress(OSError):
                os.kill(pid, 15)
        with contextlib.suppress(subprocess.CalledProcessError):
            self.tmux("kill-server")
        shutil.rmtree(self._root, ignore_errors=True)

    def door(self, *, may_type: bool) -> Door:
        """Return how a client comes in: by key, to its own `tmux attach`."""
        attach = f"exec tmux -u -S {self.socket} attach -t bench" + ("" if may_type else " -r")
        return Door(self._port, getpass.getuser(), self._key, attach)

    def server_pids(self) -> list[int]:
        """Return sshd with its processes, the tmux clients among them, and the tmux server."""
        return [self._sshd.pid, *descendants(self._sshd.pid), self._tmux_pid]
