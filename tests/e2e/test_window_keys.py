"""Windows and panes by the keys that people know from tmux, in real terminals."""

from __future__ import annotations

from tests.e2e.test_viewing import configure, has_status
from tests.e2e.world import World

COUNT = "for n in $(seq 200); do echo line-$n; done"


def test_windows_are_opened_and_chosen_by_keys_and_a_guest_follows(world: World) -> None:
    configure(world, "")
    links = world.new("ours")
    owner = world.attach("ours")
    guest = world.ssh(links.ro)
    for each in (owner, guest):
        each.sees("here$")
    owner.enter("echo first-$((1+0))")
    owner.keys("C-b", "c")
    for each in (owner, guest):
        has_status(each, " 0:", " 1:", "* ")
    owner.enter("echo second-$((1+1))")
    assert "first-1" not in guest.sees("second-2")
    owner.keys("C-b", "p")
    for each in (owner, guest):
        assert "second-2" not in each.sees("first-1")
    owner.keys("C-b", "l")
    guest.sees("second-2")


def test_the_history_of_a_pane_stands_beside_the_other_pane(world: World) -> None:
    configure(world, "")
    world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    owner.enter("echo left-$((1+1))")
    owner.sees("left-2")
    owner.keys("C-b", "%")
    owner.sees("│here$")
    owner.enter(COUNT)
    owner.sees("│line-200")
    owner.keys("C-b", "[", "g")
    screen = owner.sees("│line-1\n")
    assert "left-2" in screen
    owner.keys("q")
    owner.sees("│line-200")
    owner.keys("C-b", "q")
    owner.keys("x")
    owner.sees("│here$ x")


def test_a_window_is_chosen_from_the_list(world: World) -> None:
    configure(world, "")
    links = world.new("ours")
    world.run("new-window", "-d", "-n", "logs", "-t", "ours:1", "echo logs-$((1+1)); cat")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    guest.keys("C-b", "w")
    assert "1: logs " in guest.sees("who looks there")
    guest.keys("1")
    guest.sees("logs-2")
    guest.keys("C-b", "w")
    assert "1: logs*" in guest.sees("who looks there")
    guest.keys("Up", "Enter")
    guest.sees("here$")
