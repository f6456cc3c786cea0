"""What an attack is: an async function with a name, that attacks `Aims` until its `Bounds` are reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = ["ATTACKS", "Aims", "Attack", "Bounds", "Counts", "attack"]

_BURST = 64
"""How many steps an attack makes before it lets its own event loop run."""


class Aims(msgspec.Struct, frozen=True):
    """What an attacker knows: the door, the two links of one session, and the socket for hosts of the machine."""

    port: int
    rw: str
    ro: str
    link_socket: str


class Counts(msgspec.Struct):
    """What an attack did, and what came of it."""

    sent: int = 0
    """Packets, messages, keys or connections, as the attack counts."""
    answers: int = 0
    """What came back for them, where the attack counts it."""
    is_parted: bool = False
    """The gateway ended the connection."""


@dataclass(slots=True)
class Bounds:
    """How long an attack may last, and how much it may send; it ends with whichever comes first."""

    seconds: float
    count: int
    is_ended: bool = False
    """The gateway ends the attack's connection: wait for that."""
    counts: Counts = field(default_factory=Counts)

    async def steps(self) -> AsyncIterator[int]:
        """Yield the number of each step, and let the loop run now and then."""
        end_s = time.monotonic() + self.seconds
        while self.counts.sent < self.count and time.monotonic() < end_s:
            yield self.counts.sent
            self.counts.sent += 1
            if self.counts.sent % _BURST == 0:
                await asyncio.sleep(0)

    async def rest(self) -> None:
        """Stay until the time is over, for an attack that holds what it has taken."""
        await asyncio.sleep(self.seconds)


Run = Callable[[Aims, Bounds], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack of the table."""

    name: str
    title: str
    """What the table says."""
    run: Run
    smoke_count: int
    """How much of it the smoke test sends: more than the bound that it looks for."""
    smoke_seconds: float
    """How long it may last there."""
    is_ended: bool
    """The gateway ends such a connection, however slowly it reads it. It reads some floods so slowly that they keep to
    the rate that everybody may have; these only wait."""


ATTACKS: dict[str, Attack] = {}


def attack(
    title: str, *, smoke_count: int = 3000, smoke_seconds: float = 20, is_ended: bool = False
) -> Callable[[Run], Run]:
    """Put the function into the table. Its name, with dashes, is the attack's."""

    def put(run: Run) -> Run:
        name = getattr(run, "__name__", "").replace("_", "-")
        ATTACKS[name] = Attack(name, title, run, smoke_count, smoke_seconds, is_ended)
        return run

    return put
