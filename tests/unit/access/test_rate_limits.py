"""How much of a loop's time one party may take."""

from __future__ import annotations

import pytest

from pairterm.access.rate_limits import Share


def test_a_burst_is_free_and_then_the_long_run_counts() -> None:
    share = Share(0.1, 0.2)
    for _ in range(50):
        assert share.wait_s(1.0) == 0
        share.spend(1.0, 0.001)
    assert share.wait_s(1.0) == 0
    for _ in range(52):
        share.spend(1.0, 0.001)
    assert share.wait_s(1.0) == pytest.approx(0.01)
    assert share.wait_s(1.02) == 0


@pytest.mark.parametrize(("turn_s", "part"), [(0.001, 0.2), (0.004, 0.2), (0.008, 0.1), (0.016, 0.05), (0.2, 0.025)])
def test_the_share_of_long_turns_is_smaller(turn_s: float, part: float) -> None:
    """All others wait for a turn's end: ten turns of 1 ms hurt nobody, one of 200 ms does."""
    share, now_s, taken_s = Share(0.0, 0.2), 0.0, 0.0
    for _ in range(100):
        now_s += share.wait_s(now_s) + turn_s
        share.spend(now_s, turn_s)
        taken_s += turn_s
    now_s += share.wait_s(now_s)
    assert taken_s / now_s == pytest.approx(part, rel=0.3)


def test_work_for_others_is_not_paid_for() -> None:
    """A picture for a thousand guests takes 50 ms to send: their session is no attack."""
    share = Share(0.0, 0.2)
    share.excuse(0.05)
    share.spend(1.0, 0.051)
    assert share.wait_s(1.0) == pytest.approx(0.005)
    share.spend(2.0, 0.001)
    assert share.wait_s(2.0) == pytest.approx(0.005)
