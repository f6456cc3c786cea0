"""From the lines of a screen to frames that share the rows which did not change."""

from __future__ import annotations

from pairterm.terminal.cursor import Cursor
from pairterm.terminal.frame import Cursor as FrameCursor
from pairterm.terminal.frame import Frame, Row
from pairterm.terminal.grid import Grid
from pairterm.terminal.keyboard import Keyboard
from pairterm.terminal.modes import CURSOR_VISIBLE, ModeSet
from pairterm.terminal.pens import Pens

__all__ = ["FrameMaker"]


class FrameMaker:
    """Makes the frames of one terminal. `latest` is the last frame made."""

    __slots__ = ("_cursor", "_grid", "_keyboard", "_modes", "_pens", "expected", "latest")

    def __init__(self, grid: Grid, cursor: Cursor, modes: ModeSet, keyboard: Keyboard, pens: Pens) -> None:
        self._grid = grid
        self._cursor = cursor
        self._modes = modes
        self._keyboard = keyboard
        self._pens = pens
        self.expected = 1
        """As how many frames the next one counts."""
        self.latest = Frame(size=grid.size, rows=tuple(line.freeze() for line in grid.lines))

    def make(self, title: str, bells: int) -> Frame:
        """Return what the screen shows: the same frame, and the same rows, where nothing changed."""
        old, grid, cursor = self.latest, self._grid, self._cursor
        if self._pens.uses_protection:
            for line in grid.lines:
                line.has_protected = True
        rows = self._rows(old)
        fresh = Frame(
            size=grid.size,
            rows=old.rows if rows == old.rows else rows,
            cursor=FrameCursor(
                cursor.y,
                min(cursor.x, cursor.columns - 1),
                is_visible=CURSOR_VISIBLE in self._modes.numbers,
                shape=cursor.shape,
            ),
            title=title,
            modes=self._modes.for_frame(self._keyboard.in_use.flags, self._keyboard.modify_other_keys),
            generation=old.generation + self.expected,
            scrolled=grid.history.scrolled,
            bells=bells,
            is_alternate=grid.is_alternate,
        )
        self.expected = 1
        if not fresh.repeats(old):
            self.latest = fresh
        return self.latest

    def _rows(self, old: Frame) -> tuple[Row, ...]:
        """Return the rows of the next frame. A row that shows the same as the old one in its place is the old one."""
        lines, size = self._grid.lines, self._grid.size
        if old.size is not size and old.size != size:
            return tuple([line.freeze() for line in lines])
        shown = old.rows
        rows = [line.freeze(row) if line.is_stale else line.row for line, row in zip(lines, shown, strict=True)]
        blanks = self._grid.blank_rows
        for at in [at for at, (row, was) in enumerate(zip(rows, shown, strict=True)) if row is not was]:
            if rows[at] in blanks and rows[at].same_as(shown[at]) and not shown[at].wrapped:
                rows[at] = lines[at].row = shown[at]
        return tuple(rows)
