"""How a session is left, and how it ends: the line, the exit status, and the terminal as it was before."""

from __future__ import annotations

import json
import signal

import pytest

from tests.e2e.terminal import DEADLINE_S, Terminal, eventually
from tests.e2e.world import World

MODES_ON = "printf '\\033[?1049h\\033[?1003h\\033[?1006h\\033[?2004h\\033[?1h\\033=\\033[?25l\\033[?1004hpainted'; cat"
"""Alternate screen, mouse, bracketed paste, application keys, hidden cursor, focus events: what has to be undone."""

FLAGS = ("alternate_on", "cursor_flag", "mouse_any_flag", "mouse_sgr_flag", "keypad_cursor_flag", "keypad_flag")


def is_restored(terminal: Terminal, line: str, status: int = 0) -> None:
    """Assert that the client left `line` and `status` on a terminal which is as it was."""
    screen = terminal.has_exited(status)
    assert f"\n{line}\n" in screen
    assert "painted" not in screen, "the alternate screen was not left"
    assert screen.startswith("before the client\n"), "what stood there before is gone"
    assert terminal.facts(*FLAGS) == dict(zip(FLAGS, "010000", strict=True))
    terminal.paste("pasted")
    assert "^[[200~" not in terminal.sees("pasted"), "pastes are still bracketed"


def everyone(world: World, name: str, *command: str) -> list[Terminal]:
    """Start a session; return an owner, a guest and a watcher who see it."""
    links = world.new(name, *command)
    terminals = [world.attach(name), world.ssh(links.rw), world.ssh(links.ro)]
    for each in terminals:
        each.sees("painted")
    return terminals


def test_the_modes_that_are_undone_were_on(town: World) -> None:
    """Without this, a painter that mirrors no mode would pass all tests of this file."""
    owner, guest, _ = everyone(town, "modes", "sh", "-c", MODES_ON)
    for each in (owner, guest):
        eventually(
            lambda each=each: each.facts(*FLAGS) == dict(zip(FLAGS, "101111", strict=True)),  # type: ignore[misc]
            lambda each=each: str(each.facts(*FLAGS)),  # type: ignore[misc]
        )
        each.paste("pasted")
    owner.sees("^[[200~pasted^[[201~")
    town.run("kill", "-t", "modes")


def test_when_the_command_ends_all_are_told_and_restored(town: World) -> None:
    terminals = everyone(town, "our_session", "sh", "-c", MODES_ON)
    terminals[1].keys("Enter", "C-d")
    for each in terminals:
        is_restored(each, "[our_session ended]")
    assert not [each for each in town.sessions() if each["session"] == "our_session"]


def test_a_command_that_fails_ends_a_session_like_any_other(town: World) -> None:
    terminals = everyone(town, "failing", "sh", "-c", f"{MODES_ON}; exit 9")
    terminals[0].keys("Enter", "C-d")
    for each in terminals:
        is_restored(each, "[failing ended]")


def test_kill_ends_it_for_all_with_a_line_of_its_own(town: World) -> None:
    terminals = everyone(town, "doomed", "sh", "-c", MODES_ON)
    town.run("kill", "-t", "doomed")
    for each in terminals:
        is_restored(each, "[doomed killed]")


def test_detach_leaves_the_session_running_and_attach_comes_back(town: World) -> None:
    owner, guest, watcher = everyone(town, "kept", "sh", "-c", MODES_ON)
    for each in (owner, guest, watcher):
        each.keys("C-b", "d")
        is_restored(each, "[detached from kept]")
    eventually(lambda: not town.session("kept")["clients"], "somebody is still listed")
    back = town.attach("kept")
    back.sees("painted")
    town.run("kill", "-t", "kept")
    is_restored(back, "[kept killed]")


@pytest.mark.parametrize("key", ["q", "C-c", "C-d"])
def test_a_watcher_leaves_by_a_single_key(town: World, key: str) -> None:
    links = town.new(f"watched-{key}", "sh", "-c", MODES_ON)
    watcher, local = town.ssh(links.ro), town.attach(f"watched-{key}", "-r")
    for each in (watcher, local):
        each.sees("painted")
        each.keys(key)
        is_restored(each, f"[detached from watched-{key}]")
    assert town.session(f"watched-{key}")["session"] == f"watched-{key}"
    town.run("kill", "-t", f"watched-{key}")


