"""Bars: single rows of text over or under a client's picture. They are inverse, so they need no colour.

The bar of a message, a prompt or an indicator covers the picture for a while. The
status line has its own row (see `status`). Nothing else on the screen moves.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.safe_text import safe_line
from pairterm.terminal.frame import BOLD, INVERSE, Cursor, Frame, Pen, Row, redrawn
from pairterm.terminal.widths import cells_of

__all__ = ["BAR_PEN", "STRONG_PEN", "bar", "message_lines", "text_cells", "text_width", "with_bottom", "with_corner"]

BAR_PEN = Pen(flags=INVERSE)
STRONG_PEN = Pen(flags=INVERSE | BOLD)


def bar(text: str, cols: int, pen: Pen = BAR_PEN) -> Row:
    """Return a row with `text` in one pen. Text that does not fit is cut."""
    return Row(text_cells(text, cols), (pen,) * cols)


def with_bottom(frame: Frame, rows: Sequence[Row], cursor: Cursor | None = None) -> Frame:
    """Return the picture with `rows` as its last rows. `cursor`: the new cursor, if it moves there."""
    kept = frame.rows[: len(frame.rows) - len(rows)]
    return redrawn(frame, frame.size, (*kept, *rows), frame.cursor if cursor is None else cursor, frame.modes)


def message_lines(text: str, cols: int, max_lines: int) -> list[str]:
    """Return a message in lines that fit, broken at spaces if possible. … at the end: there is more text."""
    lines: list[str] = []
    for part in text.splitlines() or [""]:
        lines += _broken(part, max(1, cols - 2))
    if len(lines) > max_lines:
        rest = " ".join(lines[max_lines - 1 :])
        lines = [*lines[: max_lines - 1], f"{rest[: max(0, cols - 3)]}…"]
    return lines


def _broken(text: str, width: int) -> list[str]:
    lines = []
    while text_width(text) > width:
        end = width
        while text_width(text[:end]) > width:
            end -= 1
        space = text.rfind(" ", 1, end + 1)
        end = max(1, space if space > 0 else end)
        lines.append(text[:end])
        text = text[end:].lstrip(" ")
    return [*lines, text]


def with_corner(row: Row, text: str) -> Row:
    """Return the row with `text` at its right end. Text that does not fit is cut."""
    cols = len(row.cells)
    cells = text_cells(text, cols)
    width = min(cols, text_width(text))
    keep = cols - width
    left = list(row.cells[:keep])
    if keep and row.cells[keep : keep + 1] == ("",):
        left[-1] = " "  # half of a wide character
    return Row((*left, *cells[:width]), row.pens[:keep] + (BAR_PEN,) * width)


def text_width(text: str) -> int:
    """Return how many cells a text needs."""
    return len(cells_of(safe_line(text)))


def text_cells(text: str, cols: int) -> tuple[str, ...]:
    """Return exactly `cols` cells of `text`, cut or filled with spaces."""
    cells = cells_of(safe_line(text))
    if len(cells) > cols and cells[cols] == "":
        cells[cols - 1] = " "  # half of a wide character
    return (*cells[:cols], *" " * (cols - len(cells)))
