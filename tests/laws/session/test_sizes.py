"""Law 8: the session size is the one that the policy gives for the clients attached *now*.

A machine that joins, leaves, resizes, types and sets options in any order, with a
model of its own that knows nothing of `decide`. It stands in for the actor: a
`Wake` is kept and answered by `tick` when its time has come. While a wake is
outstanding the size may lag (bursts of resizes become one); without one it may not.

Law 6 rides along: what a read-only client types makes no effect at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from pairterm.access.invitations import InvitationTable
from pairterm.access.tokens import new_tokens
from pairterm.session.core import SessionCore
from pairterm.session.effects import Effect, ResizePty, Tell, Wake, WritePty
from pairterm.session.session_admission import Admission
from pairterm.session.session_parts import SessionParts
from pairterm.types import MAX_COLS, MAX_ROWS, ClientId, PaneId, Role, Size
from tests.unit.session.sessions import visitor_of

MIN_INTERVAL_S = 0.1
START = Size(rows=24, cols=80)

# Few values: sizes that are equal in one or both ways are where the trouble is.
ROWS = st.sampled_from([1, 5, 10, 24, 25, 50, MAX_ROWS])
COLS = st.sampled_from([1, 39, 40, 80, 81, 120, MAX_COLS])
SIZES = st.builds(lambda rows, cols: Size(rows=rows, cols=cols), ROWS, COLS)
ROLES = st.sampled_from(Role)
PAUSES_S = st.sampled_from([0.0, 0.0, 0.01, 0.09, 0.1, 0.5])
POLICIES = st.sampled_from(["smallest", "largest", "latest", "owner", "fixed"])


@dataclass
class Guest:
    """What the model knows of one who is in. `came` and `typed` count events; 0: never."""

    role: Role
    size: Size
    came: int
    typed: int = 0


class SessionSizes(RuleBasedStateMachine):
    """One session, and the size it should have."""

    clients = Bundle("clients")

    def __init__(self) -> None:
        super().__init__()
        self.tokens = new_tokens()
        self.parts = SessionParts(Admission(InvitationTable(self.tokens)), name="law8")
        self.core = SessionCore(self.parts, size=START)
        self.now_s = 100.0
        self.wakes: list[float] = []
        self.guests: dict[ClientId, Guest] = {}
        self.events = 0
        self.policy = "smallest"
        self.fixed = START
        self.floor = Size(rows=10, cols=40)
        self.read_only_votes = False
        self.pty = START
        self.resized_s = float("-inf")

    # What happens.

    @rule(target=clients, role=ROLES, size=SIZES, pause_s=PAUSES_S)
    def join(self, role: Role, size: Size, pause_s: float) -> ClientId:
        self.pass_time(pause_s)
        self.events += 1
        client = ClientId(f"1:{self.events}")
        self.take(self.core.join(client, visitor_of(role, self.tokens, f"guest-{self.events}"), size, self.now_s))
        # A guest who was made to watch only watches when they come again, and all guests here come from one address.
        given = self.core.people[client].role
        assert given is role or (role is Role.READ_WRITE and given is Role.READ_ONLY)
        self.guests[client] = Guest(given, size, self.events)
        return client

    @rule(client=consumes(clients), pause_s=PAUSES_S)
    def leave(self, client: ClientId, pause_s: float) -> None:
        self.pass_time(pause_s)
        del self.guests[client]
        self.take(self.core.leave(client, self.now_s))

    @rule(client=clients, size=SIZES, pause_s=PAUSES_S)
    def resize(self, client: ClientId, size: Size, pause_s: float) -> None:
        self.pass_time(pause_s)
        self.guests[client].size = size
        self.take(self.core.resize(client, size, self.now_s))

    @rule(client=clients, role=st.sampled_from([Role.READ_WRITE, Role.READ_ONLY]), pause_s=PAUSES_S)
    def change_role(self, client: ClientId, role: Role, pause_s: float) -> None:
        """The owner lets a guest type, or has it watch; of the owner's own terminals there is nothing to take."""
        self.pass_time(pause_s)
        if self.guests[client].role is not Role.OWNER:
            self.guests[client].role = role
            self.command(f"grant {self.core.people[client].name} {role.value}")

    @rule(client=clients, pause_s=PAUSES_S)
    def type_a_key(self, client: ClientId, pause_s: float) -> None:
        self.pass_time(pause_s)
        self.events += 1
        guest = self.guests[client]
        effects = self.core.input(client, b"x", self.now_s)
        if guest.role.may_type:
            guest.typed = self.events
            assert effects[0] == WritePty(b"x", PaneId(0))
        else:
            assert not effects
        self.take(effects)

    @rule(policy=POLICIES, size=SIZES, pause_s=PAUSES_S)
    def set_policy(self, policy: str, size: Size, pause_s: float) -> None:
        self.pass_time(pause_s)
        self.policy, self.fixed = policy, size
        value = f"fixed {size.cols}x{size.rows}" if policy == "fixed" else policy
        self.command(f"set size-policy {value}")

    @rule(size=SIZES, pause_s=PAUSES_S)
    def set_floor(self, size: Size, pause_s: float) -> None:
        self.pass_time(pause_s)
        self.floor = size
        self.command(f"set size-floor {size.cols}x{size.rows}")

    @rule(is_on=st.booleans(), pause_s=PAUSES_S)
    def set_read_only_votes(self, is_on: bool, pause_s: float) -> None:
        self.pass_time(pause_s)
        self.read_only_votes = is_on
        self.command(f"set read-only-votes {'on' if is_on else 'off'}")

    @rule(client=clients, policy=POLICIES.filter(lambda name: name != "fixed"))
    def say(self, client: ClientId, policy: str) -> None:
        """Only the owner's word counts."""
        effects = self.core.command(client, f"set size-policy {policy}", self.now_s)
        if self.guests[client].role is Role.OWNER:
            self.policy = policy
        else:
            assert effects == [Tell(client, "only the owner may do this")]
        self.take(effects)

    @rule(pause_s=PAUSES_S)
    def wait(self, pause_s: float) -> None:
        self.pass_time(pause_s)

    # What has to hold.

    @invariant()
    def the_policy_gives_the_size(self) -> None:
        assert self.parts.sizes.verdict(self.core.shared_window).size == self.expected()
        if not self.wakes:
            assert self.core.size == self.expected()

    @invariant()
    def screen_program_and_picture_have_one_size(self) -> None:
        frame = self.core.frame()
        assert self.pty == self.core.size == frame.size
        assert len(frame.rows) == frame.size.rows
        assert {len(row.cells) for row in frame.rows} == {frame.size.cols}

    @invariant()
    def the_size_is_never_far_away(self) -> None:
        assert all(self.now_s < at_s <= self.now_s + MIN_INTERVAL_S for at_s in self.wakes)

    def expected(self) -> Size:
        """Return the size, by the words of the manual: at least two columns."""
        size = self.by_policy()
        return Size(rows=size.rows, cols=max(size.cols, 2))

    def by_policy(self) -> Size:
        if self.policy == "fixed":
            return self.fixed
        voting = [each for each in self.guests.values() if each.role.may_type or self.read_only_votes]
        if self.policy == "owner":
            voting = [each for each in voting if each.role is Role.OWNER]
        if self.policy == "latest":
            voting = sorted(voting, key=lambda each: (each.typed, each.came))[-1:]
        if not voting:
            return self.core.size
        choose = max if self.policy == "largest" else min
        rows = choose(each.size.rows for each in voting)
        cols = choose(each.size.cols for each in voting)
        return Size(rows=max(rows, self.floor.rows), cols=max(cols, self.floor.cols))

    # The actor's part.

    def command(self, line: str) -> None:
        effects, _ = self.core.owner_command(line, self.now_s)
        self.take(effects)

    def pass_time(self, pause_s: float) -> None:
        until_s = self.now_s + pause_s
        while self.wakes and min(self.wakes) <= until_s:
            self.now_s = min(self.wakes)
            self.wakes.remove(self.now_s)
            self.take(self.core.tick(self.now_s))
        self.now_s = until_s

    def take(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Wake):
                self.wakes.append(effect.at_s)
            elif isinstance(effect, ResizePty):
                assert self.now_s - self.resized_s >= MIN_INTERVAL_S * 0.999, "a burst was passed on"
                assert effect.size != self.pty, "the program was told what it knows"
                self.resized_s = self.now_s
                self.pty = effect.size


TestSessionSizes = SessionSizes.TestCase
