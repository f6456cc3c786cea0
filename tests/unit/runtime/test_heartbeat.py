"""A link that answers stays open, and a silent one is found dead. The test turns the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from pairterm.runtime.heartbeat import DEAD_AFTER_S, Heartbeat


class Clock:
    """A loop's clock and timers, and the wall's."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.asleep_s = 0.0
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now_s

    def call_at(self, at_s: float, call: Callable[[], None]) -> Any:
        entry = (at_s, call)
        self._timers.append(entry)
        clock = self

        class Handle:
            def cancel(self) -> None:
                if entry in clock._timers:
                    clock._timers.remove(entry)

        return Handle()

    def call_later(self, delay_s: float, call: Callable[[], None]) -> Any:
        return self.call_at(self.now_s + delay_s, call)

    def go_to(self, at_s: float) -> None:
        while due := [entry for entry in self._timers if entry[0] <= at_s]:
            entry = min(due, key=lambda each: each[0])
            self._timers.remove(entry)
            self.now_s = max(self.now_s, entry[0])
            entry[1]()
        self.now_s = at_s

    @property
    def is_idle(self) -> bool:
        return not self._timers


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    monkeypatch.setattr("pairterm.runtime.heartbeat.time.time", lambda: 1e9 + made.now_s + made.asleep_s)
    return made


def test_silence_is_found_within_30_s_of_the_last_sign(clock: Clock) -> None:
    asked: list[float] = []
    dead: list[float] = []
    beating = Heartbeat(lambda: asked.append(clock.now_s), lambda: dead.append(clock.now_s))
    clock.go_to(20.0)
    beating.heard()
    clock.go_to(49.9)
    assert asked
    assert dead == [20.0 + DEAD_AFTER_S]
    assert DEAD_AFTER_S < 30
    assert clock.is_idle


def test_a_link_that_answers_lives(clock: Clock) -> None:
    dead: list[float] = []
    beating: Heartbeat | None = None

    def answer() -> None:
        assert beating is not None
        beating.heard()

    beating = Heartbeat(answer, lambda: dead.append(clock.now_s))
    clock.go_to(3600.0)
    assert not dead
    beating.stop()
    assert clock.is_idle


def test_after_a_sleep_it_has_to_answer_soon(clock: Clock) -> None:
    dead: list[float] = []
    Heartbeat(lambda: None, lambda: dead.append(clock.now_s))
    clock.go_to(9.0)
    clock.asleep_s = 600.0
    clock.go_to(30.0)
    assert dead == [20.0], "the beat at 16 s sees the sleep, and the link has 4 s"


def test_an_answer_that_is_late_is_told_long_before_the_link_is_dead(clock: Clock) -> None:
    """An owner was not told for 26 s that the network was gone. Now it takes 12 s at most."""
    told: list[tuple[float, bool]] = []
    beating = Heartbeat(
        lambda: None,
        lambda: told.append((clock.now_s, True)),
        on_silent=lambda is_silent: told.append((clock.now_s, is_silent)),
    )
    clock.go_to(11.9)
    assert told == []
    clock.go_to(20.0)
    assert told == [(12.0, True)], "told once"
    beating.heard()
    assert told == [(12.0, True), (20.0, False)]
    beating.heard()
    clock.go_to(24.5)  # asked at 24 s
    beating.heard()
    clock.go_to(31.9)
    assert len(told) == 2
    beating.stop()
    assert clock.is_idle
