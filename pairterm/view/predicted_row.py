"""A row of the screen with predicted text in it."""

from __future__ import annotations

from collections.abc import Mapping

from pairterm.terminal.frame import UNDERLINE_MASK, UNDERLINE_SHIFT, Pen, Row

__all__ = ["with_texts"]


def with_texts(row: Row, texts: Mapping[int, str], *, is_underlined: bool) -> Row:
    """Return a row with these texts in its columns, drawn as what stood there."""
    cells, pens = list(row.cells), list(row.pens)
    for col, text in texts.items():
        cells[col] = text
        if is_underlined and text.strip():
            pens[col] = _underlined(pens[col])
    return Row(tuple(cells), tuple(pens), row.wrapped)


def _underlined(pen: Pen) -> Pen:
    return pen._replace(flags=pen.flags & ~UNDERLINE_MASK | 1 << UNDERLINE_SHIFT)
