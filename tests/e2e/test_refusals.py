"""What a guest is told who can't be let in: one line, by whichever client, and a status that is not 0."""

from __future__ import annotations

import shutil

import pytest

from pairterm.access.tokens import new_tokens
from tests.e2e.world import Link, World

NO_SESSION = "pairterm: no such session, or the link has ended"


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def wrong(link: Link) -> Link:
    """Return the link with a token that nobody has."""
    token = new_tokens().read_write
    return Link(link.command.replace(link.user, token), token, link.host, link.port)


def plink(link: Link, fingerprint: str) -> list[str]:
    address = ["-P", str(link.port), f"{link.user}@127.0.0.1"]
    return ["plink", "-ssh", "-batch", "-noagent", "-hostkey", fingerprint, *address]


def dbclient(link: Link) -> list[str]:
    return ["dbclient", "-y", "-y", "-t", "-p", str(link.port), f"{link.user}@127.0.0.1"]


def test_a_wrong_token_by_openssh(world: World) -> None:
    links = world.new("our_session")
    done = world.run_any(*world.ssh_command(wrong(links.rw), "-tt"), status=255)
    assert NO_SESSION in done.stderr
    quiet = world.run_any(*world.ssh_command(wrong(links.rw), "-tt", "-o", "LogLevel=ERROR"), status=255)
    assert NO_SESSION in quiet.stderr, "where the log level hides banners, the reason of the disconnect has to tell"


@needs("plink")
def test_a_wrong_token_by_putty(world: World) -> None:
    links = world.new("our_session")
    done = world.run_any(*plink(wrong(links.rw), links.fingerprint), status=None)
    assert NO_SESSION in done.stdout + done.stderr
    assert done.returncode != 0


@needs("dbclient")
def test_a_wrong_token_by_dropbear(world: World) -> None:
    links = world.new("our_session")
    done = world.run_any(*dbclient(wrong(links.rw)), status=None)
    assert NO_SESSION in done.stdout + done.stderr
    assert done.returncode != 0, "dbclient takes a disconnect message for a good end"


@needs("plink")
def test_putty_joins(town: World) -> None:
    links = town.new("by_putty")
    guest = town.terminal(plink(links.rw, links.fingerprint))
    guest.sees("here$")
    guest.enter("echo by-$((1+1)); exit")
    assert "[by_putty ended]" in guest.has_exited()


@needs("dbclient")
def test_dropbear_joins(town: World) -> None:
    links = town.new("by_dropbear")
    guest = town.terminal(dbclient(links.rw))
    guest.sees("here$")
    guest.enter("echo by-$((1+1)); exit")
    assert "[by_dropbear ended]" in guest.has_exited()


def test_an_ended_link_reads_like_one_that_never_was(world: World) -> None:
    links = world.new("our_session")
    world.new("another")
    world.run("kill", "-t", "our_session")
    ended = world.run_any(*world.ssh_command(links.rw, "-tt"), status=255).stderr
    never = world.run_any(*world.ssh_command(wrong(links.rw), "-tt"), status=255).stderr
    assert NO_SESSION in ended
    assert ended == never


@pytest.mark.parametrize(
    ("options", "arguments", "environment", "line"),
    [
        (["-T"], [], {}, "a session needs a terminal"),
        ([], ["id"], {}, "commands are not run here"),
        (["-tt"], ["id", "-u"], {"TERM": "xterm"}, "commands are not run here"),
        (["-s"], ["sftp"], {}, "no sftp"),
        (["-tt"], [], {"TERM": "dumb"}, "a terminal with a movable cursor"),
    ],
    ids=["no-terminal", "command", "command-with-terminal", "sftp", "dumb"],
)
def test_what_is_no_terminal_gets_one_line(
    town: World, options: list[str], arguments: list[str], environment: dict[str, str], line: str
) -> None:
    name = f"plain-{len(line)}-{len(arguments)}-{len(options)}"
    for link in (lambda links: (links.rw, links.ro))(town.new(name)):
        command = [*town.ssh_command(link, *options), *arguments]
        done = town.run_any(*command, environment=environment, status=2)
        told = (done.stdout + done.stderr).replace("\r\n", "\n")
        assert [each for each in told.splitlines() if each.startswith("pairterm: ")], told
        assert line in told
        assert told.count("\n") <= 2, "one line of ours, and one of ssh's at most"
    town.run("kill", "-t", name)


def test_sftp_and_scp_get_nothing(town: World) -> None:
    links = town.new("files")
    options = town.ssh_command(links.rw)[1:-3]
    for program, *arguments in (
        ["sftp", "-P", str(links.rw.port), f"{links.rw.user}@{links.rw.host}"],
        ["scp", "-P", str(links.rw.port), "/etc/hostname", f"{links.rw.user}@{links.rw.host}:/tmp/{links.session}"],
    ):
        done = town.run_any(program, *options, *arguments, status=None)
        assert done.returncode != 0
        assert "no sftp" in done.stderr
    town.run("kill", "-t", "files")


def test_forwarding_is_refused_and_the_session_goes_on(town: World) -> None:
    links = town.new("forwards")
    guest = town.ssh(links.rw, "-o", "ExitOnForwardFailure=no", "-R", "0:127.0.0.1:22", "-A", "-o", "ForwardX11=yes")
    guest.sees("here$")
    guest.enter('echo "[$SSH_AUTH_SOCK$DISPLAY]"')
    guest.sees("\n[]")
    remote = ("-N", "-T", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22")
    refused = town.run_any(*town.ssh_command(links.rw, *remote), status=255)
    assert "remote port forwarding failed" in refused.stderr
    tunnel = town.run_any(*town.ssh_command(links.rw, "-W", "127.0.0.1:22"), status=255)
    assert "open failed" in tunnel.stderr
    town.run("kill", "-t", "forwards")
