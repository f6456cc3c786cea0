"""When two pictures look the same on a kind of terminal: what law 4 calls equal.

Colours count as far as the terminal has them, the pen of a space as that of any
other cell. A cell whose width terminals disagree about is not compared itself;
everything around it is.
"""

from __future__ import annotations

from dataclasses import replace

from pairterm.terminal.frame import UNDERLINE_MASK, CursorShape, Frame, Modes, Pen, Row
from pairterm.view.cell_text import is_doubtful, safe_title
from pairterm.view.pen_output import pen_table
from pairterm.view.terminal_kind import TerminalKind

__all__ = ["assert_looks_like", "modes_of"]


def assert_looks_like(shown: Frame, wanted: Frame, kind: TerminalKind) -> None:
    """Fail unless a terminal that shows `shown` shows the picture `wanted`, as this kind can."""
    assert shown.size == wanted.size
    for number, (have, want) in enumerate(zip(shown.rows, wanted.rows, strict=True)):
        for col, (seen, meant) in enumerate(zip(_look(have, kind), _look(want, kind), strict=True)):
            if not _is_unsure(want, col):
                assert seen == meant, f"row {number}, column {col}"
    have_cursor, want_cursor = shown.cursor, wanted.cursor
    if not kind.has_cursor_shapes:
        want_cursor = replace(want_cursor, shape=CursorShape.DEFAULT)
    assert have_cursor == want_cursor
    if kind.has_title:
        assert shown.title == safe_title(wanted.title)


def modes_of(modes: Modes, kind: TerminalKind) -> Modes:
    """Return the modes as far as this kind has them."""
    if not kind.has_input_modes:
        modes = Modes(
            application_cursor=modes.application_cursor,
            application_keypad=modes.application_keypad,
            is_reversed=modes.is_reversed,
        )
    return modes


def _look(row: Row, kind: TerminalKind) -> list[tuple[str, Pen]]:
    table = pen_table(kind)
    looks = []
    for cell, pen in zip(row.cells, row.pens, strict=True):
        look = table.reduced(pen)
        if look.link:  # xterm.js underlines links of its own accord
            look = look._replace(flags=look.flags & ~UNDERLINE_MASK, underline_colour=-1)
        looks.append((cell, look))
    return looks


def _is_unsure(row: Row, col: int) -> bool:
    cells = row.cells
    lead = col - 1 if cells[col] == "" and col else col
    is_wide = lead + 1 < len(cells) and cells[lead + 1] == ""
    return is_doubtful(cells[lead], is_wide=is_wide)
