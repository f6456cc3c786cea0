"""A laptop and a gateway in networks of their own (ip netns): lost, slow and far lines, a gateway of another user.

Needs root on Linux; elsewhere the wire of `test_from_elsewhere` stands for the network.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal, eventually
from tests.e2e.test_refusals import dbclient, plink
from tests.e2e.world import Link, Links, World

NOBODY = "65534"


def missing_for_networks() -> str:
    """Return what this machine lacks for a test here; "" when all is there.

    Every kind of call that the tests make is made once: in a chroot `ip netns add` may work, and running a
    program in the namespace may not, since that mounts a /sys.
    """
    if os.geteuid() != 0:
        return "root"
    for program in ("ip", "tc", "setpriv"):
        if shutil.which(program) is None:
            return program
    one, two = (f"pt-probe-{os.getpid()}-{each}" for each in ("a", "b"))
    steps = (
        ["ip", "netns", "add", one],
        ["ip", "netns", "add", two],
        ["ip", "link", "add", "toward-b", "netns", one, "type", "veth", "peer", "name", "toward-a", "netns", two],
        ["ip", "-n", one, "addr", "add", "10.77.255.1/24", "dev", "toward-b"],
        ["ip", "-n", one, "link", "set", "toward-b", "up"],
        ["ip", "netns", "exec", one, "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "true"],
        ["tc", "-n", one, "qdisc", "show"],
    )
    try:
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return f"{' '.join(step[:4])}: {done.stderr.strip()}"
    finally:
        for each in (one, two):
            subprocess.run(["ip", "netns", "del", each], capture_output=True, check=False)
    return ""


_MISSING = missing_for_networks()

pytestmark = pytest.mark.skipif(bool(_MISSING), reason=f"networks of their own are not to be had here: {_MISSING}")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@dataclass
class Networks:
    """A gateway's network, 10.77.x.1, and a laptop's, 10.77.x.2, with a cable between them."""

    world: World
    gateway: str
    laptop: str

    def cable(self, state: str) -> None:
        """Pull or plug the cable: `down` or `up`, at the gateway's end, so that nobody is told."""
        ip("-n", self.gateway, "link", "set", "toward-l", state)

    def line(self, *quality: str) -> None:
        """Give the laptop's line a quality, in tc's words; none for a good one."""
        there = ["tc", "-n", self.laptop, "qdisc"]
        subprocess.run([*there, "del", "dev", "toward-g", "root"], capture_output=True, check=False)
        if quality:
            done = subprocess.run(
                [*there, "add", "dev", "toward-g", "root", *quality], check=False, capture_output=True, text=True
            )
            if done.returncode != 0:
                pytest.skip(f"this kernel has no {quality[0]}: {done.stderr.strip()}")

    def at_laptop(self, *argv: str) -> list[str]:
        return ["ip", "netns", "exec", self.laptop, *argv]

    def at_gateway(self, *argv: str) -> list[str]:
        return ["ip", "netns", "exec", self.gateway, *argv]

    def guest(self, argv: list[str]) -> Terminal:
        """Open a guest's terminal in the gateway's network: only the host's line is bad."""
        return self.world.terminal(self.at_gateway(*argv))

    def ssh(self, link: Link) -> Terminal:
        return self.guest(self.world.ssh_command(link))

    def new(self, name: str, *command: str) -> Links:
        words = ("pairterm", "new", "-d", "--json", "-s", name, *(("--", *command) if command else ()))
        return self.world.trust(Links.parse(self.world.run_any(*self.at_laptop(*words)).stdout))

    def state(self, name: str) -> str:
        return str(self.world.session(name)["gateway"])


@contextlib.contextmanager
def open_networks(world: World, *, grace_s: int = 600) -> Iterator[Networks]:
    """Make the networks, and serve a gateway in one of them."""
    mark = os.getpid()
    made = Networks(world, f"ptg{mark}", f"ptl{mark}")
    with contextlib.ExitStack() as stack:
        for name in (made.gateway, made.laptop):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "del", name)
        ip("link", "add", "toward-l", "netns", made.gateway, "type", "veth", "peer", "toward-g", "netns", made.laptop)
        for name, device, address in ((made.gateway, "toward-l", 1), (made.laptop, "toward-g", 2)):
            ip("-n", name, "addr", "add", f"10.77.0.{address}/24", "dev", device)
            ip("-n", name, "link", "set", device, "up")
            ip("-n", name, "link", "set", "lo", "up")
        serve(made, grace_s=grace_s)
        yield made
        made.cable("up")
        made.line()


@pytest.fixture
def networks(world: World, request: pytest.FixtureRequest) -> Iterator[Networks]:
    with open_networks(world, grace_s=getattr(request, "param", 600)) as made:
        yield made


