"""Guests by asyncssh who type numbered lines, and know which of them the session's host has acknowledged.

A guest marks each line (`MarkInput`). The host answers with `InputMarked` when the program has had the line for a
while, so that is the acknowledgement: it comes from the host, after the line was written to the program's terminal. A
line is not acknowledged if the connection was lost, or the guest was told that the host is away, before the answer
came. The guest never types it again. So it is there once, or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncssh

from pairterm.link.messages import Ack, Echo, Input, InputMarked, Join, Joined, MarkInput, Ping, Pong, ScreenUpdate
from pairterm.link.relay import Disconnect, HostAway
from pairterm.runtime.link_over_ssh import LINK_SUBSYSTEM
from tests.e2e.world import Link
from tests.integration.test_hostile_join import HELLO, Joiner
from tests.integration.test_hostile_ssh import connected

__all__ = ["Typist"]

_PAUSE_S = 0.1
"""Before a gateway is dialled again, as `pairterm join` does at first."""


class Typist:
    """One guest, over as many connections as it takes."""

    def __init__(self, name: str, link: Callable[[], Link]) -> None:
        """`link` returns the link with the address to dial now."""
        self.name = name
        self._link = link
        self._ticket = b""
        self.port = 0
        """Of the gateway where they are, or were."""
        self.typed = 0
        self.acknowledged: list[int] = []
        self.losses = 0
        """How often the connection was lost."""
        self.times_away = 0
        """How often the host was away while the connection held."""
        self.is_over = False

    def __repr__(self) -> str:
        return f"<{self.name}: {self.typed} typed, {len(self.acknowledged)} acknowledged, {self.losses} losses>"

    async def stay(self) -> None:
        """Type lines until told to stop."""
        while not self.is_over:
            try:
                await self._visit()
            except (OSError, asyncssh.Error, AssertionError, TimeoutError):
                self.losses += 1
                await asyncio.sleep(_PAUSE_S)

    async def _visit(self) -> None:
        link = self._link()
        self.port = link.port
        async with connected(link) as connection:
            process = await connection.create_process(subsystem=LINK_SUBSYSTEM, encoding=None)
            joiner = Joiner(process)
            try:
                joiner.say(HELLO, Join(0, 24, 80, ticket=self._ticket))
                await self._is_in(joiner)
                while not self.is_over:
                    await self._type(joiner)
            finally:
                connection.abort()

    async def _is_in(self, joiner: Joiner) -> None:
        joined = await joiner.hear_until(Joined)
        self._ticket = joined.ticket or self._ticket

    async def _type(self, joiner: Joiner) -> None:
        """Type one line, and wait until it is acknowledged, or never will be."""
        self.typed += 1
        number = self.typed
        joiner.say(Input(0, f"<{self.name}{number}>\r".encode()), MarkInput(0, number))
        while True:
            match await joiner.hear():
                case ScreenUpdate() | Echo() as picture:
                    joiner.say(Ack(picture.pane, picture.generation))
                case Ping():
                    joiner.say(Pong())
                case InputMarked(serial=serial) if serial == number:
                    self.acknowledged.append(number)
                    return
                case HostAway(seconds=None):
                    pass
                case HostAway():
                    self.times_away += 1
                    await self._is_in(joiner)
                    return
                case None | Disconnect():
                    raise ConnectionError("the connection is lost")
