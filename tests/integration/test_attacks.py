"""Attacks on a running gateway from outside, one for each row of the threats that no other file has."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
from pathlib import Path

import asyncssh
import pytest

from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.test_operator import status
from tests.e2e.world import Link, World
from tests.integration.test_hostile_ssh import connected, opened, shows

MIB = 1 << 20


def named(link: Link, user: str) -> Link:
    return Link(link.command.replace(link.user, user), user, link.host, link.port)


def memory_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def answer_at(port: int) -> bytes:
    """Return the first line that the door says to a new connection."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as raw:
        return raw.makefile("rb").readline()


def offers(port: int) -> list[bytes]:
    """Return the lists of algorithms that the server begins with (RFC 4253, section 7.1)."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as raw, raw.makefile("rb") as stream:
        raw.sendall(b"SSH-2.0-x\r\n")
        assert stream.readline().startswith(b"SSH-2.0-")
        packet = stream.read(int.from_bytes(stream.read(4), "big"))
    at, lists = 1 + 1 + 16, []  # Length of the padding, kind of message, cookie.
    for _ in range(10):
        start = at + 4
        at = start + int.from_bytes(packet[at:start], "big")
        lists.append(packet[start:at])
    return lists


def test_a_packet_of_giant_length_before_login_costs_nothing(world: World) -> None:
    """T12: a length of 2 GiB is no reason to wait for them."""
    links = world.new("ours", "cat")
    before = memory_bytes(world.gateway_pid())
    with socket.create_connection(("127.0.0.1", links.rw.port), DEADLINE_S) as raw:
        raw.sendall(b"SSH-2.0-x\r\n" + (2**31 - 1).to_bytes(4, "big") + b"\x04" + b"x" * 100_000)
        raw.settimeout(DEADLINE_S)
        while raw.recv(65536):
            pass
    assert memory_bytes(world.gateway_pid()) - before < 8 * MIB


async def test_no_compression_is_taken(world: World) -> None:
    """T11: one packet of zlib took a server from 40 to 423 MiB. Either side may learn it first: it is a race."""
    links = world.new("ours", "cat")
    assert offers(links.rw.port)[6:8] == [b"none", b"none"], "compression, there and back"
    with pytest.raises(asyncssh.Error):
        async with connected(links.rw, compression_algs=["zlib@openssh.com", "zlib"]):
            pass


async def test_a_key_exchange_that_is_begun_and_never_finished_is_sent_nothing(world: World) -> None:
    """T10: with asyncssh's own back-pressure, 600 MiB were kept for one such guest."""
    links = world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    async with connected(links.ro) as stalled:
        process = await opened(stalled)
        await shows(process, b"here$")
        stalled._send_kexinit()
        assert stalled._transport is not None
        stalled._transport.pause_reading()
        await asyncio.to_thread(owner.enter, "echo begun-$((1+1))")
        await asyncio.to_thread(owner.sees, "begun-2")
        before = await asyncio.to_thread(bytes_to_guests, world)
        await asyncio.to_thread(
            owner.enter, "for n in $(seq 200); do seq $n $((n+50)); sleep 0.02; done; echo over-$((1+1))"
        )
        await asyncio.to_thread(owner.sees, "over-2")
        assert await asyncio.to_thread(bytes_to_guests, world) - before < 2048, "painted for who takes nothing"
        stalled.abort()


def bytes_to_guests(world: World) -> int:
    """Return what the gateway has written to guests: here there is one."""
    return int(json.loads(world.run("gateway", "status", "--json").stdout)["bytes_to_guests"])


class NoQuestions(asyncssh.SSHClient):
    """Goes by the keyboard where keys were of no use, and answers what it is not asked."""

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(self, name: str, instructions: str, lang: str, prompts: object) -> list[str]:
        return []


async def test_a_key_that_is_asked_about_and_not_proved_is_nobodys(world: World) -> None:
    """Everybody can have a public key: the gateway says that it would do, and no right signature follows."""
    known, other = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    public = known.export_public_key().decode().strip()
    world.state.mkdir(parents=True, exist_ok=True)
    (world.state / "known_guests").write_text(f'role="rw" {public} ana\n')
    links = world.new("ours", "cat", options=["--ask"])
    forged = asyncssh.load_keypairs(known)[0]
    forged.sign = asyncssh.load_keypairs(other)[0].sign  # type: ignore[method-assign]  # the attack
    connection = await asyncssh.connect(
        "127.0.0.1", links.rw.port, username=links.rw.user, known_hosts=None, client_keys=[forged], agent_path=None,
        config=None, client_factory=NoQuestions,
    )  # fmt: skip
    async with connection:
        process = await opened(connection)
        await shows(process, b"waiting for the owner")
    audit = await asyncio.to_thread(lambda: world.run("audit", "-t", "ours", "--json").stdout)
    assert "SHA256:" not in audit


