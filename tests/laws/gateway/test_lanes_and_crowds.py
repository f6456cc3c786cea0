"""At rest, each guest's terminal shows the host's screen, while lanes and crowds take turns.

A session of few guests has typing lanes, and one of more guests has crowds. Here guests come and go around that number,
while one of them types, the program clears its screen or floods it, clients do not read for a while, and keys are
exchanged anew. The gateway's part, the connections and the clients are the real ones: see `test_gateway_typing_lane`.
"""

from __future__ import annotations

import asyncio
import random
import select
import socket
from contextlib import AsyncExitStack
from typing import Any

import pytest

from pairterm.gateway.crowds import FEW_GUESTS
from pairterm.runtime.direct_loop import DirectLoop
from tests.integration.test_gateway_typing_lane import Client, Far, Near, on_stage
from tests.length import by_day
from tests.unit.session.sessions import SIZE

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(select, "epoll"), reason="elsewhere, the loop is asyncio's own"),
]

_RUNS = by_day(8, at_night=150)
_STEPS = by_day(80, at_night=200)

_MOST_GUESTS = FEW_GUESTS + 2

_TIMEOUT_S = 30

_SMALL_BUFFER_BYTES = 2048

_FLOOD_PAUSE_S = 0.001
"""Between two screens of a flood: the host sends most of them, and the pace of each guest holds most of them back."""

_REKEY_BYTES = 3000

_OPTIONS: list[dict[str, Any]] = [{}, {"rekey_bytes": _REKEY_BYTES}, {"encryption_algs": ["aes256-ctr"]}]
"""Of connections. With the last one, the number of a packet counts when it is opened."""

_FULL = b"\x1b[H" + b"\r\n".join(b"%d" % number * 30 for number in range(10, 20))


class _Guests:
    """The guests who come and go. The first one types, and stays."""

    def __init__(self, far: Far, near: Near, loop: asyncio.AbstractEventLoop) -> None:
        self._far = far
        self._near = near
        self._loop = loop
        self._stacks = [AsyncExitStack() for _ in far.clients]
        """The connections of those who came here; the first two belong to the stage."""

    async def come(self, *, is_small: bool = False, **options: Any) -> None:
        """Let one more in. `is_small`: the sockets take little of what the client does not read."""
        serving = asyncio.run_coroutine_threadsafe(self._near.serve(_SMALL_BUFFER_BYTES * is_small), self._loop)
        sock = await asyncio.wrap_future(serving)
        if is_small:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER_BYTES)
        stack = AsyncExitStack()
        self._stacks.append(stack)
        await self._far.come(sock, stack, **options)

    async def leave(self, at: int) -> None:
        """Let one leave, and wait until the gateway knows."""
        client, stack = self._far.clients.pop(at), self._stacks.pop(at)
        client.channel.get_connection().abort()
        await stack.aclose()
        await self.are(len(self._far.clients))

    async def are(self, count: int) -> None:
        """Wait until the session has so many."""
        async with asyncio.timeout(_TIMEOUT_S):
            while len(self._near.session.here) != count:  # noqa: ASYNC110 -- another thread counts
                await asyncio.sleep(0.001)

    async def end(self) -> None:
        for each in self._stacks:
            await each.aclose()

    def lent(self) -> int:
        """Return how many sit in a crowd."""
        guests = [each.direct_terminal for each in self._near.session.here.values()]
        return sum(getattr(each, "_connection").outlet is not None for each in guests)  # noqa: B009


def _reads(client: Client, *, does: bool) -> None:
    transport = client.channel.get_connection()._transport
    assert isinstance(transport, asyncio.ReadTransport)
    if does and not transport.is_reading():
        transport.resume_reading()
    elif not does and transport.is_reading():
        transport.pause_reading()


