"""Pictures at a pace: many small ones, few large ones, and never more than the allowances in the long run."""

from __future__ import annotations

from pairterm.picture_allowance import Pace
from pairterm.view.pacing import Pacer


def _sent(gap_s: float, seconds: float, *, is_small: bool) -> list[float]:
    """Return how late each picture is that is wanted every `gap_s`; what is not sent yet coalesces with the next."""
    pace = Pace()
    late, now_s = [], 0.0
    while now_s < seconds:
        sent_s = max(now_s, pace.free_at_s)
        late.append(sent_s - now_s)
        pace.sent(sent_s, is_small=is_small)
        now_s = max(now_s + gap_s, sent_s)
    return late


def test_no_key_is_late_however_fast_it_comes_after_the_one_before() -> None:
    """With 16 ms between two pictures every second key waited, at 2 ms between keys for 13 ms in the middle."""
    for gap_s in (0.002, 0.005, 0.010, 0.035):
        assert max(_sent(gap_s, 0.8, is_small=True)) == 0.0, gap_s
    assert max(_sent(0.005, 60, is_small=True)) == 0.0


def test_large_pictures_come_sixty_times_a_second_after_the_first_few() -> None:
    late = _sent(0.0001, 10, is_small=False)
    assert late[:4] == [0.0] * 4
    assert late[4] > 0.015
    assert 600 <= len(late) <= 605


def test_small_pictures_without_an_end_are_bounded_too() -> None:
    assert len(_sent(0.0001, 10, is_small=True)) <= 256 + 2400 + 1


def test_a_small_picture_waits_behind_a_flood() -> None:
    """The size of the next picture is known once it is made, so none is made."""
    pace = Pace()
    for _ in range(4):
        pace.sent(1.0, is_small=False)
    assert pace.free_at_s > 1.0
    pace.sent(1.0, is_small=True)
    assert 1.0 < pace.free_at_s < 1.02


def test_quiet_time_fills_the_allowances_and_no_more() -> None:
    pace = Pace()
    for _ in range(4):
        pace.sent(1.0, is_small=False)
    assert pace.free_at_s <= 100.0
    for _ in range(4):
        assert pace.free_at_s <= 100.0
        pace.sent(100.0, is_small=False)
    assert pace.free_at_s > 100.0


def test_a_client_is_painted_by_size_and_by_what_its_connection_holds() -> None:
    pacer = Pacer()
    for _ in range(10):
        assert pacer.delay_s(1.0, 0) == 0.0 or pacer.delay_s(1.0, 0) < 0.001
        pacer.painted(1.0, 60)
    for _ in range(4):
        pacer.painted(2.0, 2000)
    assert 0.0 < pacer.delay_s(2.0, 0) < 0.02
    assert pacer.delay_s(3.0, 0) == 0.0
    assert pacer.delay_s(3.0, 5000) > 0.0, "a full connection is painted although it could"
    assert pacer.delay_s(3.0, None) > 0.0


def test_large_paintings_keep_to_a_byte_rate() -> None:
    pacer = Pacer(max_bytes_per_s=10_000)
    pacer.painted(1.0, 20_000)
    assert pacer.delay_s(1.0, 0) == 2.0
