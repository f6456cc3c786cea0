"""`pairterm doctor`: what is right, and what is wrong with its remedy."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pairterm.cli.setup_shell import ShellSetup
from pairterm.cli.setup_steps import Steps
from tests.e2e.test_from_elsewhere import Elsewhere, make
from tests.e2e.world import World


@pytest.fixture
def elsewhere(world: World) -> Iterator[Elsewhere]:
    yield from make(world)


def findings(world: World, *options: str, status: int, environment: dict[str, str] | None = None) -> dict[str, Any]:
    done = world.run("doctor", "--json", *options, status=status, environment=environment)
    return {each["what"]: each for each in json.loads(done.stdout)}


def test_a_machine_that_is_right(world: World) -> None:
    ShellSetup(Steps(is_dry=False), world.home / ".local" / "share").install()
    found = findings(world, status=0)
    assert {"sockets", "state", "clock", "terminfo", "open files", "locale", "gateway"} <= found.keys()
    assert {
        "pairterm",
        "Python",
        "libraries",
        "command",
        "man pages",
        "crash reports",
        "completion, bash",
    } <= found.keys()
    assert all(each["ok"] and not each["advice"] for each in found.values())
    assert "ok    clock" in world.run("doctor").stdout


def test_an_installation_that_is_not_complete_or_of_another_version(world: World) -> None:
    found = findings(world, status=0)
    assert found["man pages"]["advice"] == "to install them: pairterm setup shell"
    assert found["completion, bash"]["ok"]
    share = world.home / ".local" / "share"
    ShellSetup(Steps(is_dry=False), share).install()
    (share / "man" / "man1" / "pairterm-ls.1").unlink()
    (share / "bash-completion" / "completions" / "pairterm").write_text("# of an older version\n")
    (world.state / "crash-reports").mkdir(parents=True)
    report = world.state / "crash-reports" / "crash-0123456789ab.txt"
    report.write_text("pairterm crash report\n")
    other = world.root / "bin"
    other.mkdir()
    (other / "pairterm").write_text("#!/bin/sh\nexit 0\n")
    (other / "pairterm").chmod(0o755)
    path = f"{other}:{world.environment['PATH']}"
    program = str(Path(sys.executable).parent / "pairterm")
    done = world.run_any(program, "doctor", "--json", status=1, environment={"PATH": path})
    wrong = {each["what"]: each for each in json.loads(done.stdout) if not each["ok"]}
    assert wrong.keys() == {"man pages", "completion, bash", "crash reports", "command"}
    assert "pairterm-ls.1" in wrong["man pages"]["found"]
    assert "pairterm setup shell" in wrong["completion, bash"]["advice"]
    assert str(report) in wrong["crash reports"]["found"]
    assert str(other / "pairterm") in wrong["command"]["found"]


def test_a_gateway_that_answers_and_one_that_does_not(world: World) -> None:
    serving, ready = world.serve()
    port = ready["listen"][0].rpartition(":")[2]
    right = findings(world, "--gateway", f"127.0.0.1:{port}", status=1)
    assert "SSH-2.0-pairterm" in right[f"port {port}, IPv4"]["found"]
    assert "the login was not tried" in right["host key"]["found"]
    assert ready["fingerprint"] in right["host key"]["advice"]
    serving.terminate()
    serving.wait(60)
    wrong = findings(world, "--gateway", f"127.0.0.1:{port}", status=1)[f"port {port}, IPv4"]
    assert not wrong["ok"]
    assert "firewall" in wrong["advice"]
    assert "pairterm serve" in findings(world, status=1)["gateway"]["advice"]


def test_another_server_on_the_port_is_no_gateway(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        port = server.getsockname()[1]
        found = findings(world, "--gateway", f"127.0.0.1:{port}", status=1)[f"port {port}, IPv4"]
        thread.join()
    assert "OpenSSH" in found["found"]
    assert "another server" in found["advice"]


def test_what_is_wrong_on_this_machine_is_told_with_its_remedy(world: World) -> None:
    blocked = world.root / "blocked"
    blocked.write_text("no directory")
    found = findings(world, status=1, environment={"LANG": "C", "LC_ALL": "C", "XDG_STATE_HOME": str(blocked)})
    assert "UTF-8" in found["locale"]["advice"]
    assert not found["state"]["ok"]
    assert findings(world, "--gateway", "nobody@here", status=1)["configuration"]["advice"]


def look_at(elsewhere: Elsewhere, *options: str, status: int) -> dict[str, Any]:
    return findings(elsewhere.world, "--gateway", f"127.0.0.1:{elsewhere.wire.port}", *options, status=status)


def test_the_way_of_a_host_is_tried_and_nothing_is_changed_by_it(elsewhere: Elsewhere) -> None:
    known = elsewhere.world.state / "known_hosts"
    found = look_at(elsewhere, status=1)
    assert elsewhere.fingerprint in found["host key"]["advice"]
    assert "login" not in found, "the key is not known yet"
    assert not known.exists()
    assert not (elsewhere.world.state / "id_ed25519").exists()
    elsewhere.new("ours")
    before = known.read_bytes()
    found = look_at(elsewhere, status=0)
    assert "accepts your key" in found["login"]["found"]
    assert found["clock and gateway"]["found"] == "the same as the gateway's"
    assert f"port {elsewhere.wire.port}, IPv6" in found, "told, whichever it is"
    assert known.read_bytes() == before


def test_a_key_that_is_not_taken_is_told_with_the_line_to_add(elsewhere: Elsewhere) -> None:
    elsewhere.new("ours")
    elsewhere.authorized.write_text("")
    wrong = look_at(elsewhere, status=1)["login"]
    assert not wrong["ok"]
    assert "authorized_hosts" in wrong["found"]


def test_a_host_key_that_changed_is_told(elsewhere: Elsewhere) -> None:
    elsewhere.new("ours")
    known = elsewhere.world.state / "known_hosts"
    known.write_text(known.read_text().replace("AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAC3NzaC1lZDI1NTE5AAAAJ"))
    wrong = look_at(elsewhere, status=1)["host key"]
    assert "HAS CHANGED" in wrong["found"]


@pytest.mark.parametrize(("skew_s", "status"), [(-3600, 1), (3600, 1), (10, 0)])
def test_a_clock_that_differs_from_the_gateways_is_told(elsewhere: Elsewhere, skew_s: int, status: int) -> None:
    """The doctor's own process has the wrong clock here, by a module that Python loads first."""
    elsewhere.new("ours")
    skew = elsewhere.world.root / "skew"
    skew.mkdir()
    (skew / "sitecustomize.py").write_text(f"import time\nreal = time.time\ntime.time = lambda: real() + {skew_s}\n")
    path = f"{skew}:{os.environ.get('PYTHONPATH', '')}"
    elsewhere.world.environment["PYTHONPATH"] = path
    found = look_at(elsewhere, status=status)["clock and gateway"]
    assert found["ok"] is (status == 0)
    if status:
        assert ("behind" if skew_s < 0 else "ahead") in found["found"]
        assert "timedatectl" in found["advice"]


