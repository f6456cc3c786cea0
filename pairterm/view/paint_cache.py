"""The cache that the views of one session share: composed pictures and painted bytes.

Clients in step have the same base and the same target, as objects. So the same bytes
are right for all of them: we compose and paint once, and send to many. All parts of the
cache are bounded. A miss only costs the work again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Generic, TypeAlias, TypeVar

import msgspec

from pairterm.terminal.frame import Frame, Modes
from pairterm.terminal.partial_frames import next_part
from pairterm.types import Size
from pairterm.view.client_layout import RowLayout
from pairterm.view.client_widths import ClientWidths
from pairterm.view.compose import RowCutter
from pairterm.view.painter import echo, paint
from pairterm.view.terminal_kind import TerminalKind

__all__ = ["MAX_PART_BYTES", "Appearance", "PaintCache", "same_frame"]

_MAX_PAINTINGS = 32
"""How many paintings are kept. Few clients are out of step at any moment. A whole painting has about 10 KB."""

MAX_PART_BYTES = 16 << 10
"""About the size of one painting: a screen of 200 × 50 with its colours. A client may be sent so much in 16 ms
(`pacing`), and it is some milliseconds of work. A larger change is painted in parts."""

_MAX_PICTURES = 32
"""How many composed pictures are kept: for each geometry in use the newest and the one before. Rows are shared, so each
is small."""

_MAX_CUTTERS = 16
"""How many row cutters are kept: one for each geometry that differs from the session's."""

_MAX_LAYOUTS = 16
"""How many layouts are kept: one for each size of the clients whose terminals have other widths."""

_MAX_SHAPES = 64
"""How many shapes are kept: geometries times roles of the clients that are here."""

_MAX_APPEARANCES = 64
"""How many appearances are kept: kinds of terminals times shapes."""

_MAX_STEPS = 32
"""How many steps are kept: as many as paintings."""

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class _Recent(OrderedDict[_Key, _Value], Generic[_Key, _Value]):
    """A dictionary that drops the entry that was used least recently."""

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


def same_frame(frame: Frame) -> Frame:
    """Return the frame itself: the picture on a terminal that shows the session, all of it, and nothing else."""
    return frame


class Shape(msgspec.Struct, frozen=True, eq=False):
    """How pictures are made from the session's frames of this size and these modes, compared as objects.

    Views that show the session in the same shape have the same object, as long as the cache keeps it.
    """

    size: Size
    modes: Modes
    make: Callable[[Frame], Frame]


class Appearance(msgspec.Struct, frozen=True, eq=False):
    """A shape that is painted for a kind of terminal. Views with one appearance have the same object."""

    shape: Shape
    kind: TerminalKind


_Step: TypeAlias = tuple[Frame, Frame, Appearance, Frame, int | None, bytes]
"""Base, frame, appearance, the next picture, the next row, the bytes: see `PaintCache.step`."""


