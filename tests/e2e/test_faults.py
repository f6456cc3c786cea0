"""Faults that nobody foresaw, in the parts that run beside a session: they are told, and they end nothing else.

A fault is put into a host by a `sitecustomize` module: while the file `fault` is there,
the way to the gateway raises what none of our code expects.
"""

from __future__ import annotations

import os
import shutil
import signal
import textwrap
from pathlib import Path

import pytest

from tests.e2e.terminal import eventually
from tests.e2e.test_processes import running
from tests.e2e.world import World

FAULTY = """
    import os, pathlib, sys

    if "pairterm.host" in sys.orig_argv:
        from pairterm.host import local_gateways

        connect = local_gateways.UnixConnector.connect

        async def faulty(self, stream):
            if pathlib.Path(os.environ["FAULT"]).exists():
                raise RuntimeError("a fault that nobody foresaw")
            await connect(self, stream)

        local_gateways.UnixConnector.connect = faulty
"""


@pytest.fixture
def fault(world: World) -> Path:
    """The file that brings the fault about in hosts of this world."""
    directory = world.root / "faulty"
    directory.mkdir()
    (directory / "sitecustomize.py").write_text(textwrap.dedent(FAULTY))
    paths = [str(directory), *filter(None, [world.environment.get("PYTHONPATH")])]
    world.environment["PYTHONPATH"] = os.pathsep.join(paths)
    world.environment["FAULT"] = str(directory / "fault")
    return directory / "fault"


def state_of(world: World, name: str) -> str:
    return str(world.session(name)["gateway"])


def lose_the_gateway(world: World, fault: Path) -> None:
    """Have the fault happen at the next dial, and wait until the owner is told."""
    fault.touch()
    os.kill(world.gateway_pid(), signal.SIGKILL)
    told = "staying at the gateway failed (RuntimeError: a fault that nobody foresaw); it starts again"
    eventually(lambda: told in world.run("show-messages", "-t", "ours").stdout, "the owner was never told")
    assert "Traceback" in world.log()
    (report,) = (world.state / "crash-reports").iterdir()
    assert f"an internal error (RuntimeError); crash report: {report}" in world.log()
    assert "error: builtins.RuntimeError" in report.read_text()
    assert "a fault that nobody foresaw" not in report.read_text()


def test_a_fault_in_dialling_ends_no_redialling(world: World, fault: Path) -> None:
    """An exception that was not one of ours ended the redialling for good, and nobody was told."""
    world.new("ours")
    lose_the_gateway(world, fault)
    assert state_of(world, "ours").startswith("away")
    fault.unlink()
    eventually(lambda: state_of(world, "ours") == "connected", "the session never came back to a gateway")


def test_a_fault_in_dialling_leaves_no_process_behind(world: World, fault: Path) -> None:
    """The same exception came up again at the session's end, before its process tree was ended."""
    world.new("ours", "sh", "-c", "(setsid sh -c \"trap '' HUP TERM; sleep 1010\" </dev/null >/dev/null 2>&1 &); cat")
    eventually(lambda: bool(running(world, "1010")), "nothing was started")
    lose_the_gateway(world, fault)
    world.run("kill", "-t", "ours")
    eventually(lambda: not running(world, "1010"), lambda: f"left: {running(world, '1010')}")
    for path in world.runtime.glob(".gateway*"):
        path.unlink()  # Of the gateway that was killed: no other has come in its place.


def test_a_session_whose_sockets_were_removed_can_be_reached_again(world: World) -> None:
    """A program that cleans up /tmp removes sockets that nobody has used for days: the session ran on, out of reach."""
    links = world.new("ours")
    shutil.rmtree(world.runtime)
    eventually((world.runtime / "ours.sock").exists, "the socket was never made again")
    assert world.runtime.stat().st_mode & 0o777 == 0o700
    owner = world.attach("ours")
    owner.sees("here$")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    guest.enter("echo by-the-link-$((1+1))")
    owner.sees("\nby-the-link-2")
    assert "duplicate session" in world.run("new", "-d", "-s", "ours", status=2).stderr


def test_a_fault_of_a_command_is_a_report_and_one_line(world: World) -> None:
    """A command that failed inside showed a traceback with the values in the error's text."""
    directory = world.root / "faulty"
    directory.mkdir()
    (directory / "sitecustomize.py").write_text(
        "import pairterm.cli.local_query as query\n"
        "def broken():\n"
        "    raise RuntimeError('a token, rw-canary')\n"
        "query.live_sessions = broken\n"
    )
    world.environment["PYTHONPATH"] = os.pathsep.join([str(directory), world.environment.get("PYTHONPATH", "")])
    said = world.run("ls", status=1).stderr
    (report,) = (world.state / "crash-reports").iterdir()
    assert said.startswith("pairterm: internal error (RuntimeError): a crash report")
    assert str(report) in said
    assert said.count("\n") == 1
    assert "process: pairterm ls\n" in report.read_text()
    assert "rw-canary" not in said + report.read_text()
    assert "rw-canary" in world.run("--debug", "ls", status=1).stderr
