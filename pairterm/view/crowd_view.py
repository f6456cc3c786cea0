"""A view among many: it shows what others show, and takes their paintings.

Most clients of a large audience show the same picture, and nothing of their own. They are *in step*: a newer
picture changes all of them in the same way. So one of them is painted, and the others take its bytes (`follow`). Or
somebody else sends the bytes to all of them, and tells each view later what its terminal shows (`catch_up`). No I/O, no
clock: `now_s` is the clock of `View`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pairterm.terminal.frame import Frame
from pairterm.view.paint_cache import Appearance
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.view import View

__all__ = ["CrowdView", "Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a client is shown, when only a newer picture can change it. Views of one cache have the same objects."""

    appearance: Appearance
    base: Frame
    """What its terminal shows."""
    frame: Frame
    """The session's frame that it was painted from."""
    panes: ShownPanes


class CrowdView(View):
    """A view that can take the paintings of others."""

    def follow(self, frame: Frame, panes: ShownPanes, now_s: float) -> bytes | None:
        """Take the newest frame and return its painting, if another view in step has painted it already.

        It is what `show` and `paint` come to. None: there is more to do than that, and nothing has changed.
        """
        known = self._layers.panes
        if (
            known is None
            or not panes.is_arranged_as(known)
            or frame.is_hidden
            or not self._is_steady
            or (step := self._cache.taken_step(self._base, frame, self._appearance)) is None
        ):
            return None
        base, painted = step
        self.catch_up(base, frame, panes, now_s)
        return painted

    @property
    def standing(self) -> Standing | None:
        """What the client is shown, if only a newer picture can change it, and somebody else may paint that.

        None: the view has something of its own to show, or waits for something.
        """
        layers = self._layers
        frame, panes, base, appearance = layers.frame, layers.panes, self._base, self._appearance
        if frame is None or panes is None or base is None or appearance is None or not self._is_steady:
            return None
        return None if frame.is_hidden else Standing(appearance, base, frame, panes)

    def catch_up(self, base: Frame, frame: Frame, panes: ShownPanes, now_s: float, *, is_painted: bool = True) -> None:
        """Take what the terminal shows now (`base`) and the newest frame of the session, from somebody who painted.

        `is_painted`: the frame has been painted. If not, the view is dirty.
        """
        layers = self._layers
        layers.panes, layers.frame = panes, frame
        layers.is_newer = not is_painted
        layers.pass_time(now_s)
        self._base = base

    @property
    def _is_steady(self) -> bool:
        """True if all is painted, and nothing changes by time alone."""
        layers = self._layers
        return not (
            layers.is_changed
            or layers.is_newer
            or self._is_lent
            or layers.bell_source is not self._base_bells
            or layers.is_timed
        )
