"""A place for containers: namespaces of their own for mounts and for the network, in which podman runs as root.

Containers have a bridge there, names, and published ports, and this machine's network stays as it is. The images are
the machine's. It needs Debian's packages `podman`, `crun`, `netavark`, `aardvark-dns`, `iptables` and `systemd`.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["ContainerPlace", "container_place"]

_LIMIT_S = 1200.0

# crun refuses a machine with cgroups of both versions. In this namespace of mounts it sees version 2 alone.
_ENTER = """\
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup && ip link set lo up && echo made && exec sleep infinity
"""

_SETTINGS = """\
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
[network]
network_backend = "netavark"
"""
"""Limits within those of this machine, and neither cgroups nor a journal, which a machine without systemd lacks."""

_PROXY = "/usr/lib/systemd/systemd-socket-proxyd"


class ContainerPlace:
    """The namespaces, which live as long as the process `pid`."""

    def __init__(self, pid: int, settings: Path) -> None:
        self._enter = ("nsenter", f"--target={pid}", "--mount", "--net")
        self._environment = {
            **os.environ,
            "CONTAINERS_CONF": str(settings),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        self._proxies: list[subprocess.Popen[bytes]] = []

    def run(self, *argv: str, status: int | None = 0, at: Path | None = None) -> str:
        """Run a command; return its output. `status` None: it may fail."""
        done = subprocess.run(
            [*self._enter, f"--wd={at or '/'}", *argv],
            env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=_LIMIT_S,
        )  # fmt: skip
        assert status is None or done.returncode == status, (argv, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def forwarded(self, port: int) -> int:
        """Return a port of this machine's loopback that leads to the port `port` of the place's."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.set_inheritable(True)
            place = f"exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec {_PROXY} 127.0.0.1:{port}"
            self._proxies.append(subprocess.Popen([*self._enter, "bash", "-c", place], pass_fds=[listener.fileno()]))
            found: int = listener.getsockname()[1]
            return found

    def close(self) -> None:
        """End the ports of `forwarded`."""
        for each in self._proxies:
            each.terminate()
            each.wait()


@contextlib.contextmanager
def container_place(directory: Path) -> Iterator[ContainerPlace]:
    """Yield a new place. `directory` takes podman's settings."""
    settings = directory / "containers.conf"
    settings.write_text(_SETTINGS)
    command = ["unshare", "--mount", "--net", "--propagation=private", "sh", "-c", _ENTER]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "made\n"
            place = ContainerPlace(holder.pid, settings)
            yield place
            place.close()
        finally:
            holder.kill()
