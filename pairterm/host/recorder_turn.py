"""The turns of a session's recorder: what it gets, it gets after everybody else, and at most 25 times a second.

A key's echo goes to the people at once. Its picture goes to the recorder in the next turn,
when the host has nothing to do for a person. A turn sends the state as it is then, so
pictures that came and went between two turns are skipped, as for a slow guest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["RecorderTurn"]

_TURN_S = 0.04
"""25 pictures a second: as many as a film has. A minute of `yes` stays below 5 MB."""


class RecorderTurn:
    """The next turn of the recorder."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._steps: list[Callable[[], None]] = []

    def add(self, step: Callable[[], None]) -> None:
        """Let each turn call `step`, after the steps that were added before."""
        self._steps.append(step)

    def soon(self) -> None:
        """Take a turn `_TURN_S` after the first call since the last turn."""
        if self._timer is None:
            self._timer = self._loop.call_later(_TURN_S, self._take)

    def _take(self) -> None:
        self._timer = None
        for step in self._steps:
            step()
