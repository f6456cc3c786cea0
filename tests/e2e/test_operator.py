"""A gateway's operator: its state, a session's end there, no more guests, figures for Prometheus, a log as JSON."""

from __future__ import annotations

import json
import socket
import urllib.request
from typing import Any

import pytest

from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.world import World


def status(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.run("gateway", "status", "--json").stdout)
    return found


def test_status_counts_what_is_there(world: World) -> None:
    world.serve()
    links = world.new("ours")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    found = status(world)
    assert [(each["session"], each["guests"], each["links"]) for each in found["sessions"]] == [("ours", 1, 2)]
    assert found["guests"] == 1
    assert found["bytes_to_guests"] > 0
    assert found["memory_bytes"] > 10_000_000
    text = json.dumps(found) + world.run("gateway", "status").stdout
    assert links.ro.user not in text
    guest.keys("q")
    guest.has_exited()
    eventually(lambda: status(world)["guests"] == 0, "the guest is still counted")


def test_a_session_that_the_operator_ended_does_not_come_back_but_lives(world: World) -> None:
    world.serve()
    links = world.new("ours")
    other = world.new("other")
    guest, witness = world.ssh(links.ro), world.ssh(other.ro)
    guest.sees("here$")
    witness.sees("here$")
    world.run("gateway", "kick", "ours")
    assert "ended by the gateway's operator" in guest.has_exited(1)
    eventually(lambda: world.session("ours")["gateway"].startswith("away"), "the host thinks it is there")
    assert [each["session"] for each in status(world)["sessions"]] == ["other"]
    owner = world.attach("ours")
    owner.sees("here$")
    assert "here$" in witness.screen()
    assert "no session" in world.run("gateway", "kick", "ours", status=2).stderr


def test_a_drained_gateway_takes_nobody_and_ends_after_the_last_guest(world: World) -> None:
    process, serving = world.serve()
    links = world.new("ours")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    world.run("gateway", "drain")
    assert status(world)["is_draining"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(serving["listen"][0].rpartition(":")[2])), DEADLINE_S)
    assert "takes no more sessions" in world.run("new", "-d", "-s", "another", status=2).stderr
    assert process.poll() is None
    guest.keys("q")
    guest.has_exited()
    assert process.wait(DEADLINE_S) == 0


def test_figures_for_prometheus_on_loopback_and_a_log_as_json(world: World) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = world.root / "gateway.toml"
    config.write_text(f'metrics_port = {port}\nlog_format = "json"\n')
    world.serve("--config", str(config))
    links = world.new("ours")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE_S).read().decode()
    assert "pairterm_sessions 1.0" in text
    assert "pairterm_guests 1.0" in text
    assert 'pairterm_guests_by_transport{transport="ssh"} 1.0' in text
    assert 'pairterm_guests_by_transport{transport="web"} 0.0' in text
    assert "pairterm_cpu_seconds_total" in text
    assert "ours" not in text
    assert links.ro.user not in text
    lines = [json.loads(line) for line in (world.root / "serve.log").read_text().splitlines() if line.strip()]
    assert any("registered" in line["message"] for line in lines)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), DEADLINE_S).close()


def test_hooks_are_told_what_happened(world: World) -> None:
    config = world.root / "config" / "pairterm" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    before = config.read_text() if config.exists() else ""
    out = world.root / "hooked"
    config.write_text(before + f'\n[hooks]\njoin = "cat >> {out}"\nany = "echo $PAIRTERM_EVENT >> {out}.all"\n')
    links = world.new("ours")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    eventually(lambda: out.exists() and "\n" in out.read_text(), "no hook was run")
    record = json.loads(out.read_text().splitlines()[0])
    assert (record["event"], record["name"], record["address"]) == ("join", "guest-1", "127.0.0.1")
    world.run("kill", "-t", "ours")
    eventually(lambda: "end" in (world.root / "hooked.all").read_text().split(), "the end was told to nobody")
    assert links.ro.user not in out.read_text()
