"""`pairterm join`: what ssh does with a link, and besides it comes back by itself, where it was."""

from __future__ import annotations

import json
import os
import pwd
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator

import pytest

from pairterm.types import Size
from tests.e2e.terminal import Terminal, eventually
from tests.e2e.test_from_elsewhere import KILLS
from tests.e2e.test_people import answer
from tests.e2e.wire import Wire, open_wire
from tests.e2e.world import SMALL, Link, Links, World


def command(link: Link, *options: str, port: int = 0) -> list[str]:
    words = shlex.split(link.command)
    if port:
        words[words.index("-p") + 1] = str(port)
    return ["pairterm", "join", "--accept-new", *options, *words]


def join(world: World, link: Link, *options: str, port: int = 0, size: Size = SMALL) -> Terminal:
    return world.terminal(command(link, *options, port=port), size)


def works(guest: Terminal, word: str) -> None:
    guest.enter(f"echo {word}-$((40+2))")
    guest.sees(f"\n{word}-42")


@pytest.fixture
def served(world: World) -> World:
    world.serve()
    return world


@pytest.fixture
def wired(world: World) -> Iterator[tuple[World, Links, Wire]]:
    """A session at a gateway, and a wire that leads guests to it."""
    world.serve()
    links = world.new("ours")
    with open_wire(links.rw.port) as wire:
        yield world, links, wire


def test_a_guest_who_joins_sees_types_and_leaves(served: World) -> None:
    links = served.new("ours")
    guest, owner = join(served, links.rw), served.attach("ours")
    guest.sees("here$")
    works(guest, "typed")
    owner.sees("\ntyped-42")
    assert sorted(each["role"] for each in served.session("ours")["clients"]) == ["owner", "rw"]
    guest.keys("C-b", "d")
    assert "[detached from ours]" in guest.has_exited()
    eventually(lambda: len(served.session("ours")["clients"]) == 1, "the guest never left")


def test_it_shows_what_ssh_shows(served: World) -> None:
    links = served.new("ours")
    guest, judge = join(served, links.rw), served.ssh(links.ro)
    guest.sees("here$")
    judge.sees("here$")
    guest.enter(
        "for n in 1 2 3; do printf '\\033[3%dm%d\\033[0m \\033[7mwörds 漢字\\033[0m\\n' $n $n; done; echo end-$((1+1))"
    )
    guest.sees("end-2")
    judge.sees("end-2")
    eventually(
        lambda: not guest.picture().differs_from(judge.picture()), lambda: guest.picture().differs_from(judge.picture())
    )


def test_the_sessions_end_is_its_end(served: World) -> None:
    links = served.new("ours")
    guest, reader = join(served, links.rw), join(served, links.ro)
    guest.sees("here$")
    reader.sees("here$")
    guest.enter("exit")
    for each in (guest, reader):
        assert "[ours ended]" in each.has_exited()


def test_a_read_only_guest_types_nothing_and_is_told_so(served: World) -> None:
    links = served.new("ours")
    guest, owner = join(served, links.ro), served.attach("ours")
    guest.sees("here$")
    owner.sees("here$")
    guest.type("quit; echo never q")
    guest.sees("you are watching; C-b r asks for the keyboard, C-b d leaves")
    works(owner, "owner")
    guest.sees("\nowner-42")
    assert "never" not in owner.screen()
    guest.keys("C-b", "d")
    guest.has_exited()


def test_roles_change_at_run_time_and_a_kick_ends_it(served: World) -> None:
    links = served.new("ours")
    guest = join(served, links.ro)
    guest.sees("here$")
    owner = served.attach("ours")
    owner.sees("here$")
    served.run("grant", "-t", "ours", "guest-1", "rw")
    works(guest, "granted")
    served.run("revoke", "-t", "ours", "guest-1")
    guest.type("never")
    works(owner, "owner")
    guest.sees("\nowner-42")
    assert "never" not in owner.screen()
    served.run("kick", "-t", "ours", "guest-1")
    guest.has_exited(1)


def test_a_knock_is_waited_for_and_what_is_hidden_is_not_seen(served: World) -> None:
    links = served.new("ours", options=("--ask",))
    guest, owner = join(served, links.rw), served.attach("ours")
    guest.sees("waiting for the owner")
    owner.sees("here$")
    works(owner, "before")
    assert "before-42" not in guest.screen()
    answer(owner, "y", lambda: "before-42" in guest.screen())
    owner.keys("C-b", "P")
    guest.sees("paused by the owner")
    owner.enter("echo secret-$((40+2))")
    owner.sees("\nsecret-42")
    assert "secret" not in guest.screen()
    owner.keys("C-b", "P")
    guest.sees("secret-42")


