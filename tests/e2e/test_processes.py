"""The processes of a session: what they inherit, what they tell of it, and that none of them stays behind."""

from __future__ import annotations

import os
import signal

import pytest

from tests.e2e.terminal import eventually
from tests.e2e.test_refusals import wrong
from tests.e2e.world import World

CANARY = "canary-9d1f"


def running(world: World, mark: str) -> list[int]:
    """Return the processes of the world with `mark` among their arguments."""
    return [each.pid for each in world.processes() if mark in each.argv]


def marked(world: World, module: str) -> list[int]:
    """Return the processes of the world that are `-m module`, with or without arguments after it."""
    return [each.pid for each in world.processes() if "-m" in each.argv and module in each.argv]


def test_tokens_and_texts_stand_in_no_log_argv_environment_or_file(world: World) -> None:
    """A token is in the links alone; what is typed and shown is nowhere but on the terminals."""
    world.serve("--verbose")
    links = world.new("our_session", options=["--gateway", str(world.root / "gateway.sock")])
    guest, watcher, owner = world.ssh(links.rw), world.ssh(links.ro), world.attach("our_session")
    for each in (guest, watcher, owner):
        each.sees("here$")
    guest.enter(f"echo {CANARY}")
    watcher.sees(f"\n{CANARY}")
    guessed = wrong(links.rw)
    world.run_any(*world.ssh_command(guessed, "-tt"), status=255)
    world.run_any(*world.ssh_command(links.rw, "-T"), CANARY, status=2)
    secrets = [each.user[3:].encode() for each in (links.rw, links.ro, guessed)]

    seen: dict[str, bytes] = {}
    for process in world.processes():
        argv = process.argv
        if any(part.startswith("pairterm") or part.endswith(("/pairterm", "bash")) for part in argv):
            if "ssh" in argv:
                continue  # a guest's own ssh, which was given its link, and the pane around it
            seen[f"argv of {argv[:4]}"] = "\0".join(argv).encode()
            seen[f"environment of {argv[:4]}"] = process.environ
            with open(f"/proc/{process.pid}/comm", "rb") as title:
                seen[f"title of {argv[:4]}"] = title.read()
    assert len(seen) >= 4 * 3, "host, gateway, attach and shell were not all looked at"
    watcher.keys("q")
    guest.keys("C-b", "d")
    world.run("kill", "-t", "our_session")
    owner.has_exited()
    files = [path for path in world.root.rglob("*") if path.is_file() and path != world.known_hosts]
    assert any(path.name.endswith(".log") and path.stat().st_size for path in files), "nothing was logged at all"
    audits = [path.read_text() for path in files if path.name.endswith(".jsonl")]
    assert len([each for each in audits if '"join"' in each]) == 2, "host and gateway did not both write their audit"
    seen |= {str(path): path.read_bytes() for path in files}
    for where, content in seen.items():
        for secret in secrets:
            assert secret not in content, f"a token is in {where}"
        assert CANARY.encode() not in content, f"what was typed is in {where}"


def test_a_program_sees_three_descriptors_and_its_own_terminal(town: World) -> None:
    for name in ("descriptors", "descriptors-2"):
        town.new(name, "sh", "-c", "ls /proc/$$/fd; cut -d' ' -f6 /proc/$$/stat; echo $$ listed; exec cat")
        owner = town.attach(name)
        *descriptors, leader, own, _ = owner.sees("listed").split()
        assert descriptors == ["0", "1", "2"]
        assert leader == own, "it leads no process session of its own"
    town.run("kill", "-t", "descriptors")
    town.run("kill", "-t", "descriptors-2")


def test_interrupt_works_in_a_session_that_a_script_started_in_the_background(town: World) -> None:
    """A shell starts what ends in `&` with SIGINT ignored, and that was inherited all the way down."""
    town.run_any("sh", "-c", "pairterm new -d -s background >/dev/null & wait $!")
    owner = town.attach("background")
    owner.sees("here$")
    owner.enter("grep Sig[BI][lg] /proc/$$/status; sleep 1007")
    eventually(lambda: bool(running(town, "1007")), "sleep was never started")
    owner.keys("C-c")
    eventually(lambda: not running(town, "1007"), "C-c did not reach sleep")
    owner.enter("echo alive-$((1+1))")
    owner.sees("\nalive-2")
    town.run("kill", "-t", "background")


