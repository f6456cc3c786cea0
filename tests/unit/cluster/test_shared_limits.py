"""What the gateways of a service count together: `cluster.shared_limits`."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.cluster import shared_limits
from pairterm.cluster.shared_limits import (
    Ban,
    Charges,
    OwnCounts,
    SharedLimits,
    WrongWords,
    decode_bans,
    decode_limits,
    encode_bans,
)
from pairterm.errors import PeerError

NOTHING = OwnCounts({}, {}, 0)


def test_news_is_told_once() -> None:
    limits = SharedLimits(shares_totals=False)
    limits.charge("192.0.2.1")
    limits.charge("192.0.2.1")
    limits.missed("7")
    limits.ban("key:a", [b"b" * 32, b"a" * 32])
    told = [decode_limits(each) for each in limits.due(NOTHING)]
    assert told == [
        Charges({"192.0.2.1": 2}),
        WrongWords({"7": 1}),
        Ban("key:a", [b"a" * 32, b"b" * 32]),
        NOTHING,
    ]
    assert limits.due(NOTHING) == []


def test_counts_are_told_when_they_change_and_when_somebody_does_not_know_them() -> None:
    limits = SharedLimits(shares_totals=False)
    first, second = OwnCounts({"key:a": 1}, {}, 0), OwnCounts({"key:a": 2}, {"192.0.2.1": 3}, 3)
    assert [decode_limits(each) for each in limits.due(first)] == [first]
    assert [decode_limits(each) for each in limits.due(second)] == [second]
    assert limits.due(second) == []
    limits.tell_again()
    assert limits.due(None) == []
    assert [decode_limits(each) for each in limits.due(second)] == [second]


def test_the_counts_of_others_add_up_until_they_are_gone() -> None:
    limits = SharedLimits(shares_totals=True)
    limits.count_of("b", OwnCounts({"key:a": 2}, {"192.0.2.1": 5}, 5))
    limits.count_of("c", OwnCounts({"key:a": 1, "key:z": 1}, {"192.0.2.1": 1, "192.0.2.2": 1}, 2))
    limits.count_of("c", OwnCounts({"key:a": 1}, {"192.0.2.1": 1}, 1))
    assert (limits.sessions_of("key:a"), limits.sessions_of("key:z")) == (3, 0)
    assert (limits.guests_of("192.0.2.1"), limits.guests_of("192.0.2.2")) == (6, 0)
    assert (limits.session_count, limits.guest_count) == (3, 6)
    limits.keep(["c", "d"])
    assert (limits.sessions_of("key:a"), limits.guests_of("192.0.2.1"), limits.guest_count) == (1, 1, 1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("bcd"),
            st.none() | st.dictionaries(st.sampled_from(["key:a", "key:z"]), st.integers(0, 3), max_size=2),
        ),
        max_size=30,
    )
)
def test_what_is_added_up_step_by_step_is_the_sum(told: list[tuple[str, dict[str, int] | None]]) -> None:
    limits = SharedLimits(shares_totals=True)
    known: dict[str, dict[str, int]] = {}
    for gateway, counts in told:
        if counts is None:
            known.pop(gateway, None)
            limits.keep(known)
        else:
            known[gateway] = counts
            limits.count_of(gateway, OwnCounts(counts, counts, sum(counts.values())))
        for owner in ("key:a", "key:z"):
            expected = sum(each.get(owner, 0) for each in known.values())
            assert limits.sessions_of(owner) == limits.guests_of(owner) == expected
        total = sum(sum(each.values()) for each in known.values())
        assert limits.session_count == limits.guest_count == total


def test_the_gateways_of_a_cluster_have_totals_of_their_own() -> None:
    limits = SharedLimits(shares_totals=False)
    limits.count_of("b", OwnCounts({"key:a": 2}, {"192.0.2.1": 5}, 5))
    assert (limits.session_count, limits.guest_count) == (0, 0)
    assert (limits.sessions_of("key:a"), limits.guests_of("192.0.2.1")) == (2, 5)


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 3)), max_size=40))
def test_no_charge_is_lost_and_each_message_keeps_its_bounds(charged: list[tuple[int, int]]) -> None:
    limits = SharedLimits(shares_totals=False)
    expected: dict[str, int] = {}
    for source, times in charged:
        for _ in range(times * 60):
            limits.charge(f"s{source % 7}")
        expected[f"s{source % 7}"] = expected.get(f"s{source % 7}", 0) + times * 60
    arrived: dict[str, int] = {}
    while payloads := [each for each in limits.due(NOTHING) if isinstance(decode_limits(each), Charges)]:
        for payload in payloads:
            message = decode_limits(payload)
            assert isinstance(message, Charges)
            for name, times in message.sources.items():
                assert 1 <= times <= 100
                arrived[name] = arrived.get(name, 0) + times
    assert arrived == expected


def test_more_sources_than_one_message_has_are_told_in_the_next() -> None:
    limits = SharedLimits(shares_totals=False)
    for number in range(400):
        limits.charge(f"source {number}")
    told: set[str] = set()
    for _ in range(2):
        for payload in limits.due(NOTHING):
            message = decode_limits(payload)
            if isinstance(message, Charges):
                assert len(message.sources) <= 256
                told |= message.sources.keys()
    assert len(told) == 400


@pytest.mark.parametrize(
    "message",
    [
        ["charges", {"192.0.2.1": 0}],
        ["charges", {"192.0.2.1": 101}],
        ["charges", {"x" * 65: 1}],
        ["charges", {f"{number}": 1 for number in range(257)}],
        ["wrong-words", {"7": -1}],
        ["ban", "key:a", [b"short"]],
        ["ban", "key:a", [b"x" * 32] * 5],
        ["counts", {"key:a": -1}, {}, 0],
        ["counts", {}, {}, 1 << 40],
        ["unknown"],
        [],
        {},
        7,
    ],
)
def test_a_bad_message_of_another_gateway_is_refused(message: object) -> None:
    with pytest.raises(PeerError):
        decode_limits(msgspec.msgpack.encode(message))


def test_bans_survive_the_way_to_a_gateway_that_starts() -> None:
    bans = [("key:a", frozenset({b"a" * 32, b"b" * 32})), ("key:b", frozenset({b"c" * 32}))]
    assert [(each.owner, frozenset(each.token_hashes)) for each in decode_bans(encode_bans(bans))] == bans
    with pytest.raises(PeerError):
        decode_bans(b"\xff")


def test_what_waits_to_be_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that was cut off kept each source that presented a wrong link, for as long as that lasted."""
    monkeypatch.setattr(shared_limits, "_MAX_PENDING", 3)
    monkeypatch.setattr(shared_limits, "_MAX_BANS", 2)
    limits = SharedLimits(shares_totals=False)
    for number in range(10):
        limits.charge(f"192.0.2.{number}")
        limits.missed(str(number))
        limits.ban(f"key:{number}", [])
    limits.charge("192.0.2.0")
    told = [decode_limits(each) for each in limits.due(None)]
    assert told == [
        Charges({"192.0.2.0": 2, "192.0.2.1": 1, "192.0.2.2": 1}),
        WrongWords({"0": 1, "1": 1, "2": 1}),
        Ban("key:8", []),
        Ban("key:9", []),
    ]
