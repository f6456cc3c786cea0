"""A hostile terminal that joins: it says what only hosts, owners and gateways may, and too much, and reads nothing.

Its link is dropped, or it costs itself; session, gateway and other guests are as before.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from pairterm import __version__
from pairterm.link.codec import LinkMessage, decode_relayed_message, encode
from pairterm.link.framing import framed
from pairterm.link.messages import (
    MAX_INPUT_BYTES,
    PROTOCOL,
    Ack,
    CodeRevoked,
    Echo,
    Ended,
    FetchHistory,
    Hello,
    History,
    Input,
    Join,
    Joined,
    Kill,
    Leave,
    Ping,
    Query,
    Refused,
    Register,
    Registered,
    Resize,
    Restarting,
    RoleChanged,
    RoundTrip,
    RunCommand,
    ScreenUpdate,
    ShowText,
)
from pairterm.link.relay import MAX_GUEST_MESSAGE_BYTES, Disconnect, RelayedMessage, SessionHello
from pairterm.link.screen_publisher import MAX_UNACKNOWLEDGED
from pairterm.runtime.link_over_ssh import LINK_SUBSYSTEM
from tests.e2e.recorder import RECORDER
from tests.e2e.terminal import eventually
from tests.e2e.world import Link, Links, World
from tests.integration.link_ends import LinkEnd
from tests.integration.test_attacks import bytes_to_guests, memory_bytes
from tests.integration.test_hostile_ssh import connected

MIB = 1 << 20

HELLO = Hello(PROTOCOL, __version__, "client")

JOIN = Join(0, 24, 80)

FLOOD = "for n in $(seq 300); do seq $n $((n+50)); sleep 0.01; done; echo over-$((1+1))"


class Joiner(LinkEnd[RelayedMessage]):
    """A joined terminal's side, made by hand."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        super().__init__(process, decode_relayed_message)

    async def is_dropped(self) -> None:
        """Wait until the gateway has closed the link."""
        while await self.hear() is not None:
            pass


@asynccontextmanager
async def joiner_at(link: Link, *, is_in: bool = True) -> AsyncIterator[Joiner]:
    async with connected(link) as connection:
        process = await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)
        made = Joiner(process)
        if is_in:
            made.say(HELLO, JOIN)
            await made.hear_until(Joined)
        yield made
        connection.abort()


@pytest.fixture
def recorded(town: World) -> Any:
    """A session that records what reaches it, and the check that nothing did but what its owner typed."""
    path = town.root / "record"
    path.unlink(missing_ok=True)
    links = town.new("recorded", sys.executable, str(RECORDER), str(path))
    yield links, path
    owner = town.attach("recorded")
    owner.sees("recording")
    owner.type("!")
    owner.sees("mark 1")
    assert path.read_bytes() == b"!"
    town.run("kill", "-t", "recorded")


Recorded = tuple[Links, Path]

FOREIGN: dict[str, LinkMessage] = {
    "query": Query(),
    "kill": Kill(0),
    "leave": Leave(0),
    "measured": RoundTrip(0, 5),
    "tried": CodeRevoked("7"),
    "restarting": Restarting(),
    "registered": Registered("h", 1, "k", "f", True, True),
    "register": Register("stolen", b"r" * 32, b"w" * 32),
    "refused": Refused(0, "x", "x"),
    "role": RoleChanged(0, "owner", True),
    "joined": Joined(0, "owner"),
    "told": ShowText(0, "x"),
    "ended": Ended("killed", 0, "x"),
    "parted": Disconnect("x", 0, False),
    "hello twice": HELLO,
    "join twice": JOIN,
    "the owner's command line": RunCommand(None, "kill-session"),
    "another's input": Input(1, b"x"),
    "another's size": Resize(1, 3, 3),
    "another's order": RunCommand(2, "who"),
    "another's history": FetchHistory(1, 0, 0, 1),
}


