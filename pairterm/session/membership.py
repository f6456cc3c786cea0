"""Who is in a session and who may type: joins, knocks, roles, the seat, the pause. Events in, effects out.

The gate before the pty is `admits_input`: every byte of a person passes it, and
every role change, seat and pause acts through it in the same call. Law 6: a
read-only client's bytes never reach the pty, whatever they are, and whoever
asks. The owner can't be locked out: no guest's command changes the owner's role,
and the owner can take the seat at any time. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from pairterm.access.return_tickets import draw_ticket, ticket_hash
from pairterm.errors import UsageError
from pairterm.session.admission import NO_SESSION, Door, Entry, Visitor
from pairterm.session.chat import Chat
from pairterm.session.confirm_enter import Entering
from pairterm.session.driver import Seat
from pairterm.session.effects import (
    Admit,
    Announce,
    ChangeRole,
    Effect,
    Hold,
    Note,
    Refuse,
    Tell,
    Welcome,
)
from pairterm.session.pending_requests import KNOCK_S, Ask, AskKind, Asks
from pairterm.session.people import Origin, People, Person
from pairterm.session.rate_limits import Patience
from pairterm.session.returning_guests import Absent, is_same_guest
from pairterm.types import ClientId, Role, Size

__all__ = ["House"]

_IDLE_GRAIN_S = 1.0
"""How exactly it is known when somebody typed last: a record anew for each key costs more than the key."""

_WARNING_S = 60.0
"""How long before its end a timed grant says so."""

_REMINDER_S = 10.0
"""How often what waits for an answer is shown again."""

_ANNOUNCED_TO = 20
"""In a session of up to so many, everybody is told who comes and goes; in a larger one the owner alone."""

_MAX_NAMES = 3
"""Names that somebody at the door may give themselves: each makes the owner look again."""


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """Somebody at the door."""

    entry: Entry
    number: int
    name: str
    size: Size
    names: int = 0
    """How often they gave a name."""


class House:
    """The people of one session and what they may do."""

    def __init__(self, door: Door, *, name: str, prefix: str = "C-b") -> None:
        self.name = name
        self.door = door
        self.people = People()
        self.seat = Seat()
        self.asks = Asks()
        self.chat = Chat()
        self.absent = Absent()
        self.patience = Patience()
        self._entering = Entering()
        self.is_paused = False
        self.confirms_enter = False
        self.call_url = ""
        self.welcome = ""
        """A line for each guest who comes; "" for none."""
        self.join_line: Callable[[str], str] = lambda token: token
        """What a guest types to come by a token, as far as it is known where guests arrive."""
        self.links_page: Callable[[], tuple[str, list[str]]] = lambda: ("", [])
        """What opens the session, as a page for the owner, and the commands on it that can be copied."""
        self._prefix = prefix
        self._waiting: dict[ClientId, _Newcomer] = {}
        self._told: dict[ClientId, tuple[Role, bool]] = {}
        self._hinted: set[ClientId] = set()
        self._remind_s = float("inf")
        self.status_note = ""
        """What everybody's status line shows: the pause, the lock, the driver with the time left."""
        self._count_due_s: float | None = None

    # The gate.

    def may_type(self, client: ClientId) -> bool:
        """Return whether this client's keys reach the program now."""
        person = self.people.get(client)
        if person is None or not person.role.may_type:
            return False
        if self.is_paused and person.role is not Role.OWNER:
            return False
        return self.seat.lets_type(client)

    def admit_input(self, client: ClientId, data: bytes, now_s: float) -> tuple[bytes, list[Effect]]:
        """Return what of a client's input goes to the program, and what else follows: the gate of the host."""
        person = self.people.get(client)
        if person is None:
            return b"", []
        if not self.may_type(client):
            return b"", self._hint(client, person)
        self._hinted.discard(client)
        if now_s >= person.typed_s + _IDLE_GRAIN_S:
            self.people.change(client, typed_s=now_s)
        if not self.confirms_enter or person.role is Role.OWNER:
            return data, []
        if self.asks.of(AskKind.ENTER):
            return b"", self._hint(client, person)  # A line that the owner looks at stays as it is.
        admitted, is_entered = self._entering.cut(client, data)
        if not is_entered:
            return admitted, []
        # One line waits at a time, so there is always room for it: this raises nothing.
        return admitted, self.ask(AskKind.ENTER, client, f"{person.name} wants to enter the line", None, now_s)

    def _hint(self, client: ClientId, person: Person) -> list[Effect]:
        """Say once why nothing happens, to somebody who may type as such."""
        if client in self._hinted or not person.role.may_type:
            return []
        self._hinted.add(client)
        if self.is_paused:
            text = "paused by the owner"
        elif self.asks.of(AskKind.ENTER) and self.seat.lets_type(client):
            text = "a line waits for the owner's Enter"
        else:
            driver = self.people.get(self.seat.driver)
            key = "t takes it" if person.role is Role.OWNER else "r asks for it"
            text = f"{driver.name if driver is not None else 'nobody'} has the keyboard: {self._prefix} {key}"
        return [Tell(client, text)]

    def settle(self, now_s: float) -> list[Effect]:
        """Tell every client whose role or gate is another than it was told last, and all what stands changed.

        Who waits at the door by a link that has ended waits for nothing.
        """
        effects: list[Effect] = []
        for client, newcomer in list(self._waiting.items()):
            if client in self._waiting and not self.door.still_holds(newcomer.entry.origin):
                effects += self.show_out(client, "no_session", NO_SESSION, now_s)
        for client, person in self.people.items():
            now = (person.role, self.may_type(client))
            if self._told.get(client) != now:
                self._told[client] = now
                self._hinted.discard(client)
                effects.append(ChangeRole(client, *now))
        before = self.status_note
        self.status_note, self._count_due_s = self._note(now_s)
        return [*effects, Announce()] if effects or self.status_note != before else []

    # Coming and going.

    def join(self, client: ClientId, visitor: Visitor, size: Size, now_s: float) -> list[Effect]:
        """Let a client in, have it wait at the door, or refuse it."""
        replaced = self._replace(visitor.origin, now_s)
        return [*replaced, *self._admit(client, visitor, size, now_s)]

    def _admit(self, client: ClientId, visitor: Visitor, size: Size, now_s: float) -> list[Effect]:
        guests = sum(1 for each in self.people.values() if each.role is not Role.OWNER)
        number = self.people.next_number()
        try:
            former = self.absent.back(visitor.origin, now_s)
            if former is not None and self.door.admits_again(visitor.origin, guests, now_s):
                return self._come_back(client, former, visitor.origin, size, number, now_s)
            visitor = replace(visitor, origin=replace(visitor.origin, ticket_hash=b""))
            entry = self.door.judge(visitor, guests + len(self._waiting), now_s)
            if visitor.local_role is None and not self._has_patience(entry, now_s):
                raise UsageError("too often from your address: wait a minute", code="too_often")
            if not entry.must_knock:
                return self._enter(client, entry, size, number, entry.name, now_s)
            return self._knock(client, entry, size, number, now_s)
        except UsageError as error:
            note = Note("refused", {"address": visitor.origin.address, "why": error.code, **_known(visitor.origin)})
            return [Refuse(client, error.code, error.message), note]

    def _replace(self, origin: Origin, now_s: float) -> list[Effect]:
        """Let go of a connection whose guest presents its ticket on another one: nobody has noticed its loss yet."""
        for client, person in self.people.items():
            if is_same_guest(person.origin, origin):
                moved = Refuse(client, "superseded", "you came back on another connection")
                return [moved, *self.leave(client, now_s, may_return=True)]
        return []

    def _has_patience(self, entry: Entry, now_s: float) -> bool:
        listens = self.patience.lets_knock if entry.must_knock else self.patience.lets_come
        return listens(entry.origin.address, now_s)

    def _come_back(
        self, client: ClientId, former: Person, presented: Origin, size: Size, number: int, now_s: float
    ) -> list[Effect]:
        """Let a guest in again whose link was lost: with the name and the role that it had, as far as they hold."""
        role = former.role if former.until_s is None or former.until_s > now_s else Role.READ_ONLY
        origin = replace(former.origin, address=presented.address, term=presented.term)
        # Its link was counted when it came first.
        entry = Entry(role=role, origin=replace(origin, link=None), name=former.name, must_knock=False)
        effects = self._enter(client, entry, size, number, former.name, now_s)
        self.people.change(client, origin=origin, until_s=former.until_s if role is former.role else None)
        return effects

    def _knock(self, client: ClientId, entry: Entry, size: Size, number: int, now_s: float) -> list[Effect]:
        name = entry.name or f"guest-{number}"
        text = _knock_text(name, entry.origin)
        effects = self.ask(AskKind.KNOCK, client, text, now_s + KNOCK_S, now_s, number=number, name=name)
        self._waiting[client] = _Newcomer(entry, number, name, size)
        note = Note("knock", {"id": number, "name": name, "address": entry.origin.address, **_known(entry.origin)})
        hold = Hold(client, "waiting for the owner to let you in (C-c leaves)")
        return [hold, note, *effects, *self.settle(now_s)]

    def _enter(self, client: ClientId, entry: Entry, size: Size, number: int, name: str, now_s: float) -> list[Effect]:
        """Let a client in and tell those who want to know."""
        if not self.door.still_holds(entry.origin):
            raise UsageError(NO_SESSION, code="no_session")
        spent: list[Effect] = []
        if entry.origin.link is not None and self.door.links.spend(entry.origin.link):
            spent.append(Admit())
        role = Role.READ_ONLY if self.door.is_locked and entry.role is Role.READ_WRITE else entry.role
        origin, ticket = _with_ticket(entry.origin)
        self.people.add(client, role, size, origin, name, number, now_s)
        person = self.people[client]
        if role is Role.OWNER and self.seat.is_on and self.seat.driver is None:
            self.seat.seat(client, now_s)
        self._told[client] = (role, self.may_type(client))
        note = Note("join", _who(person))
        words = "watches" if role is Role.READ_ONLY else "types"
        news = self._arrivals(f"{person.name} came and {words}: {len(self.people)} here", now_s, but=client)
        welcome: list[Effect] = [Welcome(client, *self._told[client], ticket)]
        texts = [self.welcome if role is not Role.OWNER else "", f"call: {self.call_url}" if self.call_url else ""]
        if text := "; ".join(filter(None, texts)):
            welcome.append(Tell(client, text))
        if role is Role.OWNER and (first := self.asks.first) is not None:
            welcome.append(Tell(client, self._question(first)))
        return [*welcome, *spent, note, *news, *self.settle(now_s), Announce()]

    def leave(self, client: ClientId, now_s: float, *, may_return: bool = False) -> list[Effect]:
        """Take note that a client is gone, from the session or from the door.

        `may_return`: its link was lost, not left. It comes back as it was by its ticket, without a knock and
        though its link was for one use.
        """
        if may_return and (lost := self.people.get(client)) is not None:
            self.absent.lose(lost, now_s)
        newcomer = self._waiting.pop(client, None)
        effects: list[Effect] = self.show_next() if self.asks.drop_of(client, now_s) else []
        if newcomer is not None:
            note = Note("knock-gone", {"id": newcomer.number, "name": newcomer.name})
            return [note, *effects, *self.settle(now_s)]
        person = self.people.remove(client)
        if person is None:
            return effects
        self._told.pop(client, None)
        self._hinted.discard(client)
        self.patience.forget(client)
        self._entering.forget(client)
        if self.seat.driver == client:
            self.seat.seat(self.heir(), now_s)
        effects += [Note("leave", _who(person)), *self._arrivals(f"{person.name} left: {len(self.people)} here", now_s)]
        return [*effects, *self.settle(now_s), Announce()]

    def show_out(self, client: ClientId, code: str, text: str, now_s: float) -> list[Effect]:
        """Part with a client, in the session or at the door."""
        if client not in self.people and client not in self._waiting:
            return []
        return [Refuse(client, code, text), *self.leave(client, now_s)]

    def heir(self) -> ClientId | None:
        """Return who has the keyboard after a driver who left: the owner, else nobody."""
        owners = [client for client, person in self.people.items() if person.role is Role.OWNER]
        return owners[0] if owners else None

    # What waits for an answer.

    def ask(
        self,
        kind: AskKind,
        client: ClientId,
        text: str,
        until_s: float | None,
        now_s: float,
        *,
        number: int = 0,
        name: str = "",
    ) -> list[Effect]:
        """Put a question to those who may answer it.

        Raises:
            UsageError: Too many of its kind wait already.
        """
        person = self.people.get(client)
        if person is not None:
            number, name = person.number, person.name
        was_empty = not len(self.asks)
        self.asks.add(Ask(kind, client, number, name, text, until_s), now_s)
        self._remind_s = min(self._remind_s, now_s + _REMINDER_S)
        return self.show_next() if was_empty else []

    def _question(self, ask: Ask) -> str:
        more = f" (+{len(self.asks) - 1} more)" if len(self.asks) > 1 else ""
        others = f", {self._prefix} o watch only, {self._prefix} N ban" if ask.kind is AskKind.KNOCK else ""
        return f"{ask.text}: {self._prefix} y / {self._prefix} n{others}{more}"

    def show_next(self) -> list[Effect]:
        """Show the oldest question to the owner, and a wish for the keyboard to the driver as well."""
        ask = self.asks.first
        if ask is None:
            self._remind_s = float("inf")
            return []
        return [
            Tell(client, self._question(ask))
            for client, person in self.people.items()
            if person.role is Role.OWNER or (ask.kind is AskKind.SEAT and client == self.seat.driver)
        ]

    def let_in(self, ask: Ask, now_s: float, *, watches: bool) -> tuple[Person | None, list[Effect]]:
        """Let somebody in who knocked; return who it is, None if its link has ended meanwhile."""
        newcomer = self._waiting.pop(ask.client)
        entry = replace(newcomer.entry, role=Role.READ_ONLY) if watches else newcomer.entry
        try:
            effects = self._enter(ask.client, entry, newcomer.size, newcomer.number, newcomer.name, now_s)
        except UsageError as error:
            return None, [Refuse(ask.client, error.code, error.message), *self.show_next()]
        return self.people[ask.client], [*effects, *self.show_next()]

    def turn_away(self, ask: Ask, now_s: float, *, ban: bool) -> list[Effect]:
        """Answer a knock with no."""
        newcomer = self._waiting[ask.client]
        self.door.decline(newcomer.entry.origin)
        banned = self.door.ban(newcomer.entry.origin, "any") if ban else ""
        fields: dict[str, str | int] = {"id": newcomer.number, "name": newcomer.name, "banned": banned}
        note = Note("declined", fields | {"address": newcomer.entry.origin.address})
        text = "the owner does not let you in"
        return [note, *self.show_out(ask.client, "declined", text, now_s), *self.show_next()]

    def name_newcomer(self, client: ClientId, name: str, now_s: float) -> list[Effect]:
        """Take the name that somebody at the door gives themselves, and show it to the owner."""
        newcomer = self._waiting[client]
        if newcomer.names == _MAX_NAMES:
            return [Tell(client, f"the owner knows you as {newcomer.name}")]
        name = self.people.free_name(name, newcomer.number)
        self._waiting[client] = replace(newcomer, name=name, names=newcomer.names + 1)
        self.asks.rename(client, name, _knock_text(name, newcomer.entry.origin), now_s)
        note = Note("name", {"id": newcomer.number, "name": name, "before": newcomer.name})
        first = self.asks.first
        shown = self.show_next() if first is not None and first.client == client else []
        return [note, Tell(client, f"you knock as {name}"), *shown]

    def is_at_door(self, client: ClientId) -> bool:
        """Return whether a client knocks and waits."""
        return client in self._waiting

    def resize_waiting(self, client: ClientId, size: Size) -> None:
        """Take note of a newcomer's size."""
        if client in self._waiting:
            self._waiting[client] = replace(self._waiting[client], size=size)

    # Time.

    @property
    def due_s(self) -> float | None:
        """When `tick` has something to do."""
        times = [self.seat.due_s, self.asks.due_s, self.door.links.due_s, self._count_due_s]
        times += [self._remind_s if len(self.asks) else None]
        for person in self.people.values():
            if person.until_s is not None:
                times.append(person.until_s if person.is_warned else person.until_s - _WARNING_S)
        return min((each for each in times if each is not None), default=None)

    def tick(self, now_s: float) -> list[Effect]:
        """Do what is due: grants and links that end, turns, knocks nobody answered, countdowns."""
        effects: list[Effect] = []
        for client, person in self.people.items():
            effects += self._tick_grant(client, person, now_s)
        if self.seat.turn_ends_s is not None and now_s >= self.seat.turn_ends_s:
            effects += self.pass_seat(now_s)
        for ask in self.asks.overdue(now_s):
            effects += self.show_out(ask.client, "timeout", "nobody answered; try again later", now_s)
            effects += self.show_next()
        for link in self.door.links.expire(now_s):
            effects += [Note("link-expired", {"link": link.number, "label": link.label}), Admit()]
        if len(self.asks) and now_s >= self._remind_s:
            self._remind_s = now_s + _REMINDER_S
            effects += self.show_next()
        return [*effects, *self.settle(now_s)]

    def _tick_grant(self, client: ClientId, person: Person, now_s: float) -> list[Effect]:
        if person.until_s is None:
            return []
        if now_s >= person.until_s:
            return self.set_role(client, Role.READ_ONLY, None, now_s, "the time is over")
        if not person.is_warned and now_s >= person.until_s - _WARNING_S:
            self.people.change(client, is_warned=True)
            return [Tell(client, f"you may type for {round(person.until_s - now_s)} more seconds")]
        return []

    def _note(self, now_s: float) -> tuple[str, float | None]:
        """Return what the status lines are to show, and when that changes by itself."""
        parts = ["paused"] if self.is_paused else []
        parts += ["all watch"] if self.door.is_locked else []
        parts += [f"{len(self._waiting)} at the door"] if self._waiting else []
        if not self.seat.is_on:
            return ", ".join(parts), None
        driver = self.people.get(self.seat.driver)
        drives = f"{driver.name if driver is not None else 'nobody'} drives"
        if self.seat.turn_ends_s is None:
            return ", ".join([*parts, drives]), None
        left_s = max(0.0, self.seat.turn_ends_s - now_s)
        step_s = 1 if left_s <= 10 else 10 if left_s <= 60 else 60
        shown = ceil(left_s / step_s)
        left = f"{shown} min" if step_s == 60 else f"{shown * step_s} s"
        return ", ".join([*parts, f"{drives} {left}"]), self.seat.turn_ends_s - (shown - 1) * step_s

    # Roles and the seat.

    def set_role(
        self,
        client: ClientId,
        role: Role,
        until_s: float | None,
        now_s: float,
        why: str = "",
        *,
        is_remembered: bool = True,
    ) -> list[Effect]:
        """Give a client a role, until a time or for good. `settle` tells it; it is in force at once.

        `is_remembered`: a client who may only watch from now on does so too when they come again by their key.
        """
        before = self.people[client]
        person = self.people.change(client, role=role, until_s=until_s, is_warned=False)
        if role is Role.READ_ONLY:
            if is_remembered:
                self.door.lower(person.origin)
            self.asks.drop_of(client, now_s, AskKind.ENTER)
            if self.seat.driver == client:
                self.seat.seat(self.heir(), now_s)
        else:
            self.door.raise_again(person.origin)
        text = "you watch only now" if role is Role.READ_ONLY else "you may type now"
        if why:
            text += f": {why}"
        if before.role is role and before.until_s == until_s:
            return []
        event = "grant" if role is Role.READ_WRITE else "revoke"
        return [Note(event, _who(person) | ({"why": why} if why else {})), Tell(client, text)]

    def give_seat(self, client: ClientId | None, now_s: float) -> list[Effect]:
        """Put somebody in the seat, and say so to all."""
        self.seat.seat(client, now_s)
        if client is not None:
            self.asks.drop_of(client, now_s, AskKind.SEAT)
        person = self.people.get(client)
        if client is None or person is None:
            return self.settle(now_s)
        others = self._news(f"{person.name} has the keyboard", but=client)
        note = Note("seat", {"id": person.number, "name": person.name})
        return [*self.settle(now_s), note, Tell(client, "you have the keyboard"), *others]

    def pass_seat(self, now_s: float) -> list[Effect]:
        """Give the seat to whoever is next."""
        typists = [each for each, person in self.people.items() if person.role.may_type]
        return self.give_seat(self.seat.next_driver(typists), now_s)

    def _arrivals(self, text: str, now_s: float, but: ClientId | None = None) -> list[Effect]:
        """Tell who came or left, unless too many do: the status line counts."""
        return self._news(text, but) if self.patience.announces(now_s) else []

    def _news(self, text: str, but: ClientId | None = None) -> list[Effect]:
        """Tell everybody of a small session, or the owner of a large one."""
        everybody = len(self.people) <= _ANNOUNCED_TO
        return [
            Tell(client, text)
            for client, person in self.people.items()
            if client != but and (everybody or person.role is Role.OWNER)
        ]

    def tell_all(self, text: str, but: ClientId | None = None) -> list[Effect]:
        """Tell everybody."""
        return [Tell(client, text) for client in self.people if client != but]


def _with_ticket(origin: Origin) -> tuple[Origin, bytes]:
    """Return a guest's origin with a return ticket, and the ticket: b"" if it has one, or needs none."""
    if origin.ticket_hash or origin.transport == "local":
        return origin, b""
    ticket = draw_ticket()
    return replace(origin, ticket_hash=ticket_hash(ticket)), ticket


def _knock_text(name: str, origin: Origin) -> str:
    """Return what the owner reads of somebody who knocks."""
    return f"{name} ({' '.join(filter(None, (origin.address, origin.fingerprint)))}) knocks"


def _known(origin: Origin) -> dict[str, str | int]:
    """Return what an audit says of an origin, besides its address."""
    fields: dict[str, str | int] = {"transport": origin.transport} if origin.transport else {}
    if origin.fingerprint:
        fields["key"] = origin.fingerprint
    if origin.link is not None:
        fields["link"] = origin.link
    return fields


def _who(person: Person) -> dict[str, str | int]:
    fields: dict[str, str | int] = {"id": person.number, "name": person.name, "role": person.role.value}
    return fields | {"address": person.origin.address, **_known(person.origin)}
