"""The door: who may log in, who waits, who makes room. The clock and the chance are arguments."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.max_startups import Drop, Login, LoginQueue, Startups
from pairterm.errors import UsageError

SSHD = Startups(10, 30, 100)
FREELY = 20


class _Front:
    """A door, and what a front would know of it."""

    def __init__(self, *, startups: Startups = SSHD, max_waiting: int = 512, tries: int = FREELY) -> None:
        self.now_s = 0.0
        self.tries = tries
        self.begun: list[Login] = []
        self.dropped: list[tuple[Login, Drop]] = []
        self.door = LoginQueue(
            startups, per_source=8, max_waiting=max_waiting, login_timeout_s=120.0,
            tries_left=lambda source, now_s: self.tries if source == "school" else FREELY, chance=random.Random(1),
        )  # fmt: skip

    def come(self, source: str, count: int = 1, *, has_spoken: bool = True) -> list[Login]:
        found = [Login(source, self.now_s, has_spoken) for _ in range(count)]
        for each in found:
            self.door.arrive(each)
            self.turn()
        return found

    def turn(self) -> None:
        turn = self.door.turn(self.now_s)
        self.begun += turn.begun
        self.dropped += turn.dropped

    def log_in(self, login: Login) -> None:
        self.door.leave(login)
        self.turn()

    def held(self) -> Counter[str]:
        return Counter(each.source for each in self.door.places)


def test_the_chance_of_a_drop_is_sshds() -> None:
    """sshd_config(5), MaxStartups: 30 % at 10, growing in a line to all at 100."""
    assert SSHD.drop_chance(9) == 0.0
    assert SSHD.drop_chance(10) == pytest.approx(0.3)
    assert SSHD.drop_chance(55) == pytest.approx(0.65)
    assert SSHD.drop_chance(100) == 1.0


@pytest.mark.parametrize(
    ("text", "found"),
    [("10:30:100", SSHD), ("64", Startups(64, 100, 64)), (64, Startups(64, 100, 64)), ("1:1:1", Startups(1, 1, 1))],
)
def test_it_is_written_as_in_sshd_config(text: str | int, found: Startups) -> None:
    assert Startups.parse(text) == found


@pytest.mark.parametrize("text", ["", "0", 0, -1, "10:30", "10:0:100", "10:101:100", "20:30:10", "1:2:3:4", "٣", "x"])
def test_anything_else_is_refused(text: str | int) -> None:
    with pytest.raises(UsageError, match="use START:RATE:FULL"):
        Startups.parse(text)


def test_two_hundred_of_one_source_wait_for_each_other_and_all_log_in() -> None:
    """The ninth of thirty students behind one address was cut off."""
    front = _Front()
    front.come("school", 200)
    assert len(front.begun) == 8
    done = 0
    while done < len(front.begun):
        front.log_in(front.begun[done])
        done += 1
    assert done == 200
    assert not front.dropped


def test_those_who_compare_the_host_key_keep_nobody_of_their_source_out() -> None:
    front = _Front()
    front.come("school", 30)
    for _ in range(4):
        front.now_s += 1.0
        front.turn()
    assert len(front.begun) == 30
    assert not front.dropped


def test_a_newcomer_finds_a_place_beside_64_silent_connections_of_8_sources() -> None:
    """They kept everyone out for 120 s."""
    front = _Front()
    for number in range(8):
        front.come(f"flood-{number}", 8, has_spoken=False)
    assert front.held().total() == 64
    (guest,) = front.come("guest")
    assert guest in front.begun


def test_a_newcomer_finds_a_place_at_a_full_door() -> None:
    front = _Front()
    for number in range(20):
        front.come(f"flood-{number}", 5, has_spoken=number % 2 == 0)
    assert front.held().total() == 100
    front.now_s = 1.0
    (guest,) = front.come("guest")
    assert guest in front.begun
    victims = [login for login, why in front.dropped if why is Drop.HALF_OPEN]
    assert victims
    assert not any(each.has_spoken for each in victims), "the silent go first"
    assert guest not in victims


def test_places_are_shared_fairly_with_a_flood_that_comes_again_and_again() -> None:
    """A class logs in within some turns, though 20 sources come again for each connection that is dropped."""
    front = _Front()
    for number in range(20):
        front.come(f"flood-{number}", 12, has_spoken=False)
    class_of = front.come("school", 200)
    for _ in range(200):
        front.now_s += 0.1
        front.turn()
        gone = Counter(login.source for login, _ in front.dropped)
        front.dropped.clear()
        for source, count in gone.items():
            front.come(source, count, has_spoken=False)
        for login in [each for each in front.door.places if each.source == "school"]:
            front.log_in(login)
        if all(each in front.begun for each in class_of):
            break
    assert all(each in front.begun for each in class_of)
    assert front.now_s < 10.0


def test_a_source_without_tries_waits_and_is_not_refused() -> None:
    front = _Front(tries=0)
    (guest,) = front.come("school")
    assert front.door.has(guest)
    assert not front.begun
    front.tries = 1
    front.turn()
    assert front.begun == [guest]


def test_no_more_log_in_at_a_time_than_their_source_has_tries() -> None:
    """So what all of them present is within the bound."""
    front = _Front(tries=2)
    front.come("school", 10)
    assert len(front.begun) == 2


def test_there_is_less_time_to_log_in_when_places_are_few() -> None:
    front = _Front()
    (alone,) = front.come("slow")
    front.now_s = 60.0
    front.turn()
    assert front.door.has(alone), "alone, it has two minutes"
    for number in range(40):
        front.come(f"other-{number}")
    for number in range(40, 80):
        front.come(f"other-{number}")
    front.turn()
    assert (alone, Drop.SLOW) in front.dropped


def test_what_waits_is_bounded_in_all_and_for_a_source() -> None:
    front = _Front(max_waiting=20)
    front.come("school", 100)
    assert len(list(front.door.waiting)) == 10
    assert {why for _, why in front.dropped} == {Drop.CROWD_OF_SOURCE}
    front.dropped.clear()
    front.tries = 0
    for number in range(200):
        front.come(f"other-{number % 100}", 9)
    assert len(list(front.door.waiting)) <= 20
    assert Drop.CROWD in {why for _, why in front.dropped}


def test_one_that_waits_too_long_is_told_why() -> None:
    front = _Front(tries=0)
    (guest,) = front.come("school")
    front.now_s = 20.0
    front.turn()
    assert front.dropped == [(guest, Drop.PENALTY)]


def test_one_that_waits_for_its_host_holds_no_place_and_is_not_dropped() -> None:
    front = _Front()
    (guest,) = front.come("early")
    front.door.park(guest)
    front.now_s = 1000.0
    front.turn()
    assert not front.held()
    assert front.door.has(guest)
    front.door.leave(guest)
    front.door.leave(guest)
    assert not front.door.has(guest)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["come", "silent", "leave", "park", "later"]), st.integers(0, 12), st.floats(0, 30),
    ),
    max_size=80,
)  # fmt: skip


@given(_STEPS)
def test_the_bounds_hold_whatever_happens(steps: list[tuple[str, int, float]]) -> None:
    front = _Front(startups=Startups(2, 30, 6), max_waiting=6, tries=3)
    known: list[Login] = []
    for what, number, seconds in steps:
        match what:
            case "come" | "silent":
                known += front.come(["school", "a", "b", "c"][number % 4], number, has_spoken=what == "come")
            case "leave" if known:
                front.log_in(known[number % len(known)])
            case "park" if known:
                front.door.park(known[number % len(known)])
                front.turn()
            case "later":
                front.now_s += seconds
                front.turn()
        assert front.held().total() <= 6
        assert len(list(front.door.waiting)) <= 6
        assert len({id(login) for login, _ in front.dropped}) == len(front.dropped), "dropped twice"
        assert not any(front.door.has(login) for login, _ in front.dropped)
