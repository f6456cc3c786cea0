"""Law 6 over any run of role changes, seats, grants that expire, knocks, kicks, pauses and disconnects.

Law 6: a read-only client's bytes never reach the pty, whatever they are, and whoever asks.
And: nobody keeps what was revoked, and the owner can't be locked out.

The machine keeps an account of its own: who was let type by whom. It checks every
byte against it, and what each gateway was told against what the host does, so the
two gates never differ.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pairterm.session.asks import LOOK_S, AskKind
from pairterm.session.effects import Effect, Hold, Refuse, Welcome, WritePty
from pairterm.types import ClientId, Role
from tests.unit.session.houses import Session

_ADDRESSES = ("203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2")
_PAUSES = st.sampled_from([0.0, 0.1, 1.0, 59.0, 61.0, 130.0])
_GUEST_LINES = (
    "ask", "pass", "give 1", "give 2", "take", "accept", "decline", "grant 1 rw", "grant 2 rw", "grant 3 rw",
    "revoke 1", "kick 1", "panic off", "pause off", "set seat off", "set confirm-enter off", "name olga",
    "say hello", "who", "link new",
)  # fmt: skip


class People(RuleBasedStateMachine):
    """A session with an owner who is always there, and guests who come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session()
        self.owner = self.session.owner()
        self.writers: set[ClientId] = set()
        """Whom the owner lets type, by its link or by word."""
        self.locked = False
        self.asks = False

    @property
    def core_guests(self) -> list[ClientId]:
        return [each for each in self.session.core.people if each != self.owner]

    def pick(self, number: int) -> ClientId | None:
        guests = self.core_guests
        return guests[number % len(guests)] if guests else None

    def take_in(self, client: ClientId, effects: list[Effect]) -> None:
        """Take down what became of one who came."""
        kinds = {type(each) for each in effects if getattr(each, "client", None) == client}
        assert len(kinds & {Welcome, Hold, Refuse}) == 1, "in, waiting or out: one of them"

    # The owner's part.

    @rule(number=st.integers(0, 5), time=st.sampled_from(["", " --for 60s", " --for 10m"]))
    def grant(self, number: int, time: str) -> None:
        client = self.pick(number)
        if client is None or self.locked:
            return
        self.session.say(self.owner, f"grant {self.session.number(client)} rw{time}")
        self.writers.add(client)

    @rule(number=st.integers(0, 5))
    def revoke(self, number: int) -> None:
        client = self.pick(number)
        if client is not None:
            self.session.say(self.owner, f"revoke {self.session.number(client)}")
            self.writers.discard(client)
            assert self.session.types(client) == b"", "nobody keeps what was revoked"
            assert self.session.last_role(client) == (Role.READ_ONLY, False)

    @rule(number=st.integers(0, 5), ban=st.sampled_from(["", " --ban"]))
    def kick(self, number: int, ban: str) -> None:
        client = self.pick(number)
        if client is not None:
            self.session.say(self.owner, f"kick {self.session.number(client)}{ban}")
            self.writers.discard(client)
            assert not self.session.is_in(client)
            assert self.session.types(client) == b""

    @rule(is_on=st.booleans())
    def panic(self, is_on: bool) -> None:
        self.session.say(self.owner, "panic" if is_on else "panic off")
        self.locked = is_on
        if is_on:
            self.writers.clear()

    @rule(is_on=st.booleans())
    def pause(self, is_on: bool) -> None:
        self.session.say(self.owner, f"pause {'on' if is_on else 'off'}")

    @rule(value=st.sampled_from(["on", "off", "on --rotate 60s"]))
    def seat(self, value: str) -> None:
        self.session.say(self.owner, f"set seat {value}")

    @rule(is_on=st.booleans())
    def make_them_knock(self, is_on: bool) -> None:
        self.session.say(self.owner, f"set ask {'on' if is_on else 'off'}")

    @rule(number=st.integers(0, 5))
    def give(self, number: int) -> None:
        client = self.pick(number)
        if client is not None:
            self.session.say(self.owner, f"give {self.session.number(client)}")

    @precondition(lambda self: self.session.house.asks.first is not None)
    @rule(word=st.sampled_from(["accept", "accept-ro", "decline"]))
    def answer(self, word: str) -> None:
        ask = self.session.house.asks.first
        assert ask is not None
        self.session.wait(LOOK_S)
        if self.session.house.asks.first is not ask:
            return
        before = dict(self.session.core.people.items())
        effects = self.session.say(self.owner, word)
        if ask.kind is AskKind.KNOCK:
            self.take_in(ask.client, [each for each in effects if not isinstance(each, Hold)])
            if self.session.is_in(ask.client) and self.session.core.people[ask.client].role.may_type:
                assert word == "accept"
                self.writers.add(ask.client)
        elif word == "accept" and ask.kind is AskKind.SEAT and not self.locked:
            assert ask.client in before
            self.writers.add(ask.client)

    # The guests' part.

    @rule(writes=st.booleans(), address=st.sampled_from(_ADDRESSES), key=st.sampled_from(["", "SHA256:a", "SHA256:b"]))
    def come(self, writes: bool, address: str, key: str) -> None:
        before = len(self.session.effects)
        client = (self.session.writer if writes else self.session.watcher)(address=address, key=key)
        self.take_in(client, self.session.effects[before:])
        if self.session.is_in(client) and self.session.core.people[client].role.may_type:
            assert writes, "a link to watch by gave more"
            assert not self.locked, "somebody came in to type after the panic"
            self.writers.add(client)

    @rule(number=st.integers(0, 5))
    def go(self, number: int) -> None:
        client = self.pick(number)
        if client is not None:
            self.session.leave(client)
            self.writers.discard(client)

    @rule(number=st.integers(0, 5), line=st.one_of(st.sampled_from(_GUEST_LINES), st.text(max_size=20)))
    def say(self, number: int, line: str) -> None:
        client = self.pick(number)
        if client is not None:
            roles = {each: person.role for each, person in self.session.core.people.items()}
            effects = self.session.say(client, line)
            assert not any(isinstance(each, WritePty | Refuse) for each in effects)
            assert roles == {each: person.role for each, person in self.session.core.people.items()}

    @rule(number=st.integers(0, 5), data=st.binary(min_size=1, max_size=10))
    def type(self, number: int, data: bytes) -> None:
        client = self.pick(number)
        if client is None:
            return
        written = self.session.types(client, data)
        assert written in (b"", data)
        if written:
            house = self.session.house
            assert client in self.writers, "a byte of somebody who may only watch"
            assert not house.is_paused
            assert not self.locked
            assert not house.seat.is_on or house.seat.driver == client

    @rule(pause_s=_PAUSES)
    def pass_time(self, pause_s: float) -> None:
        self.session.wait(pause_s)
        self.writers = {each for each in self.writers if self.session.is_in(each)}
        for client in list(self.writers):
            if not self.session.core.people[client].role.may_type:
                self.writers.discard(client)  # Its time was over; it has to stay so.

    @invariant()
    def both_gates_agree(self) -> None:
        for client, person in self.session.core.people.items():
            assert self.session.last_role(client) == (person.role, self.session.house.may_type(client))

    @invariant()
    def nobody_may_type_whom_the_owner_did_not_let(self) -> None:
        for client in self.core_guests:
            if self.session.core.people[client].role.may_type:
                assert client in self.writers

    @invariant()
    def the_owner_is_in_and_can_type(self) -> None:
        assert self.session.core.people[self.owner].role is Role.OWNER
        house = self.session.house
        if house.seat.is_on and house.seat.driver != self.owner:
            driver = house.seat.driver
            turn_ends_s = house.seat.turn_ends_s
            self.session.say(self.owner, "take")
            assert self.session.types(self.owner) == b"x"
            self.session.take(house.give_seat(driver, self.session.now_s))
            house.seat.turn_ends_s = turn_ends_s
        else:
            assert self.session.types(self.owner) == b"x"


TestPeople = People.TestCase
