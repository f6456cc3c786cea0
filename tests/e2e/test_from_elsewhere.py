"""A session shared from another machine: the host dials out by SSH, and guests reach it at the gateway."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from tests.e2e.terminal import Terminal, eventually
from tests.e2e.wire import Wire, open_wire
from tests.e2e.world import Link, Links, World
from tests.length import by_day


@dataclass
class Elsewhere:
    """A gateway, a wire to it, and a home whose key may share."""

    world: World
    wire: Wire
    serving: subprocess.Popen[bytes]
    fingerprint: str
    port: int
    config: Path
    authorized: Path
    key: asyncssh.SSHKey

    def new(self, name: str, *command: str, options: tuple[str, ...] = ()) -> Links:
        return self.world.new(name, *command, options=("--accept-new", *options))

    def kill_gateway(self) -> None:
        self.serving.kill()
        self.serving.wait()

    def start_gateway(self) -> None:
        self.serving, _ = serve(self.world, self.config, self.port)
        self.world.environment["PAIRTERM_GATEWAY"] = f"127.0.0.1:{self.wire.port}"

    def allow(self, options: str) -> None:
        """Write the one line of authorized_hosts with these options."""
        line = self.key.export_public_key().decode()
        self.authorized.write_text(f"{options} {line}" if options else line)


def serve(world: World, config: Path, port: int = 0) -> tuple[subprocess.Popen[bytes], dict[str, object]]:
    return world.serve("--config", str(config), "--listen", f"127.0.0.1:{port}", "--advertise", "127.0.0.1")


def make(world: World, hosts: str = "") -> Iterator[Elsewhere]:
    config, authorized = world.root / "gateway.toml", world.root / "authorized_hosts"
    config.write_text(f'[hosts]\nauthorized_hosts = "{authorized}"\n{hosts}')
    key = asyncssh.generate_private_key("ssh-ed25519", comment="someone@laptop")
    (world.home / ".ssh").mkdir(mode=0o700)
    (world.home / ".ssh" / "id_ed25519").write_bytes(key.export_private_key())
    serving, ready = serve(world, config)
    listen = ready["listen"]
    assert isinstance(listen, list)
    port = int(listen[0].rpartition(":")[2])
    with open_wire(port) as wire:
        world.environment["PAIRTERM_GATEWAY"] = f"127.0.0.1:{wire.port}"
        made = Elsewhere(world, wire, serving, str(ready["fingerprint"]), port, config, authorized, key)
        made.allow("")
        yield made


@pytest.fixture
def elsewhere(world: World) -> Iterator[Elsewhere]:
    yield from make(world)


def types_and_sees(guest: Terminal, word: str) -> None:
    guest.enter(f"echo {word}-$((40+2))")
    guest.sees(f"\n{word}-42")


def joins(elsewhere: Elsewhere, link: Link, text: str) -> Terminal:
    """Return a guest who joined by `link` once the host was back, and sees `text`."""
    guest = elsewhere.world.ssh(link)
    guest.sees(text)
    return guest


def test_guests_reach_a_host_that_dialled_out(elsewhere: Elsewhere) -> None:
    links = elsewhere.new("our_session")
    assert links.rw.port == elsewhere.port, "links name the gateway as its operator does, not as it was dialled"
    writer, reader = elsewhere.world.ssh(links.rw), elsewhere.world.ssh(links.ro)
    writer.sees("here$")
    types_and_sees(writer, "far")
    reader.sees("\nfar-42")
    reader.enter("echo never-$((1+1))")
    types_and_sees(writer, "again")
    assert "never-2" not in reader.screen()
    writer.enter("exit")
    assert "[our_session ended]" in writer.has_exited()
    assert "[our_session ended]" in reader.has_exited()


def test_one_connection_carries_all_viewers(elsewhere: Elsewhere) -> None:
    links = elsewhere.new("our_session")
    guests = [elsewhere.world.ssh(links.ro) for _ in range(6)]
    for guest in guests:
        guest.sees("here$")
    before = elsewhere.wire.carried_bytes
    owner = elsewhere.world.attach("our_session")
    owner.sees("here$")
    owner.enter("seq 1 500; echo all-$((1+1))")
    for guest in guests:
        guest.sees("all-2")
    assert elsewhere.wire.carried_bytes - before < 60_000, "the uplink costs the same for one guest and for many"


def test_a_key_that_is_not_on_the_list_is_told_which_line_to_add(elsewhere: Elsewhere) -> None:
    elsewhere.authorized.write_text("# nobody yet\n")
    done = elsewhere.world.run("new", "-d", "--accept-new", status=2)
    line = " ".join(elsewhere.key.export_public_key().decode().split()[:2])
    assert "takes none of your keys" in done.stderr
    assert line in done.stderr
    audit = elsewhere.world.run("gateway", "audit").stdout
    assert f"why=host-key keys={elsewhere.key.get_fingerprint()}" in audit, "the operator can't find the key"
    elsewhere.authorized.write_text(line + "\n")
    elsewhere.world.run("new", "-d")


def test_a_host_whose_key_is_taken_off_the_list_is_parted_with(elsewhere: Elsewhere) -> None:
    """Its session goes on where it runs, and comes back under the same links when the key is listed again."""
    world = elsewhere.world
    links = elsewhere.new("our_session")
    guest = world.ssh(links.ro)
    guest.sees("here$")
    listed = elsewhere.authorized.read_text()
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    elsewhere.authorized.write_text(other)
    assert "[our_session: ended by the gateway]" in guest.has_exited(1)
    eventually(lambda: "none of your keys" in world.session("our_session")["gateway"], "the host does not know why")
    assert "no such session" in world.run_any(*world.ssh_command(links.ro, "-tt"), status=255).stderr
    elsewhere.authorized.write_text(other + listed)
    eventually(lambda: world.session("our_session")["gateway"] == "connected", "it does not come back")
    joins(elsewhere, links.ro, "here$")


@pytest.mark.parametrize("options", ['expiry-time="20200101"', 'expiry-time="soon"', 'from="192.0.2.1"'])
def test_a_key_whose_options_forbid_it_is_refused(elsewhere: Elsewhere, options: str) -> None:
    elsewhere.allow(options)
    assert "takes none of your keys" in elsewhere.world.run("new", "-d", "--accept-new", status=2).stderr


def test_a_key_has_as_many_sessions_as_its_line_says(elsewhere: Elsewhere) -> None:
    elsewhere.allow('max-sessions="1",expiry-time="20990101Z"')
    elsewhere.new("one")
    assert "its operator allows you no more" in elsewhere.world.run("new", "-d", status=2).stderr
    elsewhere.world.run("kill", "-t", "one")
    elsewhere.new("two")


def test_certificates_of_a_ca_share(elsewhere: Elsewhere) -> None:
    ca = asyncssh.generate_private_key("ssh-ed25519")
    elsewhere.authorized.write_text("cert-authority " + ca.export_public_key().decode())
    path = elsewhere.world.home / ".ssh" / "id_ed25519-cert.pub"
    wrong = ca.generate_user_certificate(elsewhere.key, "ana", principals=["somebody"])
    path.write_bytes(wrong.export_certificate())
    elsewhere.world.run("new", "-d", "--accept-new", status=2)
    right = ca.generate_user_certificate(elsewhere.key, "ana", principals=["host", "ana"])
    path.write_bytes(right.export_certificate())
    links = elsewhere.new("our_session")
    joins(elsewhere, links.ro, "here$")


def test_anyone_may_share_where_the_operator_says_so(world: World) -> None:
    for elsewhere in make(world, 'allow = "anyone"\n'):
        elsewhere.authorized.unlink()
        shutil.rmtree(world.home / ".ssh")
        joins(elsewhere, elsewhere.new("our_session").ro, "here$")
        assert "no fixed names" in world.run("new", "-d", "-n", "team", status=2).stderr


def test_a_gateway_that_takes_no_hosts_says_so(world: World) -> None:
    for _ in make(world, 'allow = "none"\n'):
        done = world.run("new", "-d", "--accept-new", status=None)
        assert done.returncode != 0
        assert "takes no sessions from other machines" in done.stderr


def test_a_host_key_that_is_not_known_is_asked_about(elsewhere: Elsewhere) -> None:
    world = elsewhere.world
    refused = world.run("new", "-d", status=2)
    assert elsewhere.fingerprint in refused.stderr
    assert "--host-key" in refused.stderr
    other = "SHA256:" + "A" * 43
    assert elsewhere.fingerprint in world.run("new", "-d", "--host-key", other, status=2).stderr
    here = {"PAIRTERM_GATEWAY": world.environment["PAIRTERM_GATEWAY"]}
    person = world.terminal(["pairterm", "new", "-d", "-s", "asked"], environment=here)
    person.sees("Is that the gateway's key?")
    assert elsewhere.fingerprint in person.screen().replace("\n", "")
    person.enter("y")
    assert "ssh session" in person.has_exited(0)
    world.run("new", "-d", "-s", "known")


def test_a_host_key_that_changed_is_refused_with_what_to_do(elsewhere: Elsewhere) -> None:
    elsewhere.new("our_session")
    elsewhere.world.run("kill", "-t", "our_session")
    elsewhere.kill_gateway()
    (elsewhere.world.state / "ssh_host_ed25519_key").unlink()
    elsewhere.start_gateway()
    for option in ((), ("--accept-new",)):
        done = elsewhere.world.run("new", "-d", *option, status=2)
        assert "HAS CHANGED" in done.stderr
        assert "known_hosts" in done.stderr


def test_guests_see_that_the_host_is_away_and_what_they_type_is_refused(elsewhere: Elsewhere) -> None:
    links = elsewhere.new("our_session")
    guest = elsewhere.world.ssh(links.rw)
    guest.sees("here$")
    types_and_sees(guest, "before")
    elsewhere.wire.cut()
    guest.sees("host away")
    assert "before-42" in guest.screen(), "the last picture stays"
    guest.enter("echo lost-$((1+1))")
    guest.wait(lambda screen: screen.count("what you type is not sent") == 1, "refused with a sign")
    late = elsewhere.world.ssh(links.ro)
    late.sees("is away; waiting")
    owner = elsewhere.world.attach("our_session")
    owner.sees("here$")
    owner.enter("echo meanwhile-$((1+1))")
    owner.sees("meanwhile-2")
    elsewhere.wire.mend()
    for each in (guest, late):
        each.sees("meanwhile-2")
    types_and_sees(guest, "after")
    assert "lost-2" not in owner.screen()
    assert "lost" not in owner.screen()
    assert "the links are the same" in elsewhere.world.run("show-messages", "-t", "our_session").stdout
    again = Links.parse(elsewhere.world.run("links", "--json", "-t", "our_session").stdout)
    assert again == links


def test_a_host_that_stays_away_loses_its_links_and_gets_them_back(world: World) -> None:
    for elsewhere in make(world, "grace_s = 1\n"):
        links = elsewhere.new("our_session")
        guest = world.ssh(links.rw)
        guest.sees("here$")
        elsewhere.wire.cut()
        assert "the link has ended" in guest.has_exited(1)
        gone = world.run_any(*world.ssh_command(links.rw, "-tt"), status=255)
        assert "no such session" in gone.stderr
        elsewhere.wire.mend()
        eventually(lambda: world.session("our_session")["gateway"] == "connected", "it never came back")
        joins(elsewhere, links.rw, "here$")


def test_a_gateway_killed_and_started_again_has_the_sessions_under_their_links(elsewhere: Elsewhere) -> None:
    links = {name: elsewhere.new(name) for name in ("one", "two")}
    for name, found in links.items():
        types_and_sees(joins(elsewhere, found.rw, "here$"), name)
    elsewhere.kill_gateway()
    eventually(lambda: elsewhere.world.session("one")["gateway"] != "connected", "the loss was never noticed")
    elsewhere.start_gateway()
    for name, found in links.items():
        eventually(lambda name=name: elsewhere.world.session(name)["gateway"] == "connected", "it never came back")  # type: ignore[misc]
        joins(elsewhere, found.rw, f"{name}-42")


def test_a_gateway_that_is_stopped_parts_with_everyone_and_hosts_come_back(elsewhere: Elsewhere) -> None:
    links = elsewhere.new("our_session")
    guest = joins(elsewhere, links.rw, "here$")
    types_and_sees(guest, "kept")
    elsewhere.serving.send_signal(signal.SIGTERM)
    assert elsewhere.serving.wait(60) == 0
    assert "run the same command again" in guest.has_exited(1)
    elsewhere.start_gateway()
    eventually(lambda: elsewhere.world.session("our_session")["gateway"] == "connected", "it never came back")
    joins(elsewhere, links.rw, "kept-42")


@pytest.mark.slow
def test_a_link_that_went_dead_without_a_word_is_found_on_both_sides(elsewhere: Elsewhere) -> None:
    links = elsewhere.new("our_session")
    guest = joins(elsewhere, links.rw, "here$")
    elsewhere.wire.freeze()
    guest.wait(lambda screen: "host away" in screen, "told that the host is away")
    eventually(lambda: elsewhere.world.session("our_session")["gateway"] != "connected", "the host never noticed")
    elsewhere.wire.thaw()
    eventually(lambda: elsewhere.world.session("our_session")["gateway"] == "connected", "it never came back")
    types_and_sees(guest, "thawed")


def test_a_slow_and_far_wire_shows_the_newest_screen(elsewhere: Elsewhere) -> None:
    links = elsewhere.new("our_session")
    guest = joins(elsewhere, links.ro, "here$")
    elsewhere.wire.delay_s, elsewhere.wire.bytes_per_s = 0.1, 8000
    owner = elsewhere.world.attach("our_session")
    owner.sees("here$")
    owner.enter("seq 1 100000; echo end-$((1+1))")
    guest.sees("end-2")
    guest.sees("100000")


@pytest.mark.parametrize(("delay_s", "bytes_per_s"), [(0.2, 0), (0.0, 8000)], ids=["far", "64kbit"])
def test_a_bad_wire_shows_the_same_screen_and_carries_what_is_typed(
    elsewhere: Elsewhere, delay_s: float, bytes_per_s: int
) -> None:
    """The same as `test_networks`, where the kernel's means are missing."""
    links = elsewhere.new("our_session")
    guest = joins(elsewhere, links.rw, "here$")
    elsewhere.wire.delay_s, elsewhere.wire.bytes_per_s = delay_s, bytes_per_s
    guest.enter("seq 1 30000; clear; printf '\\033[7mend\\033[0m-%d\\n' $((40+2))")
    guest.sees("end-42")
    owner = elsewhere.world.attach("our_session")
    owner.sees("end-42")
    eventually(
        lambda: not guest.picture().differs_from(owner.picture()), lambda: guest.picture().differs_from(owner.picture())
    )
    types_and_sees(guest, "typed")


