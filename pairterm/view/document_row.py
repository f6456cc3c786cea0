"""One row of a document on a terminal: a line's number, its text with colours, cursors and selections.

The same line with the same marks gives the same row object, for all clients with the same columns. So the
painter finds what changed by identity, and clients that read the same lines share the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pairterm.document.colours import colour_runs
from pairterm.terminal.frame import DEFAULT_PEN, Pen, Row
from pairterm.view.bars import text_cells, text_width
from pairterm.view.document_cells import MAX_LINE_CHARS, LineCells, line_cells
from pairterm.view.document_pens import NOTE_PEN, NUMBER_PEN, VISIBLE_PEN, pen_of_kind

__all__ = ["DocumentLine", "Label", "Mark", "clipped", "document_row", "gutter_cells"]

_LABEL_GAP = 2
"""The blanks between a line's text and the name of a person whose cursor is there."""

_MAX_NAME_CELLS = 16
"""The longest name at a cursor."""

_MAX_GUTTER = 4
"""One in so many columns is for line numbers at most. On narrower terminals there are none."""


class Mark(NamedTuple):
    """A part of a line with a pen of its own. Later marks cover earlier ones."""

    start: int
    """The first column."""
    end: int | None
    """The column behind the last one. None: the end of the line is marked, too."""
    pen: Pen
    is_cursor: bool = False
    """Only the character at `start` is marked."""


class Label(NamedTuple):
    """The name of a person whose cursor is in a line."""

    name: str
    pen: Pen


class DocumentLine(NamedTuple):
    """All that a row shows of a line, of which at most `MAX_LINE_CHARS` are here: see `clipped`."""

    number: int
    """From 1."""
    text: str
    colours: bytes = b""
    """A row of `document.colours`."""
    marks: tuple[Mark, ...] = ()
    labels: tuple[Label, ...] = ()
    number_pen: Pen = NUMBER_PEN
    is_clipped: bool = False


def clipped(text: str) -> str:
    """Return what is shown of a line. The rest costs nothing."""
    return text[:MAX_LINE_CHARS]


def gutter_cells(line_count: int, cols: int) -> int:
    """Return the columns for the numbers of so many lines, with the blank behind them. 0: there is no room."""
    wanted = max(3, len(str(line_count))) + 1
    return wanted if wanted * _MAX_GUTTER <= cols else 0


@lru_cache(maxsize=1024)
def document_row(line: DocumentLine, left: int, cols: int, gutter: int) -> Row:
    """Return the row of a line, from its cell `left` on. `gutter`: the columns for the line's number."""
    room = cols - gutter
    laid_out = line_cells(line.text)
    cells, pens = list(laid_out.cells), _pens(line, laid_out)
    if line.is_clipped:
        cells += " … "
        pens += [NOTE_PEN] * 3
    end = len(cells)
    cells.append(" ")  # a cursor or a selection may be behind the last character
    pens.append(DEFAULT_PEN)
    for mark in line.marks:
        first, behind = _span(mark, laid_out)
        behind = min(behind, len(cells))
        pens[first:behind] = [mark.pen] * (behind - first)
    cells, pens = _cut(cells, pens, left, room, end)
    if line.labels:
        cursors = [_span(mark, laid_out)[0] - left for mark in line.marks if mark.is_cursor]
        _write_labels(cells, pens, line.labels, end - left, cursors)
    if gutter:
        number = f"{line.number:>{gutter - 1}} "[-gutter:]
        cells = [*number, *cells]
        pens = [line.number_pen] * gutter + pens
    return Row(tuple(cells), tuple(pens))


def _pens(line: DocumentLine, laid_out: LineCells) -> list[Pen]:
    """Return the pen of each cell: the colours of the syntax."""
    pens = [DEFAULT_PEN] * len(laid_out.cells)
    column = 0
    for length, kind in colour_runs(line.colours):
        first, behind = laid_out.cell_of(column), laid_out.cell_of(column + length)
        pens[first:behind] = [pen_of_kind(kind)] * (behind - first)
        column += length
        if column >= len(line.text):
            break
    for first, behind in laid_out.made_visible:
        pens[first:behind] = [VISIBLE_PEN] * (behind - first)
    return pens


def _span(mark: Mark, laid_out: LineCells) -> tuple[int, int]:
    """Return the first cell of a mark, and the one behind it."""
    if mark.is_cursor:
        return laid_out.span_of(mark.start)
    first = laid_out.cell_of(mark.start)
    return first, len(laid_out.cells) + 1 if mark.end is None else max(first, laid_out.cell_of(mark.end))


def _cut(cells: list[str], pens: list[Pen], left: int, room: int, end: int) -> tuple[list[str], list[Pen]]:
    """Return the visible part of a line, filled with blanks. `‹` and `›` say that there is more of the text."""
    shown, shown_pens = cells[left : left + room], pens[left : left + room]
    if shown and shown[0] == "":
        shown[0] = " "  # the right half of a character that the edge cuts in two
    if len(shown) == room and cells[left + room : left + room + 1] == [""]:
        shown[-1] = " "
    missing = room - len(shown)
    shown += " " * missing
    shown_pens += [DEFAULT_PEN] * missing
    if left and end and room > 2:
        _put(shown, shown_pens, 0, ("‹",), NOTE_PEN)
    if end > left + room > 2:
        _put(shown, shown_pens, room - 1, ("›",), NOTE_PEN)
    return shown, shown_pens


def _write_labels(cells: list[str], pens: list[Pen], labels: Sequence[Label], end: int, cursors: Sequence[int]) -> None:
    """Write names behind the text, or over it where they cover no cursor: at its right edge, or at its left one."""
    texts = [(f" {_short(label.name)} ", label.pen) for label in labels]
    width = sum(text_width(text) for text, _ in texts)
    at = max(0, end) + _LABEL_GAP
    if at + width > len(cells):
        free = (start for start in (len(cells) - width, 0) if start >= 0 and not _covers(start, width, cursors))
        at = next(free, -1)
    if at < 0:
        return
    for text, pen in texts:
        label_cells = text_cells(text, text_width(text))
        _put(cells, pens, at, label_cells, pen)
        at += len(label_cells)


def _covers(start: int, width: int, cursors: Sequence[int]) -> bool:
    return any(start - 1 <= cursor <= start + width for cursor in cursors)


def _short(name: str) -> str:
    if text_width(name) <= _MAX_NAME_CELLS:
        return name
    return "".join(text_cells(name, _MAX_NAME_CELLS - 1)).rstrip() + "…"


def _put(cells: list[str], pens: list[Pen], at: int, new: Sequence[str], pen: Pen) -> None:
    """Replace cells. A wide character of which a half is covered becomes blank."""
    behind = at + len(new)
    if at and cells[at] == "":
        cells[at - 1] = " "
    if behind < len(cells) and cells[behind] == "":
        cells[behind] = " "
    cells[at:behind] = new
    pens[at:behind] = [pen] * len(new)
