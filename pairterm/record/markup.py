"""Rows of a picture as SVG. All text is escaped: a recording is foreign text."""

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

__all__ = ["BACKGROUND", "CELL_PX", "FOREGROUND", "LINE_PX", "row_svg", "xml_text"]

FOREGROUND, BACKGROUND = "#d8d8d8", "#121314"
CELL_PX, LINE_PX = 8.4, 18
"""A cell of a monospaced font of 14 px."""

_BASELINE_PX = 13.5


def row_svg(row: Row, cursor: Cursor, number: int) -> str:
    """Return the row with this number as SVG elements at the top; "" if it is blank."""
    out = []
    for col, text, width, pen in _runs(row, cursor.col if cursor.is_visible and cursor.row == number else None):
        foreground, background = _colours(pen)
        left, across = _px(col * CELL_PX), _px(width * CELL_PX)
        if background != BACKGROUND:
            out.append(f'<rect x="{left}" width="{across}" height="{LINE_PX}" fill="{background}"/>')
        if text.strip():
            out.append(
                f'<text x="{left}" y="{_BASELINE_PX}" textLength="{across}"{_looks(pen, foreground)}>'
                f"{xml_text(text)}</text>"
            )
    return "".join(out)


def xml_text(text: str) -> str:
    """Return text for XML, which has no other control characters than tabs and line ends."""
    return escape("".join(char if char.isprintable() else "?" for char in text))


def _runs(row: Row, cursor_col: int | None) -> Iterator[tuple[int, str, int, Pen]]:
    """Yield column, text, width and pen of the runs of cells with one pen. The cursor's cell is reversed.

    Spaces at both ends of a run are left out where nothing of them can be seen.
    """
    pens = list(row.pens)
    if cursor_col is not None and cursor_col < len(pens):
        pens[cursor_col] = pens[cursor_col]._replace(flags=pens[cursor_col].flags ^ INVERSE)
    for pen, group in groupby(range(len(pens)), key=pens.__getitem__):
        cols = list(group)
        if _colours(pen)[1] == BACKGROUND and not pen.flags & (UNDERLINE_MASK | STRIKE | OVERLINE):
            seen = [col for col in cols if row.cells[col] != " "]
            cols = cols[seen[0] - cols[0] : seen[-1] - cols[0] + 1] if seen else []
        if cols:
            yield cols[0], "".join(row.cells[col] for col in cols), len(cols), pen


def _colour(colour: int, default: str) -> str:
    if colour < 0:
        return default
    return f"#{colour & 0xFFFFFF if colour & RGB else palette_colour(colour):06x}"


def _colours(pen: Pen) -> tuple[str, str]:
    fg, bg = _colour(pen.fg, FOREGROUND), _colour(pen.bg, BACKGROUND)
    fg, bg = (bg, fg) if pen.flags & INVERSE else (fg, bg)
    return (bg if pen.flags & CONCEAL else fg), bg


def _looks(pen: Pen, foreground: str) -> str:
    """Return the attributes of a text with this pen."""
    names = [name for flag, name in ((BOLD, "b"), (ITALIC, "i"), (FAINT, "d")) if pen.flags & flag]
    lines = [
        name
        for flag, name in ((UNDERLINE_MASK, "underline"), (STRIKE, "line-through"), (OVERLINE, "overline"))
        if pen.flags & flag
    ]
    css = [f"fill:{foreground}"] if foreground != FOREGROUND else []
    css += [f"text-decoration:{' '.join(lines)}"] if lines else []
    found = f' class="{" ".join(names)}"' if names else ""
    return found + (f' style="{";".join(css)}"' if css else "")


def _px(pixels: float) -> str:
    return f"{pixels:.1f}".removesuffix(".0")
