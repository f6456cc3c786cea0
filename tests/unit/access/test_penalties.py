"""Penalties of a source that guesses: how they add up, run off and stay bounded. The clock is an argument."""

from __future__ import annotations

import pytest

from pairterm.access.penalties import SourcePenalties, source_of


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


def test_three_bad_tokens_in_a_row_shut_the_door_and_time_opens_it() -> None:
    penalties = SourcePenalties()
    for _ in range(2):
        penalties.add("a", 100.0)
        assert not penalties.is_refused("a", 100.0)
    penalties.add("a", 100.0)
    assert penalties.is_refused("a", 100.0)
    assert not penalties.is_refused("b", 100.0)
    assert not penalties.is_refused("a", 100.1), "below the threshold it may come again"
    assert not penalties.is_refused("a", 115.0)
    assert len(penalties) == 0, "a source whose penalty has run off is forgotten"


def test_bad_tokens_far_apart_never_add_up() -> None:
    penalties = SourcePenalties()
    for hour in range(100):
        penalties.add("a", hour * 3600.0)
        assert not penalties.is_refused("a", hour * 3600.0)


def test_a_source_collects_ten_minutes_at_the_most() -> None:
    penalties = SourcePenalties()
    for _ in range(10_000):
        penalties.add("a", 0.0)
    assert penalties.is_refused("a", 585.0)
    assert not penalties.is_refused("a", 586.0)


def test_the_table_is_bounded_and_the_oldest_makes_room() -> None:
    penalties = SourcePenalties(max_sources=3, threshold_s=1.0)
    for source in "abcd":
        penalties.add(source, 0.0)
    assert len(penalties) == 3
    assert not penalties.is_refused("a", 0.0)
    assert penalties.is_refused("d", 0.0)
    penalties.add("b", 0.0)
    penalties.add("e", 0.0)
    assert penalties.is_refused("b", 0.0), "one that guesses on is not the oldest"


def test_a_class_that_came_before_its_host_is_charged_nothing_once_its_link_is_known() -> None:
    """A gateway that was restarted knew no link yet, and thirty guests behind one address shut it for all."""
    penalties = SourcePenalties()
    penalties.hold_until(30.0)
    for second in range(20):
        for _ in range(30):
            penalties.add("school", float(second), b"the link")
            assert not penalties.is_refused("school", float(second))
    penalties.known(b"the link")
    assert not penalties.is_refused("school", 30.0)
    assert len(penalties) == 0


def test_guesses_of_the_first_seconds_fall_due_when_these_are_over() -> None:
    penalties = SourcePenalties()
    penalties.hold_until(30.0)
    for number in range(200):
        penalties.add("guesser", 1.0, b"%d" % number)
    penalties.add("guest", 1.0, b"the link")
    penalties.known(b"the link")
    assert not penalties.is_refused("guesser", 29.9)
    assert penalties.is_refused("guesser", 30.0)
    assert penalties.is_refused("guesser", 30.0 + 584), "as if it had guessed on: the most that can be collected"
    assert not penalties.is_refused("guest", 30.0)


def test_the_same_wrong_link_is_one_guess_while_charges_are_held() -> None:
    penalties = SourcePenalties()
    penalties.hold_until(30.0)
    for _ in range(100):
        penalties.add("a", 1.0, b"mistyped")
    assert not penalties.is_refused("a", 30.0)
    penalties.add("a", 30.0, b"mistyped")
    penalties.add("a", 30.0, b"mistyped")
    assert penalties.is_refused("a", 30.0)


def test_what_is_no_token_and_what_is_too_much_is_charged_at_once() -> None:
    penalties = SourcePenalties()
    penalties.hold_until(30.0)
    for _ in range(3):
        penalties.add("keys", 1.0)
    assert penalties.is_refused("keys", 1.0)
    for number in range(5000):
        penalties.add("flood", 1.0, b"%d" % number)
    assert penalties.is_refused("flood", 1.0)
