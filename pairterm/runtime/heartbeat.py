"""Detects that the other end of a link is gone without closing it: a sleeping laptop, a cable, a NAT timeout.

Each side sends a ping at a fixed interval. Everything that arrives is a sign of life. Times are
in seconds on the loop's clock, which stands still while the machine sleeps. A jump of the wall
clock shows that the machine was asleep, and then the other side has to answer soon.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

__all__ = ["DEAD_AFTER_S", "Heartbeat"]

_INTERVAL_S = 8.0

DEAD_AFTER_S = 26.0
"""Silence after which a link is dead: three pings without an answer, and less than the 30 s that we promise."""

_ANSWER_S = 4.0
"""How long an answer may take before the link counts as silent. A busy satellite connection needs less."""

_AFTER_SLEEP_S = 4.0
"""How long the other side may take to answer after the machine woke up."""


class Heartbeat:
    """Watches one link until it is stopped."""

    def __init__(
        self,
        ask: Callable[[], None],
        on_dead: Callable[[], None],
        *,
        on_silent: Callable[[bool], None] = lambda is_silent: None,
        interval_s: float = _INTERVAL_S,
        dead_after_s: float = DEAD_AFTER_S,
        answer_s: float = _ANSWER_S,
    ) -> None:
        """`ask` sends a ping that the other side answers. `on_dead` is called once.

        `on_silent` is called long before that, with True when an answer is late, and with False when something
        arrives after all.
        """
        self._ask = ask
        self._on_silent = on_silent
        self._answer_s = answer_s
        self._is_silent = False
        self._late_timer: asyncio.TimerHandle | None = None
        self._on_dead = on_dead
        self._interval_s = interval_s
        self._dead_after_s = dead_after_s
        self._loop = asyncio.get_running_loop()
        self._dead_at_s = self._loop.time() + dead_after_s
        self._wall_s = time.time()
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(interval_s, self._beat)

    def heard(self) -> None:
        """Take note that something arrived."""
        self._dead_at_s = self._loop.time() + self._dead_after_s
        if self._late_timer is not None:
            self._late_timer.cancel()
            self._late_timer = None
        if self._is_silent:
            self._is_silent = False
            self._on_silent(False)

    def stop(self) -> None:
        """Stop watching the link."""
        for timer in (self._timer, self._late_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._late_timer = None

    def _miss(self) -> None:
        self._late_timer = None
        self._is_silent = True
        self._on_silent(True)

    def _beat(self) -> None:
        now_s, wall_s = self._loop.time(), time.time()
        if wall_s - self._wall_s > self._interval_s + _AFTER_SLEEP_S:
            self._dead_at_s = min(self._dead_at_s, now_s + _AFTER_SLEEP_S)
        self._wall_s = wall_s
        if now_s >= self._dead_at_s:
            self.stop()
            self._on_dead()
            return
        if self._late_timer is None and not self._is_silent:
            self._late_timer = self._loop.call_later(self._answer_s, self._miss)
        self._ask()
        next_s = min(now_s + self._interval_s, self._dead_at_s)
        self._timer = self._loop.call_at(next_s, self._beat)
