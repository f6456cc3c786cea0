"""A session in a CI job: `new -F` without a terminal, and every way for the job to go on."""

from __future__ import annotations

import subprocess

from tests.e2e.terminal import eventually
from tests.e2e.world import Link, Links, World


def job(world: World, *options: str, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a job, and wait for its links."""
    process = world.start("pairterm", "new", "-F", "-s", "job", *options, environment=environment)
    eventually(lambda: (world.runtime / "job.sock").exists(), "it never began")
    world.run("wait", "-t", "job", "ready")
    return process


def link(world: World, name: str) -> Link:
    """Return a link as scripts get it."""
    command = world.run("display", "-t", "job", "-p", f"#{{pairterm_{name}}}").stdout.strip()
    user = command.split()[-1].partition("@")[0]
    world.known_hosts.write_text(world.run("display", "-t", "job", "-p", "#{pairterm_known_hosts}").stdout)
    return Link(command, user, "localhost", int(command.split()[2]))


def ended(process: subprocess.Popen[bytes], status: int) -> str:
    out, error = process.communicate(timeout=60)
    assert process.returncode == status, (out, error)
    return out.decode() + error.decode()


def test_the_commands_status_is_the_jobs(world: World) -> None:
    process = world.start("pairterm", "new", "-F", "-s", "job", "--", "sh", "-c", "exit 7")
    assert "ssh session read only: ssh " in ended(process, 7)


def test_continue_ends_it_with_0(world: World) -> None:
    process = job(world)
    guest = world.ssh(link(world, "ssh"))
    guest.sees("here$")
    world.run("wait", "-t", "job", "guest")
    guest.enter("pairterm continue")
    ended(process, 0)
    assert "[job" in guest.has_exited()


def test_the_file_ends_it_with_0(world: World) -> None:
    process = job(world)
    guest = world.ssh(link(world, "ssh"))
    guest.sees("here$")
    guest.enter("touch pairterm-continue")
    assert "pairterm-continue is there" in ended(process, 0)


def test_nobody_came(world: World) -> None:
    process = job(world, "--wait-for-guest", "1s")
    assert "no guest has joined" in ended(process, 0)


def test_the_last_to_leave_ends_it(world: World) -> None:
    process = job(world, "--wait-for-guest", "10m", "--end-when-empty")
    guest, watcher = world.ssh(link(world, "ssh")), world.ssh(link(world, "ssh_ro"))
    guest.sees("here$")
    watcher.sees("here$")
    guest.keys("C-b", "d")
    guest.has_exited()
    eventually(lambda: len(world.session("job")["clients"]) == 1, "who left is still there")
    assert process.poll() is None
    watcher.keys("C-b", "d")
    assert "the last guest has left" in ended(process, 0)


def test_the_time_is_over(world: World) -> None:
    process = job(world, "--timeout", "1s", "--", "sleep", "1000")
    assert "the time is over" in ended(process, 124)


def test_a_bad_time_starts_nothing(world: World) -> None:
    assert "bad time" in world.run("new", "-F", "--timeout", "soon", status=2).stderr
    assert "are for -F" in world.run("new", "-d", "--timeout", "1h", status=2).stderr
    assert world.sessions() == []


def test_secrets_of_the_job_are_not_in_the_shell(world: World) -> None:
    secrets = {"CI": "true", "DEPLOY_TOKEN": "canary-1", "REMOTE": "https://x:canary-2@example.org", "PLAIN": "shown"}
    (world.home / ".bashrc").write_text("PS1='here$ '\n")
    process = job(world, environment=secrets | {"PATH": f"/job/bin:{world.environment['PATH']}"})
    guest = world.ssh(link(world, "ssh"))
    guest.sees("here$")
    guest.sees("'pairterm continue' or 'exit' lets it go on")
    guest.enter("echo ${PATH%%:*}")
    guest.sees("\n/job/bin")
    guest.enter("env | grep -c canary; cat /proc/$PPID/environ | grep -c canary; echo $PLAIN")
    guest.sees("\n0\n0\nshown")
    guest.enter("exit")
    said = ended(process, 0)
    assert "DEPLOY_TOKEN, REMOTE" in said
    assert "canary" not in said


def test_secrets_stay_where_one_wants_them(world: World) -> None:
    process = world.start(
        *("pairterm", "new", "-F", "-s", "job", "--keep-env", "--", "sh", "-c", '[ "$DEPLOY_TOKEN" = kept ]'),
        environment={"CI": "true", "DEPLOY_TOKEN": "kept"},
    )
    assert "not passed to the shared shell" not in ended(process, 0)


def test_wait_and_display_as_in_tmates_scripts(world: World) -> None:
    waiting = world.start("pairterm", "wait", "tmate-ready")
    links = world.new("our_session")
    assert waiting.wait(60) == 0
    for name, command in (("tmate_ssh", links.rw.command), ("tmate_ssh_ro", links.ro.command)):
        assert world.run("display", "-p", f"#{{{name}}}").stdout == f"{command}\n"
    assert world.run("display", "-p", "#{session_name}: #{tmate_num_clients}").stdout == "our_session: 0\n"
    assert "pairterm_ssh_ro" in world.run("display", "-p", "#{tmate_nonsense}", status=2).stderr
    done = world.run("wait", "--timeout", "1", "guest", status=1)
    assert "not guest after 1 s" in done.stderr
    said = world.run("show-messages").stdout
    assert links.rw.command in said


def test_a_socket_in_tmates_way_is_a_sessions_name(world: World) -> None:
    links = Links.parse(world.run("-S", "/tmp/some.sock", "new", "-d", "--json").stdout)
    assert links.session == "some"
    world.new("another")
    assert world.run("-S", "/tmp/some.sock", "display", "-p", "#{tmate_ssh}").stdout == f"{links.rw.command}\n"
    world.run("-S", "/tmp/some.sock", "kill")
    assert [each["session"] for each in world.sessions()] == ["another"]
