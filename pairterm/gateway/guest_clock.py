"""The clock of a guest: asyncio's loop is one, and a test's is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "Timer"]


class Timer(Protocol):
    """A call that is planned."""

    def cancel(self) -> None:
        """Forget the call."""


class Clock(Protocol):
    """The time, and calls at a later time: an event loop."""

    def time(self) -> float:
        """Return the time now."""

    def call_later(self, delay: float, callback: Callable[..., object], *args: object) -> Timer:
        """Plan a call."""
