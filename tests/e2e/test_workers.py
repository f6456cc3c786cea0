"""`pairterm serve --workers`: several processes that are one gateway, also while one of them dies.

Guests land at any worker: the kernel chooses. So each test brings enough guests that all workers have some.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
from dataclasses import replace
from typing import Any

import asyncssh
import pytest

from pairterm.link.messages import Echo, Input, ScreenUpdate
from pairterm.link.relay import Disconnect, HostAway
from tests.e2e.terminal import eventually
from tests.e2e.world import Link, World
from tests.integration.test_hostile_join import Joiner, joiner_at

_MANY = 16
"""Guests. With two workers, one of 65,000 runs has all of them at one worker; a test asks for more then."""


def workers(world: World) -> list[dict[str, Any]]:
    """Return the state of each worker; one that has just died is missing."""
    path = str(world.root / "gateway.sock")
    found: dict[str, Any] = json.loads(world.run("gateway", "status", "--json", "--link-socket", path).stdout)
    return [each for each in found["workers"] if "pid" in each]


async def guests(stack: contextlib.AsyncExitStack, world: World, link: Any) -> list[Joiner]:
    """Return guests who are in, at all workers."""
    found: list[Joiner] = []
    while len(found) < _MANY or not all(each["guests"] for each in workers(world)):
        found.append(await stack.enter_async_context(joiner_at(link)))
    return found


async def test_guests_of_all_workers_are_in_one_session_and_follow_it_when_its_worker_is_killed(world: World) -> None:
    serving, _ = world.serve("--workers", "2")
    script = 'while read -r line; do echo "got:$line"; done'
    links = world.new("ours", "sh", "-c", script)
    async with contextlib.AsyncExitStack() as stack:
        joiners = await guests(stack, world, links.rw)
        for number, joiner in enumerate(joiners):
            joiner.say(Input(0, b"from-%d\r" % number))
        eventually(
            lambda: all(f"got:from-{number}\n" in shown(world) for number in range(len(joiners))),
            "not all guests could type",
        )
        assert len(json.loads(world.run("who", "-t", "ours", "--json").stdout)) == len(joiners)
        before = workers(world)
        (home,) = [each["pid"] for each in before if each["sessions"]]
        at_home = next(each["guests"] for each in before if each["pid"] == home)
        os.kill(home, signal.SIGKILL)
        fates = [await fate(each) for each in joiners]
        assert fates.count("lost") == at_home
        assert fates.count("away, and back") == len(joiners) - at_home
        eventually(lambda: len(workers(world)) == 2, "no other worker was started")
        newcomers = [await stack.enter_async_context(joiner_at(links.ro)) for _ in range(_MANY)]
        serving.terminate()
        for each in newcomers:
            farewell = await each.hear_until(Disconnect)
            assert farewell.may_return
            assert "run the same command again" in farewell.text
    assert serving.wait(30) == 0
    assert re.search(r"worker \d \(process \d+\) ended by signal 9: it starts again", world.log())
    assert not (world.root / ".gateway.sock.workers").exists()


def shown(world: World) -> str:
    """Return what the session shows and has shown."""
    return world.run("capture-pane", "-p", "-S", "-", "-t", "ours").stdout


async def fate(joiner: Joiner) -> str:
    """Return what happens to a guest when the worker of their session is killed."""
    is_away = False
    while True:
        try:
            message = await joiner.hear()
        except (OSError, asyncssh.Error):
            return "lost"
        match message:
            case None:
                return "lost"
            case HostAway(seconds=None):
                pass
            case HostAway():
                is_away = True
            case ScreenUpdate() | Echo() if is_away:
                return "away, and back"


async def test_a_spoken_code_opens_the_session_once_at_any_worker_and_its_guest_comes_back(world: World) -> None:
    """The code is spent when its guest has come: after a loss, they come back by their ticket."""
    world.serve("--workers", "2")
    links = world.new("ours")
    async with contextlib.AsyncExitStack() as stack:
        joiners: list[Joiner] = []
        for _ in range(4):
            made = json.loads(world.run("link", "new", "--spoken", "--no-ask", "-t", "ours", "--json").stdout)
            code = Link(made["command"], made["user"], links.ro.host, links.ro.port)
            joiners.append(await stack.enter_async_context(joiner_at(code)))
        for refused in (code, replace(code, user=re.sub(r"[a-z]+$", "wrong", code.user))):
            # Its worker refuses it, or the host does: that worker may not know yet that it is spent.
            with pytest.raises((asyncssh.Error, AssertionError)):
                await stack.enter_async_context(joiner_at(refused))
        before = workers(world)
        (home,) = [each["pid"] for each in before if each["sessions"]]
        at_home = sum(each["guests"] for each in before if each["pid"] == home)
        os.kill(home, signal.SIGKILL)
        fates = [await fate(each) for each in joiners]
        assert fates.count("lost") == at_home
        assert fates.count("away, and back") == len(joiners) - at_home


def test_a_worker_that_cannot_start_ends_the_gateway_with_its_reason(world: World) -> None:
    """The port is somebody else's: the parent says so before there is any worker."""
    _, ready = world.serve("--workers", "2")
    taken = ready["listen"][0]
    done = world.run(
        "serve", "--workers", "2", "--listen", taken, "--link-socket", str(world.root / "other.sock"), status=1
    )
    assert f"can't listen on {taken}: Address already in use; port" in done.stderr
    assert "Traceback" not in done.stderr
    for wrong in ("0", "many", "1000"):
        assert "--workers" in world.run("serve", "--workers", wrong, status=2).stderr
