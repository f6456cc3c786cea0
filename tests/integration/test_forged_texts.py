"""No text of a hostile peer does anything to a terminal: every text field, through real processes.

A hostile host forges every text of every message that a host may send. A real gateway
relays it to a real `ssh` guest and a real `pairterm join`; a real local socket brings it to
`pairterm attach`, `ls` and `links`. A hostile gateway forges its answers to `pairterm new`.
The fields are found by the messages' types (`tests/laws/link/forging.py`). The terminals
here keep every byte that is written to them.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import os
import pty
import re
import struct
import termios
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import msgspec
import pytest

from pairterm import __version__
from pairterm.access.tokens import new_tokens, token_hash
from pairterm.link.codec import LinkMessage, decode_host_message, decode_viewer_message, encode
from pairterm.link.framing import FrameReader, framed
from pairterm.link.messages import (
    PROTOCOL,
    AttendanceWire,
    Ended,
    Hello,
    History,
    HostMessage,
    Join,
    Joined,
    JoinPending,
    Ping,
    Pong,
    Query,
    Refused,
    Register,
    Registered,
    ScreenUpdate,
    SessionInfo,
    ShowText,
    ViewSettings,
)
from pairterm.runtime.link_over_ssh import HOST_USER, LINK_SUBSYSTEM
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.world import Link, World, open_world
from tests.laws.link.forging import EVIL, forged, one_window, text_places

ALL_EVIL = "".join(EVIL)

_SIGNS = "\x00\x7f\x80-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"

UNSAFE = re.compile(f"\x1b\\]0;owned|\x1b\\]52;|[{_SIGNS}]")
"""What `EVIL` would do to a terminal, as it would arrive there."""

ENDS = (Ended, Refused)
"""Messages that end a guest."""

SCREENS = (ScreenUpdate, History)

CASES = [
    (kind, place, evil)
    for kind in HostMessage.__args__
    for place in text_places(kind)
    for evil in (EVIL if kind in SCREENS else [ALL_EVIL])
]
"""Cells are refused for one bad character, so each is forged alone. Other texts are cleaned character by character."""


def assert_harmless(shown: bytes, what: str) -> None:
    """Assert that nothing that reached a terminal was a forgery at work."""
    text = shown.decode(errors="replace")
    found = UNSAFE.search(text)
    assert found is None, (what, text[max(0, found.start() - 100) : found.end() + 20])


class Recorder:
    """A terminal with a client in it: it answers nothing, and keeps all that it is sent."""

    def __init__(self, world: World, argv: list[str]) -> None:
        self.shown = b""
        self._has_more = asyncio.Event()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        self._process = world.start(
            *argv,
            environment={"TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        os.set_blocking(self._master, False)
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65_536)
        except OSError:
            data = b""
        self.shown += data
        if not data:
            self.close()
        self._has_more.set()

    @property
    def is_over(self) -> bool:
        return self._master < 0

    def close(self) -> None:
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            self._master = -1

    async def sees(self, text: bytes) -> None:
        """Wait until a text has arrived."""
        async with asyncio.timeout(DEADLINE_S):
            while text not in self.shown:
                assert not self.is_over, (text, self.shown)
                self._has_more.clear()
                await self._has_more.wait()

    async def exits(self) -> None:
        """Wait until the client has exited, and all it wrote has arrived."""
        async with asyncio.timeout(DEADLINE_S):
            while not self.is_over:
                self._has_more.clear()
                await self._has_more.wait()
            await asyncio.to_thread(self._process.wait)


def honest_update(generation: int = 1) -> ScreenUpdate:
    update: ScreenUpdate = forged(ScreenUpdate, "", "")
    return msgspec.structs.replace(update, generation=generation, new_rows=[("honest", [], False)])


def for_clients(message: Any, clients: list[int]) -> list[Any]:
    """Return a message for each of these clients; one that is for no client stays one message."""
    if "client" not in message.__struct_fields__:
        return [message]
    return [msgspec.structs.replace(message, client=each) for each in clients]


# A hostile host at a real gateway.


class HostileHost:
    """A host on another machine, made by hand: the gateway keeps its guests while it comes back again and again."""

    def __init__(self, port: int, key: asyncssh.SSHKey, session: str) -> None:
        self._port = port
        self._key = key
        self._session = session
        self.tokens = new_tokens()
        self.clients: list[int] = []
        self._connection: asyncssh.SSHClientConnection | None = None

    async def come(self, guests: int = 0) -> None:
        """Bring the session, and let so many guests in."""
        await self.go()
        self._connection = await asyncssh.connect(
            "127.0.0.1", self._port, username=HOST_USER, client_keys=[self._key], agent_path=None, known_hosts=None,
            config=None,
        )  # fmt: skip
        self._process = await self._connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)
        self._reader = FrameReader()
        self._heard: list[Any] = []
        read_write, read_only = token_hash(self.tokens.read_write), token_hash(self.tokens.read_only)
        self.say(
            Hello(PROTOCOL, __version__, "host"),
            ViewSettings(),
            Register(self._session, read_write, read_only, instance=b"i", seal=self.tokens.seal),
        )
        assert await self.hear(Registered) is not None
        self.clients = []
        for _ in range(guests):
            await self.let_in()

    async def let_in(self) -> None:
        """Let the next guest in."""
        join = await self.hear(Join)
        assert join is not None
        self.clients.append(join.client)
        self.say(Joined(join.client, "ro"))
        if len(self.clients) == 1:
            self.say(*one_window(), honest_update())

    async def go(self) -> None:
        if self._connection is not None:
            self._connection.abort()
            await self._connection.wait_closed()

    def say(self, *messages: LinkMessage) -> None:
        self._process.stdin.write(b"".join(framed(encode(each)) for each in messages))

    async def hear(self, kind: type[Any]) -> Any:
        """Return the next message of this kind; None when the gateway has dropped the link."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                while self._heard:
                    message = self._heard.pop(0)
                    if isinstance(message, kind):
                        return message
                    if isinstance(message, Ping):
                        self.say(Pong())
                data = b""
                with contextlib.suppress(asyncssh.ConnectionLost):
                    data = await self._process.stdout.read(65_536)
                if not data:
                    return None
                self._heard += map(decode_viewer_message, self._reader.feed(data))

    async def is_taken(self, *messages: LinkMessage) -> bool:
        """Send messages; return whether the gateway took them, or dropped the link for them."""
        self.say(*messages, Ping())
        return await self.hear(Pong) is not None


