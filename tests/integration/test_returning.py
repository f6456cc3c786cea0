"""Guests who share everything that a gateway can see of them: who comes back as whom after a lost link.

Two keyless guests behind one address with one link differ by their return tickets only.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pairterm.link.messages import (
    Echo,
    Input,
    Join,
    Joined,
    JoinPending,
    LookAt,
    Ping,
    Pong,
    RunCommand,
    ScreenUpdate,
    ShowText,
)
from pairterm.runtime.link_over_ssh import LINK_SUBSYSTEM
from tests.e2e.recorder import RECORDER
from tests.e2e.terminal import Terminal, eventually
from tests.e2e.test_from_elsewhere import Elsewhere, make
from tests.e2e.test_join import join
from tests.e2e.world import Link, Links, World
from tests.integration.test_attacks import NoQuestions
from tests.integration.test_hostile_join import HELLO, Joiner, joiner_at
from tests.integration.test_hostile_ssh import connected


def recorded(world: World) -> tuple[Links, Path]:
    """Start a session whose program records what reaches it."""
    path = world.root / "record"
    return world.new("ours", sys.executable, str(RECORDER), str(path)), path


@asynccontextmanager
async def keyless_at(link: Link) -> AsyncIterator[Joiner]:
    """Connect without a key where one is asked for and none is needed."""
    async with connected(link, client_factory=NoQuestions) as connection:
        yield Joiner(await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None))
        connection.abort()


async def enters(joiner: Joiner, ticket: bytes = b"") -> Joined:
    """Ask to be let in, with a ticket or without."""
    joiner.say(HELLO, Join(0, 24, 80, ticket=ticket))
    joined = await joiner.hear_until(Joined)
    assert isinstance(joined, Joined)
    return joined


async def types_nothing(joiner: Joiner, path: Path) -> None:
    """Type, and wait until that has come as far as it goes."""
    joiner.say(Input(0, b"evil"), RunCommand(0, "who"))
    await joiner.hear_until(ShowText)
    assert b"evil" not in await asyncio.to_thread(path.read_bytes)


def names(world: World) -> dict[str, str]:
    """Return the roles of those who are in, by their names."""
    return {each["name"]: each["role"] for each in json.loads(world.run("who", "-t", "ours", "--json").stdout)}


def kill_gateway(world: World) -> None:
    """Kill the gateway, and wait until the session is at the next one."""
    killed = world.gateway_pid()
    os.kill(killed, signal.SIGKILL)
    eventually(
        lambda: any(each.runs("pairterm.gateway") and each.pid != killed for each in world.processes()), "no gateway"
    )
    eventually(lambda: world.session("ours")["gateway"] == "connected", "the session never came to it")


async def test_a_watcher_does_not_come_back_as_the_guest_beside_it(world: World) -> None:
    """It came back first, from the same address by the same link, and had the other's name and right to type."""
    links, path = recorded(world)
    async with joiner_at(links.ro, is_in=False) as granted, joiner_at(links.ro, is_in=False) as watcher:
        tickets = [(await enters(each)).ticket for each in (granted, watcher)]
        granted.say(RunCommand(0, "name ana"))
        await granted.hear_until(ShowText)
        await asyncio.to_thread(world.run, "grant", "-t", "ours", "ana", "rw")
        await asyncio.to_thread(kill_gateway, world)
    assert len(set(tickets)) == 2
    assert all(len(each) >= 16 for each in tickets)
    async with (
        joiner_at(links.ro, is_in=False) as watcher,
        joiner_at(links.ro, is_in=False) as stranger,
        joiner_at(links.ro, is_in=False) as forger,
        joiner_at(links.ro, is_in=False) as granted,
    ):
        assert (await enters(watcher, tickets[1])).role == "ro"
        assert (await enters(stranger)).role == "ro"
        assert (await enters(forger, bytes(16))).role == "ro"
        for each in (watcher, stranger, forger):
            await types_nothing(each, path)
        assert (await enters(granted, tickets[0])).role == "rw"
        granted.say(Input(0, b"ana was here"))
        await asyncio.to_thread(eventually, lambda: b"ana was here" in path.read_bytes(), "the guest lost its right")
        assert (await asyncio.to_thread(names, world))["ana"] == "rw"


