"""A session: its screen, the people in it, their roles, and the size it has. Events in, effects out.

Every method is synchronous, does no I/O, knows no clock (`now_s` is an argument,
monotonic seconds) and returns the effects that the host's actor carries out in
order. This is the second of the two gates before the pty (the first is in the
gateway). Law 6: a read-only client's bytes never reach the pty, whatever they
are, and whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pairterm.access.tokens import Tokens, role_of
from pairterm.session.effects import (
    Closed,
    Effect,
    Publish,
    Refuse,
    ResizePty,
    Wake,
    Welcome,
    WritePty,
)
from pairterm.session.sizes import smallest_common
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import ClientId, Role, Size

__all__ = ["MAX_CLIENTS", "Person", "SessionCore"]

MAX_CLIENTS = 1000
"""Clients of one session: a lecture hall, and a bound on what a link peer can grow."""

_RESIZE_INTERVAL_S = 0.1
"""Least time between two sizes told to the program: dragging a window's edge sends dozens a second,
and each makes the program draw everything anew."""

_SYNCHRONISED_LIMIT_S = 0.15
"""How long a program may hold its picture back (DECSET 2026) before it is shown all the same."""

_KILLED_STATUS = 129
"""128 + SIGHUP: what a shell says of a command that its terminal left."""


@dataclass(frozen=True, slots=True)
class Person:
    """One attached client, as the session knows it."""

    role: Role
    size: Size
    label: str
    joined_s: float


class SessionCore:
    """The decisions of one session."""

    def __init__(self, *, name: str, size: Size, tokens: Tokens, history_lines: int = 10_000) -> None:
        self.name = name
        self.people: dict[ClientId, Person] = {}
        self._roles = tokens.hashes()
        self._terminal = Terminal(size, history_lines=history_lines)
        self._resized_s = float("-inf")
        self._synchronised_until_s: float | None = None
        self._is_closed = False

    @property
    def size(self) -> Size:
        """The size that the screen and the program have."""
        return self._terminal.size

    @property
    def wanted_size(self) -> Size:
        """The size that the policy gives for the clients attached now; `size` follows within 0.1 s."""
        return smallest_common(((person.role, person.size) for person in self.people.values()), last=self.size)

    def frame(self) -> Frame:
        """Return the newest picture; the same object while nothing changed."""
        return self._terminal.snapshot()

    def feed(self, data: bytes, now_s: float) -> list[Effect]:
        """Take in what the program printed."""
        self._terminal.feed(data)
        self._terminal.take_events()
        effects: list[Effect] = []
        replies = self._terminal.take_replies()
        if replies:
            effects.append(WritePty(replies))
        if not self._terminal.is_synchronised:
            self._synchronised_until_s = None
            effects.append(Publish())
        elif self._synchronised_until_s is None:
            self._synchronised_until_s = now_s + _SYNCHRONISED_LIMIT_S
            effects.append(Wake(self._synchronised_until_s))
        return effects

    @property
    def may_publish(self) -> bool:
        """False while the program holds its picture back in the middle of a drawing."""
        return self._synchronised_until_s is None

    def admit(self, token_hash: bytes) -> Role | None:
        """Return the role that a token's hash gives; None when it is no token of this session."""
        return role_of(self._roles, token_hash)

    def join(self, client: ClientId, role: Role | None, size: Size, label: str, now_s: float) -> list[Effect]:
        """Let a client in, with the role that `admit` or the local socket gave it."""
        if self._is_closed or role is None:
            return [Refuse(client, "no_session", "no such session, or the link has ended")]
        if len(self.people) >= MAX_CLIENTS:
            return [Refuse(client, "full", f"{self.name} is full: {MAX_CLIENTS} clients are attached")]
        self.people[client] = Person(role, size, label, now_s)
        return [Welcome(client, role), *self._settle_size(now_s), Publish()]

    def leave(self, client: ClientId, now_s: float) -> list[Effect]:
        """Take note that a client is gone. One who never came is no error: its refusal may be on the way."""
        if self.people.pop(client, None) is None:
            return []
        return self._settle_size(now_s)

    def resize(self, client: ClientId, size: Size, now_s: float) -> list[Effect]:
        """Take note of a client's new terminal size."""
        person = self.people.get(client)
        if person is None:
            return []
        self.people[client] = replace(person, size=size)
        return self._settle_size(now_s)

    def input(self, client: ClientId, data: bytes) -> list[Effect]:
        """Take what a client typed: the one way from a person to the pty."""
        person = self.people.get(client)
        if person is None or not person.role.may_type or self._is_closed or not data:
            return []
        return [WritePty(data)]

    def kill(self) -> list[Effect]:
        """End the session because its owner says so."""
        return self._close("killed", _KILLED_STATUS, f"[{self.name} killed]")

    def finish(self, status: int) -> list[Effect]:
        """End the session because its command ended, with this status."""
        return self._close("ended", status, f"[{self.name} ended]")

    def tick(self, now_s: float) -> list[Effect]:
        """Do what is due: a held-back picture, a held-back size."""
        effects: list[Effect] = []
        if self._synchronised_until_s is not None and now_s >= self._synchronised_until_s:
            self._terminal.end_synchronised()
            self._synchronised_until_s = None
            effects.append(Publish())
        return effects + self._settle_size(now_s)

    def _close(self, reason: Literal["ended", "killed"], status: int, text: str) -> list[Effect]:
        if self._is_closed:
            return []
        self._is_closed = True
        self.people.clear()
        return [Closed(reason, status, text)]

    def _settle_size(self, now_s: float) -> list[Effect]:
        """Bring the screen and the program to the wanted size, or ask to be woken when that may be."""
        wanted = self.wanted_size
        if wanted == self.size or self._is_closed:
            return []
        due_s = self._resized_s + _RESIZE_INTERVAL_S
        if now_s < due_s:
            return [Wake(due_s)]
        self._resized_s = now_s
        self._terminal.resize(wanted)
        return [ResizePty(wanted), Publish()]
