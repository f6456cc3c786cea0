"""Coming in by keys and certificates, with OpenSSH's own tools; and keys from a forge over HTTPS."""

from __future__ import annotations

import http.server
import json
import os
import pwd
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal, eventually
from tests.e2e.world import Link, Links, World


def keygen(world: World, name: str) -> Path:
    path = world.root / name
    world.run_any("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{name}@laptop", "-f", str(path))
    return path


def listed(world: World, *lines: str) -> str:
    path = world.root / "authorized_keys"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def public(path: Path) -> str:
    return path.with_suffix(".pub").read_text().strip()


def by_name(links: Links) -> Link:
    user = f"{pwd.getpwuid(os.getuid()).pw_name}/{links.session}"
    return Link(links.rw.command.replace(links.rw.user, user), user, links.rw.host, links.rw.port)


def with_key(world: World, link: Link, key: Path, *options: str) -> Terminal:
    return world.ssh(link, "-i", str(key), *options)


def refused(world: World, link: Link, *options: str) -> str:
    return world.run_any(*world.ssh_command(link, *options, "-tt", "-o", "BatchMode=yes"), status=255).stderr


def test_a_listed_key_comes_in_by_the_sessions_name_and_others_do_not(world: World) -> None:
    ana, eve = keygen(world, "ana"), keygen(world, "eve")
    links = world.new("ours", options=["--authorized-keys", listed(world, public(ana))])
    guest = with_key(world, by_name(links), ana)
    guest.sees("here$")
    guest.enter("echo by-key-$((1+1))")
    guest.sees("by-key-2")
    found = json.loads(world.run("who", "-t", "ours", "--json").stdout)
    fingerprint = world.run_any("ssh-keygen", "-lf", str(ana)).stdout.split()[1]
    assert [(each["name"], each["key"]) for each in found] == [("ana-laptop", fingerprint)]
    nobody = refused(world, by_name(links), "-i", str(eve))
    assert "Permission denied" in nobody
    for user in ("root/theirs", "theirs", "nobody/ours"):
        never = Link(links.rw.command.replace(links.rw.user, user), user, links.rw.host, links.rw.port)
        assert refused(world, never, "-i", str(eve)).replace(user, by_name(links).user) == nobody, "they read the same"


def test_a_key_with_a_role_watches(world: World) -> None:
    ana = keygen(world, "ana")
    links = world.new("ours", options=["--authorized-keys", listed(world, f'role="ro" {public(ana)}')])
    guest = with_key(world, by_name(links), ana)
    guest.sees("here$")
    eventually(lambda: '"role": "ro"' in world.run("who", "-t", "ours", "--json").stdout, "is no observer")


def test_token_and_key_are_both_needed(world: World) -> None:
    ana, eve = keygen(world, "ana"), keygen(world, "eve")
    options = ["--admit", "token+key", "--authorized-keys", listed(world, public(ana))]
    links = world.new("ours", options=options)
    assert "Permission denied" in refused(world, links.rw, "-i", str(eve))
    assert "Permission denied" in refused(world, links.rw)
    by_name_only = with_key(world, by_name(links), ana)
    assert "no such session" in by_name_only.has_exited(1)
    guest = with_key(world, links.rw, ana)
    guest.sees("here$")


def test_with_keys_alone_links_open_nothing(world: World) -> None:
    ana = keygen(world, "ana")
    links = world.new("ours", options=["--authorized-keys", listed(world, public(ana))])
    world.run("set", "-t", "ours", "admit", "key")
    assert "no such session" in refused(world, links.rw, "-i", str(ana))
    found = json.loads(world.run("links", "-t", "ours", "--json").stdout)["links"]
    assert list(found) == ["ssh_name"], "a link is printed that opens nothing"
    for printed in (world.run("links", "-t", "ours"), world.run("show-messages", "-t", "ours")):
        assert found["ssh_name"]["command"] in printed.stdout
        assert links.rw.user not in printed.stdout
    assert world.run("display", "-p", "-t", "ours").stdout.strip() == found["ssh_name"]["command"]
    with_key(world, Link(**found["ssh_name"]), ana).sees("here$")


def test_a_certificate_comes_in_by_its_principal_and_not_by_another(world: World) -> None:
    authority, ana, bob = keygen(world, "authority"), keygen(world, "ana"), keygen(world, "bob")
    sign = ["ssh-keygen", "-q", "-s", str(authority)]
    world.run_any(*sign, "-I", "ana of dev", "-n", "dev", "-V", "+1h", str(ana.with_suffix(".pub")))
    world.run_any(*sign, "-I", "bob of sales", "-n", "sales", "-V", "+1h", str(bob.with_suffix(".pub")))
    line = f'cert-authority,principals="dev,ops" {public(authority)}'
    links = world.new("ours", options=["--authorized-keys", listed(world, line)])
    guest = with_key(world, by_name(links), ana)
    guest.sees("here$")
    assert json.loads(world.run("who", "-t", "ours", "--json").stdout)[0]["name"] == "ana-of-dev"
    assert "Permission denied" in refused(world, by_name(links), "-i", str(bob))
    assert "Permission denied" in refused(world, by_name(links), "-i", str(authority))


def audit_events(world: World) -> list[str]:
    return [json.loads(line)["event"] for line in world.run("audit", "-t", "ours", "--json").stdout.splitlines()]


