"""The receiver's side of a screen over the link: the replica that updates are applied to.

A replica checks everything that an update contains, because a hostile host can aim
at guests through it: their terminals show what the replica holds. The sender's side
is `link.screen_publisher`.
"""

from __future__ import annotations

from typing import cast

from pairterm.errors import PeerError
from pairterm.link.echo import echoed
from pairterm.link.messages import Echo, PictureChange, ScreenUpdate
from pairterm.link.row_wire import checked_pen, modes_from_wire, row_from_wire
from pairterm.safe_text import has_unsafe
from pairterm.terminal.frame import PLAIN_MODES, Cursor, CursorShape, Frame, Modes, Pen, Row
from pairterm.types import Size

__all__ = ["Replica"]


class Replica:
    """The receiver's copy of one pane. `frame` is None until the first update arrives."""

    def __init__(self) -> None:
        self.frame: Frame | None = None

    def apply(self, update: PictureChange) -> Frame:
        """Return the frame that the update makes. Rows that it does not name stay the same objects.

        Raises:
            PeerError: The update does not fit the frame before it. Or it has a value that no screen has:
                unsafe characters in a cell or a title, a colour or a position that does not exist. The
                replica then stays as it was.
        """
        if isinstance(update, Echo):
            self.frame = echoed(self.frame, update)
            return self.frame
        base = self.frame
        if update.base == 0:
            base = None
        elif base is None or base.generation != update.base:
            raise PeerError(f"an update is based on frame {update.base}, which is not here", code="bad_base")
        pens = [checked_pen(pen) for pen in update.pens]
        row, col, is_visible, shape = update.cursor
        if not (0 <= row < update.rows and 0 <= col < update.cols):
            raise PeerError("the cursor is outside of the screen", code="bad_cursor")
        if base is None and (update.title is None or update.modes is None):
            raise PeerError("a first update has no title or no modes", code="bad_base")
        try:
            cursor = Cursor(row, col, is_visible, CursorShape(shape))
            modes = modes_from_wire(update.modes) if update.modes is not None else _base_modes(base)
        except ValueError as error:
            raise PeerError(f"a mode that does not exist: {error}", code="bad_modes") from error
        title = update.title if update.title is not None else _base_title(base)
        if has_unsafe(title):
            raise PeerError("a title with unsafe characters", code="bad_text")
        self.frame = Frame(
            size=_size(base, update),
            rows=_assembled(base, update, pens),
            cursor=cursor,
            title=title,
            modes=modes,
            generation=update.generation,
            scrolled=update.scrolled,
            bells=update.bells,
            is_alternate=update.is_alternate,
            is_hidden=update.is_hidden,
        )
        return self.frame


def _size(base: Frame | None, update: ScreenUpdate) -> Size:
    """Return the update's size. It is the same object as long as the size stays the same."""
    if base is not None and (base.size.rows, base.size.cols) == (update.rows, update.cols):
        return base.size
    return Size(rows=update.rows, cols=update.cols)


def _base_title(base: Frame | None) -> str:
    return base.title if base is not None else ""


def _base_modes(base: Frame | None) -> Modes:
    return base.modes if base is not None else PLAIN_MODES


def _assembled(base: Frame | None, update: ScreenUpdate, pens: list[Pen]) -> tuple[Row, ...]:
    """Return the new frame's rows: some are copied from the base, the others are new."""
    rows: list[Row | None] = [None] * update.rows
    for at, source, count in update.copies:
        if base is None or at < 0 or source < 0 or count < 1:
            raise PeerError("an update copies rows that do not exist", code="bad_rows")
        if at + count > update.rows or source + count > len(base.rows) or base.size.cols != update.cols:
            raise PeerError("an update copies rows that do not exist", code="bad_rows")
        rows[at : at + count] = base.rows[source : source + count]
    missing = [at for at, row in enumerate(rows) if row is None]
    if len(missing) != len(update.new_rows):
        raise PeerError("an update has too few new rows, or too many", code="bad_rows")
    for at, wire in zip(missing, update.new_rows, strict=True):
        rows[at] = row_from_wire(wire, pens, update.cols)
    return tuple(cast(list[Row], rows))
