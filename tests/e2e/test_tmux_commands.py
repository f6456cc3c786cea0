"""tmux's commands: each that tmux 3.3a lists works, or says in one line what to do instead."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pairterm.cli.app import pairterm
from pairterm.session.commands.tmux_commands import advice_for
from pairterm.session.effects import Tell
from pairterm.view.own_commands import NAMED
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.world import World
from tests.unit.session.sessions import Session


def tmux_names() -> Iterator[str]:
    """Yield the names and the short names of all commands of the tmux on this machine."""
    argv = ["tmux", "-L", "pairterm-names", "-f", "/dev/null", "start-server", ";", "list-commands"]
    for line in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines():
        found = re.match(r"(\S+)(?: \((\S+)\))?", line)
        assert found is not None
        yield from filter(None, found.groups())


def test_each_name_is_known_in_the_shell() -> None:
    names = list(tmux_names())
    assert len(names) > 100
    context = click.Context(pairterm)
    assert isinstance(pairterm, click.Group)
    assert not [name for name in names if pairterm.get_command(context, name) is None]


def test_each_name_is_known_at_the_prompt() -> None:
    for name in tmux_names():
        if name in NAMED:
            continue
        session = Session()
        owner = session.owner()
        text = " ".join(each.text for each in session.say(owner, name) if isinstance(each, Tell))
        assert "unknown command" not in text, name
        if name == "choose-tree":
            assert "0:" in text, "the advice is for the shell"
        elif advice := advice_for(name):
            assert advice in text or not text, name


def test_a_command_that_is_not_here_says_what_to_do(world: World) -> None:
    done = world.run("bind-key", "-n", "F5", "detach", status=2)
    assert done.stderr.startswith("pairterm: no bind-key here: keys are bound in the configuration")
    assert "Usage:" not in done.stderr


def test_scripts_of_tmux_users(world: World) -> None:
    assert "can't find session" in world.run("has-session", "-t", "work", status=1).stderr
    world.run("new", "-A", "-d", "-s", "work", "--", "cat")
    world.run("has", "-t", "work")
    assert "duplicate session" in world.run("new", "-A", "-d", "-s", "work", status=2).stderr
    first = world.terminal(["pairterm", "new", "-A", "-s", "work"])
    second = world.attach("work")
    world.run("send-keys", "-t", "work", "echo one", "Enter")
    for each in (first, second):
        each.sees("echo one\necho one")
    third = world.attach("work", "-d")
    for each in (first, second):
        assert "[detached from work]" in each.has_exited()
    third.sees("echo one")
    world.run("detach-client", "-s", "work")
    assert "[detached from work]" in third.has_exited()
    assert "size-policy" in world.run("show", "-g").stdout
    world.run("set", "-g", "read-only-votes", "on")
    assert "C-b d" in world.run("list-keys").stdout
    assert "send-keys" in world.run("lscm").stdout
    world.run("new", "-d", "-s", "other", "--", "cat")
    world.run("kill-session", "-a", "-t", "work")
    assert [each["session"] for each in world.sessions()] == ["work"]
    world.run("kill-server")
    world.ends("work")
    assert world.run("kill-server", status=1).stderr == "no sessions\n"


@pytest.mark.parametrize("line", ["help", "list-keys"])
def test_the_key_tables_commands_work_at_the_prompt(world: World, line: str) -> None:
    world.new("work", "cat")
    owner = world.attach("work")
    world.run("send-keys", "-t", "work", "ready")
    owner.sees("ready")
    owner.keys("C-b", ":")
    owner.enter(line)
    owner.sees("Keys in work")
    owner.keys("Escape")
    eventually(lambda: "Keys in work" not in owner.screen(), "the list stays")
    owner.keys("C-b", ":")
    owner.enter("detach-client")
    owner.has_exited()


def test_windows_and_panes_in_the_shell(world: World) -> None:
    """Targets choose the session too, a command in a pane means its window, and the exit status is tmux's."""
    world.run("new", "-d", "-s", "work", "--", "bash", "--norc")
    world.run("new", "-d", "-s", "other", "--", "cat")
    assert world.run("new-window", "-t", "work:", "-n", "two", "-P", "cat").stdout == "work:1.0\n"
    assert world.run("split-window", "-ht", "work:two", "-PF", "#D #{pane_width}", "cat").stdout == "%2 39\n"
    assert world.run("lsw", "-t", "work", "-F", "#I:#W#F").stdout.splitlines() == ["0:bash-", "1:two*"]
    found = json.loads(world.run("list-panes", "-t", "work:1", "--json").stdout)
    assert [(each["id"], each["cols"], each["active"]) for each in found] == [("%1", 40, False), ("%2", 39, True)]
    world.run("send-keys", "-t", "work:1.0", "typed", "Enter")
    eventually(
        lambda: world.run("capture-pane", "-p", "-t", "work:.0").stdout.startswith("typed\ntyped\n"),
        lambda: "no echo in the pane",
    )
    # The window of a shell has a name at once, as in tmux.
    assert world.run("new-window", "-d", "-t", "work:7", "-P", "-F", "#I").stdout == "7\n"
    assert world.run("lsw", "-t", "work", "-F", "#I:#W").stdout.splitlines()[-1] == "7:bash"
    world.run("kill-window", "-t", "work:7")
    # One word that is no window of the newest session is a session.
    world.run("send-keys", "-t", "work:0", "pairterm display -p '#S:#I #{pairterm_session}'", "Enter")
    eventually(
        lambda: "\nwork:0 work\n" in world.run("capture-pane", "-p", "-t", "work:0").stdout,
        lambda: "no answer in the pane",
    )
    assert world.run("display", "-p", "-t", "work", "#S").stdout == "work\n"
    for words, message in (
        (("select-window", "-t", "9"), "can't find window: 9"),
        (("select-window", "-t", "nowhere:1"), "can't find session: nowhere"),
        (("kill-pane", "-t", "work:.7"), "can't find pane: 7"),
        (("new-window", "-t", "work:1"), "create window failed: index 1 in use"),
        (("new-window", "-t", "work:", "nosuchprogram"), "no such command: nosuchprogram"),
        (("resize-pane", "-x", "word"), "width invalid"),
    ):
        assert world.run(*words, status=1).stderr == f"pairterm: {message}\n"
    world.run("setw", "-g", "-t", "work:", "remain-on-exit", "failed")
    world.run("new-window", "-d", "-t", "work:7", "exit 3")
    eventually(
        lambda: world.run("display", "-p", "-t", "work:7", "#{pane_dead_status}").stdout == "3\n",
        lambda: "the pane does not die",
    )
    world.run("respawn-pane", "-t", "work:7", "-e", "A=b", 'echo "$A again"; pairterm wait-for -S again; cat')
    world.run("wait-for", "-t", "work", "again")
    eventually(
        lambda: world.run("capture-pane", "-p", "-t", "work:7").stdout.startswith("b again\n"),
        lambda: "the program does not start again",
    )
    assert world.run("wait-for", "-t", "work", "-U", "door", status=1).stderr == "pairterm: channel door not locked\n"
    world.run("kill-window", "-t", "work:7")
    world.run("kill-window", "-t", "work:two")
    world.run("kill-window", "-t", "work:0")
    eventually(lambda: [each["session"] for each in world.sessions()] == ["other"], lambda: "the session goes on")


