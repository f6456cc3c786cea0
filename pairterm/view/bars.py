"""Bars: one row of text over or under a client's picture, in inverse, so that no colour is needed to see it.

The bar of a message, a prompt or an indicator lies over the picture for a while;
the status line has a row of its own (see `status`). Nothing else moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wcwidth import wcswidth, wcwidth

from pairterm.terminal.frame import BOLD, INVERSE, Cursor, Frame, Pen, Row

__all__ = ["BAR_PEN", "STRONG_PEN", "bar", "message_lines", "text_cells", "with_bottom", "with_corner"]

BAR_PEN = Pen(flags=INVERSE)
_MAX_CELL_CHARS = 4
"""Of a letter with its marks."""

STRONG_PEN = Pen(flags=INVERSE | BOLD)


def bar(text: str, cols: int, pen: Pen = BAR_PEN) -> Row:
    """Return a row of one pen with `text`, cut where it does not fit."""
    return Row(text_cells(text, cols), (pen,) * cols)


def with_bottom(frame: Frame, rows: Sequence[Row], cursor: Cursor | None = None) -> Frame:
    """Return the picture with `rows` as its last rows; `cursor` if it moves there."""
    kept = frame.rows[: len(frame.rows) - len(rows)]
    return replace(frame, rows=(*kept, *rows), cursor=frame.cursor if cursor is None else cursor)


def message_lines(text: str, cols: int, max_lines: int) -> list[str]:
    """Return a message in lines that fit, broken at spaces where there are any; the last one tells if there is more."""
    lines: list[str] = []
    for part in text.splitlines() or [""]:
        lines += _broken(part, max(1, cols - 2))
    if len(lines) > max_lines:
        rest = " ".join(lines[max_lines - 1 :])
        lines = [*lines[: max_lines - 1], f"{rest[: max(0, cols - 3)]}…"]
    return lines


def _broken(text: str, width: int) -> list[str]:
    lines = []
    while wcswidth(text) > width:
        end = width
        while wcswidth(text[:end]) > width:
            end -= 1
        space = text.rfind(" ", 1, end + 1)
        end = max(1, space if space > 0 else end)
        lines.append(text[:end])
        text = text[end:].lstrip(" ")
    return [*lines, text]


def with_corner(row: Row, text: str) -> Row:
    """Return the row with `text` at its right end, as far as it fits."""
    cols = len(row.cells)
    cells = text_cells(text, cols)
    width = min(cols, sum(max(0, wcwidth(char)) for char in text))
    keep = cols - width
    left = list(row.cells[:keep])
    if keep and row.cells[keep : keep + 1] == ("",):
        left[-1] = " "  # half of a wide character
    return Row((*left, *cells[:width]), row.pens[:keep] + (BAR_PEN,) * width)


def text_cells(text: str, cols: int) -> tuple[str, ...]:
    """Return exactly `cols` cells of `text`, cut or filled with spaces; what is not printable is left out."""
    cells: list[str] = []
    for char in text:
        width = wcwidth(char) if char.isprintable() else -1
        if width == 0 and cells and 0 < len(cells[-1]) < _MAX_CELL_CHARS:
            cells[-1] += char  # a combining mark
        if width < 1:
            continue
        if len(cells) + width > cols:
            break
        cells += [char, *[""] * (width - 1)]
    return (*cells, *" " * (cols - len(cells)))