class Street:
    """A gateway where one key may share, and this world's way to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        (world.root / "authorized_hosts").write_bytes(self.key.export_public_key())
        config = world.root / "gateway.toml"
        config.write_text(f'[hosts]\nauthorized_hosts = "{world.root}/authorized_hosts"\n')
        _, ready = world.serve("--config", str(config))
        self.port = int(ready["listen"][0].rpartition(":")[2])
        self.host_key = world.new("honest", "cat").fingerprint

    def commands(self, token: str) -> dict[str, list[str]]:
        """Return the commands of both kinds of guests."""
        link = Link(f"ssh -p {self.port} {token}@127.0.0.1", token, "127.0.0.1", self.port)
        return {
            "ssh": self.world.ssh_command(link),
            "join": ["pairterm", "join", "--host-key", self.host_key, link.command],
        }


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with open_world() as world:
        yield Street(world)


@contextlib.asynccontextmanager
async def guests_of(street: Street, session: str) -> AsyncIterator[tuple[HostileHost, dict[str, Recorder]]]:
    """Yield a hostile host with an `ssh` guest and a `pairterm join` that see its screen."""
    host = HostileHost(street.port, street.key, session)
    await host.come()
    guests: dict[str, Recorder] = {}
    try:
        for name, argv in street.commands(host.tokens.read_only).items():
            guests[name] = Recorder(street.world, argv)
            await host.let_in()
            await guests[name].sees(b"honest")
        yield host, guests
    finally:
        for each in guests.values():
            each.close()
        await host.go()


async def test_a_hosts_forgeries_reach_no_guests_terminal(street: Street) -> None:
    """Each is sent to a gateway that holds two guests. One that drops the link is followed by the host's return."""
    async with guests_of(street, "forged") as (host, guests):
        taken, dropped = 0, 0
        for kind, place, evil in CASES:
            if kind in ENDS or kind is ViewSettings:
                continue
            if await host.is_taken(*for_clients(forged(kind, place, evil), host.clients)):
                taken += 1
            else:
                dropped += 1
                await host.come(len(guests))
        host.say(forged(Ended, "text", ALL_EVIL))
        for name, guest in guests.items():
            await guest.exits()
            assert_harmless(guest.shown, name)
            assert b"owned" in guest.shown, "the last line's plain letters arrive"
    assert taken > 10
    assert dropped >= len(EVIL) * len([*text_places(ScreenUpdate), *text_places(History)])