@pytest.mark.parametrize("link", ["rw-" + "a" * 32, "host", "team-x"])
def test_a_link_that_opens_nothing_is_refused_in_a_line(served: World, link: str) -> None:
    links = served.new("ours")
    bad = Link(links.rw.command.replace(links.rw.user, link), link, links.rw.host, links.rw.port)
    guest = join(served, bad)
    screen = guest.wait(lambda screen: "\nexit " in screen, "refused")
    assert "exit 2, line kept" in screen
    assert "Traceback" not in screen


def test_a_key_that_is_not_known_is_asked_about_and_a_changed_one_refused(served: World) -> None:
    links = served.new("ours")
    words = ["pairterm", "join", *shlex.split(links.rw.command)]
    guest = served.terminal(words)
    assert links.fingerprint in guest.sees("[y/N]").replace("\n", "")
    guest.enter("n")
    guest.has_exited(2)
    guest = served.terminal(words)
    guest.sees("[y/N]")
    guest.enter("y")
    guest.sees("here$")
    guest.close()
    known = served.state / "known_hosts"
    known.write_text(known.read_text().replace("AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAC3NzaC1lZDI1NTE5AAAAJ"))
    screen = join(served, links.rw).wait(lambda screen: "\nexit " in screen, "refused")
    assert "HAS CHANGED" in screen
    assert "exit 2, line kept" in screen


def test_who_is_on_the_list_joins_by_the_sessions_name(served: World) -> None:
    keys = {}
    for name in ("friend", "stranger"):
        keys[name] = served.home / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys[name])], check=True)
    links = served.new("ours", options=("-a", f"{keys['friend']}.pub"))
    user = f"{pwd.getpwuid(os.getuid()).pw_name}/ours"
    by_name = Link(links.rw.command.replace(links.rw.user, user), user, links.rw.host, links.rw.port)
    stranger = join(served, by_name, "-i", str(keys["stranger"]))
    assert "none of yours is" in stranger.wait(lambda screen: "\nexit 2, line kept" in screen, "refused")
    friend = join(served, by_name, "-i", str(keys["friend"]))
    friend.sees("here$")
    works(friend, "friend")


@pytest.mark.parametrize("owners", [SMALL, Size(rows=40, cols=120)], ids=str)
def test_a_lost_line_is_dialled_again_and_the_place_in_the_history_kept(
    wired: tuple[World, Links, Wire], owners: Size
) -> None:
    """Also where the session grows while the smallest terminal is away: its lines wrap anew, there and back."""
    world, links, wire = wired
    guest, owner = join(world, links.rw, port=wire.port), world.attach("ours", size=owners)
    watcher = world.ssh(links.ro, size=owners)  # By it the gateway has the larger pictures, too.
    for each in (guest, owner, watcher):
        each.sees("here$")
    owner.enter(f"seq -f '%g {90 * 'x'}' 300; echo all-$((40+2))")
    guest.sees(f"\n{14 * 'x'}\nall-42")  # wrapped as the smallest wants it: lines keep their numbers
    guest.keys("C-b", "[")
    for _ in range(5):
        guest.keys("PageUp")
    scrolled = guest.wait(lambda screen: "240 x" in screen and "all-42" not in screen, "scrolled")
    wire.cut()
    guest.sees("connection lost")
    eventually(lambda: len(world.session("ours")["clients"]) == 2, "the gateway never noticed")
    works(owner, "meanwhile")
    wire.mend()
    eventually(lambda: len(world.session("ours")["clients"]) == 3, "the guest never came back")
    place = scrolled.splitlines()[3:20]
    guest.wait(lambda screen: screen.splitlines()[3:20] == place and "connection" not in screen, "where it was")
    guest.keys("PageUp")
    guest.wait(lambda screen: "225 x" in screen, "able to fetch older lines")
    guest.keys("q")
    guest.sees("meanwhile-42")
    works(guest, "back")


