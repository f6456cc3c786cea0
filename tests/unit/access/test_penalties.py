"""Penalties of a source that guesses: how they add up, run off and stay bounded. The clock is an argument."""

from __future__ import annotations

import pytest

from pairterm.access.penalties import GUESSES_AT_ONCE, GUESSES_PER_S, SourcePenalties, source_of


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_source_is_an_address_or_a_network(address: str, source: str) -> None:
    assert source_of(address) == source


def guesses(penalties: SourcePenalties, source: str, *, since_s: float, until_s: float) -> int:
    """Return how many wrong links a source gets to present that tries as often as it may, looking each millisecond."""
    count = 0
    for moment in range(int((until_s - since_s) * 1000)):
        now_s = since_s + moment / 1000
        while penalties.tries_left(source, now_s):
            penalties.add(source, now_s)
            count += 1
    return count


def test_a_source_guesses_so_often_at_once_and_so_often_a_second() -> None:
    """T1: the bound that the documentation names."""
    penalties = SourcePenalties()
    assert guesses(penalties, "a", since_s=0.0, until_s=0.001) == GUESSES_AT_ONCE
    assert guesses(penalties, "a", since_s=0.001, until_s=60.001) == 60 * GUESSES_PER_S
    assert penalties.tries_left("b", 60.0) == GUESSES_AT_ONCE, "another source has its own"


def test_one_wrong_link_a_second_leaves_a_source_all_but_one_of_its_tries() -> None:
    """It left honest guests behind the same address 3 of 40 logins."""
    penalties = SourcePenalties()
    for second in range(1000):
        assert penalties.tries_left("school", float(second)) == GUESSES_AT_ONCE
        penalties.add("school", float(second))
        assert penalties.tries_left("school", float(second)) == GUESSES_AT_ONCE - 1


def test_a_source_whose_penalty_has_run_off_is_forgotten() -> None:
    penalties = SourcePenalties()
    for hour in range(100):
        penalties.add("a", hour * 3600.0)
    assert len(penalties) == 1
    assert penalties.tries_left("a", 1e6) == GUESSES_AT_ONCE
    assert len(penalties) == 0


def test_a_source_waits_for_a_try_no_longer_than_a_guest_waits_at_the_door() -> None:
    penalties = SourcePenalties()
    for _ in range(10_000):
        penalties.add("a", 0.0)
    assert not penalties.tries_left("a", 18.0)
    assert penalties.tries_left("a", 18.2)


def test_the_table_is_bounded_and_the_oldest_makes_room() -> None:
    penalties = SourcePenalties(max_sources=3, penalty_s=5.0, threshold_s=5.0)
    for source in "abcd":
        penalties.add(source, 0.0)
    assert len(penalties) == 3
    assert penalties.tries_left("a", 0.0)
    assert not penalties.tries_left("d", 0.0)
    penalties.add("b", 0.0)
    penalties.add("e", 0.0)
    assert not penalties.tries_left("b", 0.0), "one that guesses on is not the oldest"


def test_a_class_that_came_before_its_host_is_charged_nothing_once_its_link_is_known() -> None:
    """A gateway that was restarted knew no link yet, and thirty guests behind one address shut it for all."""
    penalties = SourcePenalties()
    penalties.hold_until(30.0)
    for second in range(20):
        for _ in range(30):
            penalties.add("school", float(second), b"the link")
            assert penalties.tries_left("school", float(second)) == GUESSES_AT_ONCE
    penalties.known(b"the link")
    assert penalties.tries_left("school", 30.0) == GUESSES_AT_ONCE
    assert len(penalties) == 0


def test_guesses_of_the_first_seconds_fall_due_when_these_are_over() -> None:
    penalties = SourcePenalties()
    penalties.hold_until(30.0)
    for number in range(100):
        penalties.add("guesser", 1.0, b"%d" % number)
    penalties.add("guest", 1.0, b"the link")
    penalties.known(b"the link")
    assert penalties.tries_left("guesser", 29.9)
    assert not penalties.tries_left("guesser", 30.0)
    assert penalties.tries_left("guest", 30.0) == GUESSES_AT_ONCE


def test_the_same_wrong_link_is_one_guess_while_charges_are_held() -> None:
    penalties = SourcePenalties()
    penalties.hold_until(30.0)
    for _ in range(100):
        penalties.add("a", 1.0, b"mistyped")
    assert penalties.tries_left("a", 30.0) == GUESSES_AT_ONCE - 1


def test_what_is_no_token_and_what_is_too_much_is_charged_at_once() -> None:
    penalties = SourcePenalties()
    penalties.hold_until(30.0)
    for _ in range(GUESSES_AT_ONCE):
        penalties.add("keys", 1.0)
    assert not penalties.tries_left("keys", 1.0)
    for number in range(5000):
        penalties.add("flood", 1.0, b"%d" % number)
    assert not penalties.tries_left("flood", 1.0)