def test_a_list_is_followed_while_the_session_runs(world: World) -> None:
    """A key that is added gets in, a key that is removed is out; a guest who came by a link stays."""
    ana, bo = keygen(world, "ana"), keygen(world, "bo")
    path = listed(world, public(ana))
    links = world.new("ours", options=["--authorized-keys", path])
    one, by_link = with_key(world, by_name(links), ana), world.ssh(links.rw)
    one.sees("here$")
    by_link.sees("here$")
    assert "Permission denied" in refused(world, by_name(links), "-i", str(bo))
    listed(world, public(bo))
    assert "your key is no longer on the list" in one.has_exited(1)
    with_key(world, by_name(links), bo).sees("here$")
    assert "Permission denied" in refused(world, by_name(links), "-i", str(ana))
    by_link.enter("echo still-$((1+1))")
    by_link.sees("still-2")
    assert audit_events(world).count("kick") == 1


def test_a_line_that_says_ro_now_lowers_who_came_by_it(world: World) -> None:
    ana = keygen(world, "ana")
    links = world.new("ours", options=["--authorized-keys", listed(world, public(ana))])
    guest = with_key(world, by_name(links), ana)
    guest.sees("here$")
    listed(world, f'role="ro" {public(ana)}')
    guest.sees("you watch only now: the line of your key says so")
    world.run("kick", "-t", "ours", "1")
    guest.has_exited(1)
    listed(world, public(ana))
    eventually(lambda: audit_events(world).count("keys") == 2, "the list was not read again")
    again = with_key(world, by_name(links), ana)
    again.sees("here$")
    again.enter("echo again-$((1+1))")
    again.sees("again-2")


def test_a_list_that_is_broken_changes_nothing_and_the_owner_is_told(world: World) -> None:
    ana = keygen(world, "ana")
    path = listed(world, public(ana))
    links = world.new("ours", options=["--authorized-keys", path])
    owner, guest = world.attach("ours"), with_key(world, by_name(links), ana)
    guest.sees("here$")
    listed(world, "ssh-ed25519 half-a-ke")
    owner.sees("line 1: not a public key")
    with_key(world, by_name(links), ana).sees("here$")
    os.unlink(path)
    owner.sees("is gone: its keys are not accepted any more")
    assert "your key is no longer on the list" in guest.has_exited(1)


def test_who_was_let_in_and_remembered_need_not_knock_again(world: World) -> None:
    ana = keygen(world, "ana")
    links = world.new("ours", options=["--ask"])
    owner = world.attach("ours")
    owner.sees("here$")
    guest = with_key(world, links.rw, ana)
    owner.sees("knocks")
    fingerprint = world.run_any("ssh-keygen", "-lf", str(ana)).stdout.split()[1]
    owner.sees(fingerprint[:20])
    owner.keys("C-b", ":")
    owner.type("accept 2 --remember")
    owner.keys("Enter")
    guest.sees("here$")
    world.run("kill", "-t", "ours")
    again = world.new("again", options=["--ask"])
    with_key(world, again.rw, ana).sees("here$")
    without = world.ssh(again.rw)
    without.sees("waiting for the owner")


@pytest.fixture
def forge(world: World) -> Iterator[tuple[str, Path]]:
    """Serve a directory over HTTPS with a certificate that this world trusts."""
    directory = world.root / "forge"
    directory.mkdir()
    certificate, key = world.root / "cert.pem", world.root / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    world.run_any(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject,
        "-keyout", str(key), "-out", str(certificate),
    )  # fmt: skip

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(directory))  # type: ignore[arg-type]  # as socketserver gives them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- as the library names it
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    world.environment["SSL_CERT_FILE"] = str(certificate)
    yield f"https://localhost:{server.server_address[1]}", directory
    server.shutdown()
    server.server_close()
    thread.join()


def test_keys_are_fetched_from_a_forge(world: World, forge: tuple[str, Path]) -> None:
    base, directory = forge
    ana = keygen(world, "ana")
    (directory / "ana.keys").write_text(" ".join(public(ana).split()[:2]) + "\n")
    config = world.root / "config" / "pairterm" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    before = config.read_text() if config.exists() else ""
    config.write_text(before + f'\n[key_sources]\ngithub = "{base}/{{}}.keys"\n')
    links = world.new("ours", options=["--github-user", "ana"])
    with_key(world, by_name(links), ana).sees("here$")
    missing = world.run("new", "-d", "--github-user", "nobody", status=1)
    assert "can't fetch the keys" in missing.stderr
    world.environment["SSL_CERT_FILE"] = os.devnull
    (world.state / "elsewhere").mkdir()
    world.environment["XDG_STATE_HOME"] = str(world.state / "elsewhere")
    untrusted = world.run("new", "-d", "--gateway", "own", "--github-user", "ana", status=1)
    assert "can't fetch the keys" in untrusted.stderr, "a certificate that nobody vouches for"


def test_a_bad_list_starts_nothing(world: World) -> None:
    done = world.run("new", "-d", "--authorized-keys", listed(world, "nonsense"), status=2)
    assert "line 1" in done.stderr
    assert world.run("ls", "--json").stdout.strip() == "[]"


def test_ssh_keygen_is_the_one_that_was_asked() -> None:
    """Without it all of this file would say nothing."""
    assert subprocess.run(["ssh-keygen", "-?"], capture_output=True, check=False).returncode != 127