async def test_a_guest_who_was_still_knocking_knocks_again(world: World) -> None:
    """It got in by the place of the guest beside it, whom the owner had let in."""
    links, _ = recorded(world)
    async with joiner_at(links.ro, is_in=False) as inside:
        await enters(inside)
        await asyncio.to_thread(world.run, "set", "-t", "ours", "ask", "on")
        async with keyless_at(links.ro) as knocking:
            knocking.say(HELLO, Join(0, 24, 80))
            await knocking.hear_until(JoinPending)
            await asyncio.to_thread(kill_gateway, world)
    async with keyless_at(links.ro) as knocking:
        knocking.say(HELLO, Join(0, 24, 80))
        assert isinstance(await knocking.hear_until(Joined, JoinPending), JoinPending)


async def test_a_guest_comes_back_from_a_connection_whose_loss_nobody_has_noticed(world: World) -> None:
    """It is there once, as it was; the connection that it had before is ended."""
    links, path = recorded(world)
    async with joiner_at(links.ro, is_in=False) as before, joiner_at(links.ro, is_in=False) as after:
        ticket = (await enters(before)).ticket
        before.say(RunCommand(0, "name ana"))
        await before.hear_until(ShowText)
        await asyncio.to_thread(world.run, "grant", "-t", "ours", "ana", "rw")
        again = await enters(after, ticket)
        assert again.role == "rw"
        await before.is_dropped()
        after.say(Input(0, b"once"))
        await asyncio.to_thread(eventually, lambda: b"once" in path.read_bytes(), "it can't type")
        assert await asyncio.to_thread(names, world) == {"ana": "rw"}


async def test_a_ticket_is_told_to_its_guest_and_nobody_else(world: World) -> None:
    links, _ = recorded(world)
    async with joiner_at(links.rw, is_in=False) as other, joiner_at(links.ro, is_in=False) as guest:
        await enters(other)
        ticket = (await enters(guest)).ticket
        guest.say(RunCommand(0, "name ana"))
        await guest.hear_until(ShowText)
        other.say(RunCommand(0, "who"), Ping())
        heard: list[object] = []
        while not isinstance(message := await other.hear(), Pong):
            heard.append(message)
        assert "ana" in repr(heard)
        assert repr(ticket)[2:-1] not in repr(heard)
    told = await asyncio.to_thread(
        lambda: "".join(
            world.run(*words, "-t", "ours").stdout
            for words in (["who", "--json"], ["audit", "--json"], ["show-messages"])
        )
    )
    told += world.log()
    assert "ana" in told
    for form in (ticket.hex(), repr(ticket)[2:-1]):
        assert form not in told


@pytest.fixture
def elsewhere(world: World) -> Iterator[Elsewhere]:
    yield from make(world)


def test_guests_by_ssh_are_who_they_were_when_their_host_is_back(elsewhere: Elsewhere) -> None:
    """Their gateway keeps their tickets: one of two behind one address had the other's role afterwards."""
    world = elsewhere.world
    links = elsewhere.new("ours")
    watcher = world.ssh(links.ro)
    watcher.sees("here$")
    granted = world.ssh(links.ro)
    granted.sees("here$")
    world.run("grant", "-t", "ours", "guest-2", "rw")
    joined = join(world, links.rw)
    joined.sees("here$")
    joined.keys("C-b", ":")
    joined.enter("name ana")
    joined.sees("called ana")
    before = names(world)
    elsewhere.wire.cut()
    eventually(lambda: world.session("ours")["gateway"] != "connected", "the loss was never noticed")
    elsewhere.wire.mend()
    eventually(lambda: world.session("ours")["gateway"] == "connected", "the session never came back")
    eventually(lambda: len(names(world)) == 3, "not all are back")
    assert names(world) == before == {"guest-1": "ro", "guest-2": "rw", "ana": "rw"}
    granted.enter("echo back-$((1+1))")
    watcher.sees("\nback-2")


def windows_of(world: World) -> None:
    """Give the session a second window, of two panes, and a third one. The first one stays in front."""
    world.run("new-window", "-d", "-t", "ours:1", "cat")
    world.run("split-window", "-d", "-t", "ours:1", "cat")
    world.run("new-window", "-d", "-t", "ours:2", "cat")


def ids(world: World) -> dict[str, tuple[int, int]]:
    """Return the numbers of each window and pane, by their place such as `1.0`."""
    lines = world.run("list-panes", "-s", "-t", "ours:", "-F", "#{window_index}.#{pane_index} #{window_id} #{pane_id}")
    words = [each.split() for each in lines.stdout.splitlines()]
    return {place: (int(window.strip("@")), int(pane.strip("%"))) for place, window, pane in words}


async def looks_at(joiner: Joiner, place: tuple[int, int], *, follows: bool) -> None:
    """Wait until the guest is told that they look at this window and pane, by their own view or not."""
    while True:
        look = await joiner.hear_until(LookAt)
        if look.client is not None and look.window is not None and not follows and (look.window, look.pane) == place:
            return
        if look.client is None and follows and (look.window, look.pane) == place:
            return