async def test_a_flood_of_requests_on_one_channel_costs_no_memory(world: World) -> None:
    """T14: 1,000 env requests kept 199 MB; and no global request is answered with anything."""
    links = world.new("ours", "cat")
    async with connected(links.ro) as connection:
        process = await opened(connection)
        await shows(process, b"\x1b[")
        before = memory_bytes(world.gateway_pid())
        for number in range(900):
            process.channel._send_request(
                b"env", asyncssh.packet.String(b"X%03d" % number), asyncssh.packet.String(b"y" * 20_000)
            )
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process()
        assert memory_bytes(world.gateway_pid()) - before < 8 * MIB


def test_names_and_versions_made_of_controls_reach_no_log(world: World) -> None:
    """T17: user names and client versions are printed nowhere as they are."""
    paramiko = pytest.importorskip("paramiko")
    links = world.new("ours", "cat")
    client = paramiko.Transport(("127.0.0.1", links.rw.port))
    try:
        client.start_client(timeout=DEADLINE_S)
        with pytest.raises(paramiko.SSHException):
            client.auth_none("evil\x1b]2;owned\x07")
    finally:
        client.close()
    with socket.create_connection(("127.0.0.1", links.rw.port), DEADLINE_S) as raw:
        raw.sendall(b"SSH-2.0-x\x1b[31m\r\n" + b"\x1b]2;owned\x07" * 1000)
        raw.settimeout(DEADLINE_S)
        with contextlib.suppress(ConnectionResetError):
            while raw.recv(65536):
                pass
    assert "\x1b" not in world.log()


def test_words_of_a_spoken_code_can_be_tried_five_times(world: World) -> None:
    """T1: sixteen bits are enough for as long as nobody may guess."""
    links = world.new("ours", "cat")
    made = json.loads(world.run("link", "new", "-t", "ours", "--spoken", "--no-ask", "--json").stdout)
    nameplate = made["user"].split("-")[0]
    for number in range(2, 7):
        # From five addresses: what is counted here is the code's, not the source's.
        wrong = named(links.rw, f"{nameplate}-wrong-words")
        done = world.run_any(*world.ssh_command(wrong, "-tt", "-4", "-b", f"127.0.0.{number}"), status=255)
        assert "no such session" in done.stderr
    eventually(lambda: "link-tried-too-often" in world.run("audit", "-t", "ours").stdout, "it is not in the audit")
    assert "wrong words were tried too often" in world.run("show-messages", "-t", "ours").stdout
    assert all(not each["spoken"] for each in json.loads(world.run("link", "ls", "-t", "ours", "--json").stdout))


def test_keys_that_are_guessed_are_counted_as_tokens_are(world: World) -> None:
    """T1: a name with keys is no way around the penalties."""
    key = world.root / "eve"
    world.run_any("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    other = world.root / "ana"
    world.run_any("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other))
    links = world.new("ours", "cat", options=["--authorized-keys", str(other.with_suffix(".pub"))])
    for _ in range(2):
        world.run_any(*world.ssh_command(named(links.rw, "ours"), "-tt", "-i", str(key)), status=255)
    eventually(lambda: status(world)["wrong_links"] == 2, "guessing keys costs nothing")


@pytest.mark.skipif(shutil.which("ssh-audit") is None, reason="ssh-audit is not installed")
def test_ssh_audit_finds_nothing_but_two_warnings_of_no_quantum_computer(world: World) -> None:
    """T19: strict key exchange, no weak algorithm; curve25519 stays first for Debian 12's dropbear."""
    links = world.new("ours", "cat")
    done = subprocess.run(
        ["ssh-audit", "--skip-rate-test", "-b", "--no-colors", "-p", str(links.rw.port), "127.0.0.1"],
        capture_output=True, text=True, check=False, timeout=DEADLINE_S,
    )  # fmt: skip
    assert "kex-strict-s-v00@openssh.com" in done.stdout
    assert "[fail]" not in done.stdout
    warnings = [line for line in done.stdout.splitlines() if "[warn]" in line]
    assert len(warnings) == 2, done.stdout
    assert all("post-quantum" in line for line in warnings)


async def test_paramiko_joins(world: World) -> None:
    paramiko = pytest.importorskip("paramiko")
    links = world.new("ours")

    def join() -> bytes:
        client = paramiko.Transport(("127.0.0.1", links.rw.port))
        try:
            client.start_client(timeout=DEADLINE_S)
            client.auth_none(links.rw.user)
            channel = client.open_session()
            channel.get_pty("xterm", 80, 24)
            channel.invoke_shell()
            channel.settimeout(DEADLINE_S)
            shown = b""
            while b"here$" not in shown:
                shown += channel.recv(65536)
            channel.sendall(b"echo by-$((1+1))\r")
            while b"by-2" not in shown:
                shown += channel.recv(65536)
            return shown
        finally:
            client.close()

    assert b"by-2" in await asyncio.to_thread(join)
