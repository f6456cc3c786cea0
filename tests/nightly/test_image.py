"""The image: built, and run as its guide says: another user than root, a root that is read only, one volume."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import eventually
from tests.nightly.machine import needs

pytestmark = needs("buildah", "podman", "crun", "mmdebstrap", "dpkg-deb")

_NAME = f"pairterm-test-{os.getpid()}"

_LIMIT_S = 1200.0

_MOST_BYTES = 100_000_000

# crun refuses a machine with cgroups of both versions. In a namespace of mounts it sees version 2 alone.
_UNIFIED = "umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; "

_RUN = (
    "--cgroups=disabled", "--network=none", "--health-interval=disable",
    "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096",
)  # fmt: skip
"""What the tests add to the guide's command: limits within those of this machine, and no timer, which takes systemd."""

_GUIDES = ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", f"--volume={_NAME}:/var/lib/pairterm")


def podman(*arguments: str, status: int | None = 0) -> str:
    line = f'{_UNIFIED} exec podman --cgroup-manager=cgroupfs "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "--propagation=private", "bash", "-c", line, "podman", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_LIMIT_S,
    )  # fmt: skip
    assert status is None or done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


@pytest.fixture
def container(image: Path) -> Iterator[str]:
    """Start the gateway, and wait until it serves."""
    podman("load", "--quiet", "--input", str(image))
    command: Sequence[str] = ("localhost/pairterm", "serve", "--config", "/etc/pairterm.toml", "--advertise", "vm")
    podman("run", "--detach", f"--name={_NAME}", *_GUIDES, *_RUN, *command)
    try:
        eventually(lambda: "listening on" in podman("logs", _NAME), "the gateway never started")
        yield _NAME
    finally:
        podman("rm", "--force", _NAME, status=None)
        podman("volume", "rm", _NAME, status=None)


def status(container: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(podman("exec", container, "/usr/bin/pairterm", "gateway", "status", "--json"))
    return found


def test_it_is_small(image: Path) -> None:
    assert image.stat().st_size <= _MOST_BYTES


def test_it_serves_without_root_and_without_a_shell(container: str) -> None:
    podman("healthcheck", "run", container)
    assert status(container)["host"] == "vm"
    facts = json.loads(podman("inspect", container))[0]
    assert facts["Config"]["User"] == "65532:65532"
    assert facts["HostConfig"]["ReadonlyRootfs"]
    assert len(facts["Mounts"]) == 1
    podman("exec", container, "/bin/sh", "-c", "true", status=127)
    line = "import os; print(os.getuid()); open('/etc/new', 'w')"
    found = podman("exec", container, "/usr/lib/pairterm/current/bin/python3", "-c", line, status=1)
    assert found.startswith("65532\n")
    assert "Read-only file system" in found


def test_the_volume_keeps_the_host_key_and_the_gateway_ends_at_once(container: str) -> None:
    before = status(container)["fingerprint"]
    podman("stop", "--time=30", container)
    assert json.loads(podman("inspect", container))[0]["State"]["ExitCode"] == 0
    podman("start", container)
    eventually(lambda: podman("logs", container).count("listening on") == 2, "it never started again")
    assert status(container)["fingerprint"] == before


def test_the_healthcheck_sees_a_gateway_that_is_stuck(container: str) -> None:
    podman("kill", "--signal=STOP", container)
    podman("healthcheck", "run", container, status=1)
    podman("kill", "--signal=CONT", container)
    podman("healthcheck", "run", container)