def test_what_is_typed_while_the_line_is_lost_goes_nowhere(wired: tuple[World, Links, Wire]) -> None:
    world, links, wire = wired
    guest, owner = join(world, links.rw, port=wire.port), world.attach("ours")
    guest.sees("here$")
    owner.sees("here$")
    works(guest, "before")
    wire.cut()
    guest.sees("connection lost")
    guest.enter("echo never")
    guest.sees("what you type is not sent")
    wire.mend()
    eventually(lambda: len(world.session("ours")["clients"]) == 2, "the guest never came back")
    guest.wait(lambda screen: "connection lost" not in screen, "told that it is back")
    works(guest, "after")
    assert "never" not in owner.screen()


def test_it_can_be_left_while_the_line_is_lost(wired: tuple[World, Links, Wire]) -> None:
    world, links, wire = wired
    guest = join(world, links.rw, port=wire.port)
    guest.sees("here$")
    wire.cut()
    guest.sees("connection lost")
    guest.keys("C-b", "d")
    assert "[detached from ours]" in guest.has_exited()


def test_the_status_line_says_since_when_the_line_is_lost(wired: tuple[World, Links, Wire]) -> None:
    world, _, _ = wired
    config = world.root / "config" / "pairterm" / "config.toml"
    config.write_text(config.read_text().replace("status = false", "status = true"))
    links = world.new("other")
    _, _, wire = wired
    guest = join(world, links.rw, port=wire.port)
    guest.sees("read-write")
    wire.cut()
    guest.sees("connection lost, redialling 1 s")
    guest.sees("connection lost, redialling 2 s")
    wire.mend()
    guest.wait(lambda screen: "connection lost" not in screen, "told that it is back")
    works(guest, "back")


def test_a_link_that_was_ended_meanwhile_ends_it_with_a_line(wired: tuple[World, Links, Wire]) -> None:
    world, links, wire = wired
    guest = join(world, links.rw, port=wire.port)
    guest.sees("here$")
    wire.cut()
    guest.sees("connection lost")
    world.run("link", "rotate", "-t", "ours")
    wire.mend()
    screen = guest.wait(lambda screen: "\nexit " in screen, "ended")
    assert "no such session, or the link has ended" in " ".join(screen.split())
    assert "exit 2, line kept" in screen


def test_it_is_a_guest_who_counts(world: World) -> None:
    config = world.root / "gateway.toml"
    config.write_text("max_guests = 1\n")
    world.serve("--config", str(config))
    links = world.new("ours")
    first = join(world, links.rw)
    first.sees("here$")
    (listed,) = json.loads(world.run("who", "--json").stdout)
    assert listed["transport"] == "join", "it was listed as ssh"
    second = join(world, links.rw)
    screen = second.wait(lambda screen: "\nexit " in screen, "refused")
    assert "full" in screen
    assert "exit 1, line kept" in screen
    first.keys("C-b", "d")
    first.has_exited()
    third = join(world, links.rw)
    third.sees("here$")


def test_without_a_terminal_or_inside_a_session_it_is_refused(served: World) -> None:
    links = served.new("ours")
    assert "not a terminal" in served.run(*command(links.rw)[1:], status=2).stderr
    nested = served.run(*command(links.rw)[1:], status=2, environment={"PAIRTERM": "x,1"}).stderr
    assert "nested" in nested


def serve_again(world: World, port: int) -> None:
    world.serve("--listen", f"127.0.0.1:{port}", "--advertise", "127.0.0.1")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_gateway_that_is_restarted_is_come_back_to(world: World, number: int) -> None:
    """Its guests dial sooner than its hosts may: they wait for them, and are not taken for people who guess."""
    serving, _ = world.serve()
    links = world.new("ours")
    guests = [join(world, links.rw) for _ in range(4)]
    for guest in guests:
        guest.sees("here$")
    host = world.session("ours")["pid"]
    os.kill(host, signal.SIGSTOP)
    try:
        serving.send_signal(number)
        serving.wait()
        for guest in guests:
            guest.sees("connection lost")
        serve_again(world, links.rw.port)
        late = world.ssh(links.ro)
        late.sees("waiting for the session's host")
    finally:
        os.kill(host, signal.SIGCONT)
    late.sees("here$")
    for at, guest in enumerate(guests):
        guest.wait(lambda screen: "connection lost" not in screen, "told that it is back")
        works(guest, f"guest{at}")
    late.sees("guest3-42")