def test_a_wire_cut_for_a_second_brings_the_same_screen_again(elsewhere: Elsewhere) -> None:
    links = elsewhere.new("our_session")
    guest = joins(elsewhere, links.rw, "here$")
    types_and_sees(guest, "before")
    elsewhere.wire.cut()
    guest.sees("host away")
    elsewhere.wire.mend()
    guest.sees("the host is back")
    types_and_sees(guest, "after")
    guest.sees("\nbefore-42")


def test_of_two_hosts_with_one_name_one_has_it(elsewhere: Elsewhere) -> None:
    world = elsewhere.world
    elsewhere.allow('name-prefix="team-"')
    world.run("new", "-d", "--accept-new", "-n", "other", status=2)
    elsewhere.new("first", options=("-n", "team-x"))
    assert "in use" in world.run("new", "-d", "-s", "second", "-n", "team-x", status=2).stderr
    elsewhere.wire.cut()
    eventually(lambda: world.session("first")["gateway"] != "connected", "the loss was never noticed")
    # Another machine of the same person, with a wire of its own.
    straight = {"PAIRTERM_GATEWAY": f"127.0.0.1:{elsewhere.port}"}
    second = ("new", "-d", "-s", "second", "-n", "team-x", "--accept-new")
    eventually(lambda: world.run(*second, status=None, environment=straight).returncode == 0, "the name never got free")
    elsewhere.wire.mend()
    eventually(lambda: world.session("first")["gateway"] == "connected", "the first never came back")
    assert "lives elsewhere" in world.run("show-messages", "-t", "first").stdout
    assert json.loads(world.run("links", "--json", "-t", "second").stdout)["links"]["ssh_rw"]
    assert "lives elsewhere" not in world.run("show-messages", "-t", "second").stdout


