"""Law 6 over any run of role changes, seats, timed grants, knocks, kicks, bans, links, pauses and disconnects.

Law 6: a read-only client's bytes never reach the pty, whatever they are, and whoever asks.
And: nobody keeps what was revoked, who is banned or comes by a link that has ended stays
out, nobody types in a window where they only watch or takes a pane out of it, where one person
types at a time nobody but a window's driver types in it or gives its keyboard away, nobody's
line is entered but by the owner where that is asked for, no more guests come in than may,
and the owner can't be locked out.

The machine keeps an account of its own: who was let type by whom. It checks every
byte against it, and what each gateway was told against what the host does, so the
two gates never differ.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pairterm.access.penalties import source_of
from pairterm.access.tokens import Tokens, token_hash
from pairterm.session.effects import Effect, Hold, Refuse, Welcome, WritePty
from pairterm.session.pending_requests import LOOK_S, RequestKind
from pairterm.session.returning_guests import ABSENCE_S
from pairterm.types import ClientId, PaneId, Role, WindowId
from tests.unit.session.sessions import Session

_ADDRESSES = ("203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2")
_ENTERS = set(b"\r\n\x0f")
_PASTE_END = b"\x1b[201~"
_PAUSES = st.sampled_from([0.0, 0.1, 1.0, 59.0, 61.0, 130.0])
_GUEST_LINES = (
    "ask", "pass", "give 1", "give 2", "take", "accept", "decline", "grant 1 rw", "grant 2 rw", "grant 3 rw",
    "revoke 1", "kick 1", "panic off", "pause off", "set seat off", "set confirm-enter off", "name olga",
    "say hello", "who", "link new", "grant 2 rw --window 1", "select-window -t :0", "select-window -t :1",
    "next-window", "follow", "split-window", "kill-pane -a", "join-pane -s :0", "join-pane -t :0",
    "give 2 --window 1", "give 3 --window 0", "pass --window 1", "follow off", "new-window",
    "swap-pane -s :0", "break-pane", "kill-window -a", "new-window -k -t :1", "move-window -k -t :0",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lost:
    """A guest whose link was lost: by what it came, whether it could type, and until when it comes back so."""

    token: str
    address: str
    key: str
    could_type: bool
    until_s: float
    limits: dict[WindowId, bool]


class People(RuleBasedStateMachine):
    """A session with an owner who is always there, and guests who come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session()
        self.owner = self.session.owner()
        self.writers: set[ClientId] = set()
        """Whom the owner lets type, by its link or by word."""
        self.limits: dict[ClientId, dict[WindowId, bool]] = {}
        """In which windows somebody may type or not, whatever they may do in the others."""
        self.limits_of_keys: dict[str, dict[WindowId, bool]] = {}
        """The same for those who come again by a key."""
        self.session.say(self.owner, "new-window")
        self.revoked: set[str] = set()
        """Keys whose holders only watch, also when they come again."""
        self.locked = False
        self.confirms = False
        self.max_guests = 1000
        self.banned: set[str] = set()
        """Keys and sources (as an address of ours each) that stay out."""
        self.dead: list[str] = []
        """Tokens by which nobody comes in any more."""
        self.timed: list[tuple[str, float]] = []
        """Tokens, and when they end."""
        self.spoken: list[str] = []
        self.lost: dict[bytes, _Lost] = {}
        """The guests whose link was lost, by their tickets."""

    @property
    def core_guests(self) -> list[ClientId]:
        return [each for each in self.session.core.people if each != self.owner]

    def pick(self, number: int) -> ClientId | None:
        guests = self.core_guests
        return guests[number % len(guests)] if guests else None

    def key_of(self, client: ClientId) -> str:
        return self.session.core.people[client].origin.fingerprint

    def may_type_in(self, client: ClientId, window: WindowId) -> bool:
        return self.limits.get(client, {}).get(window, client in self.writers)

    def window_of(self, pane: PaneId) -> WindowId | None:
        window = self.session.parts.windows.of(pane)
        return window.id if window is not None else None

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
        self.limits.pop(client, None)
        self.limits_of_keys.pop(self.key_of(client), None)
        self.revoked.discard(self.key_of(client))

    @rule(number=st.integers(0, 5), index=st.integers(0, 2), may_type=st.booleans())
    def limit(self, number: int, index: int, may_type: bool) -> None:
        client, window = self.pick(number), self.session.parts.windows.at(index)
        if client is None or window is None or (self.locked and may_type):
            return
        who = self.session.number(client)
        self.session.say(
            self.owner, f"grant {who} rw --window {index}" if may_type else f"revoke {who} --window {index}"
        )
        self.limits.setdefault(client, {})[window.id] = may_type
        self.limits_of_keys[self.key_of(client)] = dict(self.limits[client])
        if not may_type and self.session.core.window_of(client) == index:
            assert self.session.types(client) == b"", "a limit is in force at once"
            assert self.session.last_role(client) == (Role.READ_ONLY, False)

    @rule(line=st.sampled_from(["select-window -t :0", "next-window", "new-window", "gather", "join-pane -s :1"]))
    def move_others(self, line: str) -> None:
        if line != "new-window" or len(self.session.parts.windows) < 4:
            self.session.say(self.owner, line)

    @rule(number=st.integers(0, 5))
    def revoke(self, number: int) -> None:
        client = self.pick(number)
        if client is not None:
            self.session.say(self.owner, f"revoke {self.session.number(client)}")
            self.writers.discard(client)
            self.limits.pop(client, None)
            self.limits_of_keys.pop(self.key_of(client), None)
            self.revoked |= {self.key_of(client)} - {""}
            assert self.session.types(client) == b"", "nobody keeps what was revoked"
            assert self.session.last_role(client) == (Role.READ_ONLY, False)

    @rule(number=st.integers(0, 5), ban=st.sampled_from(["", " --ban"]))
    def kick(self, number: int, ban: str) -> None:
        client = self.pick(number)
        if client is not None:
            origin = self.session.core.people[client].origin
            self.forget_grants(origin.fingerprint)
            if ban:
                self.banned.add(origin.fingerprint or source_of(origin.address))
            self.session.say(self.owner, f"kick {self.session.number(client)}{ban}")
            self.writers.discard(client)
            assert not self.session.is_in(client)
            assert self.session.types(client) == b""

    def recall_limits(self, client: ClientId, key: str) -> None:
        """Take down in which windows somebody who comes in may type or not, because they were here before."""
        if key and not self.locked:
            self.limits[client] = dict(self.limits_of_keys.get(key, {}))

    def forget_grants(self, key: str) -> None:
        """A right to type in a window was taken back: it does not return with the key."""
        known = self.limits_of_keys.get(key, {})
        self.limits_of_keys[key] = {window: False for window, may_type in known.items() if not may_type}

    @rule(is_on=st.booleans())
    def panic(self, is_on: bool) -> None:
        self.session.say(self.owner, "panic" if is_on else "panic off")
        self.locked = is_on
        self.lost.clear()
        for key in self.limits_of_keys:
            self.forget_grants(key)
        if is_on:
            self.writers.clear()
            self.limits.clear()

    @rule(is_on=st.booleans())
    def pause(self, is_on: bool) -> None:
        self.session.say(self.owner, f"pause {'on' if is_on else 'off'}")

    @precondition(lambda self: self.banned)
    @rule()
    def unban(self) -> None:
        self.session.say(self.owner, "unban all")
        self.banned.clear()

    @rule(is_on=st.booleans())
    def confirm_enter(self, is_on: bool) -> None:
        self.session.say(self.owner, f"set confirm-enter {'on' if is_on else 'off'}")
        self.confirms = is_on

    @rule(most=st.sampled_from([0, 1, 3, 1000]))
    def let_so_many_in(self, most: int) -> None:
        self.session.say(self.owner, f"set max-guests {most}")
        self.max_guests = most

    @rule(time=st.sampled_from(["60s", "120s"]))
    def make_a_link_for_a_time(self, time: str) -> None:
        if len(self.timed) < 3:
            made = json.loads(self.session.order(f"link new --role rw --expire {time} --json"))
            self.timed.append((made["user"], self.session.now_s + int(time[:-1])))

    @rule()
    def make_a_code(self) -> None:
        if len(self.spoken) < 3:
            self.spoken.append(json.loads(self.session.order("link new --role rw --spoken --json"))["user"])

    @rule(kick=st.sampled_from(["", " --kick"]))
    def rotate(self, kick: str) -> None:
        tokens = self.session.tokens
        by_it = [each for each in self.core_guests if self.came_by(each) == tokens.read_write]
        self.session.order(f"link rotate rw{kick}")
        self.dead.append(tokens.read_write)
        new = self.session.parts.admission.invitations.first_token(Role.READ_WRITE)
        assert new not in self.dead
        self.session.tokens = Tokens(new, tokens.read_only, tokens.seal)
        if kick:
            self.lost.clear()
            for known in self.limits_of_keys:
                self.forget_grants(known)
            assert not any(self.session.is_in(each) for each in by_it)
        self.writers &= set(self.core_guests)

    def came_by(self, client: ClientId) -> str:
        """Return which of the tokens that are known somebody came by."""
        tokens = self.session.tokens
        known = [tokens.read_write, tokens.read_only, *self.dead, *self.spoken, *(token for token, _ in self.timed)]
        presented = self.session.core.people[client].origin.token_hash
        return next(each for each in known if token_hash(each) == presented)

    @rule(value=st.sampled_from(["on", "off", "on --rotate 60s"]))
    def seat(self, value: str) -> None:
        self.session.say(self.owner, f"set seat {value}")

    @rule(is_on=st.booleans())
    def make_them_knock(self, is_on: bool) -> None:
        self.session.say(self.owner, f"set ask {'on' if is_on else 'off'}")

    @rule(number=st.integers(0, 5), index=st.integers(0, 2))
    def give(self, number: int, index: int) -> None:
        client, window = self.pick(number), self.session.parts.windows.at(index)
        if client is not None and window is not None:
            before = self.drivers()
            self.session.say(self.owner, f"give {self.session.number(client)} --window {index}")
            others = {each: driver for each, driver in before.items() if each != window.id}
            assert others.items() <= self.drivers().items(), "the keyboard of another window went to somebody"

    def drivers(self) -> dict[WindowId, ClientId | None]:
        parts = self.session.parts
        return {each.id: parts.drivers.of(each.id) for each in parts.windows}

    @precondition(lambda self: self.session.parts.requests.first is not None)
    @rule(word=st.sampled_from(["accept", "accept-ro", "decline"]))
    def answer(self, word: str) -> None:
        ask = self.session.parts.requests.first
        assert ask is not None
        self.session.wait(LOOK_S)
        if self.session.parts.requests.first is not ask:
            return
        before = dict(self.session.core.people.items())
        effects = self.session.say(self.owner, word)
        written = b"".join(each.data for each in effects if isinstance(each, WritePty))
        assert written == (b"\r" if ask.kind is RequestKind.ENTER and word == "accept" else b"")
        if ask.kind is RequestKind.KNOCK:
            self.take_in(ask.client, [each for each in effects if not isinstance(each, Hold)])
            if self.session.is_in(ask.client):
                self.limits.pop(ask.client, None)
                if word == "accept":
                    self.recall_limits(ask.client, self.key_of(ask.client))
            if self.session.is_in(ask.client) and self.session.core.people[ask.client].role.may_type:
                assert word == "accept"
                self.writers.add(ask.client)
        elif word == "accept" and ask.kind is RequestKind.SEAT and not self.locked:
            assert ask.client in before
            if not before[ask.client].may_type_somewhere:
                self.writers.add(ask.client)
                self.limits.pop(ask.client, None)
                self.revoked.discard(self.key_of(ask.client))

    # The guests' part.

    @rule(writes=st.booleans(), address=st.sampled_from(_ADDRESSES), key=st.sampled_from(["", "SHA256:a", "SHA256:b"]))
    def come(self, writes: bool, address: str, key: str) -> None:
        tokens = self.session.tokens
        self.comes(tokens.read_write if writes else tokens.read_only, address, key)

    def comes(self, token: str, address: str, key: str, ticket: bytes = b"") -> ClientId:
        """Have somebody come, and hold what became of it against what may be."""
        before, inside, waiting = len(self.session.effects), len(self.core_guests), self.waiting()
        client = self.session.guest(token, address=address, key=key, ticket=ticket)
        self.take_in(client, self.session.effects[before:])
        lost = self.lost.get(ticket)
        could_type = None
        if lost is not None and (lost.token, lost.key) == (token, key):
            del self.lost[ticket]
            if self.session.now_s < lost.until_s and inside < self.max_guests:
                could_type = lost.could_type
                self.limits[client] = lost.limits
        if could_type is None:
            self.recall_limits(client, key)
        guests = inside + (waiting if could_type is None else 0)
        assert guests < self.max_guests or not self.session.is_in(client), "more came in than may"
        is_refused = bool(self.session.found(Refuse, client))
        if key in self.banned or source_of(address) in self.banned:
            assert is_refused, "somebody came in who was to stay out"
        if could_type is None and not is_refused:
            assert token not in self.dead, "a link that has ended let somebody in"
            assert token not in self.spoken or not self.session.is_in(client), "a code let somebody in without a knock"
        if self.types(client):
            assert not self.locked, "somebody came in to type after the panic"
            assert could_type is not False, "the loss of a link gave more"
            assert could_type or token != self.session.tokens.read_only, "a link to watch by gave more"
            assert could_type or key not in self.revoked, "somebody kept what was revoked by coming again"
            self.writers.add(client)
        elif self.session.is_in(client) and could_type is None and not self.locked and key not in self.revoked:
            assert token == self.session.tokens.read_only, "somebody only watches for what was taken from another"
        return client

    def waiting(self) -> int:
        return len(self.session.parts.requests.of(RequestKind.KNOCK))

    def types(self, client: ClientId) -> bool:
        return self.session.is_in(client) and self.session.core.people[client].role.may_type

    @precondition(lambda self: self.timed)
    @rule(address=st.sampled_from(_ADDRESSES))
    def come_by_a_link_for_a_time(self, address: str) -> None:
        token, until_s = self.timed[0]
        if self.session.now_s >= until_s:
            del self.timed[0]
            self.dead.append(token)
        self.comes(token, address, "")

    @precondition(lambda self: self.spoken)
    @rule(address=st.sampled_from(_ADDRESSES))
    def come_by_a_code(self, address: str) -> None:
        self.comes(self.spoken[0], address, "")

    @rule(number=st.integers(0, 5))
    def lose(self, number: int) -> None:
        client = self.pick(number)
        if client is not None:
            self.note_lost(client)
            self.session.lose(client)

    def note_lost(self, client: ClientId) -> bytes:
        """Take down that a guest's link is lost; return the guest's ticket."""
        origin = self.session.core.people[client].origin
        ticket = self.session.ticket(client)
        until_s = self.session.now_s + ABSENCE_S
        limits = self.limits.get(client, {})
        token, could_type = self.came_by(client), client in self.writers
        self.lost[ticket] = _Lost(token, origin.address, origin.key, could_type, until_s, limits)
        self.writers.discard(client)
        return ticket

    @precondition(lambda self: self.lost)
    @rule(number=st.integers(0, 5), address=st.sampled_from(_ADDRESSES))
    def come_back(self, number: int, address: str) -> None:
        ticket, lost = list(self.lost.items())[number % len(self.lost)]
        self.comes(lost.token, address, lost.key, ticket)

    @precondition(lambda self: self.lost)
    @rule(number=st.integers(0, 5), forged=st.sampled_from(["no ticket", "other ticket", "other key", "other link"]))
    def pretend_to_come_back(self, number: int, forged: str) -> None:
        """Somebody shows all that a guest who is away showed, but for one thing."""
        ticket, lost = list(self.lost.items())[number % len(self.lost)]
        ticket = {"no ticket": b"", "other ticket": bytes(16)}.get(forged, ticket)
        key = "SHA256:z" if forged == "other key" else lost.key
        token = self.session.tokens.read_only if forged == "other link" else lost.token
        self.comes(token, lost.address, key, ticket)

    @rule(number=st.integers(0, 5), address=st.sampled_from(_ADDRESSES))
    def come_back_unnoticed(self, number: int, address: str) -> None:
        """A guest comes back before its loss is known: there is one of it afterwards."""
        client = self.pick(number)
        if client is None:
            return
        origin, token = self.session.core.people[client].origin, self.came_by(client)
        ticket = self.note_lost(client)
        self.max_guests, most = self.max_guests + 1, self.max_guests  # Its old connection holds its own place.
        self.comes(token, address, origin.key, ticket)
        self.max_guests = most
        assert not self.session.is_in(client)

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
            closed = {
                pane.id: window.id
                for window in self.session.parts.windows
                if not self.may_type_in(client, window.id)
                for pane in window.panes.values()
            }
            before = self.drivers()
            effects = self.session.say(client, line)
            after = self.drivers()
            for window, driver in before.items():
                if driver not in (client, None) and window in after:
                    assert after[window] == driver, "gave away a keyboard that somebody else has"
            assert closed == {pane: self.window_of(pane) for pane in closed}, "took a pane out of a window, or ended it"
            assert not any(isinstance(each, WritePty | Refuse) for each in effects)
            assert roles == {each: person.role for each, person in self.session.core.people.items()}

    @rule(
        number=st.integers(0, 5), data=st.binary(min_size=1, max_size=10) | st.sampled_from([b"\r", b"rm\n", b"x\x0f"])
    )
    def type(self, number: int, data: bytes) -> None:
        client = self.pick(number)
        if client is None:
            return
        before = len(self.session.effects)
        written = self.session.types(client, data)
        if self.confirms:
            assert data.startswith(written.removesuffix(_PASTE_END))
            assert not set(written) & _ENTERS, "a line was entered by somebody else than the owner"
        else:
            assert written in (b"", data)
        if written:
            parts = self.session.parts
            for each in self.session.effects[before:]:
                if isinstance(each, WritePty):
                    window = self.window_of(each.pane)
                    assert window is not None
                    assert self.may_type_in(client, window), "a byte of somebody who may only watch"
                    drivers = parts.drivers
                    assert not drivers.is_on or drivers.of(window) == client, "a byte of somebody who does not drive"
            assert not parts.gate.is_paused
            assert not self.locked

    @rule(pause_s=_PAUSES)
    def pass_time(self, pause_s: float) -> None:
        self.session.wait(pause_s)
        self.writers = {each for each in self.writers if self.session.is_in(each)}
        for client in list(self.writers):
            if not self.session.core.people[client].role.may_type:
                self.writers.discard(client)  # Its time was over; it has to stay so.
                self.limits.pop(client, None)
                self.revoked |= {self.key_of(client)} - {""}

    @invariant()
    def both_gates_agree(self) -> None:
        gate = self.session.parts.gate
        for client in self.session.core.people:
            assert self.session.last_role(client) == (gate.role_here(client), gate.may_type(client))

    @invariant()
    def nobody_may_type_whom_the_owner_did_not_let(self) -> None:
        for client in self.core_guests:
            if self.session.core.people[client].role.may_type:
                assert client in self.writers

    @invariant()
    def the_owner_is_in_and_can_type(self) -> None:
        assert self.session.core.people[self.owner].role is Role.OWNER
        drivers = self.session.parts.drivers
        look = self.session.parts.looks.of(self.owner)
        assert look is not None
        if drivers.is_on and drivers.of(look.window) != self.owner:
            turns = dict(drivers._turns)
            self.session.say(self.owner, "take")
            assert self.session.types(self.owner) == b"x"
            self.session.take(self.session.parts.gate.give_keyboard(drivers.of(look.window), look.window, 0.0))
            drivers._turns = turns
            self.session.take(self.session.parts.settle(self.session.now_s))
        else:
            assert self.session.types(self.owner) == b"x"


TestPeople = People.TestCase
TestPeople.settings = settings(stateful_step_count=60)
