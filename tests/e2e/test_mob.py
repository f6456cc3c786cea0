"""A mob of five with real ssh in real terminals: they knock, ask for the keyboard, take turns, talk.

With PAIRTERM_SCREENS set to a directory, what they see is written there, for docs/pairing.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pairterm.types import Size
from tests.e2e.terminal import Terminal, eventually
from tests.e2e.test_people import answer, command, people
from tests.e2e.world import World

SIZE = Size(rows=12, cols=72)


def keep(name: str, terminal: Terminal) -> None:
    """Write a screen down, if that is wanted."""
    if directory := os.environ.get("PAIRTERM_SCREENS"):
        (Path(directory) / name).write_text(terminal.screen().rstrip() + "\n")


@pytest.mark.slow
def test_a_mob_of_five(world: World) -> None:
    config = world.root / "config" / "pairterm" / "config.toml"
    config.write_text(config.read_text().replace("status = false", "status = true") if config.exists() else "")
    links = world.new("kata", options=["--ask"])
    owner = world.attach("kata", size=SIZE)
    owner.sees("here$")
    mob: dict[str, Terminal] = {}
    for count, name in enumerate(("ana", "bo", "chi", "dee", "eve"), 2):
        guest = mob[name] = world.ssh(links.rw, size=SIZE)
        guest.sees("waiting for the owner")
        owner.sees("knocks")
        if name == "ana":
            keep("knock-guest", guest)
            keep("knock-owner", owner)
        answer(owner, "y", lambda count=count: len(people(world, "kata")) == count)  # type: ignore[misc]  # bound now
        guest.sees("here$")
        command(guest, f"name {name}")
        eventually(lambda name=name: name in people(world, "kata"), f"{name} has no name")  # type: ignore[misc]

    # One drives at a time; whoever wants to asks.
    command(owner, "set seat on --rotate 10m")
    owner.sees("tester drives 10 min")
    mob["ana"].keys("C-b", "r")
    owner.sees("ana asks for the keyboard")
    keep("ask-owner", owner)
    answer(owner, "y", lambda: people(world, "kata")["ana"]["may_type"])
    mob["ana"].enter("echo ana-$((1+1))")
    for each in (owner, *mob.values()):
        each.sees("ana-2")
    assert [name for name, each in people(world, "kata").items() if each["may_type"]] == ["ana"]
    # The driver gives the keyboard on without the owner.
    mob["bo"].keys("C-b", "r")
    mob["ana"].sees("bo asks for the keyboard")
    answer(mob["ana"], "y", lambda: people(world, "kata")["bo"]["may_type"])
    mob["ana"].type("lost")
    mob["ana"].sees("bo has the keyboard: C-b r asks for it")
    command(mob["bo"], "pass")
    mob["chi"].sees("you have the keyboard")
    mob["chi"].enter("echo chi-$((2+2))")
    assert "lost" not in mob["dee"].sees("chi-4")

    # They talk; it is nobody's input.
    mob["dee"].keys("C-b", "m")
    mob["dee"].type("red, green, refactor")
    mob["dee"].keys("Enter")
    for each in (owner, mob["eve"]):
        each.sees("dee: red, green, refactor")
    keep("chat", mob["eve"])

    owner.keys("C-b", "D")
    owner.sees("6 in kata")
    keep("who", owner)
    owner.keys("Escape")
    owner.wait(lambda screen: "6 in kata" not in screen, "closed the list")
    command(owner, "kick eve --ban")
    assert "the owner has shown you out" in mob["eve"].has_exited(1)
    owner.keys("C-b", "!")
    if "(y/n)" in owner.wait(lambda screen: "(y/n)" in screen or "may not type any more" in screen, "asked or done"):
        owner.keys("y")
    mob["chi"].sees("you watch only now")
    keep("panic", mob["chi"])
    assert [name for name, each in people(world, "kata").items() if each["may_type"]] == ["tester"]
    owner.enter("exit")
    for name in ("ana", "bo", "chi", "dee"):
        assert "[kata ended]" in mob[name].has_exited()
