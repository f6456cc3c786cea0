"""The part of a line that the person has typed, as far as it is known: keys move and erase in it only."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["PredictedLine", "blank_after"]


class PredictedLine:
    """The columns of a line from where the person began to type to where they came."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._end = start

    def reach(self, col: int) -> None:
        """Take note that the cursor is at a column behind typed text."""
        self._end = max(self._end, col)

    def has(self, col: int) -> bool:
        """Return whether the cursor may be at a column."""
        return self._start <= col <= self._end


def blank_after(cells: Sequence[str]) -> int:
    """Return where the text at the first cell ends: at two blanks, as the end of a line or a gap between columns is.

    0: there is no text.
    """
    for at, text in enumerate(cells):
        if text == " " and (at + 1 == len(cells) or cells[at + 1] == " "):
            return at
    return len(cells)
