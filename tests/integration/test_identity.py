"""Parties who share what they are known by: a session's name, a listed key, a token's hash, an authority, a code.

Hosts are made by hand here: they say what a host of ours never would.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncssh
import pytest

from pairterm import __version__
from pairterm.access.spoken_words import WORDS
from pairterm.access.tokens import new_tokens, token_hash
from pairterm.link.codec import decode_viewer_message
from pairterm.link.messages import (
    PROTOCOL,
    AdmissionRules,
    CodeRevoked,
    Hello,
    InvitationWire,
    Join,
    Ping,
    Pong,
    Refused,
    Register,
    Registered,
    ViewerMessage,
)
from pairterm.runtime.link_over_ssh import HOST_USER, LINK_SUBSYSTEM
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.world import Link, World, open_world
from tests.integration.link_ends import LinkEnd
from tests.integration.test_hostile_ssh import connected

AUTHORITY = asyncssh.generate_private_key("ssh-ed25519")

GUEST = asyncssh.generate_private_key("ssh-ed25519")

GUESTS_LINE = " ".join(GUEST.export_public_key().decode().split()[:2])

NAMED = asyncssh.generate_private_key("ssh-ed25519")
"""Whose host may have fixed names that begin with `ana`."""


class Host(LinkEnd[ViewerMessage]):
    """A host's side of a link over SSH, made by hand."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        super().__init__(process, decode_viewer_message)

    async def heard_so_far(self) -> list[ViewerMessage]:
        """Return what the gateway has said until now."""
        self.say(Ping())
        heard: list[ViewerMessage] = []
        while not isinstance(message := await self.hear(), Pong):
            assert message is not None
            heard.append(message)
        return heard


@asynccontextmanager
async def host_at(port: int, register: Register, *, key: Any = None) -> AsyncIterator[tuple[Host, ViewerMessage]]:
    """Log in as a host and bring a session; yield the host and the gateway's answer."""
    key = key or asyncssh.generate_private_key("ssh-ed25519")
    async with asyncssh.connect(
        "127.0.0.1", port, username=HOST_USER, client_keys=[key], agent_path=None, known_hosts=None, config=None
    ) as connection:
        host = Host(await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None))
        host.say(Hello(PROTOCOL, __version__, "host"), register)
        yield host, await host.hear_until(Registered, Refused)
        connection.abort()


def session_of(name: str, *, fixed_name: str = "") -> Register:
    """Return a registration with tokens of its own."""
    tokens = new_tokens()
    write, read = token_hash(tokens.read_write), token_hash(tokens.read_only)
    return Register(name, write, read, instance=os.urandom(16), seal=tokens.seal, fixed_name=fixed_name)


def by_key() -> AdmissionRules:
    return AdmissionRules([], [GUESTS_LINE], False)


@dataclass
class Street:
    """A public gateway."""

    world: World
    port: int

    def link(self, user: str) -> Link:
        return Link(f"ssh -p {self.port} {user}@127.0.0.1", user, "127.0.0.1", self.port)


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with open_world() as world:
        (world.root / "authorized_hosts").write_text(
            f"cert-authority {AUTHORITY.export_public_key().decode()}"
            f'name-prefix="ana" {NAMED.export_public_key().decode()}'
        )
        config = world.root / "gateway.toml"
        config.write_text(f'[hosts]\nallow = "anyone"\nauthorized_hosts = "{world.root}/authorized_hosts"\n')
        _, ready = world.serve("--config", str(config), "--listen", "127.0.0.1:0", "--advertise", "127.0.0.1")
        yield Street(world, int(ready["listen"][0].rpartition(":")[2]))


@asynccontextmanager
async def guest_by_key(street: Street, user: str) -> AsyncIterator[asyncssh.SSHClientConnection]:
    async with asyncssh.connect(
        "127.0.0.1", street.port, username=user, client_keys=[GUEST], agent_path=None, known_hosts=None, config=None
    ) as connection:
        yield connection
        connection.abort()


