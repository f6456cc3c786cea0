"""One pane: a program's screen, the blank that hides it from guests, and the time for which it holds its picture back.

No I/O and no clock: times are monotonic seconds.
"""

from __future__ import annotations

from pairterm.session.privacy import PrivacyScreen
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Size

__all__ = ["Pane"]


class Pane:
    """A pane of a window."""

    def __init__(self, pane: PaneId, size: Size, *, history_lines: int) -> None:
        self.id = pane
        self.terminal = Terminal(size, history_lines=history_lines)
        self.resized_s = float("-inf")
        """When the program got its size last."""
        self.synchronised_until_s: float | None = None
        """Until when the program may hold its picture back (DECSET 2026); None: it does not."""
        self.bells = 0
        """How many bells of the program were taken note of."""
        self.command = ""
        """The name of the program in the foreground, as far as it is known."""
        self.directory = ""
        """The directory of that program, as far as it is known."""
        self.status: int | None = None
        """The exit status of a program that has ended in a pane that stays; None: it runs."""
        self._screens = PrivacyScreen()

    @property
    def size(self) -> Size:
        """The size that the screen and the program have."""
        return self.terminal.size

    @property
    def may_publish(self) -> bool:
        """False while the program holds its picture back in the middle of a drawing."""
        return self.synchronised_until_s is None

    def frame(self) -> Frame:
        """Return the newest picture; the same object while nothing changed."""
        frame = self.terminal.snapshot()
        return self._screens.shifted(frame) if self._screens.shift else frame

    def frame_for(self, *, is_off: bool, is_hidden: bool) -> Frame:
        """Return what is shown: a blank if `is_hidden`. `is_off`: guests' pictures are off."""
        self._screens.turn(is_off=is_off)
        frame = self.frame()
        return self._screens.blank(frame) if is_hidden else frame

    def generation_for(self, *, is_off: bool, is_hidden: bool) -> int:
        """Return the generation of `frame_for`, or one more if the program's output changed no picture.

        O(1) but for a hidden pane.
        """
        self._screens.turn(is_off=is_off)
        if is_off:
            return self.frame_for(is_off=is_off, is_hidden=is_hidden).generation
        return self.terminal.generation + self._screens.shift
