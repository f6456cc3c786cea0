"""Floods in few lines: the first of a kind at once, the others as a number, and bounded."""

from __future__ import annotations

from pairterm.access.flood_counts import OTHERS, SPAN_S, Tally


def test_the_first_is_told_the_others_are_counted() -> None:
    tally = Tally()
    assert tally.is_first("link", "203.0.113.7", 0.0)
    assert [tally.is_first("link", "203.0.113.7", 1.0) for _ in range(5)] == [False] * 5
    assert tally.is_first("penalty", "203.0.113.7", 1.0), "another reason is another kind"
    assert tally.is_first("link", "203.0.113.8", 1.0), "so is another source"
    assert tally.over(SPAN_S - 0.1) == []
    assert tally.over(SPAN_S) == [("link", "203.0.113.7", 5)]
    assert tally.is_first("link", "203.0.113.7", SPAN_S), "a new span"
    assert tally.over(10 * SPAN_S) == [], "what came once was told"


def test_sources_without_end_are_one() -> None:
    tally = Tally()
    firsts = sum(tally.is_first("link", f"source {number}", 0.0) for number in range(5000))
    assert firsts == 1025
    assert tally.over(SPAN_S) == [("link", OTHERS, 5000 - 1025)]
