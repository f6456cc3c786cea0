"""Fitting the primary screen to a new size: rewrapping, and lines that go to the history and come back.

The cursor stays on its character. Fewer rows: blank lines below the cursor go first, then
lines leave the top. More rows: lines come back if the screen was full. See `docs/terminal.md`.
"""

from __future__ import annotations

from pairterm.terminal.frame import DEFAULT_PEN
from pairterm.terminal.history import History
from pairterm.terminal.line import Line
from pairterm.terminal.reflow import paragraphs, rewrap_with_cursor
from pairterm.types import Size

__all__ = ["fit_primary"]


def fit_primary(
    lines: list[Line], history: History, x: int, y: int, old: Size, new: Size, uses_protection: bool
) -> tuple[list[Line], int, int]:
    """Return the primary screen's lines at a new size, and the cursor's column and row there.

    Args:
        lines: The lines at the old size; the list is used up.
        history: Takes the lines that leave, and gives back those that return.
        x: The cursor's column; a pending wrap counts as the last column.
        y: The cursor's row.
        old: The size of `lines`.
        new: The wanted size. The result may have fewer rows: the caller pads it with blank lines.
        uses_protection: Cells may have DECSCA's mark.
    """
    x = min(x, old.cols - 1)
    while len(lines) > y + 1 and lines[-1].is_blank(DEFAULT_PEN):
        lines.pop()
    is_full = len(lines) == old.rows
    if new.cols != old.cols:
        lines[-1].wrapped = False  # no line follows that its text could go on in
        lines[-1].is_stale = True
        while history.goes_on and (line := history.pop(old.cols)) is not None:
            lines.insert(0, line)
            y += 1
        lines, x, y = _rewrapped(lines, new.cols, x, y)
    for line in lines if uses_protection else ():
        line.has_protected = True
    while len(lines) > new.rows and y > 0:
        history.append(lines.pop(0), by_resize=True)
        y -= 1
    del lines[new.rows :]
    while is_full and len(lines) < new.rows and (line := history.pop(new.cols)) is not None:
        lines.insert(0, line)
        y += 1
    return lines, min(x, new.cols - 1), y


def _rewrapped(lines: list[Line], columns: int, x: int, y: int) -> tuple[list[Line], int, int]:
    """Return lines wrapped for another width, and the cursor's new column and row."""
    wrapped: list[Line] = []
    at, new_x, new_y = 0, x, y
    for paragraph in paragraphs(lines):
        has_cursor = at <= y < at + len(paragraph)
        rows, row, col = rewrap_with_cursor(paragraph, columns, y - at if has_cursor else 0, x if has_cursor else 0)
        if has_cursor:
            new_x, new_y = min(col, columns - 1), len(wrapped) + row
        at += len(paragraph)
        wrapped += rows
    return wrapped, new_x, new_y
