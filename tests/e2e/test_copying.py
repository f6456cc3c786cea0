"""Copying in real terminals: what a guest copies reaches their clipboard, what a program copies the owner's alone."""

from __future__ import annotations

import base64

from pairterm.types import Size
from tests.e2e.terminal import Terminal, eventually
from tests.e2e.world import World

COUNT = "for n in $(seq 300); do echo line-$n; done"


def allow(terminal: Terminal) -> None:
    terminal.keys("C-b", ":")
    terminal.enter("set clipboard on")
    terminal.sees("copies go to your clipboard")


def test_a_copy_goes_to_the_guests_clipboard_and_a_programs_to_the_owners_alone(world: World) -> None:
    links = world.new("our_session")
    owner, guest, watcher = world.attach("our_session"), world.ssh(links.rw), world.ssh(links.ro)
    for each in (owner, guest, watcher):
        each.sees("here$")
    owner.allow_clipboard()
    owner.enter(COUNT)
    owner.sees("line-300\nhere$")
    allow(guest)
    allow(watcher)
    watcher.keys("C-b", "[")
    watcher.sees("q: back")
    watcher.enter("?line-42")
    watcher.sees("line-42")
    watcher.keys("v", "$", "y")
    watcher.sees("copied 7 characters to buffer0 and to your clipboard")
    eventually(lambda: "line-42" in watcher.clipboards(), lambda: f"not copied: {watcher.clipboards()}")

    secret = base64.b64encode(b"from the program").decode()
    owner.enter(f"clear; printf '\\033]52;c;{secret}\\007'; echo sent-$((1+1))")
    for each in (owner, guest, watcher):
        each.sees("sent-2")
    assert "from the program" not in owner.clipboards()
    allow(owner)
    owner.enter(f"clear; printf '\\033]52;c;{secret}\\007'; echo sent-$((1+2))")
    for each in (owner, guest, watcher):
        each.sees("sent-3")
    eventually(lambda: "from the program" in owner.clipboards(), lambda: f"not set: {owner.clipboards()}")
    assert owner.clipboards().count("from the program") == 1, "a guest's terminal got it, too"


def test_the_whole_history_is_printed_by_capture_pane(world: World) -> None:
    links = world.new("our_session")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    guest.enter("clear; seq 5000; echo en''d")
    guest.sees("\nend\nhere$")
    lines = world.run("capture-pane", "-p", "-S", "-", "-t", "our_session").stdout.splitlines()
    at = lines.index("1")
    assert lines[at : at + 5001] == [*map(str, range(1, 5001)), "end"]
    assert world.run("capturep", "-p", "-S", "-2", "-E", "-1", "-t", "our_session").stdout.count("\n") == 2
    assert "say -p" in world.run("capture-pane", "-t", "our_session", status=2).stderr


def test_the_history_opens_in_the_owners_pager_while_the_session_goes_on(world: World) -> None:
    links = world.new("our_session")
    environment = {"PAGER": "less", "LESSHISTFILE": "-", "PS1": "mine$ "}
    owner, guest = world.terminal(["bash", "--norc", "-i"], environment=environment), world.ssh(links.rw)
    owner.sees("mine$")
    owner.enter("pairterm attach -t our_session")
    for each in (owner, guest):
        each.sees("here$")
    guest.enter(f"{COUNT}; printf '\\033[31mred\\033[m\\n'")
    owner.sees("line-300\nred\nhere$")
    guest.keys("C-b", "v")
    guest.sees("C-b [ shows the history here")

    owner.keys("C-b", "v")
    owner.wait(lambda screen: "line-1\n" in screen and "line-300" not in screen, "in the pager")
    owner.enter("/line-142")
    owner.wait(lambda screen: screen.startswith("line-142\n"), "at the line")
    guest.enter("printf '\\033[H\\033[J'; echo said-$((1+1))")
    guest.sees("said-2")
    owner.resize(Size(rows=20, cols=70))
    owner.keys("C-c")
    owner.keys("C-z")
    owner.wait(lambda _: owner.facts("alternate_on") == {"alternate_on": "0"}, "stopped")
    owner.keys("Enter")  # The shell may have written its prompt before less left the alternate screen.
    owner.wait(lambda screen: screen.rstrip().endswith("mine$"), "back in the shell")
    owner.enter("fg")
    owner.sees("line-142")
    owner.type("G")
    screen = owner.sees("line-300\nred\nhere$")
    assert "said-2" not in screen, "the session is painted over the pager"
    owner.type("q")
    screen = owner.sees("said-2\nhere$")
    assert "line-300" not in screen
    owner.enter("echo typed-$((1+1))")
    guest.sees("typed-2")

    owner.keys("C-b", "v")
    owner.sees("line-1\n")
    guest.enter("exit")
    guest.has_exited()
    owner.enter("/line-142")
    owner.wait(lambda screen: screen.startswith("line-142\n"), "at the line")
    owner.type("q")
    screen = owner.sees("[our_session ended]\nmine$")
    assert "before the client" in screen
    assert "line-" not in screen
    owner.enter("exit $?")
    owner.has_exited()
