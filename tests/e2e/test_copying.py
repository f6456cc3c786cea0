"""Copying in real terminals: what a guest copies reaches their clipboard, what a program copies the owner's alone."""

from __future__ import annotations

import base64

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
