"""Lines of the history and the screen as a viewer gets them, and the search for a line at another width."""

from __future__ import annotations

from bisect import bisect_left

import msgspec

from pairterm.terminal.frame import Row
from pairterm.types import Size

__all__ = ["CapturedLines", "HistoryLines", "row_at"]


class HistoryLines(msgspec.Struct, frozen=True):
    """Some lines of the history, at one width."""

    start: int
    """The number of the first line, counted back from the screen: the last line above it has `Frame.scrolled` - 1."""

    rows: list[Row]
    places: list[int]
    """For each row, the place of the printed line that it begins in: how many lines left the screen before."""

    kept: int
    """The number of lines that the host has."""


class CapturedLines(msgspec.Struct, frozen=True):
    """Some lines of the history and of the screen below it, numbered as in `HistoryLines`."""

    start: int
    rows: list[Row]
    oldest: int
    """The number of the oldest line of the history."""

    scrolled: int
    """The number of the screen's first row."""

    size: Size
    """The screen's size."""


def row_at(places: list[int], place: int) -> int:
    """Return the index of the row that the printed line of this place begins in, of rows with these places."""
    index = bisect_left(places, place)
    return index if index < len(places) and places[index] == place else max(0, index - 1)
