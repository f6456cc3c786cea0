"""What lies on one client's screen: the session or its history or the help, and the bars above and below.

The desk holds the state and makes the picture; what keys do to it is the view's
affair. Clients that show the same get the same picture object, by the cache.
"""

from __future__ import annotations

from dataclasses import replace

from pairterm.terminal.frame import DEFAULT_PEN, PLAIN_MODES, Cursor, Frame, Modes, Mouse, MouseEncoding, Row, blank_row
from pairterm.types import Role, Size
from pairterm.view.bars import STRONG_PEN, bar, text_cells, with_bottom
from pairterm.view.bindings import Bindings
from pairterm.view.cache import PaintCache
from pairterm.view.compose import compose
from pairterm.view.help import help_lines
from pairterm.view.modes import modes_for
from pairterm.view.prompt import Prompt
from pairterm.view.scrollback import Scrollback
from pairterm.view.status import MIN_ROWS, Facts, status_row
from pairterm.view.viewport import Viewport

__all__ = ["Desk"]


class Desk:
    """The layers of one client's screen, from the bottom up: session, scrollback, help, bars."""

    def __init__(self, *, session: str, role: Role, size: Size, has_status: bool, has_mouse: bool) -> None:
        self.session = session
        self.role = role
        self.size = size
        self.has_status = has_status
        self.has_mouse = has_mouse
        self.viewport = Viewport()
        self.scrollback: Scrollback | None = None
        self.prompt: Prompt | None = None
        self.help_top: int | None = None
        self.message = ""
        self.facts = Facts()
        self._help: list[str] = []
        self._noted: tuple[Size, Size] | None = None

    @property
    def is_live(self) -> bool:
        """True if keys go to the session: nothing private lies over it."""
        return self.scrollback is None and self.prompt is None and self.help_top is None

    @property
    def area(self) -> Size:
        """The part of the screen above the status line."""
        rows = self.size.rows - (self.has_status and self.size.rows >= MIN_ROWS)
        return Size(rows=rows, cols=self.size.cols)

    def resize(self, size: Size) -> None:
        """Take the terminal's size, or a change of the status line."""
        self.size = size
        if self.scrollback is not None:
            self.scrollback.resize(self.area)

    def open_help(self, bindings: Bindings) -> None:
        """Lay the list of keys over the session."""
        self._help = help_lines(bindings, self.role)
        self.help_top = 0

    def turn_help(self, bindings: Bindings, lines: int) -> bool:
        """Move the list of keys; return whether it is longer than the screen, so that it can move."""
        last = len(self._help) - (self.size.rows - 1)
        if self.help_top is None or last <= 0:
            return False
        self.help_top = max(0, min(self.help_top + lines, last))
        return True

    def close_help(self) -> None:
        """Take the list of keys away."""
        self.help_top = None
        self._help = []

    def new_viewport_note(self, frame: Frame) -> str:
        """Return the viewport's indicator when it is news and no status line shows it; else ""."""
        sizes = (frame.size, self.area)
        if self.has_status or sizes == self._noted:
            return ""
        self._noted = sizes
        self.viewport.settle(frame.cursor, frame.size, self.area)
        return self.viewport.note(frame.size, self.area)

    def picture(self, frame: Frame, cache: PaintCache) -> Frame:
        """Return what the terminal is to show while `frame` is the session's newest."""
        offset = self.viewport.settle(frame.cursor, frame.size, self.area)
        if not self.is_live:
            return self._with_bars(self._private(frame, cache), frame)
        modes = self._modes(frame)
        note = self._note(frame)
        look = (self.size, offset, modes, self.message, self.has_status and (self.role, self.facts, note))

        def make() -> Frame:
            cutter = cache.cutter(col=offset.col, cols=self.size.cols)
            return self._with_bars(compose(frame, self.area, offset=offset, modes=modes, cutter=cutter), frame)

        return cache.picture(frame, look, make)

    def _private(self, frame: Frame, cache: PaintCache) -> Frame:
        """Return the picture above the status line when something private lies on it."""
        modes = self._modes(frame)
        if self.help_top is not None:
            return replace(frame, size=self.area, rows=self._help_rows(), cursor=Cursor(is_visible=False), modes=modes)
        if self.scrollback is not None:
            rows = self.scrollback.rows()
            return replace(frame, size=self.area, rows=rows, cursor=Cursor(is_visible=False), modes=modes)
        offset = self.viewport.offset
        cutter = cache.cutter(col=offset.col, cols=self.size.cols)
        return compose(frame, self.area, offset=offset, modes=modes, cutter=cutter)

    def _with_bars(self, picture: Frame, frame: Frame) -> Frame:
        cols = self.size.cols
        if self.area.rows < self.size.rows:
            row = status_row(self.session, self.role, self.facts, self._note(frame), cols)
            picture = replace(picture, size=self.size, rows=(*picture.rows, row))
        if self.prompt is not None:
            row, col = self.prompt.row(cols)
            cursor = Cursor(self.size.rows - 1, col)
            return with_bottom(picture, row, cursor)
        return with_bottom(picture, bar(f" {self.message}", cols)) if self.message else picture

    def _note(self, frame: Frame) -> str:
        note = self.viewport.note(frame.size, self.area)
        if note:
            return note
        by = f" (set by {self.facts.size_by})" if self.facts.size_by else ""
        return f"size {frame.size}{by}"

    def _modes(self, frame: Frame) -> Modes:
        modes = modes_for(self.role, frame.modes)
        if not self.is_live:
            modes = replace(PLAIN_MODES, is_reversed=modes.is_reversed)
        if self.has_mouse and modes.mouse is Mouse.OFF:
            modes = replace(modes, mouse=Mouse.CLICKS, mouse_encoding=MouseEncoding.SGR)
        return modes

    def _help_rows(self) -> tuple[Row, ...]:
        rows, cols = self.area.rows, self.area.cols
        top = self.help_top or 0
        lines = self._help[top : top + rows - 1]
        body = [Row(text_cells(line, cols), (DEFAULT_PEN,) * cols) for line in lines]
        body += [blank_row(cols)] * (rows - 1 - len(body))
        more = "  more: arrows, PgDn" if len(self._help) > rows - 1 else ""
        return (bar(f" Keys of {self.session}: any other key closes this{more}", cols, STRONG_PEN), *body)