PROXY_COMMAND = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/%p; cat <&3 & cat >&3; kill $!'"


def test_a_proxy_command_is_the_connection(elsewhere: Elsewhere) -> None:
    world = elsewhere.world
    config = world.root / "config" / "pairterm"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.toml").write_text(f"proxy_command = {json.dumps(PROXY_COMMAND)}\n")
    straight = {"PAIRTERM_GATEWAY": f"vm.invalid:{elsewhere.port}"}
    done = world.run("new", "-d", "--json", "--accept-new", "-s", "behind", environment=straight)
    joins(elsewhere, world.trust(Links.parse(done.stdout)).ro, "here$")


def test_a_host_that_is_killed_leaves_no_shell(elsewhere: Elsewhere) -> None:
    elsewhere.new("our_session", "sh", "-c", "trap '' HUP; echo $$ >shell; while :; do sleep 0.2; done")
    path = elsewhere.world.home / "shell"
    eventually(path.exists, "it never began")
    eventually(lambda: path.read_text().strip().isdigit(), "it never wrote its number")
    os.kill(elsewhere.world.session("our_session")["pid"], signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{path.read_text().strip()}").exists(), "the shell lives on")
    elsewhere.new("our_session", "true")  # Its socket is stale: it is no session, and its name is free.
    elsewhere.world.ends("our_session")


def test_a_fixed_name_is_for_those_with_a_key_on_the_sessions_list(elsewhere: Elsewhere) -> None:
    world = elsewhere.world
    elsewhere.allow('name-prefix="team-"')
    guests = asyncssh.generate_private_key("ssh-ed25519")
    listed, private = world.root / "guests", world.root / "guest"
    listed.write_bytes(guests.export_public_key())
    private.write_bytes(guests.export_private_key())
    private.chmod(0o600)
    links = elsewhere.new("our_session", options=("-n", "team-x", "-a", str(listed)))
    world.run("set", "-t", "our_session", "admit", "key")
    named = Link(f"ssh -p {links.rw.port} team-x@127.0.0.1", "team-x", "127.0.0.1", links.rw.port)
    assert f"with a key:            {named.command}\n" in world.run("links").stdout
    guest = world.terminal(world.ssh_command(named, "-i", str(private)))
    guest.sees("here$")
    types_and_sees(guest, "named")
    stranger = world.run_any(*world.ssh_command(named, "-tt", "-o", "BatchMode=yes"), status=255)
    assert "here$" not in stranger.stdout


KILLS = by_day(3, at_night=100)
"""How often the gateway is killed below."""


@pytest.mark.slow
@pytest.mark.long
def test_a_gateway_killed_again_and_again_in_a_flood_loses_nothing_and_types_nothing_twice(
    elsewhere: Elsewhere,
) -> None:
    world = elsewhere.world
    script = world.home / "flood.sh"
    script.write_text(
        "stty -echo\n(while [ ! -e stop ]; do seq 1 4000; sleep 0.01; done; echo flood ended) &\ncat >typed\n"
    )
    links = elsewhere.new("flood", "sh", str(script))
    for number in range(KILLS):
        guest = world.ssh(links.rw)
        guest.wait(lambda screen: any(line.strip().isdecimal() for line in screen.splitlines()), "flooded")
        guest.enter(f"<{number}>")  # A kill may cut it short: then it is lost, not typed later
        elsewhere.kill_gateway()
        guest.wait(lambda screen: "\nexit 255" in screen, "disconnected")
        guest.close()
        elsewhere.start_gateway()
        eventually(lambda: world.session("flood")["gateway"] == "connected", "it never came back")
    guest, owner = world.ssh(links.rw), world.attach("flood")
    guest.wait(lambda screen: any(line.strip().isdecimal() for line in screen.splitlines()), "flooded")
    (world.home / "stop").touch()
    guest.enter("last")
    typed = world.home / "typed"
    eventually(lambda: "last" in typed.read_text(), "the last line never arrived")
    pieces = [int(each) for each in re.findall(r"<(\d+)>", typed.read_text())]
    assert pieces == sorted(set(pieces)), "a piece was typed twice, or too late"
    owner.sees("flood ended")
    guest.sees("flood ended")
    eventually(
        lambda: not guest.picture().differs_from(owner.picture()), lambda: guest.picture().differs_from(owner.picture())
    )
    # The history, page by page, as each of them scrolls it for itself.
    for each in (guest, owner):
        each.keys("C-b", "[")
    for _ in range(10):
        for each in (guest, owner):
            each.keys("PageUp")
        eventually(
            lambda: guest.picture().rows[:-1] == owner.picture().rows[:-1],
            lambda: guest.picture().differs_from(owner.picture()),
        )