def test_the_output_of_a_pane_goes_to_a_command(world: World) -> None:
    """In the shell and at the prompt, for the owner alone; a command that does not read holds up nobody."""
    links = world.new("work", "cat")
    owner, guest = world.attach("work"), world.ssh(links.rw)
    log, pid = world.home / "pane.log", world.home / "pid"
    toggle = ("pipe-pane", "-t", "work:", "-o", f"cat >>{log}")
    for word, is_on in (("one", True), ("two", False), ("three", True)):
        world.run(*toggle)
        assert world.run("display", "-p", "-t", "work:", "#{pane_pipe}").stdout == f"{is_on:d}\n"
        world.run("send-keys", "-t", "work:", word, "Enter")
        owner.sees(f"{word}\n{word}")
    wanted = b"one\r\none\r\nthree\r\nthree\r\n"
    eventually(lambda: log.read_bytes() == wanted, lambda: repr(log.read_bytes()))

    guest.sees("three\nthree")
    guest.keys("C-b", ":")
    guest.enter(f"pipe-pane 'cat >>{log}.guest'")
    guest.sees("only the owner may do this")
    owner.keys("C-b", ":")
    owner.enter("pipe-pane")
    eventually(
        lambda: world.run("display", "-p", "-t", "work:", "#{pane_pipe}").stdout == "0\n", "the prompt closes no pipe"
    )
    assert not log.with_name("pane.log.guest").exists()

    world.run("split-window", "-t", "work:", "bash", "--norc")
    world.run("pipe-pane", "-t", "work:.1", f"echo $$ >{pid}; exec sleep 1000")
    world.run("send-keys", "-t", "work:.1", "yes | head -c 3000000; echo done-$((40+2))", "Enter")
    owner.sees("done-42")
    assert "%1 does not read: output is dropped" in world.run("show-messages", "-t", "work").stdout
    process = int(pid.read_text())
    world.run("kill-pane", "-t", "work:.1")
    eventually(lambda: not Path(f"/proc/{process}").exists(), "the command outlives its pane")

    waiting = world.start("pairterm", "wait-for", "-t", "work", "built")
    owner.keys("C-b", ":")
    owner.enter("wait-for -S built")
    assert waiting.wait(DEADLINE_S) == 0
