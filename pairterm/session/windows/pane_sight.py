"""The sight of a pane that the clients of one link have now: its frame, or a blank.

A sight is made for one question and not kept: it looks up once what holds for this moment.
"""

from __future__ import annotations

from pairterm.session.windows.pane import Pane
from pairterm.terminal.frame import Frame

__all__ = ["PaneSight"]


class PaneSight:
    """A pane, as the clients of one link may see it."""

    __slots__ = ("_is_hidden", "_is_off", "_pane", "is_urgent")

    def __init__(self, pane: Pane, *, is_off: bool, is_hidden: bool, is_urgent: bool) -> None:
        """`is_off`: the session is paused. `is_hidden`: these clients get a blank."""
        self._pane = pane
        self._is_off = is_off
        self._is_hidden = is_hidden
        self.is_urgent = is_urgent
        """The clients must not see the picture any longer that they see now: the blank waits for nothing."""

    @property
    def may_publish(self) -> bool:
        """False while the program holds its picture back in the middle of a drawing."""
        return self.is_urgent or self._pane.synchronised_until_s is None

    @property
    def generation(self) -> int:
        """The generation of `frame()`, or one more if the program's output changed no picture. O(1) but in a pause."""
        return self._pane.generation_for(is_off=self._is_off, is_hidden=self._is_hidden)

    def frame(self) -> Frame:
        """Return the newest frame that the clients may see."""
        return self._pane.frame_for(is_off=self._is_off, is_hidden=self._is_hidden)