@pytest.mark.parametrize("message", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("role", ["rw", "ro"])
async def test_what_only_others_say_ends_its_link(recorded: Recorded, role: str, message: LinkMessage) -> None:
    links, _ = recorded
    async with joiner_at(getattr(links, role)) as joiner:
        joiner.say(message)
        await joiner.is_dropped()


BAD = {
    "noise": random.Random(7).randbytes(100_000),
    "an unknown tag": framed(b"\x91\xa7unknown"),
    "no message": framed(b"\xc1"),
    "nothing in a frame": framed(b""),
    "nested without end": framed(b"\x91" * 60_000),
    "a giant frame": (MAX_GUEST_MESSAGE_BYTES + 1).to_bytes(4, "big"),
    "the largest frame": b"\xff\xff\xff\xff" + b"x" * 50_000,
    "too much typed in one": framed(encode(Input(0, b"x" * (MAX_INPUT_BYTES + 1)))),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("is_in", [True, False], ids=["in", "at the door"])
async def test_a_bad_message_ends_its_link(recorded: Recorded, data: bytes, is_in: bool) -> None:
    links, _ = recorded
    async with joiner_at(links.ro, is_in=is_in) as joiner:
        if not is_in:
            joiner.say(HELLO)
        joiner.raw(data)
        await joiner.is_dropped()


WISHES: list[LinkMessage] = [Input(0, b"x"), Resize(0, 9, 9), RunCommand(0, "who"), FetchHistory(0, 0, 0, 9)]


@pytest.mark.parametrize("message", WISHES, ids=repr)
async def test_who_did_not_ask_to_be_let_in_asks_for_nothing(recorded: Recorded, message: LinkMessage) -> None:
    links, _ = recorded
    async with joiner_at(links.rw, is_in=False) as joiner:
        joiner.say(HELLO, message)
        await joiner.is_dropped()


async def test_another_protocol_and_no_hello_end_its_link(recorded: Recorded) -> None:
    links, _ = recorded
    for first in (Hello(PROTOCOL + 1, "99", "client"), JOIN, Ping()):
        async with joiner_at(links.ro, is_in=False) as joiner:
            joiner.say(first, JOIN)
            await joiner.is_dropped()


async def test_a_read_only_one_types_nothing_by_any_message(recorded: Recorded) -> None:
    """Law 6: whatever it sends. A claim to be the owner in `Join` is not believed either."""
    links, _ = recorded
    async with joiner_at(links.ro, is_in=False) as joiner:
        claims = Join(0, 24, 80, None, False, "tester", "xterm", "tester", "local", "ssh-ed25519 AAAA", "ca", "ca")
        joiner.say(HELLO, claims)
        joined = await joiner.hear_until(Joined)
        assert joined.role == "ro"
        for number in range(200):
            joiner.say(Input(0, b"x" * (number * 100)), RunCommand(0, "kill-session"), RunCommand(0, "set ask off"))
        joiner.say(Ping())
        await joiner.hear_until(ShowText)


async def test_it_is_told_no_token_and_nobody_elses_secrets(recorded: Recorded) -> None:
    links, _ = recorded
    async with joiner_at(links.ro, is_in=False) as joiner:
        session = await joiner.hear_until(SessionHello)
        joiner.say(HELLO, JOIN)
        heard = repr([session, await joiner.hear_until(Joined), await joiner.hear_until(ScreenUpdate)])
        assert links.rw.user not in heard
        assert links.ro.user not in heard


async def test_one_link_a_connection(recorded: Recorded) -> None:
    links, _ = recorded
    async with connected(links.rw) as connection:
        first = await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)
        for options in ({"subsystem": LINK_SUBSYSTEM}, {"term_type": "xterm"}):
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.create_process(encoding=None, **options)
        joiner = Joiner(first)
        joiner.say(HELLO, JOIN)
        await joiner.hear_until(Joined)


@pytest.mark.parametrize("subsystem", ["sftp", "pairterm-link2", "PAIRTERM-LINK", ""])
async def test_no_other_subsystem_is_served(recorded: Recorded, subsystem: str) -> None:
    links, _ = recorded
    async with connected(links.rw) as connection:
        process = await connection.create_process(subsystem=subsystem or "x", encoding=None)
        assert b"no subsystem" in await process.stderr.read()


async def test_one_that_reads_nothing_costs_the_gateway_little_and_nobody_else(world: World) -> None:
    """Frames wait for acknowledgements, one fetch of history is under way, and what it leaves unread is bounded."""
    links = world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    owner.enter(f"yes '{78 * 'x'}' | head -9000; echo filled-$((1+1))")
    owner.sees("filled-2")
    async with joiner_at(links.ro) as joiner:
        await joiner.hear_until(ScreenUpdate)
        transport = joiner.process.channel.get_connection()._transport
        assert transport is not None
        transport.pause_reading()
        before = memory_bytes(world.gateway_pid())
        for number in range(5000):
            joiner.say(FetchHistory(0, 0, number % 8000, number % 8000 + 200), Ack(0, 2**50), Ping())
        await asyncio.to_thread(owner.enter, FLOOD)
        await asyncio.to_thread(owner.sees, "over-2")
        assert memory_bytes(world.gateway_pid()) - before < 8 * MIB
        guest = world.ssh(links.rw)
        await asyncio.to_thread(guest.sees, "over-2")
        transport.resume_reading()


async def test_a_key_exchange_that_it_never_finishes_is_sent_no_pictures(world: World) -> None:
    """asyncssh keeps what is sent meanwhile where nobody counts it."""
    links = world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    async with joiner_at(links.ro) as joiner:
        await joiner.hear_until(ScreenUpdate)
        connection = joiner.process.channel.get_connection()
        joiner.say(Ack(0, 2**50))
        connection._send_kexinit()
        transport = connection._transport
        assert transport is not None
        transport.pause_reading()
        await asyncio.to_thread(owner.enter, "echo begun-$((1+1))")
        await asyncio.to_thread(owner.sees, "begun-2")
        before = await asyncio.to_thread(bytes_to_guests, world)
        await asyncio.to_thread(owner.enter, FLOOD)
        await asyncio.to_thread(owner.sees, "over-2")
        assert await asyncio.to_thread(bytes_to_guests, world) - before < 2048
        connection.abort()


async def test_it_is_sent_so_many_pictures_until_it_says_that_they_are_shown(world: World) -> None:
    """Eight of them, for each is a line more: small ones, which a person who types waits for."""
    links = world.new("ours")
    owner = world.attach("ours")
    owner.sees("here$")
    async with joiner_at(links.ro) as joiner:
        first = await joiner.hear_until(ScreenUpdate)
        for number in range(12):
            await asyncio.to_thread(owner.enter, f"echo line-$(({number}+10))")
            await asyncio.to_thread(owner.sees, f"\nline-{number + 10}")
        joiner.say(FetchHistory(0, 0, 0, 10))
        unacknowledged = [first]
        while not isinstance(message := await joiner.hear(), History):
            if isinstance(message, ScreenUpdate | Echo):
                unacknowledged.append(message)
        assert 2 <= len(unacknowledged) <= MAX_UNACKNOWLEDGED
        joiner.say(Ack(0, unacknowledged[-1].generation))
        newest = await joiner.hear_until(ScreenUpdate)
        assert unacknowledged[-1].generation < newest.generation
        assert any("line-21" in str(row[0]) for row in newest.new_rows), "the newest, not each in turn"


async def test_what_a_revoked_one_typed_in_flight_goes_nowhere(world: World) -> None:
    path = world.root / "record"
    links = world.new("ours", sys.executable, str(RECORDER), str(path))
    # Before it records, its terminal throws away what was typed.
    capture = ("capture-pane", "-p", "-t", "ours")
    await asyncio.to_thread(eventually, lambda: "recording" in world.run(*capture).stdout, "it does not record")
    async with joiner_at(links.rw) as joiner:
        joiner.say(Input(0, b"a"))
        await asyncio.to_thread(eventually, lambda: path.exists() and b"a" in path.read_bytes(), "nothing arrived")
        await asyncio.to_thread(world.run, "revoke", "-t", "ours", "guest-1")
        before = path.read_bytes()
        for _ in range(100):
            joiner.say(Input(0, b"a"))
        joiner.say(RunCommand(0, "who"))
        await joiner.hear_until(ShowText)
        assert path.read_bytes() == before
