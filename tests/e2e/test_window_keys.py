"""Windows and panes by the keys that people know from tmux, in real terminals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pairterm.types import Size
from tests.e2e.terminal import Terminal
from tests.e2e.test_viewing import configure, has_status
from tests.e2e.world import Links, World

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


WORKSPACE = "".join(f'[[window]]\nname = "w{index}"\ncommand = "echo in-w{index}; cat"\n' for index in range(10))


class Typist:
    """A person at a terminal. After each key, they list the panes, with a fact about the active one.

    The session obeys one client's commands in their order, so the list is about the state after the key. It is a page:
    it stays until the next key, and no message can take its place.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._lists = 0

    def press(self, *keys: str, gives: str) -> None:
        """Press the prefix and these keys; wait until the list says FORMAT=VALUE, as in `#I=3`."""
        self.terminal.keys("C-b", *keys)
        self.finds(gives)

    def finds(self, fact: str) -> None:
        """List the panes, wait until the list says FORMAT=VALUE, and close it."""
        self._lists += 1
        asked, _, value = fact.rpartition("=")
        line = f"list-panes -F '#{{?pane_active,list {self._lists}: {asked} .,-}}'"
        self.terminal.keys("C-b", ":", line, "Enter")
        self.terminal.sees(f"list {self._lists}: {value} .")
        self.terminal.keys("q")


@pytest.fixture
def shared(town: World) -> Iterator[tuple[Typist, Links]]:
    """An owner at a session of ten windows, and the session's links."""
    configure(town, "")
    workspace = town.home / "ten.toml"
    workspace.write_text(WORKSPACE)
    links = town.new("ten", options=("--layout", str(workspace)))
    owner = town.attach("ten", size=Size(rows=24, cols=120))
    has_status(owner, "0:w0*", "9:w9")
    yield Typist(owner), links
    town.run("kill", "-t", "ten")


def test_every_key_for_windows_and_panes(town: World, shared: tuple[Typist, Links]) -> None:
    owner, links = shared
    guest = Typist(town.ssh(links.ro))
    guest.terminal.sees("in-w0")
    for index in (3, 1, 2, 4, 5, 6, 7, 8, 9, 0):
        owner.press(str(index), gives=f"#I={index}")
    owner.press("n", gives="#I=1")
    owner.press("p", gives="#I=0")
    owner.press("l", gives="#I=1")
    owner.press("'", "7", "Enter", gives="#I=7")
    owner.press("c", gives="#I=10")
    has_status(owner.terminal, " 10:")
    owner.terminal.sees("here$")
    owner.press(",", "C-u", "mine", "Enter", gives="#W=mine")
    has_status(owner.terminal, " 10:mine*")
    owner.press(".", "15", "Enter", gives="#I=15")
    has_status(owner.terminal, " 15:mine*")
    owner.press("&", "y", gives="#{session_windows}=10")

    owner.press("0", gives="#I=0")
    owner.press('"', gives="#{window_panes} #P=2 1")
    owner.press("%", gives="#{window_panes} #P=3 2")
    for key, index in (("Left", 1), ("Up", 0), ("Down", 1), ("Right", 2), ("o", 0), ("\\;", 2), ("{", 1), ("}", 2)):
        owner.press(key, gives=f"#P={index}")
    owner.press("z", gives="#{window_zoomed_flag}=1")
    owner.press("z", gives="#{window_zoomed_flag}=0")
    for key, width in (("C-Left", 60), ("C-Right", 59), ("M-Left", 64), ("M-Right", 59)):
        owner.press(key, gives=f"#{{pane_width}}={width}")
    for key, height in (("C-Up", 12), ("C-Down", 11), ("M-Up", 16), ("M-Down", 11)):
        owner.press(key, gives=f"#{{pane_height}}={height}")
    place = "#{pane_left} #{pane_top} #{pane_width}x#{pane_height}"
    for key, rect in (
        ("M-1", "80 0 40x23"),
        ("M-2", "0 16 120x7"),
        ("M-3", "60 22 60x1"),
        ("M-4", "81 12 39x11"),
        ("M-5", "0 12 120x11"),
        ("Space", "80 0 40x23"),
    ):
        owner.press(key, gives=f"{place}={rect}")
    owner.terminal.wait(lambda screen: screen.partition("\n")[0].count("│") == 2, "three panes side by side")
    owner.press("x", "y", gives="#{window_panes}=2")

    guest.press("f", gives="#I=0")
    owner.press("5", gives="#I=5")
    guest.finds("#I=0")
    guest.press("f", gives="#I=5")
    guest.press("f", gives="#I=5")
    guest.press("3", gives="#I=3")
    owner.press("F", gives="#I=5")
    guest.finds("#I=5")
    owner.press("h", gives="#{window_hidden_flag}=1")
    guest.finds("#I=0")
    owner.press("h", gives="#{window_hidden_flag}=0")
    guest.finds("#I=5")
