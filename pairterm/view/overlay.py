"""What lies over a client's picture for a while: a message on its last row.

The row below comes back when it ends; nothing moves.
"""

from __future__ import annotations

from dataclasses import replace

from wcwidth import wcwidth

from pairterm.terminal.frame import INVERSE, Frame, Pen, Row

__all__ = ["text_cells", "with_message"]

_MESSAGE_PEN = Pen(flags=INVERSE)


def with_message(frame: Frame, message: str) -> Frame:
    """Return the picture with `message` over its last row."""
    row = Row(text_cells(f" {message}", frame.size.cols), (_MESSAGE_PEN,) * frame.size.cols)
    return replace(frame, rows=(*frame.rows[:-1], row))


def text_cells(text: str, cols: int) -> tuple[str, ...]:
    """Return exactly `cols` cells of `text`, cut or filled with spaces; what is not printable is left out."""
    cells: list[str] = []
    for char in text:
        width = wcwidth(char) if char.isprintable() else -1
        if width < 1:
            continue
        if len(cells) + width > cols:
            break
        cells += [char, *[""] * (width - 1)]
    return (*cells, *" " * (cols - len(cells)))
