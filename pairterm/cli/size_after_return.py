"""The session's size after a lost link: pictures of another size wait until the session has the size before again.

A person who has scrolled back would lose their place: the lines' numbers change with
the size, and change back. A picture of another size was made before our vote counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pairterm.terminal.frame import Frame
from pairterm.types import Size

__all__ = ["SizeAfterReturn"]

_RETURN_S = 1.0
"""After a return, how long we wait for the size that the session had before. A host resizes within a tenth."""


class SizeAfterReturn:
    """The size that one terminal waits for after its return."""

    def __init__(self, on_over: Callable[[], None]) -> None:
        """`on_over`: the time is over, and any size is shown."""
        self._on_over = on_over
        self._size: Size | None = None
        """The session's size when the link was lost; None: any size is shown."""
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, size: Size) -> None:
        """Wait for this size from now on."""
        self._size = size

    def holds_back(self, frame: Frame) -> bool:
        """Return whether a frame has to wait. The first one that does not ends the wait."""
        if frame.is_hidden or self._size in (None, frame.size):
            self.settle()
            return False
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_RETURN_S, self._give_up)
        return True

    def settle(self) -> None:
        """Wait no longer."""
        self._size = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self.settle()
        self._on_over()