async def shows(joiner: Joiner, pane: int) -> None:
    """Wait for a picture of this pane."""
    while (await joiner.hear_until(ScreenUpdate, Echo)).pane != pane:
        pass


@pytest.mark.parametrize("loss", ["gateway", "connection"])
async def test_guests_are_back_at_their_window_and_pane_and_a_late_one_is_with_the_leader(
    world: World, loss: str
) -> None:
    """One guest has a view of their own, and one follows, also afterwards."""
    links, _ = await asyncio.to_thread(recorded, world)
    await asyncio.to_thread(windows_of, world)
    places = await asyncio.to_thread(ids, world)
    async with joiner_at(links.rw, is_in=False) as own, joiner_at(links.ro, is_in=False) as follower:
        tickets = [(await enters(each)).ticket for each in (own, follower)]
        own.say(RunCommand(0, "follow off"), RunCommand(0, "select-window -t :1"), RunCommand(0, "select-pane -t :.1"))
        await looks_at(own, places["1.1"], follows=False)
        await asyncio.to_thread(world.run, "select-window", "-t", "ours:2")
        await looks_at(follower, places["2.0"], follows=True)
        if loss == "gateway":
            await asyncio.to_thread(kill_gateway, world)
    await asyncio.to_thread(
        eventually, lambda: not world.session("ours")["clients"], "the guests' places were never empty"
    )
    async with (
        joiner_at(links.rw, is_in=False) as own,
        joiner_at(links.ro, is_in=False) as follower,
        joiner_at(links.ro, is_in=False) as late,
    ):
        await enters(own, tickets[0])
        await looks_at(own, places["1.1"], follows=False)
        await shows(own, places["1.1"][1])
        await enters(follower, tickets[1])
        await enters(late)
        for each in (follower, late):
            await looks_at(each, places["2.0"], follows=True)
            await shows(each, places["2.0"][1])
        await asyncio.to_thread(world.run, "select-window", "-t", "ours:0")
        for each in (follower, late):
            await looks_at(each, places["0.0"], follows=True)
        # The input of the guest with their own view reaches their own pane alone.
        own.say(Input(0, b"here I am"))
        await shows(own, places["1.1"][1])
        capture = await asyncio.to_thread(world.run, "capture-pane", "-p", "-t", "ours:1.1")
        assert "here I am" in capture.stdout


def row_of(terminal: Terminal, text: str) -> int:
    """Return the row of a terminal that shows a text."""
    return next(row for row, line in enumerate(terminal.screen().splitlines()) if text in line)


def test_people_by_ssh_look_where_they_did_when_their_host_is_back(elsewhere: Elsewhere) -> None:
    """The link of the host was cut: one guest has a view of their own, one follows, and one comes later."""
    world = elsewhere.world
    links = elsewhere.new("ours")
    world.run("new-window", "-d", "-t", "ours:1", "echo second-$((1+1)); cat")
    world.run("split-window", "-d", "-t", "ours:1", "echo below-$((1+3)); cat")
    world.run("new-window", "-d", "-t", "ours:2", "echo third-$((1+2)); cat")
    own, follower = world.ssh(links.rw), world.ssh(links.ro)
    for each in (own, follower):
        each.sees("here$")  # So no news of an arrival covers the answer.
    own.keys("C-b", "f")
    own.sees("you look for yourself now")
    own.keys("C-b", "1")
    own.sees("below-4")
    own.keys("C-b", "Down")
    eventually(
        lambda: own.facts("cursor_y")["cursor_y"] == str(row_of(own, "below-4") + 1), "the lower pane is never active"
    )
    world.run("select-window", "-t", "ours:2")
    follower.sees("third-3")
    elsewhere.wire.cut()
    eventually(lambda: world.session("ours")["gateway"] != "connected", "the loss was never noticed")
    elsewhere.wire.mend()
    eventually(lambda: world.session("ours")["gateway"] == "connected", "the session never came back")
    eventually(lambda: len(names(world)) == 2, "not all are back")
    own.enter("typed-by-own")
    own.wait(lambda screen: screen.count("typed-by-own") == 2, "echoed in their own window")
    assert world.run("capture-pane", "-p", "-t", "ours:1.1").stdout.count("typed-by-own") == 2, "not in their pane"
    assert "typed-by-own" not in follower.screen()
    late = world.ssh(links.ro)
    late.sees("third-3")
    follower.sees("third-3")
    world.run("select-window", "-t", "ours:0")
    for each in (follower, late):
        each.sees("here$")
    own.sees("second-2")
