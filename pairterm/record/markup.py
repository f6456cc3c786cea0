"""Rows of a picture as HTML and SVG. All text is escaped: a recording is foreign text."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

from pairterm.terminal.frame import (
    BOLD,
    CONCEAL,
    FAINT,
    INVERSE,
    ITALIC,
    OVERLINE,
    RGB,
    STRIKE,
    UNDERLINE_MASK,
    Cursor,
    Pen,
    Row,
)
from pairterm.terminal.palette import palette_colour

__all__ = ["BACKGROUND", "CELL_PX", "LINE_PX", "row_html", "row_svg"]

FOREGROUND, BACKGROUND = "#d8d8d8", "#121314"
CELL_PX, LINE_PX = 8.4, 18
"""A cell of a monospaced font of 14 px."""


def _colour(colour: int, default: str) -> str:
    if colour < 0:
        return default
    return f"#{colour & 0xFFFFFF if colour & RGB else palette_colour(colour):06x}"


def _colours(pen: Pen) -> tuple[str, str]:
    fg, bg = _colour(pen.fg, FOREGROUND), _colour(pen.bg, BACKGROUND)
    fg, bg = (bg, fg) if pen.flags & INVERSE else (fg, bg)
    return (bg if pen.flags & CONCEAL else fg), bg


def _style(pen: Pen) -> str:
    """Return the CSS of a pen, but for its background."""
    fg, _ = _colours(pen)
    parts = [f"color:{fg};fill:{fg}"] if fg != FOREGROUND else []
    parts += ["font-weight:bold"] if pen.flags & BOLD else []
    parts += ["opacity:.6"] if pen.flags & FAINT else []
    parts += ["font-style:italic"] if pen.flags & ITALIC else []
    lines = [
        name
        for flag, name in ((UNDERLINE_MASK, "underline"), (STRIKE, "line-through"), (OVERLINE, "overline"))
        if pen.flags & flag
    ]
    parts += [f"text-decoration:{' '.join(lines)}"] if lines else []
    return ";".join(parts)


def _runs(row: Row, cursor_col: int | None) -> Iterator[tuple[int, str, Pen]]:
    """Yield column, text and pen of the runs of cells with one pen. The cursor's cell is reversed."""
    pens = list(row.pens)
    if cursor_col is not None and cursor_col < len(pens):
        pens[cursor_col] = pens[cursor_col]._replace(flags=pens[cursor_col].flags ^ INVERSE)
    for pen, group in groupby(range(len(pens)), key=pens.__getitem__):
        cols = list(group)
        yield cols[0], "".join(row.cells[col] for col in cols), pen


def _cursor_col(cursor: Cursor, number: int) -> int | None:
    return cursor.col if cursor.is_visible and cursor.row == number else None


def row_html(row: Row, number: int, cursor: Cursor) -> str:
    """Return the row with this number as HTML for preformatted text."""
    out = []
    for _, text, pen in _runs(row, _cursor_col(cursor, number)):
        _, bg = _colours(pen)
        style = ";".join(filter(None, [_style(pen), f"background:{bg}" if bg != BACKGROUND else ""]))
        out.append(f'<span style="{style}">{escape(text)}</span>' if style else escape(text))
    return "".join(out).rstrip(" ")


def row_svg(row: Row, number: int, cursor: Cursor) -> str:
    """Return the row with this number as SVG elements."""
    out = []
    top = number * LINE_PX
    for col, text, pen in _runs(row, _cursor_col(cursor, number)):
        _, bg = _colours(pen)
        left, width = col * CELL_PX, _width(row, col, text) * CELL_PX
        if bg != BACKGROUND:
            out.append(f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{LINE_PX}" fill="{bg}"/>')
        if text.strip():
            style = _style(pen)
            styled = f' style="{style}"' if style else ""
            out.append(
                f'<text x="{left:.1f}" y="{top + 13.5}" textLength="{width:.1f}"'
                f' xml:space="preserve"{styled}>{_xml(text)}</text>'
            )
    return "".join(out)


def _width(row: Row, col: int, text: str) -> int:
    """Return how many cells a run has that begins at a column."""
    stop, seen = col, 0
    while stop < len(row.cells) and (seen < len(text) or row.cells[stop] == ""):
        seen += len(row.cells[stop])
        stop += 1
    return stop - col


def _xml(text: str) -> str:
    """Return text for XML, which has no other control characters than tabs and line ends."""
    return escape("".join(char if char.isprintable() else "?" for char in text))