@pytest.mark.parametrize("place", text_places(Refused))
async def test_a_forged_refusal_reaches_no_guests_terminal(street: Street, place: str) -> None:
    async with guests_of(street, f"refusing-{place}") as (host, guests):
        host.say(*for_clients(forged(Refused, place, ALL_EVIL), host.clients))
        for name, guest in guests.items():
            await guest.exits()
            assert_harmless(guest.shown, name)
            assert b"pairterm: p" in guest.shown


@pytest.mark.parametrize("place", text_places(ViewSettings))
async def test_forged_settings_reach_no_guests_terminal(street: Street, place: str) -> None:
    """Guests who come after them are refused with a line, or see the session."""
    host = HostileHost(street.port, street.key, "settings")
    await host.come()
    host.say(forged(ViewSettings, place, ALL_EVIL))
    for name, argv in street.commands(host.tokens.read_only).items():
        guest = Recorder(street.world, argv)
        joined = asyncio.create_task(host.let_in())
        exited = asyncio.create_task(guest.exits())
        await asyncio.wait((joined, exited), return_when=asyncio.FIRST_COMPLETED)
        if joined.done():
            host.say(*one_window(), honest_update())
            await guest.sees(b"honest")
        else:
            assert b"pairterm: " in guest.shown
        for task in (joined, exited):
            task.cancel()
        guest.close()
        assert_harmless(guest.shown, name)
    await host.go()


# A hostile host on the local socket.


class LocalHost:
    """A session's socket, made by hand: each client that comes is told these messages."""

    def __init__(self, world: World, session: str, messages: list[Any], settings: ViewSettings | None = None) -> None:
        self._path = world.runtime / f"{session}.sock"
        self._settings = settings or ViewSettings()
        self._messages = messages

    async def __aenter__(self) -> LocalHost:
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(*messages: Any) -> None:
            writer.write(b"".join(framed(encode(each)) for each in messages))

        say(Hello(PROTOCOL, __version__, "host"), self._settings)
        frames = FrameReader()
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            while data := await reader.read(65_536):
                for message in map(decode_viewer_message, frames.feed(data)):
                    if isinstance(message, Join):
                        say(
                            Joined(0, "owner"),
                            *one_window(),
                            honest_update(),
                            *self._messages,
                            Ended("killed", 0, "[the end]"),
                        )
                    elif isinstance(message, Query):
                        say(*self._messages)
                await writer.drain()


def attach_batches() -> list[list[Any]]:
    """Return forgeries for `attach`: those together that leave its link as it is, each other one alone."""
    cases = [each for each in CASES if each[0] not in SCREENS]
    cases += [
        (kind, place, evil)
        for (kind, place), evil in zip(
            [(kind, place) for kind in SCREENS for place in text_places(kind)], itertools.cycle(EVIL)
        )
    ]
    together = [forged(*each) for each in cases if each[0] in (AttendanceWire, JoinPending, ShowText)]
    return [together, *([forged(*each)] for each in cases if each[0] not in (AttendanceWire, JoinPending, ShowText))]


