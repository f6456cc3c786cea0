"""The cells of a client's terminal where its keys show: a page that shows text before its echo has to know them.

A page has no frames, only a terminal that is painted. It reads its own terminal, but
that does not tell which cells belong to the pane with the keys, and how far the pane's
text has moved. Rows and columns are 0-based cells of the client's terminal.
"""

from __future__ import annotations

import msgspec

from pairterm.terminal.frame import Frame
from pairterm.types import Rect, Size
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.viewport import Offset

__all__ = ["TypingPlace", "typing_place"]


class TypingPlace(msgspec.Struct, frozen=True):
    """The part of the pane with the keys that a client sees."""

    name: str
    """It is another one when the client looks at another window, pane, screen or part. Only to be compared."""
    rect: Rect
    scrolled: int
    """Two places of one name show how far the text moved: see `Frame`."""
    generation: int
    """The pane's frame that is painted there."""


def typing_place(frame: Frame, panes: ShownPanes | None, offset: Offset, area: Size) -> TypingPlace | None:
    """Return where keys show in the picture of a window's frame. None: the client sees no cell of the pane.

    `offset` and `area`: see `Viewport` and `Layers.area`.
    """
    if panes is None:
        pane, rect, where = frame, Rect(0, 0, frame.size.rows, frame.size.cols), ""
    else:
        pane, where = panes.frame, f"{panes.window}.{panes.active}"
        rect = next((each for number, each in panes.rects if number == panes.active), Rect(0, 0, 0, 0))
    top, left = max(0, rect.row - offset.row), max(0, rect.col - offset.col)
    bottom = min(area.rows, rect.row + rect.rows - offset.row)
    right = min(area.cols, rect.col + rect.cols - offset.col)
    if bottom <= top or right <= left or pane.is_hidden or frame.is_hidden:
        return None
    screen = "alternate" if pane.is_alternate else "primary"
    name = f"{where} {screen} {offset.row},{offset.col}"
    return TypingPlace(name, Rect(top, left, bottom - top, right - left), pane.scrolled, pane.generation)
