"""A gateway that has no file descriptor left: sessions and guests go on, newcomers are told so, it recovers.

T13. The limit of the running process is lowered by the kernel (prlimit), so what runs out is real.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import asyncssh
import pytest

from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.test_operator import status
from tests.e2e.world import World
from tests.integration.test_attacks import answer_at
from tests.integration.test_hostile_ssh import connected, opened, shows

FULL = b"The gateway is full, try again in a moment"


@contextlib.contextmanager
def no_descriptor_left(pid: int) -> Iterator[None]:
    """Let a process open no file beyond those it has open: numbers that are free below the highest are left."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    highest = max(int(each) for each in os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def fill(port: int) -> list[socket.socket]:
    """Come to the door until no number under the limit is left."""
    held: list[socket.socket] = []
    while not held or held[-1].recv(4) == b"SSH-":
        held.append(socket.create_connection(("127.0.0.1", port), DEADLINE_S))
    return held


def gateway_with(world: World, descriptors: int) -> tuple[subprocess.Popen[bytes], int]:
    """Start a gateway that may have so many descriptors; return it and its port."""
    path = world.root / "gateway.sock"
    line = f'ulimit -n {descriptors}; exec "$@"'
    serve = ["pairterm", "serve", "--json", "--listen", "127.0.0.1:0", "--advertise", "127.0.0.1"]
    with (world.root / "serve.log").open("ab") as log:
        process = world.start("sh", "-c", line, "sh", *serve, "--link-socket", str(path), stderr=log)
    world.environment["PAIRTERM_GATEWAY"] = str(path)
    assert process.stdout is not None
    serving: dict[str, Any] = json.loads(process.stdout.readline())
    return process, int(serving["listen"][0].rpartition(":")[2])


def test_without_a_descriptor_newcomers_are_told_and_all_others_go_on(world: World) -> None:
    gateway, _ = world.serve()
    links = world.new("ours")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    port = links.rw.port
    with no_descriptor_left(gateway.pid):
        held = fill(port)
        for _ in range(5):
            assert answer_at(port).startswith(FULL)
        guest.enter("echo typed-$((1+1))")
        guest.sees("typed-2")
        world.run("new", "-d", "-s", "late", "--", "cat")
        assert world.session("late")["gateway"] == "connected", "a host was shut out with the guests"
        assert answer_at(port).startswith(FULL)
    for each in held:
        each.close()
    eventually(lambda: answer_at(port).startswith(b"SSH-"), "the door never opened again")
    assert world.log().count("out of file descriptors") == 1, "the log is flooded"
    audit = [json.loads(line) for line in world.run("gateway", "audit", "--json").stdout.splitlines()]
    assert ("refused", "127.0.0.1", "descriptors") in [
        (each["event"], each.get("address"), each.get("why")) for each in audit
    ]
    guest.enter("echo after-$((2+2))")
    guest.sees("after-4")


async def test_quotas_fit_into_the_descriptors_that_there_are(world: World) -> None:
    gateway_with(world, 80)
    links = world.new("ours", "cat")
    room = status(world)["max_guests"]
    assert 2 <= room < 40
    async with contextlib.AsyncExitStack() as stack:
        watcher = await stack.enter_async_context(connected(links.ro))
        process = await opened(watcher)
        await shows(process, b"\x1b[")
        # Those who log in and open nothing hold a place like all others.
        others = [await stack.enter_async_context(connected(links.rw)) for _ in range(room - 1)]
        with pytest.raises(asyncssh.Error, match="the gateway is full, try again later"):
            async with connected(links.rw):
                pass
        assert "the gateway is full" in world.run_any(*world.ssh_command(links.rw, "-tt"), status=255).stderr
        world.run("new", "-d", "-s", "late", "--", "cat")
        assert world.session("late")["gateway"] == "connected", "guests have taken the sessions' places"
        process.change_terminal_size(40, 10)
        assert await process.stdout.read(65536), "who is in sees nothing any more"
        others[0].close()
        await others[0].wait_closed()
        eventually(lambda: status(world)["guests"] < room, "a guest who left still holds a place")
        async with connected(links.rw) as late:
            await shows(await opened(late), b"\x1b[")


def test_a_limit_for_next_to_nothing_is_said_at_the_start(world: World) -> None:
    done = world.run_any(
        "sh", "-c", 'ulimit -n 40; exec "$@"', "sh", "pairterm", "serve", "--listen", "127.0.0.1:0",
        "--link-socket", str(world.root / "g.sock"), status=1,
    )  # fmt: skip
    assert "only 40 file descriptors are allowed: raise the limit" in done.stderr


def test_links_without_a_session_are_bounded_for_one_user(world: World) -> None:
    """One user of a machine could hold all descriptors of its gateway by connecting to its link socket."""
    config = world.root / "gateway.toml"
    config.write_text("max_sessions_per_user = 3\n")
    world.serve("--config", str(config))
    held = []
    try:
        for _ in range(4):
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(DEADLINE_S)
            link.connect(str(world.root / "gateway.sock"))
            held.append(link)
        said = b""
        while piece := held[-1].recv(65536):
            said += piece
        assert b"too many of your links wait" in said
    finally:
        for each in held:
            each.close()
    eventually(lambda: world.run("new", "-d", "-s", "ours", "--", "cat", status=None).returncode == 0, "still shut out")
