"""A session: its screen, the people in it, their roles, and the size it has. Events in, effects out.

Every method is synchronous, does no I/O, knows no clock (`now_s` is an argument,
monotonic seconds) and returns the effects that the host's actor carries out in
order. This is the second of the two gates before the pty (the first is in the
gateway). Law 6: a read-only client's bytes never reach the pty, whatever they
are, and whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, assert_never

from pairterm.access.tokens import Tokens, role_of
from pairterm.errors import UsageError
from pairterm.session.commands import Command, KillSession, SetOption, ShowOptions, parse_command
from pairterm.session.effects import (
    Announce,
    Closed,
    Effect,
    Publish,
    Refuse,
    ResizePty,
    Tell,
    Wake,
    Welcome,
    WritePty,
)
from pairterm.session.options import option_values, with_option
from pairterm.session.sizes import SizeRule, Verdict, Voter, decide
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame, Row
from pairterm.types import Attendance, Attendee, ClientId, Role, Size

__all__ = ["MAX_CLIENTS", "Person", "SessionCore"]

MAX_CLIENTS = 1000
"""Clients of one session: a lecture hall, and a bound on what a link peer can grow."""

_MAX_ATTENDEES = 100
"""People named in an attendance; a status line shows a handful, and 500 observers are a number."""

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
    turn: int = 0
    """The number of its last turn at the keyboard, counted over all; 0: it never typed."""


class SessionCore:
    """The decisions of one session."""

    def __init__(
        self, *, name: str, size: Size, tokens: Tokens, history_lines: int = 10_000, rule: SizeRule | None = None
    ) -> None:
        self.name = name
        self.people: dict[ClientId, Person] = {}
        self._roles = tokens.hashes()
        self._terminal = Terminal(size, history_lines=history_lines)
        self._rule = rule or SizeRule()
        self._typist: ClientId | None = None
        self._turns = 0
        self._size_by = ""
        self._resized_s = float("-inf")
        self._synchronised_until_s: float | None = None
        self._is_closed = False

    @property
    def size(self) -> Size:
        """The size that the screen and the program have."""
        return self._terminal.size

    @property
    def verdict(self) -> Verdict:
        """What the policy says for the clients attached now; `size` follows within 0.1 s."""
        voters = [Voter(each.label, each.role, each.size, each.turn) for each in self.people.values()]
        return decide(self._rule, voters, last=self.size)

    @property
    def attendance(self) -> Attendance:
        """Who is here, for those who are."""
        people = tuple(Attendee(each.label, each.role) for each in islice(self.people.values(), _MAX_ATTENDEES))
        typist = self.people.get(self._typist) if self._typist is not None else None
        return Attendance(people, len(self.people), typist.label if typist is not None else "", self._size_by)

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
        return [Welcome(client, role), *self._settle_size(now_s), Announce(), Publish()]

    def leave(self, client: ClientId, now_s: float) -> list[Effect]:
        """Take note that a client is gone. One who never came is no error: its refusal may be on the way."""
        if self.people.pop(client, None) is None:
            return []
        if self._typist == client:
            self._typist = None
        return [*self._settle_size(now_s), Announce()]

    def resize(self, client: ClientId, size: Size, now_s: float) -> list[Effect]:
        """Take note of a client's new terminal size."""
        person = self.people.get(client)
        if person is None:
            return []
        self.people[client] = replace(person, size=size)
        return self._settle_size(now_s)

    def input(self, client: ClientId, data: bytes, now_s: float) -> list[Effect]:
        """Take what a client typed: the one way from a person to the pty."""
        person = self.people.get(client)
        if person is None or not person.role.may_type or self._is_closed or not data:
            return []
        if self._typist == client:
            return [WritePty(data)]
        # Who types now comes after all others in the order of the latest, until another one types.
        self._typist = client
        self._turns += 1
        self.people[client] = replace(person, turn=self._turns)
        return [WritePty(data), *self._settle_size(now_s), Announce()]

    def command(self, client: ClientId, line: str, now_s: float) -> list[Effect]:
        """Carry out what a client says in words. The owner may all, the others may look."""
        person = self.people.get(client)
        if person is None:
            return []
        try:
            effects, answer = self._obey(parse_command(line), person.role, now_s)
        except UsageError as error:
            return [Tell(client, error.message)]
        return [Tell(client, answer), *effects] if answer else effects

    def owner_command(self, line: str, now_s: float) -> tuple[list[Effect], str]:
        """Carry out what the owner's command line says; return the effects and the answer.

        Raises:
            UsageError: It can't be done; nothing is.
        """
        return self._obey(parse_command(line), Role.OWNER, now_s)

    def _obey(self, command: Command, role: Role, now_s: float) -> tuple[list[Effect], str]:
        if role is not Role.OWNER and not isinstance(command, ShowOptions):
            raise UsageError("only the owner may do this", code="not_allowed")
        match command:
            case SetOption(name, value):
                self._rule = with_option(self._rule, name, value)
                return [*self._settle_size(now_s), Announce()], f"{name} {option_values(self._rule)[name]}"
            case ShowOptions():
                return [], "; ".join(f"{name} {value}" for name, value in option_values(self._rule).items())
            case KillSession():
                return self.kill(), ""
            case _:
                assert_never(command)

    def history(self, start: int, stop: int) -> tuple[int, list[Row], int]:
        """Return the number of the first line, the lines from `start` to `stop` as far as kept, and how many are.

        Lines are numbered from the first that ever left the screen, so a number stays a line's while more
        leave; the next to leave has the number `Frame.scrolled`.
        """
        kept = self._terminal.history_length
        oldest = self.frame().scrolled - kept
        start = max(start, oldest)
        return start, self._terminal.history(start - oldest, max(stop, start) - oldest), kept

    def kill(self, status: int = _KILLED_STATUS) -> list[Effect]:
        """End the session because its owner says so, with this status."""
        return self._close("killed", status, f"[{self.name} killed]")

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
        verdict = self.verdict
        if verdict.size == self.size or self._is_closed:
            return []
        due_s = self._resized_s + _RESIZE_INTERVAL_S
        if now_s < due_s:
            return [Wake(due_s)]
        self._resized_s = now_s
        self._size_by = verdict.by
        self._terminal.resize(verdict.size)
        return [ResizePty(verdict.size), Announce(), Publish()]
