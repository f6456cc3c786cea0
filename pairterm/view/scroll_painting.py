"""Scrolls: how far text has moved up or down, so that the client's terminal can move it too.

A row that moved is the same object at another place. So one pass over the rows finds
the distance by identity. A scroll is sent only when it saves more than it costs. Rows
are 0-based, and regions are half-open.
Source: xterm ctlseqs (DECSTBM, IND by LF, RI, IL, DL).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from pairterm.terminal.frame import Row, blank_row

__all__ = ["Scroll", "find_scroll", "scrolled_rows"]

_REGION_BYTES = 14
"""About the cost of scrolling a region, without the line feeds: two changes of the region and a move."""

_WHOLE_BYTES = 2
"""The same for the whole screen. A shell's cursor is at the bottom already."""

_ROW_BYTES = 6
"""About the cost of a row without its text: a move and an erase."""


class Scroll(msgspec.Struct, frozen=True):
    """The rows `top` to `bottom` move by `count` lines. A positive number is up, a negative one down."""

    top: int
    bottom: int
    count: int


def find_scroll(base: Sequence[Row], target: Sequence[Row]) -> Scroll | None:
    """Return the scroll that moves most rows of `base` to their place in `target`. None: no scroll saves anything.

    It scrolls the region of the moved rows, or the whole screen if that is cheaper.

    Cost: O(rows), and O(columns) for each row that would be saved.
    """
    differing = [at for at, (old, new) in enumerate(zip(base, target, strict=True)) if old is not new]
    if len(differing) < 2:
        return None
    first, last = differing[0], differing[-1]
    places: dict[int, int] = {}
    for at in range(first, last + 1):
        key = id(base[at])
        places[key] = -1 if key in places else at  # a row that is shown twice does not tell the distance
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
    """Return the rows after the scroll. New lines are `blank`."""
    region = list(rows[scroll.top : scroll.bottom])
    fill = [blank] * min(abs(scroll.count), len(region))
    region = region[scroll.count :] + fill if scroll.count > 0 else fill + region[: scroll.count]
    return [*rows[: scroll.top], *region, *rows[scroll.bottom :]]


def _saving(base: Sequence[Row], target: Sequence[Row], scroll: Scroll) -> int:
    """Return about how many bytes the scroll saves. Negative: it costs more."""
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
