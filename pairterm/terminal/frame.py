"""Frames: immutable pictures of a screen, and the cells, pens and modes they are made of.

All layers above rely on one rule: a row that did not change is the *same object* as in
the frame before, also when it moved because the text scrolled. So `is` finds a
difference, and the new positions of the same rows show a scroll.

No I/O, no parsing. Rows and columns are 0-based cells. Colours are `int`: see `Pen`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

from pairterm.types import Size

__all__ = [
    "BLINK",
    "BOLD",
    "CONCEAL",
    "DEFAULT_COLOUR",
    "DEFAULT_PEN",
    "FAINT",
    "INVERSE",
    "ITALIC",
    "OVERLINE",
    "PLAIN_MODES",
    "RGB",
    "STRIKE",
    "UNDERLINE_MASK",
    "UNDERLINE_SHIFT",
    "Cursor",
    "CursorShape",
    "Frame",
    "Modes",
    "Mouse",
    "MouseEncoding",
    "Pen",
    "Row",
    "blank_frame",
    "blank_row",
    "redrawn",
]

DEFAULT_COLOUR = -1
"""The terminal's own foreground or background (SGR 39, 49, 59)."""

RGB = 1 << 24
"""Set in a colour that is 0xRRGGBB rather than a palette index 0..255."""

BOLD = 1 << 0
FAINT = 1 << 1
ITALIC = 1 << 2
BLINK = 1 << 3
INVERSE = 1 << 4
CONCEAL = 1 << 5
STRIKE = 1 << 6
OVERLINE = 1 << 7
UNDERLINE_SHIFT = 8
UNDERLINE_MASK = 7 << UNDERLINE_SHIFT
"""Underline style in three bits: 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed (SGR 4:n)."""


class Pen(NamedTuple):
    """How a cell is drawn. Equal pens are usually, not always, the same object.

    Colours: `DEFAULT_COLOUR`, a palette index 0..255 (kept as an index, never
    turned into RGB), or `RGB | 0xRRGGBB`. `flags`: the bits above. `link`: the
    target of an OSC 8 hyperlink, "" for none.
    """

    fg: int = DEFAULT_COLOUR
    bg: int = DEFAULT_COLOUR
    flags: int = 0
    underline_colour: int = DEFAULT_COLOUR
    link: str = ""


DEFAULT_PEN = Pen()


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of a frame, `len(cells) == len(pens) ==` the frame's columns.

    A cell is the text in one column: a space when empty or erased, one
    character with its combining marks, and `""` in the right half of a wide
    character, whose text is in the left half. `wrapped`: the text goes on
    in the next row because it reached the margin. Compare with `same_as`; `==`
    is identity, on purpose.
    """

    cells: tuple[str, ...]
    pens: tuple[Pen, ...]
    wrapped: bool = False

    def same_as(self, other: Row) -> bool:
        """Return whether both rows show the same. O(columns) unless they are one object."""
        return self is other or (self.cells == other.cells and self.pens == other.pens)

    @property
    def text(self) -> str:
        """The text without attributes, trailing spaces kept."""
        return "".join(self.cells)


def blank_row(cols: int, pen: Pen = DEFAULT_PEN) -> Row:
    """Return a row of `cols` spaces."""
    return Row((" ",) * cols, (pen,) * cols)


class CursorShape(enum.IntEnum):
    """DECSCUSR's parameter (xterm ctlseqs, CSI Ps SP q)."""

    DEFAULT = 0
    BLINKING_BLOCK = 1
    BLOCK = 2
    BLINKING_UNDERLINE = 3
    UNDERLINE = 4
    BLINKING_BAR = 5
    BAR = 6


@dataclass(frozen=True, slots=True)
class Cursor:
    """The cursor's position, always inside the frame: a pending wrap shows at the last column."""

    row: int = 0
    col: int = 0
    is_visible: bool = True
    shape: CursorShape = CursorShape.DEFAULT


class Mouse(enum.IntEnum):
    """The mouse events that the program asked for (DECSET number; 0 none)."""

    OFF = 0
    X10 = 9
    CLICKS = 1000
    DRAGS = 1002
    ALL = 1003


class MouseEncoding(enum.IntEnum):
    """The form of mouse reports (DECSET number; 0 is the original form, bytes offset by 32)."""

    X10 = 0
    UTF8 = 1005
    SGR = 1006
    URXVT = 1015
    SGR_PIXELS = 1016


@dataclass(frozen=True, slots=True)
class Modes:
    """The modes of the program's terminal that a client's terminal has to mirror, so that its keys fit the program."""

    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False
    focus: bool = False
    mouse: Mouse = Mouse.OFF
    mouse_encoding: MouseEncoding = MouseEncoding.X10
    kitty_keys: int = 0
    modify_other_keys: int = 0
    is_reversed: bool = False
    """DECSCNM: the whole screen is inverse."""


PLAIN_MODES = Modes()


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """An immutable picture of a screen, `len(rows) == size.rows`.

    `generation` grows with every frame of one screen, by at least 1; a new screen
    has 0. `scrolled` counts the lines that ever left the top of the primary screen,
    without those that came back, so two frames of one size show how far the text
    moved. `bells` counts BELs, so a viewer that skipped frames still rings once.
    """

    size: Size
    rows: tuple[Row, ...]
    cursor: Cursor = Cursor()
    title: str = ""
    modes: Modes = PLAIN_MODES
    generation: int = 0
    scrolled: int = 0
    bells: int = 0
    is_alternate: bool = False
    """The alternate screen is shown: it has no history."""
    is_hidden: bool = False
    """It replaces a picture that the viewer may not see. They may not see the history that they fetched either."""

    def same_as(self, other: Frame) -> bool:
        """Return whether both show the same picture with the same modes, whatever their generations.

        Cost: O(rows), plus O(columns) for each row that is equal but not identical.
        """
        return (
            self.size == other.size
            and self.cursor == other.cursor
            and self.title == other.title
            and self.modes == other.modes
            and all(mine.same_as(theirs) for mine, theirs in zip(self.rows, other.rows, strict=True))
        )

    def repeats(self, other: Frame) -> bool:
        """Return whether the two differ in their generations only. The rows have to be the same objects. O(1)."""
        return (
            self.rows is other.rows
            and self.cursor == other.cursor
            and self.title == other.title
            and self.modes == other.modes
            and self.bells == other.bells
            and self.scrolled == other.scrolled
            and self.is_alternate is other.is_alternate
            and self.is_hidden is other.is_hidden
            and self.size == other.size
        )


def redrawn(frame: Frame, size: Size, rows: tuple[Row, ...], cursor: Cursor, modes: Modes) -> Frame:
    """Return the frame with these values in place of its own, in a quarter of `replace`'s time."""
    return Frame(
        size,
        rows,
        cursor,
        frame.title,
        modes,
        frame.generation,
        frame.scrolled,
        frame.bells,
        frame.is_alternate,
        frame.is_hidden,
    )


def blank_frame(size: Size) -> Frame:
    """Return the picture of a new terminal: blank, the cursor at home."""
    return Frame(size=size, rows=(blank_row(size.cols),) * size.rows)