def test_the_prefix_twice_is_typed_once(town: World) -> None:
    town.new("prefixed", "cat", "-v")
    owner = town.attach("prefixed")
    eventually(lambda: bool(town.session("prefixed")["clients"]), "never attached")
    eventually(lambda: owner.facts("alternate_on")["alternate_on"] == "1", "never attached")
    owner.keys("C-b", "C-b", "x", "Enter")
    owner.sees("\n^Bx")
    town.run("kill", "-t", "prefixed")


def test_the_prefix_is_configurable(world: World) -> None:
    config = world.root / "config" / "pairterm" / "config.toml"
    config.write_text('prefix = "C-a"\nstatus = false\n')
    links = world.new("prefixed")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    guest.keys("C-a", "d")
    assert "[detached from prefixed]" in guest.has_exited()


def test_closing_the_owners_terminal_leaves_the_session_alive(town: World) -> None:
    owner = town.terminal(["pairterm", "new", "-s", "survivor"])
    owner.sees("How guests join survivor")
    owner.keys("Escape")
    owner.sees("here$")
    owner.enter("cat")
    owner.enter("written before")
    owner.sees("written before")
    owner.close()
    eventually(lambda: not town.session("survivor")["clients"], "the closed terminal is still listed")
    back = town.attach("survivor")
    back.sees("written before")
    back.enter("and after")
    back.wait(lambda screen: screen.count("and after") == 2, "alive: echo and cat's answer")
    town.run("kill", "-t", "survivor")


def test_new_attaches_its_terminal_and_ends_with_the_session(town: World) -> None:
    owner = town.terminal(["pairterm", "new", "-s", "first"])
    links = owner.sees("How guests join first")
    found = json.loads(town.run("links", "-t", "first", "--json").stdout)["links"]
    assert all(each["command"] in links for each in found.values())
    assert "here$" not in links
    town.tmux("set-option", "-s", "set-clipboard", "on")
    owner.keys("1")
    eventually(lambda: town.tmux("show-buffer") == found["ssh_rw"]["command"], "never copied")
    owner.keys("Escape")
    assert "ssh" not in owner.sees("here$")
    owner.keys("C-b", "i")
    owner.sees(found["ssh_rw"]["command"])
    owner.keys("Escape")
    owner.wait(lambda screen: "ssh" not in screen, "closed")
    owner.enter("exit 3")
    screen = owner.has_exited()
    assert "ssh session read only: ssh -p " in screen
    assert "ssh session:           ssh -p " in screen
    assert "host key:              SHA256:" in screen
    assert "[first ended]" in screen


def test_hanging_up_an_ssh_client_leaves_only_its_own_view(town: World) -> None:
    links = town.new("hung")
    guest, other = town.ssh(links.rw), town.ssh(links.rw)
    guest.sees("here$")
    other.sees("here$")
    guest.close()
    eventually(lambda: len(town.session("hung")["clients"]) == 1, "the closed one is still listed")
    other.enter("echo still-$((1+1))")
    other.sees("still-2")
    town.run("kill", "-t", "hung")


@pytest.mark.parametrize(
    ("command", "status"),
    [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)],
)
def test_foreground_exits_with_the_commands_status(town: World, command: str, status: int) -> None:
    done = town.run("new", "-F", "-s", "script", "--", "sh", "-c", command, status=status)
    assert done.stdout.startswith("ssh session read only: ssh -p ")
    assert done.stderr == ""
    assert not (town.runtime / "script.sock").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_foreground_ends_its_session_when_told_to(town: World, number: signal.Signals) -> None:
    process = town.start("pairterm", "new", "-F", "--json", "-s", "front", "--", "sh", "-c", "trap '' HUP; sleep 1000")
    assert process.stdout is not None
    assert b'"session": "front"' in process.stdout.readline()
    process.send_signal(number)
    assert process.wait(DEADLINE_S) == 129
    assert not (town.runtime / "front.sock").exists()


def test_a_foreground_session_ends_with_its_killed_starter(town: World) -> None:
    process = town.start("pairterm", "new", "-F", "--json", "-s", "front", "--", "sleep", "1000")
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait(DEADLINE_S)
    town.ends("front")
