"""Laws 6 and 8 over any run of events, and what else always holds of a session.

Law 6: a read-only client's bytes never reach the pty, whatever they are, and whoever asks.
Law 8: the session size is the one that the policy gives for the clients attached *now*:
after every join, leave, role change or resize.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pairterm.access.tokens import new_tokens
from pairterm.session.effects import Closed, Effect, Note, Refuse, ResizePty, Wake, Welcome, WritePty
from pairterm.types import ClientId, PaneId, Role, Size
from tests.unit.session.sessions import core_of, visitor_of

_clients = st.sampled_from([ClientId(f"1:{number}") for number in range(3)])
_roles = st.sampled_from([Role.OWNER, Role.READ_WRITE, Role.READ_WRITE, Role.READ_ONLY, Role.READ_ONLY, None])
_sizes = st.builds(Size, rows=st.integers(1, 200), cols=st.integers(1, 500))
_pauses = st.sampled_from([0.001, 0.05, 0.2, 0.2, 3.0])
_policies = st.sampled_from(["smallest", "smallest", "smallest", "largest", "latest", "owner", "fixed 90x30"])

_RESIZE_WAIT_S = 0.1
_FLOOR = Size(rows=10, cols=40)


class Sessions(RuleBasedStateMachine):
    """A session, a clock, and a plain account of who is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 100.0
        self.tokens = new_tokens()
        self.core = core_of("s", Size(rows=24, cols=80), self.tokens)
        self.pty_size = self.core.size
        self.wakes: list[float] = []
        self.people: dict[ClientId, tuple[Role, Size]] = {}
        self.joined: list[ClientId] = []
        """The clients in the order in which they joined."""
        self.typed: list[ClientId] = []
        """Those who have typed, the latest typist last."""
        self.policy = "smallest"
        self.is_closed = False

    def took(self, effects: Sequence[Effect]) -> Sequence[Effect]:
        """Carry effects out as the actor does."""
        for effect in effects:
            match effect:
                case ResizePty(size):
                    self.pty_size = size
                case Wake(at_s):
                    assert at_s >= self.now_s
                    self.wakes.append(at_s)
                case _:
                    pass
        return effects

    def wake(self) -> None:
        """Do what was asked for, at the time it was asked for."""
        while self.wakes:
            self.now_s = max(self.now_s, self.wakes.pop(0))
            self.took(self.core.tick(self.now_s))

    def expected_size(self) -> Size:
        """Return what the policy gives, by an account that knows no code of the session."""
        if self.policy.startswith("fixed"):
            return Size(rows=30, cols=90)
        voters = {client: size for client, (role, size) in self.people.items() if role is not Role.READ_ONLY}
        if self.policy == "owner":
            voters = {client: size for client, size in voters.items() if self.people[client][0] is Role.OWNER}
        if self.policy == "latest" and voters:
            typists = [client for client in self.typed if client in voters]
            last = (typists or [client for client in self.joined if client in voters])[-1]
            voters = {last: voters[last]}
        if not voters:
            return self.settled
        choose = max if self.policy == "largest" else min
        return Size(
            rows=max(choose(size.rows for size in voters.values()), _FLOOR.rows),
            cols=max(choose(size.cols for size in voters.values()), _FLOOR.cols),
        )

    @property
    def settled(self) -> Size:
        return self.core.size

    @rule(client=_clients, role=_roles, size=_sizes)
    def join(self, client: ClientId, role: Role | None, size: Size) -> None:
        if client in self.people:
            return
        effects = self.took(self.core.join(client, visitor_of(role, self.tokens, str(client)), size, self.now_s))
        if role is None or self.is_closed:
            assert isinstance(effects[0], Refuse)
            assert not any(isinstance(each, Welcome | WritePty) for each in effects)
        else:
            welcome = effects[0]
            assert isinstance(welcome, Welcome)
            assert welcome == Welcome(client, role, role.may_type, welcome.ticket, welcome.number)
            assert bool(welcome.ticket) is (role is not Role.OWNER)
            self.people[client] = (role, size)
            self.joined.append(client)

    @rule(client=_clients)
    def leave(self, client: ClientId) -> None:
        self.took(self.core.leave(client, self.now_s))
        self.people.pop(client, None)
        self.joined = [each for each in self.joined if each != client]
        self.typed = [each for each in self.typed if each != client]

    @rule(client=_clients, size=_sizes)
    def resize(self, client: ClientId, size: Size) -> None:
        self.took(self.core.resize(client, size, self.now_s))
        if client in self.people:
            self.people[client] = (self.people[client][0], size)

    @rule(client=_clients, data=st.binary(max_size=20))
    def type(self, client: ClientId, data: bytes) -> None:
        effects = self.took(self.core.input(client, data, self.now_s))
        may_type = client in self.people and self.people[client][0] is not Role.READ_ONLY
        written = [each.data for each in effects if isinstance(each, WritePty)]
        if may_type and data and not self.is_closed:
            assert written == [data], "what was typed did not arrive as it was"
            self.typed = [*(each for each in self.typed if each != client), client]
        else:
            assert effects == [], "a client who may not type did something"

    @rule(client=_clients, line=st.one_of(_policies.map("set size-policy {}".format), st.text(max_size=20)))
    def say(self, client: ClientId, line: str) -> None:
        effects = self.took(self.core.command(client, line, self.now_s))
        assert not any(isinstance(each, WritePty) for each in effects), "a command reached the pty"
        role = self.people[client][0] if client in self.people else None
        if role is Role.OWNER and line.startswith("set size-policy "):
            self.policy = line.removeprefix("set size-policy ")
        elif role is not Role.OWNER:
            assert not any(isinstance(each, Closed | ResizePty) for each in effects), "only an owner may do this"

    @rule(data=st.one_of(st.binary(max_size=30), st.sampled_from([b"\x1b[c", b"\x1b[6n", b"\x1b[?2026h", b"text\r\n"])))
    def print(self, data: bytes) -> None:
        self.took(self.core.feed(PaneId(0), data, self.now_s))

    @rule(pause_s=_pauses)
    def pass_time(self, pause_s: float) -> None:
        self.now_s += pause_s
        due, self.wakes = [at for at in self.wakes if at <= self.now_s], [at for at in self.wakes if at > self.now_s]
        for _ in due:
            self.took(self.core.tick(self.now_s))

    @precondition(lambda self: not self.is_closed and self.now_s > 130.0)  # rarely: most runs are of a living session
    @rule(is_kill=st.booleans())
    def close(self, is_kill: bool) -> None:
        effects = self.core.kill() if is_kill else self.core.finish(PaneId(0), 3, self.now_s)
        expected = Closed("killed", 129, "[s killed]") if is_kill else Closed("ended", 3, "[s ended]")
        assert [each for each in effects if not isinstance(each, Note)] == [expected]
        assert self.core.finish(PaneId(0), 0, self.now_s) == self.core.kill() == [], "a session ends once"
        self.is_closed = True
        self.people.clear()
        self.joined.clear()
        self.typed.clear()

    @invariant()
    def the_program_has_the_screens_size(self) -> None:
        assert self.pty_size == self.core.size

    @invariant()
    def who_is_in_is_in(self) -> None:
        assert {client: each.role for client, each in self.core.people.items()} == {
            client: role for client, (role, _) in self.people.items()
        }
        assert self.core.visible.attendance(list(self.people)).count == len(self.people)

    @invariant()
    def the_size_is_right_or_a_wake_is_on_its_way(self) -> None:
        if not self.is_closed and self.core.size != self.expected_size():
            assert any(at <= self.now_s + _RESIZE_WAIT_S for at in self.wakes), "nobody would ever correct it"

    @rule()
    def settle(self) -> None:
        """Law 8: once what was asked for is done, the size is the one the policy gives."""
        self.wake()
        if not self.is_closed:
            assert self.core.size == self.expected_size()
        pane = self.core.pane(PaneId(0))
        assert pane is not None
        assert pane.may_publish, "a picture is held back, and nothing will show it"


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=150, stateful_step_count=40)
