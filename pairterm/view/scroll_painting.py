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

from pairterm.terminal.frame import Row, blank_row

__all__ = ["Scroll", "find_scroll", "scrolled_rows"]

_REGION_BYTES = 14
"""About what a scroll of a region costs besides its line feeds: two changes of the region and a move."""

_WHOLE_BYTES = 2
"""The same for the whole screen: a shell's cursor is at the bottom already."""

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

    Of the region of the rows that moved and the whole screen, it takes what is cheaper in the end.

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
    hull = Scroll(min(moved[0], moved[0] + count), max(moved[-1], moved[-1] + count) + 1, count)
    whole = Scroll(0, len(base), count)
    best, saving = whole, _saving(base, target, whole)
    if hull != whole and (by_hull := _saving(base, target, hull)) > saving:
        best, saving = hull, by_hull
    return best if saving > 0 else None


def scrolled_rows(rows: Sequence[Row], scroll: Scroll, blank: Row) -> list[Row]:
    """Return the rows as the scroll leaves them, `blank` where new lines came in."""
    region = list(rows[scroll.top : scroll.bottom])
    fill = [blank] * min(abs(scroll.count), len(region))
    region = region[scroll.count :] + fill if scroll.count > 0 else fill + region[: scroll.count]
    return [*rows[: scroll.top], *region, *rows[scroll.bottom :]]


def _saving(base: Sequence[Row], target: Sequence[Row], scroll: Scroll) -> int:
    """Return about how many bytes the scroll saves; negative if it costs more."""
    is_whole = scroll.top == 0 and scroll.bottom == len(base)
    saving = -abs(scroll.count) - (_WHOLE_BYTES if is_whole else _REGION_BYTES)
    shifted = scrolled_rows(base, scroll, blank_row(len(base[0].cells)))
    for at in range(scroll.top, scroll.bottom):
        new = target[at]
        was_right = base[at].same_as(new)
        if was_right is not shifted[at].same_as(new):
            row_bytes = len(new.text.rstrip()) + _ROW_BYTES
            saving += -row_bytes if was_right else row_bytes
    return saving
