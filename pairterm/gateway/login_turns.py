"""The connections of all doors that have not logged in: they wait for their turn, and may be dropped.

`access.max_startups` decides which connections log in, wait or are dropped; this module carries that out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pairterm.access.max_startups import Drop, Login, LoginQueue
from pairterm.gateway.audit_events import GatewayAudit

__all__ = ["DROP_TEXTS", "Arrival", "LoginTurns"]

_WAITING_TURN_S = 0.1
"""How often the queue is looked at while a connection waits."""

_IDLE_TURN_S = 1.0
"""How often it is looked at while none waits, for logins that take too long."""

DROP_TEXTS = {
    Drop.PENALTY: "Not allowed at this time: too many wrong links from your address, wait a minute",
    Drop.CROWD: "Too many connections, try again in a moment",
    Drop.CROWD_OF_SOURCE: "Too many connections from your address, try again in a moment",
}
"""What a client is told that waits and is dropped."""


@dataclass(slots=True, eq=False)
class Arrival:
    """A connection that has not logged in."""

    login: Login
    has_spoken: Callable[[], bool]
    """Whether the client has said something in the protocol."""
    has_sent: Callable[[], bool]
    """Whether anything came of the client, while it waits and is not read."""
    drop: Callable[[], object]
    """Ends a connection that holds a place."""
    begun: asyncio.Future[Drop | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """Why it is dropped while it waits; None if it may log in."""


class LoginTurns:
    """The turns of one gateway's queue."""

    def __init__(self, queue: LoginQueue, audit: GatewayAudit) -> None:
        self._queue = queue
        self._audit = audit
        self._arrivals: dict[Login, Arrival] = {}
        self._next_turn: asyncio.TimerHandle | None = None

    @contextmanager
    def waiting(self, arrival: Arrival) -> Iterator[None]:
        """Have a connection wait for its turn, and hold its place until it has logged in or is gone."""
        login = arrival.login
        self._arrivals[login] = arrival
        self._queue.arrive(login)
        try:
            self._turn()
            yield
        finally:
            self._queue.leave(login)
            del self._arrivals[login]
            self._turn()

    def close(self) -> None:
        """Plan no more turns."""
        if self._next_turn is not None:
            self._next_turn.cancel()

    def _turn(self) -> None:
        """Carry out a turn of the queue, and plan the next one."""
        loop = asyncio.get_running_loop()
        queue = self._queue
        for login in queue.places:
            login.has_spoken = login.has_spoken or self._arrivals[login].has_spoken()
        if queue.is_crowded:
            for login in queue.waiting:
                login.has_spoken = login.has_spoken or self._arrivals[login].has_sent()
        turn = queue.turn(loop.time())
        for login in turn.begun:
            self._arrivals[login].begun.set_result(None)
        for login, why in turn.dropped:
            arrival = self._arrivals[login]
            if arrival.begun.done():
                self._audit.refused(why.value, login.source)
                arrival.drop()
            else:
                arrival.begun.set_result(why)
        if self._next_turn is not None:
            self._next_turn.cancel()
            self._next_turn = None
        if self._arrivals:
            does_one_wait = next(queue.waiting, None) is not None
            self._next_turn = loop.call_later(_WAITING_TURN_S if does_one_wait else _IDLE_TURN_S, self._turn)
