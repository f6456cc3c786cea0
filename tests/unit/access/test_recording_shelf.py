"""The shelf of shared recordings: room, time, and whose they are."""

from __future__ import annotations

import pytest

from pairterm.access.recording_shelf import RecordingShelf, SharedRecording
from pairterm.errors import UsageError

DAY_S = 86_400


def shelf() -> RecordingShelf:
    return RecordingShelf(max_bytes=250, max_bytes_of_owner=100, max_age_s=30 * DAY_S)


def recording(number: int, *, owner: str = "uid 1", size_bytes: int = 40, expires_s: int = DAY_S) -> SharedRecording:
    return SharedRecording(
        token_hash=bytes([number]) * 32, owner=owner, name="pair.cast", size_bytes=size_bytes, expires_s=expires_s
    )


def test_a_recording_opens_only_when_it_is_whole_and_until_it_expires() -> None:
    kept = shelf()
    one = recording(1)
    kept.begin(one, 0.0)
    assert kept.find(one.token_hash, 0.0) is None
    assert kept.of("uid 1", 0.0) == []
    kept.finish(one)
    assert kept.find(one.token_hash, DAY_S - 0.1) is one
    assert kept.expired(DAY_S - 0.1) == []
    assert kept.find(one.token_hash, DAY_S) is None
    assert kept.of("uid 1", DAY_S) == []
    assert kept.expired(DAY_S) == [one]
    kept.remove(one)
    assert kept.expired(DAY_S) == []


def test_uploads_under_way_count_and_what_is_removed_does_not() -> None:
    kept = shelf()
    first, second = recording(1, size_bytes=60), recording(2, size_bytes=60)
    kept.begin(first, 0.0)
    with pytest.raises(UsageError, match="left"):
        kept.begin(second, 0.0)
    kept.remove(first)
    kept.begin(second, 0.0)


def test_all_owners_together_have_a_bound_too() -> None:
    kept = shelf()
    for number in (1, 2):
        kept.begin(recording(number, owner=f"uid {number}", size_bytes=100), 0.0)
    with pytest.raises(UsageError, match="operator"):
        kept.begin(recording(3, owner="uid 3", size_bytes=51), 0.0)
    kept.begin(recording(3, owner="uid 3", size_bytes=50), 0.0)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ((40, 31 * DAY_S), "30d at most"),
        ((40, 0), "nothing"),
        ((0, DAY_S), "nothing"),
        ((101, DAY_S), "left"),
    ],
)
def test_what_no_shelf_takes(wanted: tuple[int, int], text: str) -> None:
    kept = shelf()
    with pytest.raises(UsageError, match=text):
        kept.begin(recording(1, size_bytes=wanted[0], expires_s=wanted[1]), 0.0)
    assert kept.find(recording(1).token_hash, 0.0) is None


def test_a_token_is_taken_once() -> None:
    kept = shelf()
    kept.begin(recording(1), 0.0)
    with pytest.raises(UsageError, match="already"):
        kept.begin(recording(1, owner="uid 2"), 0.0)


def test_an_owner_sees_and_names_only_their_own() -> None:
    kept = shelf()
    for number, owner in ((1, "uid 1"), (2, "uid 2")):
        kept.begin(recording(number, owner=owner), 0.0)
        kept.finish(recording(number, owner=owner))
    assert kept.named("uid 1", "01" * 6, 0.0).owner == "uid 1"
    with pytest.raises(UsageError, match="no recording"):
        kept.named("uid 1", "02" * 6, 0.0)
