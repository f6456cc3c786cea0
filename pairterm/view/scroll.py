"""Scrolls: finding that text moved up or down, and moving it on the client's terminal.

A row that moved is the same object at another place, so one pass over the rows
finds the distance by identity. A scroll is sent only when it saves more than it
costs. Rows are 0-based; regions are half-open.
Source: xterm ctlseqs (DECSTBM, IND by LF, RI, IL, DL).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pairterm.terminal.frame import Row

__all__ = ["Scroll", "find_scroll", "scrolled_rows"]

_SCROLL_BYTES = 16
"""About what a scroll costs: two region changes, a move and the line feeds."""

_ROW_BYTES = 6
"""About what a row costs besides its text: a move and an erase."""


@dataclass(frozen=True, slots=True)
class Scroll:
    """The rows `top` to `bottom` move by `count` lines: up if it is positive, down if negative."""

    top: int
    bottom: int
    count: int


def find_scroll(base: Sequence[Row], target: Sequence[Row]) -> Scroll | None:
    """Return the one scroll that brings most rows of `base` to their place in `target`; None if none is worth it.

    Cost: O(rows), and O(columns) for each row that would be saved.
    """
    differing = [at for at, (old, new) in enumerate(zip(base, target, strict=True)) if old is not new]
    if len(differing) < 2:
        return None
    first, last = differing[0], differing[-1]
    places: dict[int, int] = {}
    for at in range(first, last + 1):
        key = id(base[at])
        places[key] = -1 if key in places else at  # a row shown twice says nothing about distance
    votes = Counter(place - at for at in differing if (place := places.get(id(target[at]), -1)) >= 0)
    if not votes:
        return None
    count = votes.most_common(1)[0][0]
    moved = [at for at in range(first, last + 1) if first <= at + count <= last and target[at] is base[at + count]]
    top, bottom = min(moved[0], moved[0] + count), max(moved[-1], moved[-1] + count) + 1
    scroll = Scroll(top, bottom, count)
    return scroll if _saving(base, target, scroll) > 0 else None


def scrolled_rows(rows: Sequence[Row], scroll: Scroll, blank: Row) -> list[Row]:
    """Return the rows as the scroll leaves them, `blank` where new lines came in."""
    region = list(rows[scroll.top : scroll.bottom])
    fill = [blank] * min(abs(scroll.count), len(region))
    region = region[scroll.count :] + fill if scroll.count > 0 else fill + region[: scroll.count]
    return [*rows[: scroll.top], *region, *rows[scroll.bottom :]]


def _saving(base: Sequence[Row], target: Sequence[Row], scroll: Scroll) -> int:
    """Return about how many bytes the scroll saves; negative if it costs more."""
    saving = -_SCROLL_BYTES
    for at in range(scroll.top, scroll.bottom):
        new = target[at]
        source = at + scroll.count
        is_moved_right = scroll.top <= source < scroll.bottom and base[source] is new
        if is_moved_right:
            if not base[at].same_as(new):
                saving += len(new.text.rstrip()) + _ROW_BYTES
        elif base[at] is new:
            saving -= len(new.text.rstrip()) + _ROW_BYTES
    return saving
