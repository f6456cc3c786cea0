"""Large changes in parts: which rows of a picture come next, when all at once would take too long.

A screen of 500 × 200 cells in colours of their own takes a second to paint, and 1.5 MB
on a link; nobody else would be served meanwhile. So the next picture on the way takes
some rows of the newest one and keeps the others as they are. Law 5 holds as before:
who goes on comes to the newest picture. Rows are taken in turn, so that a program
which changes all of them again and again starves none. Bytes are an estimate.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from operator import is_not

from pairterm.terminal.frame import Frame, Row, blank_row

__all__ = ["next_part"]

_PEN_BYTES = 19
"""A change of a pen in true colour, on a terminal; on a link about as much."""

_MAX_PEN_BYTES = 2 * _PEN_BYTES
"""More than any cell takes, but for links."""


def next_part(base: Frame | None, target: Frame, start: int, max_bytes: int) -> tuple[Frame, int | None]:
    """Return the next picture from `base` towards `target`, and where the one after it begins.

    Args:
        base: What is there; None: nothing.
        target: The newest picture.
        start: The row to begin with.
        max_bytes: What a part takes, more or less; one row is taken at least.

    Returns:
        `target` itself and None if it takes no more than that. Everything of the
        part but its rows is the target's.
    """
    was = base.rows if base is not None and base.size == target.size else None
    rows = target.rows
    changed = len(rows) if was is None else sum(map(is_not, was, rows))
    if changed * target.size.cols * _MAX_PEN_BYTES <= max_bytes:
        return target, None
    known = set() if was is None else {id(row) for row in was}
    here = list(was) if was is not None else [blank_row(target.size.cols)] * len(rows)
    spent = 0
    for step in range(len(rows)):
        at = (start + step) % len(rows)
        row = rows[at]
        if row is not here[at] and id(row) not in known:  # a row that moved is no new one
            cost = _bytes_of(row)
            if spent and spent + cost > max_bytes:
                return replace(target, rows=_with_moved(here, rows, known)), at
            spent += cost
        here[at] = row
    return target, None


def _with_moved(here: list[Row], rows: tuple[Row, ...], known: set[int]) -> tuple[Row, ...]:
    """Take the rows that only moved as well: a scroll is one step, whatever comes after."""
    return tuple(row if id(row) in known else had for had, row in zip(here, rows, strict=True))


def _bytes_of(row: Row) -> int:
    pens = row.pens
    spent = _MAX_PEN_BYTES + len("".join(row.cells).rstrip(" ")) + len(pens[0].link)
    if pens.count(pens[0]) < len(pens):
        spent += sum(_PEN_BYTES + len(pen.link) for before, pen in pairwise(pens) if pen is not before)
    return spent
