"""`pairterm doctor`: what is right, and what is wrong with its remedy."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

from tests.e2e.world import World


def findings(world: World, *options: str, status: int, environment: dict[str, str] | None = None) -> dict[str, Any]:
    done = world.run("doctor", "--json", *options, status=status, environment=environment)
    return {each["what"]: each for each in json.loads(done.stdout)}


def test_a_machine_that_is_right(world: World) -> None:
    found = findings(world, status=0)
    assert {"sockets", "state", "clock", "terminfo", "open files", "locale", "gateway"} <= found.keys()
    assert all(each["ok"] and not each["advice"] for each in found.values())
    assert "ok    clock" in world.run("doctor").stdout


def test_a_gateway_that_answers_and_one_that_does_not(world: World) -> None:
    serving, ready = world.serve()
    port = ready["listen"][0].rpartition(":")[2]
    right = findings(world, "--gateway", f"127.0.0.1:{port}", status=0)
    assert "SSH-2.0-pairterm" in right[f"port {port}, IPv4"]["found"]
    assert "is not in" in right["host key"]["found"]
    serving.terminate()
    serving.wait(30)
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