async def refusal(street: Street, user: str) -> str:
    """Return why a guest with the listed key gets no terminal under a name."""
    async with guest_by_key(street, user) as connection:
        with pytest.raises(asyncssh.ChannelOpenError) as caught:
            await connection.create_process(term_type="xterm")
        return str(caught.value.reason)


async def test_a_key_leads_to_no_stranger_who_lists_it_too(street: Street) -> None:
    """113 of 200 logins with a guest's public key went to a stranger's session of the same name."""
    async with (
        host_at(street.port, session_of("work")) as (ours, registered),
        host_at(street.port, session_of("work")) as (stranger, theirs),
    ):
        assert isinstance(registered, Registered)
        assert isinstance(theirs, Registered)
        for each in (ours, stranger):
            each.say(by_key())
            await each.heard_so_far()
        for _ in range(5):
            told = await refusal(street, "work")
            assert registered.by_key in told
            assert theirs.by_key in told
        for _ in range(5):
            async with guest_by_key(street, registered.by_key) as connection:
                await connection.create_process(term_type="xterm")
                await ours.hear_until(Join)
        assert not any(isinstance(each, Join) for each in await stranger.heard_so_far())
    async with host_at(street.port, session_of("work")) as (stranger, theirs):
        assert isinstance(theirs, Registered)
        stranger.say(by_key())
        await stranger.heard_so_far()
        assert theirs.by_key in await refusal(street, "work"), "nor when ours is not there"
        assert not any(isinstance(each, Join) for each in await stranger.heard_so_far())


async def test_a_fixed_name_leads_to_its_session_whatever_others_are_called(street: Street) -> None:
    async with (
        host_at(street.port, session_of("ana-demo")) as (stranger, _),
        host_at(street.port, session_of("0", fixed_name="ana-demo"), key=NAMED) as (ours, registered),
        host_at(street.port, session_of("ana-demo")) as (other, _),
    ):
        assert isinstance(registered, Registered)
        assert registered.by_key == "ana-demo"
        for each in (stranger, ours, other):
            each.say(by_key())
            await each.heard_so_far()
        for _ in range(20):
            async with guest_by_key(street, "ana-demo") as connection:
                await connection.create_process(term_type="xterm")
                await ours.hear_until(Join)
        for each in (stranger, other):
            assert not any(isinstance(message, Join) for message in await each.heard_so_far())


async def test_an_owners_prefix_is_no_beginning_of_anothers(street: Street) -> None:
    async with host_at(street.port, session_of("0", fixed_name="anabel-demo"), key=NAMED) as (_, answer):
        assert isinstance(answer, Refused)
        assert answer.code == "name_taken"


def certified(identity: str, principals: tuple[str, ...] = ("host",)) -> Any:
    """Return a new key with a certificate of the authority."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    return key, AUTHORITY.generate_user_certificate(key, identity, principals=list(principals))


async def test_hosts_with_certificates_of_one_authority_are_not_one_owner(street: Street) -> None:
    """One of them superseded the other's session, with its instance and its hashes."""
    register = session_of("work")
    async with host_at(street.port, register, key=certified("ana")) as (ana, registered):
        assert isinstance(registered, Registered)
        async with host_at(street.port, register, key=certified("bo")) as (_, theirs):
            assert isinstance(theirs, Registered)
            assert theirs.by_key != registered.by_key
            assert await ana.heard_so_far() == []
        async with host_at(street.port, register, key=certified("ana")) as (_, again):
            assert isinstance(again, Registered)
            assert again.by_key == registered.by_key, "a certificate that was renewed is the same owner's"
            refused = await ana.hear_until(Refused)
            assert refused.code == "superseded"


async def test_a_certificate_for_anybody_lets_no_host_in(street: Street) -> None:
    for principals in ((), ("somebody",)):
        with contextlib.ExitStack() as stack:
            key, certificate = certified("eve", principals)
            stack.enter_context(pytest.raises(asyncssh.PermissionDenied))
            # Its plain key would do where anyone may come: it offers the certificate alone.
            pair = asyncssh.load_keypairs([(key, certificate)])[0]
            async with host_at(street.port, session_of("work"), key=pair):
                pass


