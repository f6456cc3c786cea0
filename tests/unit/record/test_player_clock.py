"""The player's clock: pause, speed, idle limit and seeking, without any real time."""

from __future__ import annotations

from pairterm.record.player_clock import PlayerClock


def test_time_passes_at_the_speed_and_stops_at_the_end() -> None:
    clock = PlayerClock([0.0, 4.0, 10.0], speed=2.0)
    assert clock.advance(100.0) == 0.0
    assert clock.advance(101.0) == 2.0
    assert clock.next_due_s() == 1.0
    assert clock.advance(200.0) == 10.0
    assert clock.next_due_s() is None


def test_nothing_passes_in_a_pause() -> None:
    clock = PlayerClock([0.0, 10.0])
    clock.advance(0.0)
    clock.is_paused = True
    assert clock.advance(5.0) == 0.0
    assert clock.next_due_s() is None
    clock.is_paused = False
    assert clock.advance(6.0) == 1.0


def test_a_long_pause_of_the_recording_is_cut_to_the_limit() -> None:
    clock = PlayerClock([0.0, 1000.0, 1001.0], idle_limit_s=2.0)
    clock.advance(0.0)
    assert clock.next_due_s() == 2.0
    assert clock.advance(1.9) == 1.9
    assert clock.advance(2.0) == 1000.0
    assert clock.advance(2.5) == 1000.5


def test_a_seek_stays_in_the_recording_and_speeds_have_limits() -> None:
    clock = PlayerClock([0.0, 10.0])
    clock.seek(-5)
    assert clock.position_s == 0.0
    clock.seek(50)
    assert clock.position_s == 10.0
    for _ in range(9):
        clock.faster(1)
    assert clock.speed == 16.0
    for _ in range(9):
        clock.faster(-1)
    assert clock.speed == 0.25
