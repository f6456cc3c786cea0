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
