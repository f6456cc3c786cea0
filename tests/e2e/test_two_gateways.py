"""Two gateways are one service by a real nats-server: guests of one join a session of the other by link and by code.

The first gateway has two workers: for everybody it is one.
"""

from __future__ import annotations

import errno
import json
import shlex
import shutil
import socket
from pathlib import Path

from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.test_keys import keygen, listed, public, refused, with_key
from tests.e2e.world import Link, World
from tests.integration.nats_server import open_nats_server


def keys_work_elsewhere(world: World, home: str, port: int) -> None:
    """Guests come by a name and a key, and by a link and a key, to a host that dialled the other gateway."""
    ana, eve = keygen(world, "ana"), keygen(world, "eve")
    options = ["--gateway", home, "--accept-new", "--authorized-keys", listed(world, public(ana))]
    rw = world.new("keyed", options=options).rw
    alias = ("-o", f"HostKeyAlias=[127.0.0.1]:{rw.port}")
    name = json.loads(world.run("links", "-t", "keyed", "--json").stdout)["links"]["ssh_name"]["user"]

    def there(user: str) -> Link:
        return Link(rw.command.replace(f"-p {rw.port}", f"-p {port}").replace(rw.user, user), user, rw.host, port)

    nobody = refused(world, there(name), "-i", str(eve), *alias)
    assert "Permission denied" in nobody
    assert refused(world, there("nobody/keyed"), "-i", str(ana), *alias).replace("nobody/keyed", name) == nobody
    by_name = with_key(world, there(name), ana, *alias)
    by_name.sees("here$")
    by_name.enter("echo by-name-$((1+1))")
    by_name.sees("by-name-2")
    joined = world.terminal(["pairterm", "join", "--accept-new", "-i", str(ana), *shlex.split(there(name).command)])
    joined.sees("by-name-2")
    world.run("set", "-t", "keyed", "admit", "token+key")
    assert "Permission denied" in refused(world, there(rw.user), "-i", str(eve), *alias)
    with_key(world, there(rw.user), ana, *alias).sees("by-name-2")
    world.run("kill", "-t", "keyed")


def test_links_and_codes_work_at_each_gateway_and_their_guests_stay_when_nats_is_killed(
    world: World, tmp_path: Path
) -> None:
    with open_nats_server(tmp_path) as nats, (world.root / "other.log").open("ab") as log:
        secret, config, state = world.root / "secret", world.root / "gateway.toml", world.root / "other-state"
        world.run("gateway", "cluster-key", str(secret))
        config.write_text(f'[hosts]\nallow = "anyone"\n[cluster]\nnats = ["{nats.url}"]\nsecret_file = "{secret}"\n')
        serving, ready = world.serve("--config", str(config), "--workers", "2")
        state.mkdir(mode=0o700)
        shutil.copy(world.state / "ssh_host_ed25519_key", state)  # One name, one key.
        other = world.start(
            *("pairterm", "serve", "--json", "--config", str(config), "--link-socket", str(world.root / "other.sock")),
            *("--state-directory", str(state), "--listen", "127.0.0.1:0", "--advertise", "127.0.0.1"),
            stderr=log,
        )
        assert other.stdout is not None
        listen: str = json.loads(other.stdout.readline())["listen"][0]
        links = world.new("shared")
        link = links.rw
        port = listen.rpartition(":")[2]
        elsewhere = Link(link.command.replace(f"-p {link.port}", f"-p {port}"), link.user, link.host, int(port))
        made = json.loads(world.run("link", "new", "--spoken", "--no-ask", "-t", "shared", "--json").stdout)
        alias = f"HostKeyAlias=[127.0.0.1]:{link.port}"
        guest = world.ssh(elsewhere, "-o", alias)
        guest.sees("here$")
        guest.enter("echo far-$((40+2))")
        guest.sees("\nfar-42")
        code = Link(elsewhere.command.replace(link.user, made["user"]), made["user"], link.host, int(port))
        by_code = world.ssh(code, "-o", alias)
        by_code.sees("far-42")
        status = json.loads(world.run("gateway", "status", "--json").stdout)
        assert status["cluster"]["gateways"] == 2
        assert status["cluster"]["is_connected"] is True
        here, there = json.loads(world.run("gateway", "status", "--all", "--json").stdout)
        assert len(here["workers"]) == 2
        assert "workers" not in there
        assert [len(each["sessions"]) for each in (here, there)] == [1, 0]
        keys_work_elsewhere(world, ready["listen"][0], int(port))
        nats.kill()
        guest.sees("host away")
        nats.start()
        for each in (guest, by_code):  # The code is spent: its guest is back by their ticket.
            each.wait(lambda screen: "host away" not in screen, "the host is back")
        guest.enter("echo again-$((40+2))")
        guest.sees("\nagain-42")
        near = world.ssh(links.ro)
        near.sees("again-42")
        world.run("gateway", "drain")
        eventually(lambda: is_refused(link.port), "the gateway that drains still listens")
        guest.enter("echo last-$((40+2))")
        near.sees("\nlast-42")
        by_code.sees("\nlast-42")
        world.run("kill", "-t", "shared")
        for each in (guest, by_code):
            each.sees("exit")
        assert serving.wait(DEADLINE_S) == 0, "it has drained"


def is_refused(port: int) -> bool:
    """Return whether nobody listens on a port of loopback."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