async def test_codes_are_guessed_no_faster_where_keys_come_in(street: Street) -> None:
    """A code's form was taken for a session's name: 5,000 guesses a second, none of them counted."""
    spoken = f"7-{WORDS[0]}-{WORDS[1]}"
    async with (
        host_at(street.port, session_of("keyed")) as (keyed, _),
        host_at(street.port, session_of("s")) as (ours, _),
    ):
        keyed.say(by_key())
        ours.say(AdmissionRules([InvitationWire(token_hash(spoken), "ro", nameplate="7")], [], False))
        await keyed.heard_so_far()
        await ours.heard_so_far()
        for number in range(2, 7):
            link = street.link(f"7-wrong-{WORDS[number]}")
            with pytest.raises(asyncssh.Error):
                async with connected(link, local_addr=(f"127.0.0.{number}", 0)):
                    pass
        assert await ours.hear_until(CodeRevoked) == CodeRevoked("7")
        with pytest.raises(asyncssh.Error):
            async with connected(street.link(spoken), local_addr=("127.0.0.9", 0)):
                pass


class _ManyNames(asyncssh.SSHClient):
    """Tries another user name each time that one is not enough."""

    def __init__(self, names: Iterator[str]) -> None:
        self._names = names
        self.tried = 0

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._conn = conn

    def public_key_auth_requested(self) -> asyncssh.SSHKeyPair:
        self.tried += 1
        self._conn._username = next(self._names)
        return asyncssh.load_keypairs([GUEST])[0]


async def test_a_connection_has_one_user_name_and_a_second_one_is_a_guess(street: Street) -> None:
    """On every path: a name that asks for a key was the way round the count."""
    async with host_at(street.port, session_of("keyed")) as (keyed, _):
        keyed.say(by_key())
        await keyed.heard_so_far()
        source = ("127.0.0.21", 0)
        for _ in range(3):
            client = _ManyNames(iter([f"{number}-apple-plum" for number in range(100, 999)]))
            with pytest.raises((asyncssh.DisconnectError, asyncssh.PermissionDenied, ConnectionError)):
                await asyncssh.connect(
                    "127.0.0.1", street.port, username="nobodys", client_keys=None, agent_path=None, known_hosts=None,
                    config=None, client_factory=lambda client=client: client, local_addr=source,
                )  # fmt: skip
            assert client.tried <= 1
    audit = await asyncio.to_thread(lambda: street.world.run("gateway", "audit", "--json").stdout)
    refused = [json.loads(each) for each in audit.splitlines() if '"refused"' in each]
    assert any(each["why"] == "names" and each["address"] == source[0] for each in refused)


