"""Windows and panes as people use them together: three people, their own views, a hidden window, and the way back.

`test_window_keys.py` has the keys of one person. The foreign judge is tmux: it is the
terminal of each person.
"""

from __future__ import annotations

import os
import signal

import pytest

from pairterm.types import Size
from tests.e2e.terminal import Terminal, eventually
from tests.e2e.test_join import join
from tests.e2e.test_viewing import configure, has_status
from tests.e2e.world import World

SECRET = "canary-4217"

LAYOUT = """
[[window]]
name = "edit"
layout = "even-horizontal"

[[window.pane]]
command = "echo first; cat"

[[window.pane]]
command = "echo second; cat"

[[window]]
name = "logs"
command = "echo third; cat"
focus = true
"""


def prefixed(terminal: Terminal, *keys: str) -> None:
    """Press the prefix before each of the keys."""
    for key in keys:
        terminal.keys("C-b", key)


def works(terminal: Terminal, word: str) -> str:
    """Type a command whose output can't be its echo, and return the screen that shows the output."""
    terminal.enter(f"echo {word}-$((40+2))")
    return terminal.sees(f"{word}-42")


@pytest.mark.slow
def test_three_people_in_three_windows(world: World) -> None:
    """The owner hides a window, a guest works in another, and one who only watches follows."""
    configure(world, "")
    links = world.new("ours")
    owner = world.attach("ours", size=Size(rows=30, cols=100))
    worker = world.ssh(links.rw)
    watcher = world.ssh(links.ro, size=Size(rows=40, cols=110))
    for each in (owner, worker, watcher):
        each.sees("here$")
    works(owner, "first")
    watcher.sees("first-42")

    # A guest looks for themselves: nobody moves with them.
    prefixed(worker, "f")
    worker.sees("you look for yourself now")
    prefixed(worker, "c")
    has_status(worker, "1:", "own view")
    assert "first-42" not in works(worker, "second")
    assert "first-42" in owner.screen()
    has_status(watcher, "0:bash*", " 1:")
    assert "second-42" not in watcher.screen()
    # Each window has the size of those who look at it.
    worker.enter("stty size")
    worker.sees("23 80")

    # The owner makes a window and hides it. Guests who follow stay where they may be.
    prefixed(owner, "c", "h")
    for each in (worker, watcher):
        has_status(each, "2:hidden")
    assert "first-42" not in works(owner, SECRET)
    owner.enter("printf '\\033]2;%s\\a' " + SECRET)
    owner.enter("stty size")
    owner.sees("29 100")
    prefixed(worker, "2")
    prefixed(watcher, "2")
    works(worker, "third")
    for each in (worker, watcher):
        assert SECRET not in each.screen()
    assert SECRET not in world.run("list-clients", "-t", "ours").stdout

    # The owner brings everyone together.
    prefixed(owner, "0")
    owner.sees("first-42")
    prefixed(owner, "F")
    for each in (worker, watcher):
        each.sees("first-42")
        has_status(each, "with tester")
        assert SECRET not in each.screen()
    assert "third-42" not in works(worker, "fourth")
    owner.sees("fourth-42")


def test_panes_close_while_others_look_and_the_last_one_ends_the_session(world: World) -> None:
    configure(world, "")
    links = world.new("ours")
    owner, guest = world.attach("ours"), world.ssh(links.ro, size=Size(rows=30, cols=100))
    for each in (owner, guest):
        each.sees("here$")
    works(owner, "left")
    prefixed(owner, "%", '"')
    for each in (owner, guest):
        each.sees("├─")
    screen = works(owner, "right")
    assert "left-42" in screen
    prefixed(owner, "z")
    for each in (owner, guest):
        each.wait(lambda screen: "left-42" not in screen and "right-42" in screen, "zoomed")
    has_status(owner, "*Z")
    prefixed(owner, "z", "Left")
    guest.sees("left-42")
    works(owner, "again")
    owner.enter("exit 3")
    for each in (owner, guest):
        each.wait(lambda screen: "left-42" not in screen, "left without the closed pane")
    prefixed(owner, "c")
    for each in (owner, guest):
        has_status(each, "1:")
    owner.enter("exit 4")
    for each in (owner, guest):
        each.wait(lambda screen: "├" not in screen and "right-42" in screen and "1:" not in screen, "back")
    owner.enter("exit 5")
    guest.wait(lambda screen: "right-42" not in screen, "the last pane alone")
    owner.enter("exit 6")
    for each in (owner, guest):
        each.sees("[ours ended")
        each.has_exited()


def test_a_workspace_from_a_file_and_everyone_back_after_the_gateway_died(world: World) -> None:
    configure(world, "")
    gateway, _ = world.serve()
    layout = world.home / "work.toml"
    layout.write_text(LAYOUT)
    links = world.new("ours", options=("--layout", str(layout)))
    owner, guest = world.attach("ours"), join(world, links.rw)
    has_status(owner, "0:edit", "1:logs*")
    for each in (owner, guest):
        each.sees("third")
    prefixed(guest, "f", "0", "Right")
    guest.sees("│second")
    has_status(guest, "0:edit*", "own view")
    guest.enter("from the guest")
    guest.wait(lambda screen: screen.count("from the guest") == 2, "echoed by cat")
    assert "from the guest" not in owner.screen()

    os.kill(gateway.pid, signal.SIGKILL)
    gateway.wait()
    eventually(lambda: len(world.session("ours")["clients"]) == 1, "the guest never left")
    world.serve("--listen", f"127.0.0.1:{links.rw.port}", "--advertise", "127.0.0.1")
    eventually(lambda: len(world.session("ours")["clients"]) == 2, "the guest never came back")
    guest.wait(lambda screen: "connection lost" not in screen, "told that it is back")
    has_status(guest, "0:edit*", "own view")
    guest.enter("as before")
    screen = guest.wait(lambda screen: screen.count("as before") == 2, "back in their pane")
    assert screen.count("│as before") == 2
    assert "as before" not in owner.screen()


def test_the_shell_hides_windows_and_gathers_everyone(world: World) -> None:
    configure(world, "")
    links = world.new("ours")
    owner, guest = world.attach("ours"), world.ssh(links.rw)
    for each in (owner, guest):
        each.sees("here$")
    works(owner, "first")
    world.run("new-window", "-d", "-t", "ours:1")
    guest.sees("first-42")
    prefixed(guest, "f", "1")
    has_status(guest, "1:bash*", "own view")
    assert world.run("set-window", "hidden", "on", "-t", "ours:1").stdout == "window 1 is hidden: you alone see it\n"
    has_status(guest, "0:bash*", "1:hidden")
    world.run("set-window", "hidden", "off", "-t", "ours:1")
    prefixed(guest, "1")
    has_status(guest, "1:bash*", "own view")
    # A shell brings everyone to the window that it is in.
    owner.enter("pairterm gather")
    owner.sees("everyone looks at window 0 now")
    guest.sees("everyone looks at window 0 now")
    refused = world.run("set-window", "hidden", "on", "-t", "ours:7", status=1)
    assert refused.stderr == "pairterm: can't find window: 7\n"
