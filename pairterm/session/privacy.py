"""What guests see while the owner has paused the session: a blank of the same size that says so, and no more."""

from __future__ import annotations

from pairterm.terminal.frame import DEFAULT_PEN, Cursor, Frame, Row, blank_row

__all__ = ["PAUSED_TEXT", "paused_frame"]

PAUSED_TEXT = "paused by the owner"


def paused_frame(frame: Frame) -> Frame:
    """Return the blank that stands for `frame`: its size and numbers, neither its text nor its title or modes."""
    cols = frame.size.cols
    text = PAUSED_TEXT[:cols]
    before = (cols - len(text)) // 2
    cells = (*" " * before, *text, *" " * (cols - before - len(text)))
    rows = [blank_row(cols)] * frame.size.rows
    rows[frame.size.rows // 2] = Row(cells, (DEFAULT_PEN,) * cols)
    return Frame(
        size=frame.size,
        rows=tuple(rows),
        cursor=Cursor(is_visible=False),
        generation=frame.generation,
        scrolled=frame.scrolled,
        bells=frame.bells,
    )
