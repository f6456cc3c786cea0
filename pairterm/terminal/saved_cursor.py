"""What DECSC saves and DECRC restores, once for each of the two screens.

These are position, pen, origin mode and charsets (VT510, "Save Cursor"). Autowrap is not
saved: xterm, xterm.js, tmux and ghostty leave it alone.
"""

from __future__ import annotations

from typing import NamedTuple

from pairterm.terminal.charsets import Charsets
from pairterm.terminal.cursor import Cursor
from pairterm.terminal.grid import Grid
from pairterm.terminal.modes import ORIGIN, ModeSet
from pairterm.terminal.pens import KnownPen, Pens
from pairterm.terminal.writer import Writer

__all__ = ["SavedCursor"]


class _Saved(NamedTuple):
    x: int = 0
    y: int = 0
    pen: KnownPen | None = None
    is_origin: bool = False
    charsets: Charsets = Charsets()


_NOTHING = _Saved()


class SavedCursor:
    """The saved cursor of each screen."""

    __slots__ = ("_cursor", "_grid", "_modes", "_pens", "_saved", "_writer")

    def __init__(self, cursor: Cursor, grid: Grid, pens: Pens, writer: Writer, modes: ModeSet) -> None:
        self._cursor = cursor
        self._grid = grid
        self._pens = pens
        self._writer = writer
        self._modes = modes
        self.reset()

    def save(self) -> None:
        """DECSC, SCOSC."""
        self._saved[self._grid.is_alternate] = _Saved(
            x=self._cursor.x,
            y=self._cursor.y,
            pen=self._pens.known,
            is_origin=self._cursor.is_origin,
            charsets=self._writer.charsets,
        )

    def restore(self) -> None:
        """DECRC, SCORC: restore what is saved; the cursor goes home with a plain pen if nothing is. It stays saved."""
        saved = self._saved[self._grid.is_alternate]
        cursor = self._cursor
        if saved.pen is None:
            self._pens.reset()
        else:
            self._pens.use(saved.pen)
        self._modes.put(ORIGIN, saved.is_origin)
        cursor.is_origin = saved.is_origin
        self._writer.charsets = saved.charsets
        cursor.x = min(saved.x, cursor.columns)
        top, bottom = (cursor.top, cursor.bottom) if saved.is_origin else (0, cursor.rows - 1)
        cursor.y = min(max(saved.y, top), bottom)

    def forget(self) -> None:
        """Forget what is saved on the screen in use."""
        self._saved[self._grid.is_alternate] = _NOTHING

    def reset(self) -> None:
        """Forget what is saved on both screens."""
        self._saved = [_NOTHING, _NOTHING]
