"""The commands as a person and a script use them: what they print, their exit status, and what they refuse."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pairterm.types import Size
from tests.e2e.terminal import eventually
from tests.e2e.world import Links, World

TOKEN = "[a-z2-7]{32}"


def refused(world: World, *arguments: str, status: int = 2, environment: dict[str, str] | None = None) -> str:
    """Return the one line that a command refuses with; nothing may be left of it."""
    before = {each.pid for each in world.processes() if each.runs("pairterm.host")}
    done = world.run(*arguments, status=status, environment=environment)
    assert done.stdout == ""
    assert done.stderr.startswith("pairterm: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    eventually(
        lambda: {each.pid for each in world.processes() if each.runs("pairterm.host")} <= before,
        "a process of the refused command never ended",
    )
    return done.stderr


def test_a_session_whose_host_is_stopped_is_told_at_once(world: World) -> None:
    """`ls` said "no sessions" of one whose host was stopped; later, it and `attach` waited ten seconds for it."""
    world.new("stopped", "cat")
    host = world.session("stopped")["pid"]
    told = f"pairterm: the host of stopped is stopped: 'kill -CONT {host}' resumes it"
    os.kill(host, signal.SIGSTOP)
    try:
        owner = world.attach("stopped")
        assert world.run("ls", status=1).stderr == f"{told}\n"
        assert told in " ".join(owner.has_exited(1).split())
        world.new("lively", "cat")
        done = world.run("ls")
        assert done.stdout.startswith("lively: ")
        assert done.stderr == f"{told}\n"
    finally:
        os.kill(host, signal.SIGCONT)
    assert len(world.sessions()) == 2


# What is printed.


def test_the_json_of_links_is_exactly_the_public_form(town: World) -> None:
    created = town.run("new", "-d", "--json", "-s", "our_session").stdout
    assert created == town.run("links", "--json", "-t", "our_session").stdout
    assert created.count("\n") == 1
    found = json.loads(created)
    read_write, read_only = found["links"]["ssh_rw"]["user"], found["links"]["ssh_ro"]["user"]
    port = found["links"]["ssh_rw"]["port"]
    assert re.fullmatch(f"rw-{TOKEN}", read_write)
    assert re.fullmatch(f"ro-{TOKEN}", read_only)
    assert read_write[3:] != read_only[3:], "the two are drawn apart"
    assert found == {
        "session": "our_session",
        "host_key": {
            "fingerprint": found["host_key"]["fingerprint"],
            "known_hosts": found["host_key"]["known_hosts"],
        },
        "links": {
            "ssh_rw": {
                "command": f"ssh -p {port} {read_write}@localhost",
                "user": read_write,
                "host": "localhost",
                "port": port,
            },
            "ssh_ro": {
                "command": f"ssh -p {port} {read_only}@localhost",
                "user": read_only,
                "host": "localhost",
                "port": port,
            },
        },
    }
    town.run("kill", "-t", "our_session")


def test_the_fingerprint_is_the_one_of_the_known_hosts_line(town: World) -> None:
    links = town.new("key")
    host, kind, _ = links.known_hosts.split()
    assert (host, kind) == (f"[localhost]:{links.rw.port}", "ssh-ed25519")
    listed = town.run_any("ssh-keygen", "-l", "-f", str(town.known_hosts)).stdout
    assert listed.split()[1] == links.fingerprint
    town.run("kill", "-t", "key")


def test_the_links_as_people_read_them(town: World) -> None:
    printed = town.run("new", "-d", "-s", "shown").stdout
    links = Links.parse(town.run("links", "--json", "-t", "shown").stdout)
    lines = printed.splitlines()
    assert lines[:3] == [
        f"ssh session read only: {links.ro.command}",
        f"ssh session:           {links.rw.command}",
        f"host key:              {links.fingerprint}",
    ]
    assert "this machine only" in lines[3]
    assert "--listen" in lines[3]
    assert town.run("links", "-t", "shown").stdout == printed
    town.run("kill", "-t", "shown")


def test_links_typed_inside_keep_the_read_write_link_from_watchers(world: World) -> None:
    links = world.new("shared")
    owner = world.attach("shared")
    owner.sees("here$")
    owner.type("clear; pairterm links\n")
    owner.sees(links.rw.user)
    watcher = world.ssh(links.ro)
    watcher.sees(links.rw.user)  # Nobody watched when it was typed: it was the owner's to show.
    owner.type("clear; pairterm links\n")
    owner.sees("links --all")
    watcher.sees("links --all")
    assert links.rw.user not in watcher.screen()
    owner.type("clear; pairterm links --all\n")
    watcher.sees(links.rw.user)


def test_a_locale_without_unicode_gets_ascii(town: World) -> None:
    done = town.run("new", "-d", "-s", "plain", environment={"LC_ALL": "C"})
    assert done.stdout.isascii()
    line = next(each for each in town.run("ls", environment={"LC_ALL": "C"}).stdout.splitlines() if "plain" in each)
    assert "plain: 80x24 " in line
    assert "80×24" in town.run("ls", environment={"LC_ALL": "C.UTF-8"}).stdout
    town.run("kill", "-t", "plain")


def test_ls_tells_sessions_and_who_is_attached(world: World) -> None:
    done = world.run("ls", status=1)
    assert (done.stdout, done.stderr) == ("", "no sessions\n")
    assert world.sessions() == []
    links = world.new("first", "cat", options=["-x", "90", "-y", "20"])
    world.new("second")
    guest = world.ssh(links.ro)
    eventually(lambda: len(world.session("first")["clients"]) == 1, "the guest is not listed")
    first, second = world.sessions()
    assert first["session"], second["session"] == ("first", "second")
    assert {"session", "pid", "created", "cols", "rows", "command", "title", "gateway", "clients"} <= first.keys()
    assert (first["cols"], first["rows"], first["command"], first["gateway"]) == (90, 20, "cat", "connected")
    (client,) = first["clients"]
    assert {"from", "role", "cols", "rows", "joined"} <= client.keys()
    assert (client["role"], client["cols"], client["rows"]) == ("ro", 80, 24)
    assert client["from"] in ("127.0.0.1", "::1")
    text = world.run("ls").stdout.splitlines()
    assert text[0].startswith("first: 90×20 (created ")
    assert "(1 attached)" in text[0]
    assert "attached" not in text[1]
    guest.close()


def test_the_names_that_tmux_users_fingers_know(town: World) -> None:
    town.run("new-session", "-d", "-s", "aliased")
    assert "aliased" in town.run("list-sessions").stdout
    attached = town.terminal(["pairterm", "attach-session", "-t", "aliased"])
    attached.sees("here$")
    short = town.terminal(["pairterm", "a", "-t", "alias"])
    short.sees("here$")
    assert json.loads(town.run("kill-session", "--json", "-t", "aliased").stdout) == {
        "session": "aliased",
        "killed": True,
    }
    attached.has_exited()
    short.has_exited()


def test_sessions_without_a_name_are_numbered_and_numbers_are_used_again(world: World) -> None:
    names = [json.loads(world.run("new", "-d", "--json").stdout)["session"] for _ in range(3)]
    assert names == ["0", "1", "2"]
    world.run("kill", "-t", "1")
    assert json.loads(world.run("new", "-d", "--json").stdout)["session"] == "1"


def test_a_session_finds_its_environment(town: World) -> None:
    town.new("env")
    owner = town.attach("env")
    owner.sees("here$")
    owner.enter('echo "[$TERM][$COLORTERM][${PAIRTERM%,*}][$TMUX$TMUX_PANE]"')
    screen = owner.wait(lambda text: "][truecolor][" in text, "told")
    term = re.search(r"\n\[([a-z0-9-]+)\]\[truecolor\]", screen)
    assert term is not None
    assert term[1] in {"tmux-256color", "screen-256color", "xterm-256color"}
    assert f"[{town.runtime}/env.sock][]" in screen.replace("\n", "")
    town.run("kill", "-t", "env")


def test_the_command_gets_its_directory_and_arguments_unsplit(town: World) -> None:
    directory = town.home / "a directory"
    directory.mkdir()
    town.new(
        "args", "sh", "-c", 'pwd; printf "<%s>" "$@"; exec cat', "sh", "a b", "c'd", options=["-c", str(directory)]
    )
    owner = town.attach("args")
    owner.sees(f"{directory}\n<a b><c'd>")
    town.run("kill", "-t", "args")


def test_one_word_that_is_a_line_is_run_by_the_shell(town: World) -> None:
    town.new("line", "echo one-$((1+1)); exec cat")
    owner = town.attach("line")
    owner.sees("one-2")
    town.run("kill", "-t", "line")


# What is refused.


def test_a_name_in_use_is_a_clear_error(town: World) -> None:
    town.new("taken")
    assert "duplicate session: taken" in refused(town, "new", "-d", "-s", "taken")
    town.run("kill", "-t", "taken")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../x", ".hidden", "-dash", "ä", "x" * 51, "a\nb", "a;b"])
def test_bad_names_are_refused(town: World, name: str) -> None:
    assert "bad session name" in refused(town, "new", "-d", "-s", name)


@pytest.mark.parametrize("name", ["A", "_", "0", "x" * 50, "a-b_c.d"])
def test_good_names_are_taken(town: World, name: str) -> None:
    assert town.new(name, "cat").session == name
    assert town.session(name)["session"] == name
    town.run("kill", "-t", name)


@pytest.mark.parametrize("command", [["new", "-d"], ["new", "-s", "inner"], ["attach", "-t", "outer"]])
def test_sessions_are_not_nested_unasked(town: World, command: list[str]) -> None:
    line = refused(town, *command, environment={"PAIRTERM": f"{town.runtime}/outer.sock,1"})
    assert line == "pairterm: sessions should be nested with care, unset $PAIRTERM to force\n"


def test_inside_a_session_links_mean_its_own_and_nesting_is_refused(town: World) -> None:
    links = town.new("outer")
    town.new("newer", "cat")
    owner = town.attach("outer", size=Size(rows=24, cols=200))
    owner.sees("here$")
    owner.enter("pairterm links | head -n 2; pairterm new -d")
    owner.sees("unset $PAIRTERM to force")
    assert links.rw.user in owner.screen()
    owner.enter("clear; env -u PAIRTERM pairterm new -d -s inner >/dev/null; echo started-$?")
    owner.sees("started-0")
    for name in ("inner", "outer", "newer"):
        town.run("kill", "-t", name)


def test_commands_that_need_a_terminal_say_so(town: World) -> None:
    assert "not a terminal" in refused(town, "new", "-s", "blind")
    town.new("seen", "cat")
    line = refused(town, "attach", "-t", "seen")
    assert "not a terminal" in line
    assert "-d" not in line, "attach has no such option"
    town.run("kill", "-t", "seen")


def test_a_dumb_terminal_can_not_show_a_session(town: World) -> None:
    dumb = town.terminal(["env", "TERM=dumb", "pairterm", "new", "-s", "dumb"])
    screen = dumb.has_exited(2)
    assert "a terminal with a movable cursor" in screen.replace("\n", " ")
    assert not (town.runtime / "dumb.sock").exists()


@pytest.mark.parametrize("command", ["attach", "links", "kill"])
def test_a_session_that_is_not_there(town: World, command: str) -> None:
    environment = {"TERM": "xterm"}
    if command == "attach":
        screen = town.terminal(["pairterm", "attach", "-t", "nowhere"]).has_exited(2)
        assert "pairterm: can't find session: nowhere" in screen
    else:
        line = refused(town, command, "-t", "nowhere", environment=environment)
        assert line == "pairterm: can't find session: nowhere\n"


def test_kill_never_guesses_which_of_several(world: World) -> None:
    assert "no sessions" in refused(world, "kill")
    world.new("one", "cat")
    world.new("two", "cat")
    assert "choose one with -t NAME: one, two" in refused(world, "kill")
    world.run("kill", "-t", "one")
    world.run("kill")
    assert world.sessions() == []


def test_a_missing_command_leaves_nothing(world: World) -> None:
    assert "no such command: nowhere" in refused(world, "new", "-d", "-s", "none", "--", "nowhere")
    assert "no shell" in refused(world, "new", "-d", "-s", "none", environment={"SHELL": "/nonexistent/sh"})
    plain = world.home / "plain"
    plain.write_text("not a program")
    assert "no such command" in refused(world, "new", "-d", "-s", "none", "--", str(plain))
    assert not (world.runtime / "none.sock").exists()


def test_a_file_that_the_system_can_not_run_leaves_nothing(world: World) -> None:
    broken = world.home / "broken"
    broken.write_text("#!/nonexistent/interpreter\n")
    broken.chmod(0o755)
    assert "can't run" in refused(world, "new", "-d", "-s", "none", "--", str(broken))
    assert not (world.runtime / "none.sock").exists()


def test_no_gateway_reachable_leaves_nothing(world: World) -> None:
    line = refused(world, "new", "-d", "-s", "none", "--gateway", str(world.root / "nobody.sock"), status=1)
    assert "no gateway reachable" in line
    assert "'--gateway own'" in line
    assert "no such host" in refused(world, "new", "-d", "--gateway", "somewhere.invalid", status=1)
    assert "give HOST or HOST:PORT" in refused(world, "new", "-d", "--gateway", "me@somewhere")
    assert not (world.runtime / "none.sock").exists()


@pytest.mark.parametrize("blocked", ["state", "tmp"])
def test_a_disk_that_can_not_be_written_leaves_nothing(world: World, blocked: str) -> None:
    """Root may write everywhere, so a file stands where the directory should be."""
    (world.root / "file").touch()
    name = {"state": "XDG_STATE_HOME", "tmp": "PAIRTERM_TMPDIR"}[blocked]
    line = refused(world, "new", "-d", "-s", "none", status=1, environment={name: str(world.root / "file")})
    assert "can't make" in line


def test_a_socket_path_that_is_too_long(world: World) -> None:
    deep = world.root / ("d" * 100)
    deep.mkdir()
    assert "set PAIRTERM_TMPDIR" in refused(world, "new", "-d", status=1, environment={"PAIRTERM_TMPDIR": str(deep)})


def test_a_directory_of_sockets_that_others_can_read_is_refused(world: World) -> None:
    world.runtime.mkdir(mode=0o755)
    world.runtime.chmod(0o755)
    assert "mode 0700" in refused(world, "new", "-d", status=1)
    world.runtime.chmod(0o700)


def test_a_stale_socket_is_no_session_and_its_name_is_free(world: World) -> None:
    world.run("ls", status=1)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(world.runtime / "stale.sock"))
    assert world.sessions() == []
    assert "can't find session" in refused(world, "links", "-t", "stale")
    assert world.new("stale", "cat").session == "stale"


def test_a_stale_gateway_socket_is_replaced(world: World) -> None:
    world.run("ls", status=1)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(world.runtime / ".gateway"))
    assert world.new("our_session", "cat").session == "our_session"


def test_a_configuration_with_a_wrong_key_names_the_right_one(world: World) -> None:
    path = world.root / "config" / "pairterm" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('prefx = "C-a"\n')
    assert "did you mean 'prefix'?" in refused(world, "new", "-d")
    path.write_text('prefix = "C-Foo"\n')
    assert "no key is called 'C-Foo'" in refused(world, "new", "-d")


def test_a_traceback_is_shown_only_when_asked_for(town: World) -> None:
    assert "Traceback" not in town.run("links", "-t", "nowhere", status=2).stderr
    assert "Traceback" in town.run("--debug", "links", "-t", "nowhere", status=None).stderr


@pytest.mark.parametrize("arguments", [["--help"], ["ls"], ["ls", "--json"], ["links", "-t", "x"], ["new", "--help"]])
def test_commands_start_without_ssh_and_without_an_event_loop(town: World, arguments: list[str]) -> None:
    """`import asyncssh` takes longer than all the rest; counted in modules, not by the clock."""
    program = "import runpy, sys; sys.argv[0] = 'pairterm'\ntry: runpy.run_module('pairterm', run_name='__main__')\n"
    program += "except SystemExit: pass\nprint(sorted(sys.modules), file=sys.stderr)"
    done = town.run_any(sys.executable, "-c", program, *arguments, status=0)
    loaded = done.stderr
    assert "'pairterm.cli" in loaded
    unwanted = ["asyncio", "asyncssh", "cryptography", "pairterm.terminal.terminal", "pairterm.view.view"]
    if arguments[0] == "ls":
        unwanted += ["pairterm.link.codec", "pairterm.document.document", "pairterm.terminal.frame"]
    if arguments[0] in ("ls", "new"):  # `--help` loads all commands, and click looks for the likes of a wrong word.
        unwanted += ["difflib", "hashlib", "random", "tomllib", "pairterm.cli.workspace_file"]
    for module in unwanted:
        assert f"'{module}'" not in loaded, f"{module} is loaded by pairterm {' '.join(arguments)}"


def test_a_reader_that_stops_early_is_no_error(town: World) -> None:
    town.new("piped", "cat")
    done = town.run_any("sh", "-c", "pairterm ls | true; pairterm links -t piped | head -n 1 >/dev/null")
    assert done.stderr == ""
    town.run("kill", "-t", "piped")


# The gateway that many share.


def test_serve_tells_where_it_is_and_sessions_come_by_it(world: World) -> None:
    process, ready = world.serve()
    assert set(ready) == {"listen", "link_socket", "fingerprint", "web"}
    links = world.new("our_session")
    assert ready["fingerprint"] == links.fingerprint
    assert ready["listen"] == [f"127.0.0.1:{links.rw.port}"]
    assert not [each for each in world.processes() if each.runs("pairterm.gateway")], "it started one of its own"
    guest = world.ssh(links.rw)
    guest.sees("here$")
    process.terminate()
    assert process.wait(60) == 0


def test_serve_refuses_a_port_in_use(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        line = refused(world, "serve", "--listen", address, "--link-socket", str(world.root / "g"), status=1)
    assert f"can't listen on {address}: Address already in use; port " in line
    free = int(re.findall(r"--listen 127\.0\.0\.1:(\d+)", line)[0])
    with socket.create_server(("127.0.0.1", free)):
        pass
    assert not (world.root / "g").exists()


def test_serve_waits_for_an_own_gateway_that_is_about_to_end(world: World) -> None:
    """A user ends their last session and runs `serve` in its place: their own gateway stays three seconds."""
    world.new("short", "cat")
    pid = world.gateway_pid()
    world.run("kill", "-t", "short")
    socket_path = str(world.runtime / ".gateway")
    serving = world.start("pairterm", "serve", "--json", "--listen", "127.0.0.1:0", "--link-socket", socket_path)
    assert serving.stdout is not None
    assert json.loads(serving.stdout.readline())["listen"]
    assert pid not in [each.pid for each in world.processes()]


def test_serve_refuses_a_second_gateway_on_one_link_socket(world: World) -> None:
    world.serve()
    line = refused(world, "serve", "--listen", "127.0.0.1:0", "--link-socket", str(world.root / "gateway.sock"))
    assert "another gateway is running" in line
    assert world.new("our_session", "cat").session == "our_session"


def test_serve_without_the_right_to_a_port(world: World) -> None:
    floor = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if not floor.exists() or int(floor.read_text()) <= 1:
        pytest.skip("this machine lets everybody have every port")
    without = ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]
    if subprocess.run([*without, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("capabilities can't be dropped here")
    serve = ["pairterm", "serve", "--listen", "127.0.0.1:1", "--link-socket", str(world.root / "g")]
    done = world.run_any(*without, *serve, status=1)
    assert done.stderr.count("\n") == 1
    assert "Permission denied" in done.stderr


def test_check_config_tells_what_is_wrong_and_starts_nothing(world: World) -> None:
    path = world.root / "serve.toml"
    path.write_text('listen = ["127.0.0.1:0"]\nmax_guests = 5\n')
    assert world.run("serve", "--config", str(path), "--check-config").stdout == "the configuration is right\n"
    for text, told in (
        ("max_gests = 5", "did you mean 'max_guests'?"),
        ('max_guests = "five"', "max_guests"),
        ('listen = ["nowhere:port"]', "bad address"),
        ("listen = [", "serve.toml"),
    ):
        path.write_text(text + "\n")
        assert told in refused(world, "serve", "--config", str(path), "--check-config")
    assert "can't read" in refused(world, "serve", "--config", str(world.root / "none.toml"), "--check-config")


def test_the_host_key_is_kept_and_never_replaced(world: World) -> None:
    process, ready = world.serve()
    key = world.state / "ssh_host_ed25519_key"
    assert key.stat().st_mode & 0o777 == 0o600
    process.terminate()
    process.wait(60)
    again, ready_again = world.serve()
    assert ready_again["fingerprint"] == ready["fingerprint"]
    again.terminate()
    again.wait(60)
    key.write_text("no key")
    line = refused(world, "serve", "--listen", "127.0.0.1:0", "--link-socket", str(world.root / "g"), status=1)
    assert "is no private key" in line
    assert key.read_text() == "no key"


def test_an_own_gateway_opened_to_others_says_the_machines_name(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    done = world.run("new", "-d", "--json", "-s", "opened", "--listen", f"0.0.0.0:{port}", "--", "cat")
    links = Links.parse(done.stdout)
    assert links.rw.port == port
    assert links.rw.host in (socket.gethostname(), socket.getfqdn())
    assert "this machine only" not in world.run("links", "-t", "opened").stdout