def test_a_few_guests_have_a_lane_and_more_have_a_crowd() -> None:
    """The law says nothing if one of both is never used."""
    loop = DirectLoop()

    async def script(far: Far, near: Near) -> None:
        guests, typed = _Guests(far, near, loop), b""

        async def type_word() -> int:
            nonlocal typed
            before = near.updates
            for key in b"abcdefghijklmnopqrstuvwxyz0123456789":
                typed += bytes([key])
                far.clients[0].channel.write(bytes([key]))
                await far.look(typed)
            return near.updates - before

        for _ in range(2):
            far.print(b"\x1b[2J\x1b[H")
            assert await type_word() < 36, "no key took the lane"
            assert not guests.lent()
            while len(far.clients) < _MOST_GUESTS:
                await guests.come()
                await far.look(typed)
            assert await type_word() >= 36
            assert guests.lent() == _MOST_GUESTS - 1, "all but the typist sit"
            while len(far.clients) > 2:
                await guests.leave(2)
        await guests.end()

    on_stage(script, loop, Far, Near)


class _Play:
    """One run: what happens is drawn by lot."""

    def __init__(self, seed: int, far: Far, guests: _Guests) -> None:
        self._choose = random.Random(seed)
        self._far = far
        self._guests = guests
        self._typed = b""

    async def step(self) -> None:
        """Let something happen. Mostly, wait until it is shown."""
        choose, far = self._choose, self._far
        what = choose.choice(["guests", "guests", "session", "session", "watcher", "watcher", "keys", "keys", "paste"])
        if what == "guests":
            await self._come_or_leave()
        elif what == "session":
            await self._print()
        elif what == "watcher":
            self._befall(choose.choice(far.clients[1:]))
        else:
            keys = bytes(choose.choices(range(0x21, 0x7F), k=choose.randrange(1, 12))) + b"\r" * choose.randrange(2)
            for key in [keys] if what == "paste" else [bytes([each]) for each in keys]:
                far.clients[0].channel.write(key)
                if choose.randrange(3):
                    await asyncio.sleep(0)
            self._typed += keys
        if choose.randrange(3):
            for each in far.clients:
                _reads(each, does=True)
            await far.look(self._typed)

    async def _come_or_leave(self) -> None:
        choose, count = self._choose, len(self._far.clients)
        if count == 2 or (count < _MOST_GUESTS and choose.randrange(2)):
            await self._guests.come(is_small=choose.randrange(2) == 0, **choose.choice(_OPTIONS))
        else:
            await self._guests.leave(choose.randrange(2, count))

    async def _print(self) -> None:
        """Print as a program does that clears its screen, floods it, or says little."""
        choose, far = self._choose, self._far
        match choose.choice(["clear", "flood", "lines"]):
            case "clear":
                far.print(b"\x1b[H\x1b[2J")
                far.print(b"mark\r\n$ ")
            case "flood":
                for number in range(choose.randrange(60)):
                    far.print(_FULL + b"%d" % number)
                    await asyncio.sleep(_FLOOD_PAUSE_S)
                if choose.randrange(2):
                    _ask(choose.choice(far.clients))
            case _:
                far.print(b"\r\n" * 3)

    def _befall(self, watching: Client) -> None:
        """Let something happen to somebody who watches."""
        choose = self._choose
        match choose.choice(["stall", "help", "resize", "ask"]):
            case "stall":
                _reads(watching, does=False)
            case "help":
                watching.channel.write(b"\x02?")
                watching.channel.write(b"q")
            case "resize":
                watching.channel.change_terminal_size(SIZE.cols - choose.randrange(2), SIZE.rows - choose.randrange(2))
                watching.channel.change_terminal_size(SIZE.cols, SIZE.rows)
            case _:
                _ask(watching)


def _ask(client: Client) -> None:
    """Ask the gateway whether it lives, as ssh's ServerAliveInterval does. The answer ends a loan."""
    connection = client.channel.get_connection()
    connection.create_task(connection._make_global_request(b"keepalive@openssh.com"))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(_RUNS))
def test_at_rest_each_guest_shows_the_hosts_screen(seed: int) -> None:
    loop = DirectLoop()

    async def script(far: Far, near: Near) -> None:
        guests = _Guests(far, near, loop)
        play = _Play(seed, far, guests)
        for _ in range(_STEPS):
            await play.step()
        await guests.end()

    on_stage(script, loop, Far, Near)