class PaintCache:
    """The cache of the views of one session. With several sessions it would only drop entries earlier."""

    def __init__(self) -> None:
        self._paintings: _Recent[Hashable, tuple[Frame | None, Frame, bytes]] = _Recent(_MAX_PAINTINGS)
        self._pictures: _Recent[tuple[int, int], tuple[Frame, Shape, Frame]] = _Recent(_MAX_PICTURES)
        self._same: _Recent[Hashable, Frame] = _Recent(_MAX_PICTURES)
        self._cutters: _Recent[Hashable, RowCutter] = _Recent(_MAX_CUTTERS)
        self._layouts: _Recent[Hashable, RowLayout] = _Recent(_MAX_LAYOUTS)
        self._shapes: _Recent[Hashable, Shape] = _Recent(_MAX_SHAPES)
        self._appearances: _Recent[Hashable, Appearance] = _Recent(_MAX_APPEARANCES)
        self._parts: _Recent[Hashable, tuple[Frame | None, Frame, tuple[Frame, int | None]]] = _Recent(_MAX_PICTURES)
        self._counted: _Recent[tuple[int, int], tuple[Frame, Frame]] = _Recent(_MAX_PICTURES)
        self._steps: OrderedDict[tuple[int, int, int, int], _Step] = OrderedDict()
        self._newest_step: _Step | None = None
        """The step that was asked for last: of many views in step, the next one asks for the same."""

    def paint(self, base: Frame | None, target: Frame, kind: TerminalKind) -> bytes:
        """Return the result of `painter.paint`: the same bytes object for the same base, target and kind."""
        if base is target:
            return b""
        # The frames are kept with the bytes: an id is only unique while its object lives.
        key = (None if base is None else id(base), id(target), kind)
        return self._paintings.remembered(key, lambda: (base, target, paint(base, target, kind)))[2]

    def counted(self, base: Frame, bells: int) -> Frame:
        """Return the base with this count of bells: the same object for the same base and count."""
        return self._counted.remembered((id(base), bells), lambda: (base, replace(base, bells=bells)))[1]

    def part(self, base: Frame | None, target: Frame, start: int) -> tuple[Frame, int | None]:
        """Return the result of `next_part`: the same picture for the same base, target and start."""
        key = (None if base is None else id(base), id(target), start)
        return self._parts.remembered(key, lambda: (base, target, next_part(base, target, start, MAX_PART_BYTES)))[2]

    def shape(self, frame: Frame, key: Hashable, maker: Callable[[], Callable[[Frame], Frame]]) -> Shape:
        """Return the shape of pictures of frames like this one: the same object for the same `key`.

        `maker` returns the function that makes the pictures. Nothing but `key` may influence this function.
        """
        return self._shapes.remembered(
            (id(frame.size), id(frame.modes), key), lambda: Shape(frame.size, frame.modes, maker())
        )

    def appearance(self, shape: Shape, kind: TerminalKind) -> Appearance:
        """Return the appearance of this shape on this kind of terminal: the same object for the same shape and kind."""
        return self._appearances.remembered((id(shape), kind), lambda: Appearance(shape, kind))

    def picture(self, frame: Frame, shape: Shape) -> Frame:
        """Return the picture of `frame` in this shape: the same object for the same frame and shape."""
        return self._pictures.remembered((id(frame), id(shape)), lambda: (frame, shape, shape.make(frame)))[2]

    def same(self, picture: Frame) -> Frame:
        """Return the picture of the same rows, as objects, that another view has shown, or else this picture."""
        key = (tuple(map(id, picture.rows)), picture.cursor, picture.modes, picture.title, picture.bells)
        return self._same.remembered(key, lambda: picture)

    def cutter(self, *, col: int, cols: int) -> RowCutter:
        """Return the row cutter for pictures with so many columns, from the session's column `col` on."""
        return self._cutters.remembered((col, cols), lambda: RowCutter(col=col, cols=cols, has_border=True))

    def layout(self, widths: ClientWidths, size: Size) -> RowLayout:
        """Return the layout of pictures of this size for terminals with these widths."""
        return self._layouts.remembered((widths, size), lambda: RowLayout(widths))

    def step(
        self, base: Frame, frame: Frame, appearance: Appearance, start: int = 0
    ) -> tuple[Frame, int | None, bytes]:
        """Return the next picture towards `frame`, the next row, and the bytes that paint the picture over `base`.

        The next row is None, unless the picture is only a part (`part`): then the part after it begins at this
        row. Views in step get the same objects. The objects of the key are kept with it: see `paint`.
        """
        key = (id(base), id(frame), id(appearance), start)
        found = self._steps.get(key)
        if found is None:
            shape = appearance.shape
            target = frame if shape.make is same_frame else self.picture(frame, shape)
            next_row = None
            painted = echo(base, target) if base.size is target.size and not start else b""
            if not painted:
                target, next_row = self.part(base, target, start)
                painted = paint(base, target, appearance.kind)
            found = self._steps[key] = (base, frame, appearance, target, next_row, painted)
            if len(self._steps) > _MAX_STEPS:
                self._steps.popitem(last=False)
        self._newest_step = found
        return found[3:]

    def taken_step(self, base: Frame | None, frame: Frame, appearance: Appearance | None) -> tuple[Frame, bytes] | None:
        """Return the picture and the bytes of a whole step that another view has taken. None: there is none."""
        found = self._newest_step
        if found is None or found[0] is not base or found[1] is not frame or found[2] is not appearance:
            found = self._steps.get((id(base), id(frame), id(appearance), 0))
            if found is None:
                return None
            self._newest_step = found
        return (found[3], found[5]) if found[4] is None else None