async def test_one_host_has_few_codes_and_one_of_a_number(street: Street) -> None:
    """It could have 12,288 of one number, for others' guests who mishear a word."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with contextlib.AsyncExitStack() as stack:
        refused = 0
        for number in range(4):
            host, answer = await stack.enter_async_context(host_at(street.port, session_of(f"s{number}"), key=key))
            assert isinstance(answer, Registered)
            words = WORDS[number * 50 : number * 50 + 50]
            same = [InvitationWire(token_hash(f"9-{each}-plum"), "ro", nameplate="9") for each in words]
            more = [InvitationWire(token_hash(f"{each}-a-b"), "ro", nameplate=str(each)) for each in range(100, 150)]
            host.say(AdmissionRules(same + more, [], False))
            refused += sum(isinstance(each, CodeRevoked) and each.is_refused for each in await host.heard_so_far())
        assert 4 * 100 - refused == 16
        opened = 0
        for number, word in enumerate(WORDS[:8]):
            with contextlib.suppress(asyncssh.Error):
                async with connected(street.link(f"9-{word}-plum"), local_addr=(f"127.0.1.{number + 1}", 0)):
                    opened += 1
        assert opened == 1


@pytest.mark.parametrize("is_remote", [False, True], ids=["a host of this machine", "a remote host"])
async def test_a_guest_who_shares_does_not_have_the_session_of_its_link_after_a_restart(
    world: World, is_remote: bool
) -> None:
    """It registered the hash first: the host was locked out, also after the thief had gone."""
    config = world.root / "gateway.toml"
    config.write_text('[hosts]\nallow = "anyone"\n')
    arguments = ("--config", str(config), "--advertise", "127.0.0.1", "--listen")
    serving, ready = await asyncio.to_thread(world.serve, *arguments, "127.0.0.1:0")
    port = int(ready["listen"][0].rpartition(":")[2])
    options: tuple[str, ...] = ()
    if is_remote:
        world.environment["PAIRTERM_GATEWAY"] = f"127.0.0.1:{port}"
        options = ("--accept-new",)
    links = await asyncio.to_thread(lambda: world.new("ours", options=options))
    host = (await asyncio.to_thread(world.session, "ours"))["pid"]
    os.kill(host, signal.SIGSTOP)
    serving.kill()
    await asyncio.to_thread(serving.wait)
    await asyncio.to_thread(world.serve, *arguments, f"127.0.0.1:{port}")
    hashes = token_hash(links.rw.user), token_hash(links.ro.user)
    theft = Register("ours", *hashes, instance=b"thief", seal=new_tokens().seal)
    async with host_at(port, theft) as (thief, answer):
        assert isinstance(answer, Registered), "it may share; it gets nothing by that"
        thief.say(AdmissionRules([InvitationWire(each, "rw") for each in hashes], [], False))
        await thief.heard_so_far()
        entering = asyncio.create_task(enter(links.rw))  # It waits: the gateway has just started.
        assert not any(isinstance(each, Join) for each in await thief.heard_so_far())
        os.kill(host, signal.SIGCONT)
        if is_remote:
            world.environment["PAIRTERM_GATEWAY"] = f"127.0.0.1:{port}"
        await asyncio.to_thread(
            eventually, lambda: world.session("ours")["gateway"] == "connected", "the host is locked out"
        )
        await asyncio.wait_for(entering, DEADLINE_S)
        for link in (links.rw, links.ro):
            await enter(link)
        assert not any(isinstance(each, Join) for each in await thief.heard_so_far())
    await enter(links.rw)
    found = await asyncio.to_thread(lambda: world.run("audit", "-t", "ours", "--json").stdout)
    assert [json.loads(each)["event"] for each in found.splitlines()].count("join") == 4


async def enter(link: Link) -> None:
    """Come by a link and be shown the session."""
    async with connected(link) as connection:
        process = await connection.create_process(term_type="xterm", term_size=(80, 24), encoding=None)
        async with asyncio.timeout(DEADLINE_S):
            shown = b""
            while b"here$" not in shown:
                piece = await process.stdout.read(65_536)
                assert piece, shown
                shown += piece
        connection.abort()


def test_the_name_of_a_local_session_is_its_users(world: World) -> None:
    """The name by key in `Registered` opens the session, with OpenSSH and with `join`."""
    path = world.root / "guest"
    path.write_bytes(GUEST.export_private_key())
    path.chmod(0o600)
    listed = world.root / "listed"
    listed.write_text(GUESTS_LINE + "\n")
    links = world.new("ours", options=["--authorized-keys", str(listed)])
    login = pwd.getpwuid(os.getuid()).pw_name
    for user in (f"{login}/ours", f"uid-{os.getuid()}/ours"):
        link = Link(links.rw.command.replace(links.rw.user, user), user, links.rw.host, links.rw.port)
        guest = world.ssh(link, "-i", str(path))
        guest.sees("here$")
        guest.close()
    plain = Link(links.rw.command.replace(links.rw.user, "ours"), "ours", links.rw.host, links.rw.port)
    done = world.run_any(*world.ssh_command(plain, "-i", str(path), "-tt"), status=None)
    assert f"say whose session: {login}/ours" in done.stderr
