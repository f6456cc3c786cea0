"""The gateway's own audit: what its operator can know of hosts, guests and strangers, and no more."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.test_people import answer, people
from tests.e2e.test_refusals import wrong
from tests.e2e.world import World


def audit(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in world.run("gateway", "audit", "--json").stdout.splitlines()]


def events(world: World) -> list[str]:
    return [each["event"] for each in audit(world)]


def test_who_came_whence_with_which_key_and_what_became_of_them(world: World) -> None:
    key = world.root / "ana"
    world.run_any("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key), "-C", "ana")
    gateway, _ = world.serve()
    links = world.new("ours", options=["--ask"])
    owner = world.attach("ours")
    owner.sees("here$")
    guest = world.ssh(links.rw, "-i", str(key))
    owner.sees("knocks")
    answer(owner, "y", lambda: len(people(world, "ours")) == 2)
    guest.sees("here$")
    world.run("say", "-t", "ours", "canary in the chat")
    guest.enter("echo canary in the shell")
    world.run("revoke", "-t", "ours", "2")
    world.run("kick", "-t", "ours", "2")
    guest.has_exited(1)
    world.run_any(*world.ssh_command(wrong(links.rw), "-tt"), status=255)
    world.run("kill", "-t", "ours")
    gateway.terminate()
    assert gateway.wait(DEADLINE_S) == 0

    found = audit(world)
    assert [each["event"] for each in found] == [
        "start", "session", "knock", "join", "role", "shown-out", "refused", "session-end", "stop",
    ]  # fmt: skip
    by_event = {each["event"]: each for each in found}
    fingerprint = world.run_any("ssh-keygen", "-lf", str(key.with_suffix(".pub"))).stdout.split()[1]
    join = by_event["join"]
    assert (join["session"], join["role"], join["address"], join["key"]) == ("ours", "rw", "127.0.0.1", fingerprint)
    assert join["owner"] == f"uid {os.getuid()}"
    assert by_event["role"]["role"] == "ro"
    assert by_event["shown-out"]["why"] == "kicked"
    assert (by_event["refused"]["address"], by_event["refused"]["why"]) == ("127.0.0.1", "link")
    text = json.dumps(found)
    for secret in (links.rw.user[3:], links.ro.user[3:], "canary"):
        assert secret not in text
    path = world.state / "gateway-audit.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    # People read it without the operator's help as well, session and all.
    assert "session=ours" in world.run("gateway", "audit").stdout


def test_a_flood_of_refusals_costs_a_line_and_a_count(world: World) -> None:
    gateway, _ = world.serve()
    links = world.new("ours", "cat")
    for _ in range(12):
        world.run_any(*world.ssh_command(wrong(links.rw), "-tt"), status=255)
    gateway.terminate()
    gateway.wait(DEADLINE_S)
    refused = [each for each in audit(world) if each["event"] == "refused"]
    # A source that presents wrong links is slowed, and not refused: there is one reason, and so one line.
    assert len([each for each in refused if "times" not in each]) == 1
    assert sum(each.get("times", 1) for each in refused) == 12


def test_it_is_followed_kept_elsewhere_and_rotated(world: World) -> None:
    path = world.root / "audit" / "here.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps({"event": "older", "filler": "x" * 3400}) + "\n")
    config = world.root / "gateway.toml"
    config.write_text(f'[audit]\nfile = "{path}"\nmax_bytes = 4096\n')
    world.serve("--config", str(config))
    follower = world.start("pairterm", "gateway", "audit", "--follow", "--json")
    assert follower.stdout is not None
    assert json.loads(follower.stdout.readline())["event"] == "older"
    assert json.loads(follower.stdout.readline())["event"] == "start"
    for number in range(4):
        world.new(f"s{number}", "cat")
        assert json.loads(follower.stdout.readline())["session"] == f"s{number}"
        world.run("kill", "-t", f"s{number}")
        assert json.loads(follower.stdout.readline())["event"] == "session-end"
    assert path.with_name("here.jsonl.1").exists()
    assert path.stat().st_size <= 4096
    assert not (world.state / "gateway-audit.jsonl").exists()


def test_it_can_be_turned_off(world: World) -> None:
    config = world.root / "gateway.toml"
    config.write_text("[audit]\nenabled = false\n")
    world.serve("--config", str(config))
    world.new("ours", "cat")
    assert "writes no audit" in world.run("gateway", "audit", status=2).stderr
    assert not [each for each in Path(world.state).iterdir() if each.name.startswith("gateway-audit")]


def test_an_audit_on_a_full_disk_costs_lines_and_nothing_else(world: World) -> None:
    config = world.root / "gateway.toml"
    config.write_text('[audit]\nfile = "/dev/full"\n')
    world.serve("--config", str(config))
    links = world.new("ours")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    eventually(lambda: "can't be written" in world.log(), "nobody is told")
    assert world.log().count("can't be written") == 1
