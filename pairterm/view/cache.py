"""What views of one session share: composed pictures and painted bytes.

Clients in step have the same base and the same target, as objects, so the same
bytes serve them all: compose and paint once, send to many. Everything here is
bounded, and a miss only costs the work again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from pairterm.terminal.frame import Frame
from pairterm.view.compose import RowCutter
from pairterm.view.kind import TerminalKind
from pairterm.view.painter import paint

__all__ = ["PaintCache"]

_MAX_PAINTINGS = 32
"""Paintings kept. Clients out of step with each other are few at any moment; a whole painting has some 10 KB."""

_MAX_PICTURES = 32
"""Composed frames kept: one for each geometry in use, and the one before. Rows are shared, so each is small."""

_MAX_CUTTERS = 16
"""Row cutters kept: one for each geometry that differs from the session's."""

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class _Recent(OrderedDict[_Key, _Value], Generic[_Key, _Value]):
    """A dictionary that forgets what was not asked for longest."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def remembered(self, key: _Key, make: Callable[[], _Value]) -> _Value:
        value = self.get(key)
        if value is None:
            value = self[key] = make()
            if len(self) > self._limit:
                self.popitem(last=False)
        else:
            self.move_to_end(key)
        return value


class PaintCache:
    """Shared by the views of one session. Not for several sessions: it would only forget faster."""

    def __init__(self) -> None:
        self._paintings: _Recent[Hashable, tuple[Frame | None, Frame, bytes]] = _Recent(_MAX_PAINTINGS)
        self._pictures: _Recent[Hashable, tuple[Frame, Frame]] = _Recent(_MAX_PICTURES)
        self._cutters: _Recent[Hashable, RowCutter] = _Recent(_MAX_CUTTERS)

    def paint(self, base: Frame | None, target: Frame, kind: TerminalKind) -> bytes:
        """Return what `painter.paint` returns, the same bytes object for the same base, target and kind."""
        if base is target:
            return b""
        # The frames are kept with the bytes: an id is only unique while its object lives.
        key = (None if base is None else id(base), id(target), kind)
        return self._paintings.remembered(key, lambda: (base, target, paint(base, target, kind)))[2]

    def picture(self, frame: Frame, look: Hashable, make: Callable[[], Frame]) -> Frame:
        """Return the picture of `frame` in this look: the same object for the same frame and look."""
        return self._pictures.remembered((id(frame), look), lambda: (frame, make()))[1]

    def cutter(self, *, col: int, cols: int) -> RowCutter:
        """Return the row cutter for pictures of so many columns, from this session column on."""
        return self._cutters.remembered((col, cols), lambda: RowCutter(col=col, cols=cols, has_border=True))
