"""People taking turns, with real clients in real terminals: roles, the seat, knocks, links, the pause, the chat."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.e2e.terminal import Terminal, eventually
from tests.e2e.world import Link, World


def people(world: World, name: str) -> dict[str, dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(world.run("who", "-t", name, "--json").stdout)
    return {each["name"]: each for each in found}


def join_by(world: World, links_rw: Link, user: str) -> Link:
    """Return the link with another token."""
    return Link(links_rw.command.replace(links_rw.user, user), user, links_rw.host, links_rw.port)


def answer(owner: Terminal, key: str, is_done: Callable[[], bool]) -> None:
    """Press the prefix and an answer until it is taken: one that comes too fast after the question is not."""

    def is_taken() -> bool:
        if is_done():
            return True
        owner.keys("C-b", key)
        return False

    eventually(is_taken, lambda: f"the answer was never taken:\n{owner.screen()}")


def command(terminal: Terminal, line: str) -> None:
    """Give a command at the prompt of the prefix."""
    terminal.keys("C-b", ":")
    terminal.type(line)
    terminal.keys("Enter")


def test_the_owner_grants_revokes_and_kicks_from_the_shell(world: World) -> None:
    links = world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    watcher = world.ssh(links.ro)
    watcher.sees("here$")
    found = people(world, "ours")
    assert {name: each["role"] for name, each in found.items()} == {"tester": "owner", "guest-2": "ro"}
    assert found["guest-2"]["from"] == "127.0.0.1"
    assert found["guest-2"]["transport"] == "ssh"
    world.run("grant", "-t", "ours", "guest-2", "rw", "--window", "0")
    watcher.sees("you may type in window 0 now")
    limited = people(world, "ours")["guest-2"]
    assert (limited["window"], limited["may_type"], limited["role"]) == (0, True, "ro")
    assert limited["window_roles"] == [{"window": 0, "role": "rw", "until": None}]
    assert "rw in window 0" in world.run("who", "-t", "ours").stdout
    world.run("revoke", "-t", "ours", "guest-2", "--window", "0")
    watcher.sees("you watch only in window 0 now")
    world.run("grant", "-t", "ours", "guest-2", "rw", "--for", "1h")
    watcher.sees("you may type now")
    watcher.enter("echo granted-$((40+2))")
    owner.sees("granted-42")
    world.run("revoke", "-t", "ours", "2")
    watcher.sees("you watch only now")
    watcher.type("echo not-this")
    owner.enter("echo after-$((50+5))")
    assert "not-this" not in owner.sees("after-55")
    world.run("kick", "-t", "ours", "2", "--ban")
    assert "the owner has shown you out" in watcher.has_exited(1)
    banned = world.ssh(links.rw)
    assert "no such session, or the link has ended" in banned.has_exited(1)
    audit = [json.loads(line) for line in world.run("audit", "-t", "ours", "--json").stdout.splitlines()]
    assert [each["event"] for each in audit if each["event"] not in ("size", "start")] == [
        "join", "join", "grant", "revoke", "grant", "revoke", "kick", "leave", "refused",
    ]  # fmt: skip
    assert links.rw.user not in json.dumps(audit)


def test_the_seat_goes_from_hand_to_hand_by_keys(world: World) -> None:
    links = world.new("ours", options=["--seat"])
    owner = world.attach("ours")
    owner.sees("here$")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    guest.type("x")
    guest.sees("tester has the keyboard: C-b r asks for it")
    guest.keys("C-b", "r")
    owner.sees("guest-2 asks for the keyboard: C-b y / C-b N")
    answer(owner, "y", lambda: people(world, "ours")["guest-2"]["may_type"])
    guest.sees("you have the keyboard")
    guest.enter("echo drives-$((1+1))")
    owner.sees("drives-2")
    owner.type("y")
    owner.sees("guest-2 has the keyboard: C-b G takes it")
    owner.keys("C-b", "G")
    owner.enter("echo back-$((2+2))")
    assert "x" not in guest.sees("back-4").replace("exit", "")


def test_who_knocks_waits_and_what_they_type_is_their_name(world: World) -> None:
    links = world.new("ours", options=["--ask"])
    owner = world.attach("ours")
    owner.sees("here$")
    one = world.ssh(links.rw)
    one.sees("waiting for the owner")
    two = world.ssh(links.rw)
    two.sees("waiting for the owner")
    assert "here$" not in one.screen()
    one.enter("quinn early")
    one.sees("you knock as quinn-early")
    owner.sees("quinn-early (127.0.0.1) knocks: C-b y / C-b N")
    world.run("set", "-t", "ours", "max-guests", "10")
    answer(owner, "y", lambda: len(people(world, "ours")) == 2)
    eventually(lambda: "here$" in one.screen() + two.screen(), "nobody sees the session")
    second = two if "here$" in one.screen() else one
    assert "quinn early" not in owner.screen()
    answer(owner, "N", lambda: "\nexit " in second.screen())
    assert "the owner does not let you in" in second.has_exited(1)


def test_a_knock_that_leaves_by_itself_is_forgotten(world: World) -> None:
    links = world.new("ours", options=["--ask"])
    guest = world.ssh(links.rw)
    guest.sees("waiting for the owner")
    guest.keys("C-c")
    assert "[left]" in guest.has_exited()
    owner = world.attach("ours")
    owner.sees("here$")
    owner.keys("C-b", "y")
    owner.sees("nobody asks for anything")


def test_a_spoken_code_is_for_one_and_five_wrong_words_end_it(world: World) -> None:
    links = world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    made = json.loads(world.run("link", "new", "-t", "ours", "--spoken", "--role", "rw", "--json").stdout)
    guest = world.ssh(join_by(world, links.rw, made["user"]))
    owner.sees("knocks")
    answer(owner, "y", lambda: "guest-2" in people(world, "ours"))
    guest.sees("here$")
    again = world.run_any(*world.ssh_command(join_by(world, links.rw, made["user"]), "-tt"), status=255)
    assert "no such session" in again.stderr


def test_links_for_a_time_for_one_use_and_rotated(world: World) -> None:
    links = world.new("ours")
    made = json.loads(world.run("link", "new", "-t", "ours", "--once", "--label", "class", "--json").stdout)
    once = join_by(world, links.rw, made["user"])
    guest = world.ssh(once)
    guest.sees("here$")
    refused = world.run_any(*world.ssh_command(once, "-tt"), status=255)
    assert "no such session, or the link has ended" in refused.stderr
    world.run("link", "rotate", "-t", "ours", "ro", "--kick")
    old = world.run_any(*world.ssh_command(links.ro, "-tt"), status=255)
    assert old.stderr == refused.stderr
    fresh = json.loads(world.run("links", "-t", "ours", "--json").stdout)["links"]["ssh_ro"]["user"]
    assert fresh != links.ro.user
    again = world.ssh(join_by(world, links.rw, fresh))
    again.sees("here$")
    guest.keys("q")
    guest.has_exited()


def test_without_a_link_to_type_by_there_is_none(world: World) -> None:
    done = json.loads(world.run("new", "-d", "--json", "-s", "ours", "--ro-only").stdout)
    assert list(done["links"]) == ["ssh_ro"]
    assert "rw-" not in world.run("links", "-t", "ours").stdout


def test_panic_and_pause_by_a_key(world: World) -> None:
    links = world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    guest = world.ssh(links.rw)
    guest.sees("here$")
    owner.keys("C-b", "P")
    guest.sees("paused by the owner")
    owner.enter("echo secret-$((30+3))")
    owner.sees("secret-33")
    assert "here$" not in guest.screen()
    owner.enter("clear")
    owner.wait(lambda screen: "secret-33" not in screen, "cleared")
    owner.keys("C-b", "P")
    assert "secret" not in guest.sees("here$")
    guest.enter("echo open-$((1+2))")
    owner.sees("open-3")
    owner.keys("C-b", "!")  # the guest has just typed: no question
    guest.sees("you watch only now")
    owner.sees("guest-2 may not type any more")
    guest.type("echo shut")
    owner.enter("echo alone-$((2+3))")
    assert "shut" not in owner.sees("alone-5")
    late = world.ssh(links.rw)
    late.sees("alone-5")
    late.type("echo late")
    owner.enter("echo still-$((3+4))")
    assert "echo late" not in owner.sees("still-7")


def test_people_talk_beside_the_shell(world: World) -> None:
    links = world.new("ours", options=["--call", "https://meet.example.org/abc"])
    owner = world.attach("ours")
    owner.sees("here$")
    guest = world.ssh(links.ro)
    guest.sees("call: https://meet.example.org/abc")
    command(guest, "name ana")
    owner.sees("guest-2 is called ana now")
    guest.keys("C-b", "m")
    guest.type("is that it's line 3?")
    guest.keys("Enter")
    owner.sees("ana: is that it's line 3?")
    world.run("say", "-t", "ours", "for n in range(3):\n    print(n)")
    guest.sees("    print(n)")
    guest.keys("C-b", "m")
    guest.paste("if True:\n    pass")
    guest.keys("Enter")
    owner.sees("\n     pass")
    late = world.ssh(links.ro)
    late.sees("here$")
    late.keys("C-b", "M")
    late.sees("What was said")
    late.sees("ana: is that it's line 3?")
    late.keys("Escape")
    late.sees("here$")
    assert "line 3" not in world.session("ours")["title"]


def test_the_list_of_people_is_acted_on_by_keys(world: World) -> None:
    links = world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    one = world.ssh(links.ro)
    one.sees("here$")
    two = world.ssh(links.ro)
    two.sees("here$")
    owner.keys("C-b", "D")
    owner.sees("3 in ours")
    owner.keys("Down", "Down", "w")
    two.sees("you may type now")
    assert people(world, "ours")["guest-2"]["role"] == "ro"
    owner.keys("Up", "K")
    assert "the owner has shown you out" in one.has_exited(1)
    owner.sees("2 in ours")
    owner.keys("q")
    two.keys("C-b", "D")
    two.sees("2 in ours")
    assert "127.0.0.1" not in two.screen(), "addresses are the owner's to see"
    two.keys("K")
    two.enter("echo still-$((1+1))")
    owner.sees("still-2")


def test_ones_own_terminals_have_names(world: World) -> None:
    world.new("ours")
    one, two = world.attach("ours", "--as", "olga"), world.attach("ours", "-r", "--as", "the big screen")
    one.sees("here$")
    two.sees("here$")
    found = people(world, "ours")
    assert {name: each["role"] for name, each in found.items()} == {"olga": "owner", "the-big-screen": "ro"}
    assert {each["from"] for each in found.values()} == {"tester"}
    again = world.attach("ours", "--as", "Olga")
    again.sees("here$")
    assert set(people(world, "ours")) == {"olga", "the-big-screen", "Olga-3"}
    assert "a name has letters or digits" in world.run("attach", "-t", "ours", "--as", "!!", status=2).stderr
