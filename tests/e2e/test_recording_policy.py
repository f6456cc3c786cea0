"""A gateway whose operator requires recordings, and one whose operator forbids them."""

from __future__ import annotations

import os
import signal

import pytest

from pairterm.types import Size
from tests.e2e.terminal import eventually
from tests.e2e.test_recorder_failures import recorders
from tests.e2e.world import World

SIZE = Size(rows=24, cols=90)


def serve(world: World, policy: str) -> None:
    config = world.root / "gateway.toml"
    config.write_text(f'record = "{policy}"\n')
    world.serve("--config", str(config))


@pytest.mark.slow
def test_a_gateway_takes_only_sessions_that_are_recorded(world: World) -> None:
    """If the recording can't go on, the session leaves the gateway: its guests were promised a recording."""
    serve(world, "always")
    refused = world.run("new", "-d", "-s", "plain", status=None)
    assert "the gateway takes only sessions that are recorded: pairterm new --record" in refused.stderr
    world.run("kill", "-t", "plain", status=None)

    file = world.root / "kept.cast"
    links = world.new("kept", options=("--record", str(file)))
    guest = world.ssh(links.rw, size=SIZE)
    guest.sees("here$")
    denied = world.run("record", "-t", "kept", "--off", status=None)
    assert "the gateway takes only sessions that are recorded" in denied.stderr
    eventually(lambda: file.exists() and '"o"' in file.read_text(), "nothing is recorded")

    (world.state / "recording_key").write_bytes(b"no key")  # No other recorder can start now.
    os.kill(recorders(world)[0], signal.SIGKILL)
    guest.has_exited(1)
    world.run("kill", "-t", "kept")


def test_a_gateway_takes_no_sessions_that_are_recorded(world: World) -> None:
    serve(world, "off")
    refused = world.run("new", "-d", "-s", "kept", "--record", str(world.root / "kept.cast"), status=None)
    assert "the gateway takes no sessions that are recorded" in refused.stderr
    world.run("kill", "-t", "kept", status=None)

    world.new("plain")
    denied = world.run("record", "-t", "plain", status=None)
    assert "the gateway takes no sessions that are recorded" in denied.stderr
    world.run("kill", "-t", "plain")
