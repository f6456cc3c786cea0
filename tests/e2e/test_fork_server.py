"""The fork server: from the second session on, hosts are forked from a process that has loaded their code.

A session must not notice whether its host was forked.
"""

from __future__ import annotations

import os
import signal
import textwrap
from pathlib import Path

from tests.e2e.terminal import eventually
from tests.e2e.world import World

SERVER = "pairterm.fork"


def servers(world: World) -> list[int]:
    return [each.pid for each in world.processes() if each.runs(SERVER)]


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])


def forked_from(world: World, name: str) -> int | None:
    """Return the server that has forked the host of a session; None for a host that was started in the usual way."""
    above = parent(parent(world.session(name)["pid"]))
    return above if above in servers(world) else None


def test_a_forked_host_has_what_its_new_gave_it(world: World) -> None:
    """Its directory, its environment, its log and its descriptors, and nothing of the server's."""
    world.new("first", "cat")
    assert not servers(world), "one session pays for a server"
    told = world.root / "told"
    place = world.root / "a place"
    place.mkdir()
    asked = (
        f'echo "$PWD|$(pwd -P)|$ONLY_HERE|$(umask)|$(ls /proc/$PPID/fd | wc -l)" >{told}.part; mv {told}.part {told}'
    )
    for name in ("second", "third"):
        told.unlink(missing_ok=True)
        here = {"ONLY_HERE": f"{name} \udcff", "PWD": str(place)}
        world.run("new", "-d", "-s", name, "--", "sh", "-c", f"{asked}; exec cat", environment=here, directory=place)
        (server,) = servers(world)
        assert forked_from(world, name) == server
        eventually(told.exists, "the program was never started")
        *seen, descriptors = told.read_text(errors="surrogateescape").strip().split("|")
        assert seen == [str(place), str(place), f"{name} \udcff", "0022"]
        host = Path("/proc", str(world.session(name)["pid"]))
        assert host.joinpath("cmdline").read_bytes().endswith(b"\0-m\0pairterm.host\0")
        links = [os.readlink(each) for each in host.joinpath("fd").iterdir()]
        assert links.count(f"{world.state}/session-{name}.log") == 1, links
        assert not [each for each in links if "fork-server" in each], links
        assert int(descriptors) <= len(list(Path("/proc", str(world.session("first")["pid"]), "fd").iterdir())) + 1
    assert "no such command: nowhere" in world.run("new", "-d", "--", "nowhere", status=2).stderr
    assert "duplicate session: second" in world.run("new", "-d", "-s", "second", status=2).stderr
    world.run("kill", "-t", "second")
    assert servers(world) == [server]
    world.run("kill", "-t", "third")
    world.new("fourth", "cat")
    assert forked_from(world, "fourth") == server, "the server has not waited for another session"
    world.run("kill", "-t", "fourth")
    assert [each["session"] for each in world.sessions()] == ["first"]
    world.run("kill", "-t", "first")
    eventually(lambda: not servers(world), "the server stays after the user's last session")
    assert not (world.runtime / ".forks").exists()


def test_a_process_with_another_context_gets_no_host_of_the_server(world: World) -> None:
    """A forked host would have the limits of whoever started the server."""
    world.new("first", "cat")
    world.new("second", "cat")
    assert forked_from(world, "second") is not None
    for changed in ("umask 027;", "ulimit -n 300;", "trap '' USR1;", "export LC_ALL=C;", "nice"):
        world.run_any("sh", "-c", f"{changed} pairterm new -d -s changed -- cat")
        assert forked_from(world, "changed") is None, changed
        world.run("kill", "-t", "changed")


def test_a_server_that_a_session_started_outlives_the_session(world: World) -> None:
    world.new("first", "sh", "-c", "env -u PAIRTERM pairterm new -d -s second -- cat; exec cat")
    eventually(lambda: (world.runtime / "second.sock").exists(), "the session inside was never started")
    server = forked_from(world, "second")
    assert server is not None
    world.run("kill", "-t", "first")
    assert servers(world) == [server]
    assert [each["session"] for each in world.sessions()] == ["second"]


def test_the_sessions_of_a_killed_server_go_on_and_the_next_one_starts_another(world: World) -> None:
    world.new("first", "cat")
    world.new("second", "cat")
    (server,) = servers(world)
    os.kill(server, signal.SIGKILL)
    eventually(lambda: not servers(world), "the server lives")
    world.new("third", "cat")
    again = forked_from(world, "third")
    assert again not in (None, server)
    assert [each["session"] for each in world.sessions()] == ["first", "second", "third"]


def test_a_server_that_hangs_delays_a_start_and_does_not_prevent_it(world: World) -> None:
    world.new("first", "cat")
    world.new("second", "cat")
    (server,) = servers(world)
    os.kill(server, signal.SIGSTOP)
    world.new("third", "cat")
    os.kill(server, signal.SIGCONT)
    assert forked_from(world, "third") is None
    world.new("fourth", "cat")
    assert forked_from(world, "fourth") == server
    assert len(world.sessions()) == 4, "the request that nobody waited for has started a host"


def test_a_server_with_old_code_forks_no_more(world: World) -> None:
    """After an upgrade, a new session has the new code, though sessions with the old code go on."""
    directory = world.root / "code"
    directory.mkdir()
    code = directory / "sitecustomize.py"
    code.write_text(textwrap.dedent("# A file that every Python process loads.\n"))
    paths = [str(directory), *filter(None, [world.environment.get("PYTHONPATH")])]
    world.environment["PYTHONPATH"] = os.pathsep.join(paths)
    world.new("first", "cat")
    world.new("second", "cat")
    (server,) = servers(world)
    code.write_text("# The same file in a later version.\n")
    world.new("third", "cat")
    assert forked_from(world, "third") is None
    world.new("fourth", "cat")
    assert forked_from(world, "fourth") not in (None, server)
    world.run("kill", "-t", "second")
    eventually(lambda: server not in servers(world), "the server with the old code stays after its last session")
    world.new("fifth", "cat")
    assert forked_from(world, "fifth") == forked_from(world, "fourth")
