"""Large changes in parts: the rows to send next, when all at once would take too long.

A screen of 500 × 200 cells, each in its own colour, takes a second to paint, and 1.5 MB
on a link. Nobody else would be served during this time. So the next frame takes some
rows of the newest one and keeps the others as they are. Law 5 holds as before: a viewer
that goes on reaches the newest frame. Rows are taken in turn, so no row waits for ever,
even if a program changes all of them again and again. Bytes are an estimate.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from operator import is_not

from pairterm.terminal.frame import Frame, Row, blank_row

__all__ = ["next_part"]

_PEN_BYTES = 19
"""A change of the pen in true colour, on a terminal. On a link it takes about as much."""

_MAX_PEN_BYTES = 2 * _PEN_BYTES
"""More than any cell takes, except cells with a hyperlink."""


def next_part(base: Frame | None, target: Frame, start: int, max_bytes: int) -> tuple[Frame, int | None]:
    """Return the next frame from `base` towards `target`, and the row that the one after it begins with.

    Args:
        base: The frame that the viewer has; None: it has none.
        target: The newest frame.
        start: The row to begin with.
        max_bytes: The size of a part, about; at least one row is taken.

    Returns:
        `target` itself and None if all of it fits. Everything in a partial frame
        except its rows comes from the target.
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
        if row is not here[at] and id(row) not in known:  # a row that only moved is not new
            cost = _bytes_of(row)
            if spent and spent + cost > max_bytes:
                return replace(target, rows=_with_moved(here, rows, known)), at
            spent += cost
        here[at] = row
    return target, None


def _with_moved(here: list[Row], rows: tuple[Row, ...], known: set[int]) -> tuple[Row, ...]:
    """Take the rows that only moved as well: a scroll is always one step."""
    return tuple(row if id(row) in known else had for had, row in zip(here, rows, strict=True))


def _bytes_of(row: Row) -> int:
    pens = row.pens
    spent = _MAX_PEN_BYTES + len("".join(row.cells).rstrip(" ")) + len(pens[0].link)
    if pens.count(pens[0]) < len(pens):
        spent += sum(_PEN_BYTES + len(pen.link) for before, pen in pairwise(pens) if pen is not before)
    return spent
