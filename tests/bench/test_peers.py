"""A smoke run of the bench against peers: everything starts, is measured and ends. No figure is held to anything."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.peers.targets import missing_for_sshd

_SMALL = ["--rounds", "1", "--keys", "3", "--pauses", "2,35", "--crowds", "2", "--memory-crowds", "2",
          "--lines", "20000", "--observers", "3", "--sessions", "2", "--seconds", "1"]  # fmt: skip


def _run(tmp_path: Path, *arguments: str) -> dict[str, dict[str, list[float]]]:
    path = tmp_path / "samples.json"
    argv = [sys.executable, "-m", "tests.bench.peers", *_SMALL, *arguments, "--json", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, list[float]]] = json.loads(path.read_text())["samples"]
    return found


pytestmark = [pytest.mark.slow, pytest.mark.nightly]


@pytest.mark.skipif(sys.platform != "linux", reason="costs are read from /proc")
def test_pairterm_runs_the_course(tmp_path: Path) -> None:
    samples = _run(tmp_path, "--only", "pairterm")["pairterm"]
    assert len(samples["echo 2"]) == 3
    assert {"flood 2", "interrupt 2", "join 2", "memory per watcher 2", "idle host memory"} <= samples.keys()
    assert all(samples[f"echo at {pause_ms} ms, {watchers}"] for pause_ms in (2, 35) for watchers in (0, 2))
    assert {
        "3 observers: age",
        "2 idle sessions of 4: memory",
        "ten watchers: age",
        "relayed session: echo",
    } <= samples.keys()
    assert all(samples.values())


@pytest.mark.skipif(bool(missing_for_sshd()) or not shutil.which("tmux"), reason="needs openssh-server and tmux")
def test_sshd_and_tmux_run_the_course(tmp_path: Path) -> None:
    samples = _run(tmp_path, "--only", "sshd", "--limits", "none")["sshd + tmux"]
    assert {
        "echo 2",
        "flood 2",
        "interrupt 2",
        "join 2",
        "memory per watcher 2",
        "flood detached tmux",
    } <= samples.keys()
