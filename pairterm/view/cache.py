"""What views of one session share: composed pictures and painted bytes.

Clients in step have the same base and the same target, as objects, so the same
bytes serve them all: compose and paint once, send to many. Everything here is
bounded, and a miss only costs the work again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pairterm.terminal.frame import Frame, Modes
from pairterm.types import Size
from pairterm.view.compose import RowCutter
from pairterm.view.kind import TerminalKind
from pairterm.view.painter import paint

__all__ = ["Look", "PaintCache"]

_MAX_PAINTINGS = 32
"""Paintings kept. Clients out of step with each other are few at any moment; a whole painting has some 10 KB."""

_MAX_PICTURES = 32
"""Composed frames kept: one for each geometry in use, and the one before. Rows are shared, so each is small."""

_MAX_CUTTERS = 16
"""Row cutters kept: one for each geometry that differs from the session's."""

_MAX_LOOKS = 64
"""Looks told apart: kinds of terminals times geometries times roles, of clients that are here now."""

_MAX_STEPS = 32
"""Steps kept: as paintings."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a client's picture depends on besides the session's frame; views that look alike have the same object.

    It holds for frames with this size and these modes, as objects.
    """

    size: Size
    modes: Modes
    rest: Hashable


class PaintCache:
    """Shared by the views of one session. Not for several sessions: it would only forget faster."""

    def __init__(self) -> None:
        self._paintings: _Recent[Hashable, tuple[Frame | None, Frame, bytes]] = _Recent(_MAX_PAINTINGS)
        self._pictures: _Recent[Hashable, tuple[Frame, Frame]] = _Recent(_MAX_PICTURES)
        self._cutters: _Recent[Hashable, RowCutter] = _Recent(_MAX_CUTTERS)
        self._looks: _Recent[Hashable, Look] = _Recent(_MAX_LOOKS)
        self._steps: _Recent[Hashable, tuple[Frame, Frame, Look, Frame, bytes]] = _Recent(_MAX_STEPS)

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

    def look(self, frame: Frame, rest: Hashable) -> Look:
        """Return the look of pictures of frames like this one; the same object for the same `rest`."""
        key = (id(frame.size), id(frame.modes), rest)
        return self._looks.remembered(key, lambda: Look(frame.size, frame.modes, rest))

    def step(self, base: Frame, frame: Frame, look: Look) -> tuple[Frame, bytes] | None:
        """Return what another view of this look did: from picture `base` on, for the session's newest `frame`.

        The picture it came to and what it painted; None if none has been there.
        """
        found = self._steps.get((id(base), id(frame), id(look)))
        return None if found is None else found[3:]

    def keep_step(self, base: Frame, frame: Frame, look: Look, target: Frame, painted: bytes) -> None:
        """Take note of a step, for the others. The objects are kept with it: see `paint`."""
        key = (id(base), id(frame), id(look))
        self._steps.remembered(key, lambda: (base, frame, look, target, painted))