def serve(networks: Networks, *, grace_s: int) -> None:
    """Run the gateway as a user who is nobody else, in a state directory of its own."""
    world = networks.world
    world.root.chmod(0o755)
    state, key = world.root / "gateway", world.home / ".ssh" / "id_ed25519"
    state.mkdir()
    key.parent.mkdir(mode=0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (state / "authorized_hosts").write_bytes(key.with_suffix(".pub").read_bytes())
    (state / "gateway.toml").write_text(f"[hosts]\ngrace_s = {grace_s}\n")
    shutil.chown(state, int(NOBODY), int(NOBODY))
    shutil.chown(state / "authorized_hosts", int(NOBODY), int(NOBODY))
    words = (
        "pairterm", "serve", "--json", "--listen", "10.77.0.1:2222", "--advertise", "10.77.0.1",
        "--link-socket", str(state / "link.sock"), "--state-directory", str(state),
        "--config", str(state / "gateway.toml"),
    )  # fmt: skip
    drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    with (world.root / "serve.log").open("ab") as log:
        process = world.start(*networks.at_gateway(*drop, *words), stderr=log, environment={"HOME": str(state)})
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, (world.root / "serve.log").read_text()
    config = world.root / "config" / "pairterm" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    fingerprint = json.loads(line)["fingerprint"]
    config.write_text(f'status = false\ngateway = "10.77.0.1"\nhost_key = "{fingerprint}"\n')
    del world.environment["PAIRTERM_GATEWAY"]


def uid_of(process_argv_end: str, world: World) -> set[int]:
    return {
        Path(f"/proc/{each.pid}").stat().st_uid
        for each in world.processes()
        if any(word == process_argv_end for word in each.argv)
    }


def works(guest: Terminal, word: str) -> None:
    guest.enter(f"echo {word}-$((40+2))")
    guest.sees(f"\n{word}-42")


def test_a_laptop_shared_through_a_gateway_of_another_user_with_three_kinds_of_ssh(networks: Networks) -> None:
    links = networks.new("our_session")
    assert links.rw.command == f"ssh -p 2222 {links.rw.user}@10.77.0.1"
    assert uid_of("serve", networks.world) - {0} == {int(NOBODY)}
    there = Link("", links.rw.user, "10.77.0.1", 2222)
    guests = [networks.ssh(links.rw)]
    for command in (plink(there, links.fingerprint), dbclient(there)):
        if shutil.which(command[0]):
            guests.append(networks.guest([word.replace("127.0.0.1", "10.77.0.1") for word in command]))
    for number, guest in enumerate(guests):
        guest.sees("here$")
        works(guest, f"guest{number}")
    for guest in guests:
        for number in range(len(guests)):
            guest.sees(f"guest{number}-42")
    guests[0].enter("id -un; hostname -I; exit")
    for guest in guests:
        assert "[our_session ended]" in guest.has_exited()


def test_a_cable_pulled_for_a_second_loses_nothing(networks: Networks) -> None:
    links = networks.new("our_session")
    guest = networks.ssh(links.rw)
    guest.sees("here$")
    networks.cable("down")
    guest.type("echo kept-$((40+2))")
    subprocess.run(["sleep", "1"], check=True)
    networks.cable("up")
    guest.keys("Enter")
    guest.sees("\nkept-42")
    assert guest.screen().count("echo kept") == 1, "typed once"


@pytest.mark.slow
@pytest.mark.nightly
def test_a_cable_pulled_until_both_sides_know(networks: Networks) -> None:
    links = networks.new("our_session")
    guest = networks.ssh(links.rw)
    guest.sees("here$")
    works(guest, "before")
    networks.cable("down")
    guest.sees("host away")
    eventually(lambda: networks.state("our_session") != "connected", "the host never noticed")
    guest.enter("echo never-$((1+1))")
    networks.cable("up")
    eventually(lambda: networks.state("our_session") == "connected", "it never came back")
    works(guest, "after")
    assert "never" not in guest.screen()
    guest.sees("before-42")


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("networks", [2], indirect=True, ids=["grace"])
def test_a_cable_pulled_for_ever_ends_the_links_and_says_so(networks: Networks) -> None:
    links = networks.new("our_session")
    guest = networks.ssh(links.rw)
    guest.sees("here$")
    networks.cable("down")
    screen = guest.wait(lambda screen: "\nexit 1, line kept" in screen, "let go")
    assert "its host has been away for 2 s, the link has ended" in screen
    assert "no such session" in networks.ssh(links.rw).wait(lambda screen: "\nexit 255" in screen, "refused")
    owner = networks.world.attach("our_session")
    owner.sees("here$")
    works(owner, "still")


@pytest.mark.parametrize(
    "quality",
    [
        ("netem", "delay", "200ms"),
        ("netem", "delay", "50ms", "20ms", "loss", "5%"),
        ("tbf", "rate", "64kbit", "burst", "4kb", "latency", "400ms"),
    ],
    ids=["far", "lossy", "64kbit"],
)
def test_a_bad_line_shows_the_same_screen(networks: Networks, quality: tuple[str, ...]) -> None:
    links = networks.new("our_session")
    guest = networks.ssh(links.rw)
    guest.sees("here$")
    networks.line(*quality)
    guest.enter("seq 1 30000; clear; printf '\\033[7mend\\033[0m-%d\\n' $((40+2))")
    guest.sees("end-42")
    owner = networks.world.attach("our_session")
    owner.sees("end-42")
    eventually(
        lambda: not guest.picture().differs_from(owner.picture()), lambda: guest.picture().differs_from(owner.picture())
    )
    works(guest, "typed")