@pytest.mark.parametrize(
    "program",
    [
        "trap '' HUP TERM INT; sleep 1008",
        "setsid sleep 1008 & sleep 1008",
        "(setsid sh -c \"trap '' HUP TERM; sleep 1008\" </dev/null >/dev/null 2>&1 &); exec sleep 1008",
        "sleep 1008 & kill -STOP $!; sleep 1008",
    ],
    ids=["ignores-hang-up", "own-process-session", "orphan", "stopped"],
)
def test_kill_ends_everything_that_a_session_started(town: World, program: str) -> None:
    town.new("tree", "sh", "-c", program)
    eventually(lambda: bool(running(town, "1008")), "nothing was started")
    town.run("kill", "-t", "tree")
    eventually(lambda: not running(town, "1008"), lambda: f"left: {running(town, '1008')}")


def test_a_host_that_is_killed_leaves_no_process_behind(world: World) -> None:
    """The kernel ended the program alone. Processes that ignored the hang-up, or had left the terminal, ran on."""
    deaf = "trap '' HUP TERM; sleep 1011"
    world.new("killed", "sh", "-c", f'(setsid sh -c "{deaf}" </dev/null >/dev/null 2>&1 &); {deaf}')
    owner = world.attach("killed")
    eventually(lambda: len(running(world, "1011")) == 2, "nothing was started")
    world.new("other")
    gateway = world.gateway_pid()
    os.kill(world.session("killed")["pid"], signal.SIGKILL)
    eventually(lambda: not running(world, "1011"), lambda: f"left: {running(world, '1011')}")
    owner.has_exited(1)
    eventually(lambda: not marked(world, "pairterm.host.sweep_after_kill"), "the sweep never ended")
    assert world.gateway_pid() == gateway, "the gateway, which that host had started, was ended with it"
    assert [each["session"] for each in world.sessions()] == ["other"]
    assert len(marked(world, "pairterm.host.host_watcher")) == 1
    world.run("kill", "-t", "other")
    eventually(lambda: not marked(world, "pairterm.host.host_watcher"), "a watcher outlives its host")
    (world.runtime / "killed.sock").unlink()


def test_a_session_in_a_session_outlives_a_host_that_is_killed(world: World) -> None:
    world.new("outer")
    owner = world.attach("outer")
    owner.sees("here$")
    owner.enter("env -u PAIRTERM pairterm new -d -s inner -- cat >/dev/null; echo started-$((1+1))")
    owner.sees("started-2")
    os.kill(world.session("outer")["pid"], signal.SIGKILL)
    owner.has_exited(1)
    eventually(lambda: not marked(world, "pairterm.host.sweep_after_kill"), "the sweep never ended")
    eventually(lambda: len(marked(world, "pairterm.host.host_watcher")) == 1, "the inner session's watcher is gone")
    assert [each["session"] for each in world.sessions()] == ["inner"]
    (world.runtime / "outer.sock").unlink()


def test_what_a_command_left_in_the_background_ends_with_it(town: World) -> None:
    town.new("tail", "sh", "-c", "setsid sleep 1009 & sleep 1009 & read -r line")
    owner = town.attach("tail")
    eventually(lambda: len(running(town, "1009")) == 2, "nothing was started")
    eventually(lambda: owner.facts("alternate_on")["alternate_on"] == "1", "never attached")
    owner.keys("Enter")
    assert "[tail ended]" in owner.has_exited()
    eventually(lambda: not running(town, "1009"), lambda: f"left: {running(town, '1009')}")


def test_a_flood_in_one_session_ends_by_interrupt_and_touches_no_other(town: World) -> None:
    flooded, calm = town.new("flooded"), town.new("calm")
    guest, other = town.ssh(flooded.rw), town.ssh(calm.rw)
    guest.sees("here$")
    other.sees("here$")
    guest.enter("yes flood")
    guest.sees("\nflood\nflood")
    other.enter("echo calm-$((1+1))")
    other.sees("\ncalm-2")
    guest.keys("C-c")
    guest.wait(lambda screen: screen.rstrip().endswith("here$"), "stopped")
    town.run("kill", "-t", "flooded")
    town.run("kill", "-t", "calm")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_host_that_is_told_to_end_kills_its_session(town: World, number: signal.Signals) -> None:
    town.new("told", "sh", "-c", "echo shown; sleep 1010")
    owner = town.attach("told")
    owner.sees("shown")
    os.kill(town.session("told")["pid"], number)
    assert "[told killed]" in owner.has_exited()
    eventually(lambda: not running(town, "1010"), "its command lives on")


def test_a_host_outlives_the_login_that_started_it(town: World) -> None:
    town.new("outlives")
    os.kill(town.session("outlives")["pid"], signal.SIGHUP)
    owner = town.attach("outlives")
    owner.sees("here$")
    owner.enter("echo alive-$((1+1))")
    owner.sees("\nalive-2")
    town.run("kill", "-t", "outlives")