def test_a_name_that_leads_elsewhere_is_told_to_the_operator(world: World) -> None:
    with socket.create_server(("127.0.0.2", 0)) as other:
        port = other.getsockname()[1]
        world.serve("--listen", f"127.0.0.1:{port}", "--advertise", "127.0.0.1")
        right = findings(world, status=0)
        assert right["leads here, IPv4"]["found"] == "127.0.0.1 is this gateway"
    second = world.root / "second"
    second.mkdir()
    environment = {"XDG_STATE_HOME": str(second)}
    process = world.start(
        "pairterm", "serve", "--json", "--link-socket", str(second / "g.sock"), "--listen", f"127.0.0.2:{port}",
        "--advertise", "127.0.0.1", environment=environment,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline()
    wrong = findings(world, "--gateway", str(second / "g.sock"), status=1, environment=environment)
    assert not wrong["leads here, IPv4"]["ok"]
    assert "advertise" in wrong["leads here, IPv4"]["advice"]


def test_a_name_without_an_address_is_told_to_the_operator(world: World) -> None:
    world.serve("--listen", "127.0.0.1:0", "--advertise", "pair.invalid")
    wrong = findings(world, status=1)["the name in links"]
    assert "no address" in wrong["found"]
    assert "advertise" in wrong["advice"]


def test_a_host_that_does_not_exist_is_wrong_and_nothing_else_is_said_of_it(world: World) -> None:
    found = findings(world, "--gateway", "no-such-host.invalid", status=1)
    assert "no-such-host.invalid has no address" in found["gateway"]["found"]
    assert not [name for name in found if name.startswith("port")]


def test_a_list_of_hosts_that_the_gateway_may_not_read_is_told_where_the_operator_looks(world: World) -> None:
    unreadable = world.root / "authorized_hosts"
    unreadable.mkdir()
    (world.root / "gateway.toml").write_text(f'[hosts]\nauthorized_hosts = "{unreadable}"\n')
    world.serve("--config", str(world.root / "gateway.toml"))
    text = f"no host can log in: {unreadable}: Is a directory"
    assert text in findings(world, status=1)["hosts"]["found"]
    assert f"PROBLEM {text}" in world.run("gateway", "status").stdout
    assert text in world.log()
