"""The numbers of a window's panes, drawn over them for one client, as tmux's display-panes does.

A number is large if its pane has room, and else plain text. The size of the pane stands in its
top right corner. The colours are tmux's (red: the active pane, blue: the others). The cells are
inverse too, so that a terminal without colours shows the numbers.
"""

from __future__ import annotations

from pairterm.terminal.frame import INVERSE, Frame, Pen, Row, redrawn
from pairterm.types import PaneId, Rect, Size
from pairterm.view.shown_panes import ShownPanes

__all__ = ["NUMBERS_S", "numbered_pane", "with_numbers"]

NUMBERS_S = 1.0
"""tmux's display-panes-time."""

_ACTIVE_PEN = Pen(fg=1, flags=INVERSE)
_OTHER_PEN = Pen(fg=4, flags=INVERSE)

_DIGITS = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": ("  #", "  #", "  #", "  #", "  #"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
}
"""Each digit in 3 × 5 dots. A dot is two cells wide, because cells are about twice as high as wide."""

_DOT_COLS = 2
_DIGIT_ROWS = 5
_DIGIT_COLS = 4 * _DOT_COLS
"""Three dots and a gap."""

_KEYS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""The key of each pane: tmux's, a letter from the tenth pane on."""


def numbered_pane(panes: ShownPanes | None, key: str) -> PaneId | None:
    """Return the pane that a key selects while the numbers are shown. None: it selects none."""
    at = _KEYS.find(key) if len(key) == 1 else -1
    return panes.rects[at][0] if panes is not None and 0 <= at < len(panes.rects) else None


def with_numbers(frame: Frame, panes: ShownPanes | None) -> Frame:
    """Return the frame with the number of each pane in the pane's middle. None: all of it is pane 0."""
    cells = [list(row.cells) for row in frame.rows]
    pens = [list(row.pens) for row in frame.rows]
    marked = set()
    whole = ((None, Rect(0, 0, frame.size.rows, frame.size.cols)),)
    for index, (pane, rect) in enumerate(panes.rects if panes is not None else whole):
        is_active = panes is None or pane == panes.active
        for row, col, text in _marks(index, rect):
            marked.add(row)
            _write(cells[row], pens[row], col, text, _ACTIVE_PEN if is_active else _OTHER_PEN)
    rows = tuple(Row(tuple(cells[at]), tuple(pens[at])) if at in marked else row for at, row in enumerate(frame.rows))
    return redrawn(frame, frame.size, rows, frame.cursor, frame.modes)


def _marks(index: int, rect: Rect) -> list[tuple[int, int, str]]:
    """Return the texts of one pane, each with its row and column."""
    number, size = str(index), str(Size(rows=rect.rows, cols=rect.cols))
    middle = rect.row + rect.rows // 2
    width = len(number) * _DIGIT_COLS - _DOT_COLS
    if rect.rows < _DIGIT_ROWS + 2 or rect.cols < width + 2:
        return [(middle, rect.col + max(0, rect.cols - len(number)) // 2, number[: rect.cols])]
    marks = [(rect.row, rect.col + rect.cols - len(size), size)] if len(size) <= rect.cols else []
    left = rect.col + (rect.cols - width) // 2
    for at, digit in enumerate(number):
        for down, dots in enumerate(_DIGITS[digit], middle - _DIGIT_ROWS // 2):
            marks += [
                (down, left + at * _DIGIT_COLS + dot * _DOT_COLS, " " * _DOT_COLS)
                for dot, mark in enumerate(dots)
                if mark == "#"
            ]
    return marks


def _write(cells: list[str], pens: list[Pen], col: int, text: str, pen: Pen) -> None:
    """Write a text into a row. Half of a wide character at its edges becomes a space."""
    stop = col + len(text)
    if col and cells[col] == "":
        cells[col - 1] = " "
    if stop < len(cells) and cells[stop] == "":
        cells[stop] = " "
    cells[col:stop] = text
    pens[col:stop] = [pen] * len(text)