def test_a_gateway_that_had_no_sessions_refuses_at_once(world: World) -> None:
    serving, _ = world.serve()
    links = world.new("ours", "true")
    world.ends("ours")
    serving.kill()
    serving.wait()
    serve_again(world, links.rw.port)
    done = world.run_any(*world.ssh_command(links.ro, "-tt"), status=255)
    assert "no such session, or the link has ended" in done.stderr
    assert "waiting" not in done.stderr


@pytest.mark.parametrize(("delay_s", "bytes_per_s"), [(0.2, 0), (0.0, 8000)], ids=["far", "64kbit"])
def test_a_bad_line_shows_it_the_newest_screen(
    wired: tuple[World, Links, Wire], delay_s: float, bytes_per_s: int
) -> None:
    world, links, wire = wired
    guest, owner = join(world, links.rw, port=wire.port), world.attach("ours")
    guest.sees("here$")
    owner.sees("here$")
    wire.delay_s, wire.bytes_per_s = delay_s, bytes_per_s
    owner.enter("seq 1 100000; clear; printf '\\033[7mend\\033[0m-%d\\n' $((40+2))")
    guest.sees("end-42")
    eventually(
        lambda: not guest.picture().differs_from(owner.picture()), lambda: guest.picture().differs_from(owner.picture())
    )
    works(guest, "typed")


@pytest.mark.slow
def test_a_line_that_went_dead_without_a_word_is_found_on_both_sides(wired: tuple[World, Links, Wire]) -> None:
    world, links, wire = wired
    guest = join(world, links.rw, port=wire.port)
    guest.sees("here$")
    wire.freeze()
    eventually(lambda: not world.session("ours")["clients"], "the gateway never noticed")
    guest.wait(lambda screen: "connection lost" in screen, "told that the line is lost")
    wire.thaw()
    guest.wait(lambda screen: "connection lost" not in screen, "told that it is back")
    works(guest, "thawed")


@pytest.mark.slow
@pytest.mark.long
def test_a_gateway_killed_again_and_again_in_a_flood_loses_it_nothing(world: World) -> None:
    """One terminal for all of it: its picture and its history are the owner's in the end, and no key came twice."""
    script = world.home / "flood.sh"
    script.write_text(
        "stty -echo\n(while [ ! -e stop ]; do seq 1 4000; sleep 0.01; done; echo flood ended) &\ncat >typed\n"
    )
    serving, _ = world.serve()
    links = world.new("flood", "sh", str(script))
    guest = join(world, links.rw)
    for number in range(KILLS):
        guest.wait(lambda screen: any(line.strip().isdecimal() for line in screen.splitlines()), "flooded")
        guest.wait(lambda screen: "connection lost" not in screen, "told that it is back")
        guest.enter(f"<{number}>")
        serving.kill()
        serving.wait()
        guest.sees("connection lost")
        serving, _ = world.serve("--listen", f"127.0.0.1:{links.rw.port}", "--advertise", "127.0.0.1")
    owner, typed = world.attach("flood"), world.home / "typed"
    guest.wait(lambda screen: "connection lost" not in screen, "told that it is back")
    (world.home / "stop").touch()
    guest.enter("last")
    eventually(lambda: "last" in typed.read_text(), "the last line never arrived")
    pieces = [int(each) for each in re.findall(r"<(\d+)>", typed.read_text())]
    assert pieces == sorted(set(pieces)), "a piece was typed twice, or too late"
    owner.sees("flood ended")
    guest.sees("flood ended")
    for each in (guest, owner):
        each.keys("C-b", "[")
    for _ in range(10):
        for each in (guest, owner):
            each.keys("PageUp")
        eventually(
            lambda: guest.picture().rows[:-1] == owner.picture().rows[:-1],
            lambda: guest.picture().differs_from(owner.picture()),
        )


def test_typed_text_is_shown_before_its_echo_but_no_password(wired: tuple[World, Links, Wire]) -> None:
    world, links, wire = wired
    guest = join(world, links.rw, "--predict", "always", port=wire.port)
    guest.sees("here$")
    guest.type("echo pre")
    guest.sees("echo pre")
    wire.freeze()
    guest.type("dicted")
    guest.sees("echo predicted")
    wire.thaw()
    guest.type("\r")
    guest.sees("\npredicted")
    guest.enter("read -rs -p 'secret: ' word; echo its-length-${#word}")
    guest.sees("secret: ")
    wire.freeze()
    guest.type("hunter2")
    guest.type("\r")
    wire.thaw()
    assert "hunter" not in guest.sees("its-length-7")
