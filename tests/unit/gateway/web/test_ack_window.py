from __future__ import annotations

from pairterm.gateway.web.ack_window import AckWindow


def test_what_fits_the_window_is_not_held_and_the_rest_is() -> None:
    window = AckWindow()
    window.sent(16_384, 0.0)
    assert window.held_bytes == 0
    window.sent(1_000, 0.0)
    assert window.held_bytes == 1_000
    assert window.acknowledged(16_384, 0.05)
    assert (window.held_bytes, window.unacknowledged_bytes) == (0, 1_000)


def test_more_than_was_sent_can_not_be_shown_and_an_old_total_changes_nothing() -> None:
    window = AckWindow()
    window.sent(100, 0.0)
    assert not window.acknowledged(101, 0.1)
    assert window.acknowledged(100, 0.1)
    assert window.acknowledged(50, 0.2)
    assert window.unacknowledged_bytes == 0


def filled(window: AckWindow, took_s: float, rounds: int) -> int:
    """Send as much as the window takes, again and again; return how much it takes at the end."""
    total, now_s = window.unacknowledged_bytes, 0.0
    for _ in range(rounds):
        while not window.held_bytes:
            window.sent(1_000, now_s)
            total += 1_000
        now_s += took_s
        window.acknowledged(total, now_s)
    while not window.held_bytes:
        window.sent(1_000, now_s)
    return window.unacknowledged_bytes


def test_the_window_grows_while_acknowledgements_come_soon() -> None:
    assert 100_000 < filled(AckWindow(), 0.1, 20) < 140_000


def test_the_window_shrinks_when_they_come_late_and_never_closes() -> None:
    window = AckWindow()
    window.sent(500, 0.0)
    window.acknowledged(500, 0.02)
    total = 500
    for number in range(1, 12):
        window.sent(20_000, float(number))
        total += 20_000
        window.acknowledged(total, number + 0.9)
    window.sent(3_000, 20.0)
    assert 0 < window.held_bytes <= 1_000
