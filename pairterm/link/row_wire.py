"""Rows, pens and modes of a screen as they travel in a message, and back with every value checked.

A hostile host can aim at guests through these values, because their terminals show
them. So the way back takes nothing unchecked: a value that no screen has raises
`PeerError`. Columns are 0-based.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from pairterm.errors import PeerError
from pairterm.link.messages import ModesWire, RowWire
from pairterm.safe_text import has_unsafe, is_hyperlink
from pairterm.terminal.frame import (
    DEFAULT_COLOUR,
    DEFAULT_PEN,
    OVERLINE,
    RGB,
    UNDERLINE_MASK,
    Modes,
    Mouse,
    MouseEncoding,
    Pen,
    Row,
)

__all__ = [
    "MAX_HYPERLINKS_CHARS",
    "checked_pen",
    "modes_from_wire",
    "modes_to_wire",
    "pens_to_wire",
    "row_from_wire",
    "row_to_wire",
]

MAX_HYPERLINKS_CHARS = 256 << 10
"""The length of all hyperlink targets in one message. A program may give each cell its own target of 2 kB: one row of
the largest screen would then take a megabyte."""

_MAX_CELL_CHARS = 16
"""A base character, the parts of a ZWJ sequence and eight combining marks."""

_ALL_FLAGS = (OVERLINE << 1) - 1 | UNDERLINE_MASK


def pens_to_wire(pens: Iterable[Pen]) -> list[Pen]:
    """Return the table of pens of one message. It has no hyperlinks if they are longer than `MAX_HYPERLINKS_CHARS`."""
    table = list(pens)
    if sum(len(pen.link) for pen in table) > MAX_HYPERLINKS_CHARS:
        return [pen._replace(link="") for pen in table]
    return [pen._replace(link=str(pen.link)) if pen.link else pen for pen in table]  # msgspec refuses subclasses of str


def row_to_wire(row: Row, pens: dict[Pen, int]) -> RowWire:
    """Return the row as it travels. Pens that are new in it are added to the table."""
    cells, row_pens = row.cells, row.pens
    text = "".join(cells)
    if row_pens.count(row_pens[0]) == len(row_pens):
        runs = [len(row_pens), pens.setdefault(row_pens[0], len(pens))]
    else:
        runs = []
        for pen, group in groupby(row_pens):
            runs += (sum(1 for _ in group), pens.setdefault(pen, len(pens)))
    if runs[-1] == 0:
        del runs[-2:]
    is_simple = len(text) == len(cells) and "" not in cells
    return text.rstrip(" ") if is_simple else list(cells), runs, row.wrapped


def row_from_wire(wire: RowWire, pens: list[Pen], cols: int) -> Row:
    """Return a checked row of `cols` cells.

    Raises:
        PeerError: The row is too long, has unsafe text, or names a pen that the table does not have.
    """
    text, runs, wrapped = wire
    if isinstance(text, str):
        if len(text) > cols or has_unsafe(text):
            raise PeerError("a row does not fit this screen", code="bad_text")
        cells = tuple(text) + (" ",) * (cols - len(text))
    else:
        if len(text) != cols or text[0] == "" or max(map(len, text)) > _MAX_CELL_CHARS or has_unsafe("".join(text)):
            raise PeerError("a row does not fit this screen", code="bad_text")
        cells = tuple(text)
    if len(runs) % 2:
        raise PeerError("a run of pens has no pen", code="bad_pen")
    row_pens: list[Pen] = []
    for count, index in zip(runs[::2], runs[1::2], strict=True):
        if not (1 <= count <= cols - len(row_pens) and 0 <= index < len(pens)):
            raise PeerError("a run of pens is longer than the row", code="bad_pen")
        row_pens += [pens[index]] * count
    row_pens += [DEFAULT_PEN] * (cols - len(row_pens))
    return Row(cells, tuple(row_pens), wrapped)


def checked_pen(pen: Pen) -> Pen:
    """Return the pen if a screen can have it.

    Raises:
        PeerError: A colour or an attribute does not exist, or the hyperlink is not http or https.
    """
    if pen == DEFAULT_PEN:
        return DEFAULT_PEN
    if not (_is_colour(pen.fg) and _is_colour(pen.bg) and _is_colour(pen.underline_colour)):
        raise PeerError("a colour that does not exist", code="bad_pen")
    if pen.flags & ~_ALL_FLAGS or (pen.link and not is_hyperlink(pen.link)):
        raise PeerError("an attribute that does not exist", code="bad_pen")
    return pen


def _is_colour(colour: int) -> bool:
    return DEFAULT_COLOUR <= colour <= 255 or RGB <= colour < 2 * RGB


def modes_to_wire(modes: Modes) -> ModesWire:
    """Return the modes as they travel."""
    return (
        modes.application_cursor,
        modes.application_keypad,
        modes.bracketed_paste,
        modes.focus,
        int(modes.mouse),
        int(modes.mouse_encoding),
        modes.kitty_keys,
        modes.modify_other_keys,
        modes.is_reversed,
    )


def modes_from_wire(wire: ModesWire) -> Modes:
    """Return the modes that travelled.

    Raises:
        ValueError: A mode has a value that does not exist.
    """
    cursor_keys, keypad, paste, focus, mouse, encoding, kitty_keys, modify_other_keys, is_reversed = wire
    if not (0 <= kitty_keys <= 31 and 0 <= modify_other_keys <= 3):
        raise ValueError("keyboard flags out of range")
    return Modes(
        application_cursor=cursor_keys,
        application_keypad=keypad,
        bracketed_paste=paste,
        focus=focus,
        mouse=Mouse(mouse),
        mouse_encoding=MouseEncoding(encoding),
        kitty_keys=kitty_keys,
        modify_other_keys=modify_other_keys,
        is_reversed=is_reversed,
    )
