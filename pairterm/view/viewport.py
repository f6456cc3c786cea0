"""The viewport: the part of a session that a smaller terminal shows.

It follows the cursor with a margin until the client pans. Then it stays, until the
client lets it follow again. A session that is smaller than the terminal is shown top
left, or centred. Offsets are 0-based session cells. They are negative for a centred
session: minus the cells before it.
"""

from __future__ import annotations

import msgspec

from pairterm.terminal.frame import Cursor
from pairterm.types import Size

__all__ = ["ORIGIN", "Offset", "Viewport"]

_MARGIN_ROWS = 2
_MARGIN_COLS = 8
"""How near to the viewport's edge the cursor may come before the viewport moves."""

_PAN_ROWS = 4
_PAN_COLS = 16
"""How far one key moves the viewport."""


class Offset(msgspec.Struct, frozen=True):
    """The position of the viewport's top left corner in the session's frame."""

    row: int = 0
    col: int = 0


ORIGIN = Offset()


class Viewport:
    """One client's viewport: its `offset`, and whether it follows the cursor."""

    __slots__ = ("is_centred", "is_following", "offset")

    def __init__(self, *, is_centred: bool = False) -> None:
        self.is_centred = is_centred
        self.offset = ORIGIN
        self.is_following = True

    def settle(self, cursor: Cursor, session: Size, area: Size) -> Offset:
        """Set the offset for this frame and return it."""
        if self.is_following:
            self.offset = Offset(
                _followed(self.offset.row, cursor.row, session.rows, area.rows, _MARGIN_ROWS),
                _followed(self.offset.col, cursor.col, session.cols, area.cols, _MARGIN_COLS),
            )
        else:
            self.offset = _inside(self.offset, session, area)
        if self.is_centred:
            self.offset = Offset(
                _centred(self.offset.row, session.rows, area.rows), _centred(self.offset.col, session.cols, area.cols)
            )
        return self.offset

    def pan(self, rows: int, cols: int, session: Size, area: Size) -> bool:
        """Move by so many steps and stop following the cursor. Return whether there was room to move."""
        here = _inside(self.offset, session, area)
        moved = _inside(Offset(here.row + rows * _PAN_ROWS, here.col + cols * _PAN_COLS), session, area)
        if moved == here:
            return False
        self.offset = moved
        self.is_following = False
        return True

    def note(self, session: Size, area: Size) -> str:
        """Return the text of the indicator, such as `view 80×24 of 120×40 +12+3`. "": the whole session is visible."""
        if session.rows <= area.rows and session.cols <= area.cols:
            return ""
        shown = Size(rows=min(session.rows, area.rows), cols=min(session.cols, area.cols))
        pinned = "" if self.is_following else " pinned"
        return f"view {shown} of {session} +{max(0, self.offset.col)}+{max(0, self.offset.row)}{pinned}"


def _inside(offset: Offset, session: Size, area: Size) -> Offset:
    return Offset(max(0, min(offset.row, session.rows - area.rows)), max(0, min(offset.col, session.cols - area.cols)))


def _centred(start: int, whole: int, part: int) -> int:
    return -((part - whole) // 2) if whole < part else start


def _followed(start: int, at: int, whole: int, part: int, margin: int) -> int:
    if whole <= part:
        return 0
    margin = min(margin, (part - 1) // 2)
    start = max(start, at + margin - part + 1)
    start = min(start, at - margin)
    return max(0, min(start, whole - part))