async def test_a_local_hosts_forgeries_reach_no_attached_terminal(world: World) -> None:
    world.new("honest", "cat")
    places = asyncio.Semaphore(4)

    async def attaches(number: int, messages: list[Any]) -> None:
        session = f"forged-{number}"
        settings = [each for each in messages if isinstance(each, ViewSettings)]
        later = [for_clients(each, [0])[0] for each in messages if not isinstance(each, ViewSettings)]
        async with places, LocalHost(world, session, later, *settings):
            terminal = Recorder(world, ["pairterm", "attach", "-t", session])
            await terminal.exits()
            assert_harmless(terminal.shown, repr(messages))
            assert settings or b"honest" in terminal.shown, (messages, terminal.shown)
            assert len(messages) == 1 or b"[the end]" in terminal.shown, terminal.shown

    async with asyncio.TaskGroup() as group:
        for number, messages in enumerate(attach_batches()):
            group.create_task(attaches(number, messages))


async def test_a_local_hosts_forged_facts_reach_no_listing(world: World) -> None:
    """`ls` asks all sessions; each has one text forged. `links` asks one of them at a time."""
    world.new("honest", "cat")
    infos = [forged(SessionInfo, place, ALL_EVIL) for place in text_places(SessionInfo)]
    async with contextlib.AsyncExitStack() as stack:
        for number, info in enumerate(infos):
            await stack.enter_async_context(LocalHost(world, f"forged-{number}", [info]))
        for command in (["ls"], ["ls", "--json"]):
            await lists(world, command)
        for number, place in enumerate(text_places(SessionInfo)):
            if place.startswith("address"):
                await lists(world, ["links", "-t", f"forged-{number}"])


async def lists(world: World, command: list[str]) -> bytes:
    """Run a command on a terminal; return what it printed."""
    terminal = Recorder(world, ["pairterm", *command])
    await terminal.exits()
    assert terminal.shown, command
    assert_harmless(terminal.shown, repr(command))
    return terminal.shown


# A hostile gateway.


class HostileGateway:
    """A gateway's socket for hosts, made by hand: it answers the registration of each session as it is told."""

    def __init__(self, path: Path, answers: dict[str, Any]) -> None:
        self._path = path
        self._answers = answers
        self.has_answered: set[str] = set()

    async def __aenter__(self) -> HostileGateway:
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(encode(Hello(PROTOCOL, __version__, "gateway"))))
        frames = FrameReader()
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            while data := await reader.read(65_536):
                for message in map(decode_host_message, frames.feed(data)):
                    if isinstance(message, Register):
                        writer.write(framed(encode(self._answers[message.session])))
                        self.has_answered.add(message.session)
                await writer.drain()


async def test_a_gateways_forgeries_reach_no_owners_terminal(world: World) -> None:
    """`pairterm new` and `links` print what a gateway says of itself, as lines to paste into a shell."""
    forgeries = [(kind, place) for kind in (Registered, Refused) for place in text_places(kind)]
    answers = {f"forged-{n}": forged(kind, place, ALL_EVIL) for n, (kind, place) in enumerate(forgeries)}
    answers["honest"] = forged(Registered, "", "")
    world.environment["PAIRTERM_GATEWAY"] = str(world.root / "hostile.sock")
    places = asyncio.Semaphore(3)

    async def shares(session: str) -> bytes:
        async with places:
            shown = await lists(world, ["new", "-d", "-s", session, "cat"])
            return shown + await lists(world, ["links", "-t", session])

    async with HostileGateway(world.root / "hostile.sock", answers) as gateway:
        shown = await asyncio.gather(*map(shares, answers))
        assert gateway.has_answered == set(answers)
        assert b"gateway.example" in shown[-1], "what an honest one says is printed"
        for session in answers:
            await asyncio.to_thread(world.run, "kill", "-t", session, status=None)
