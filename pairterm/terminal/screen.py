"""The screen that a program talks to: everything a sequence can ask of it, and the frames it shows.

`Screen` is a `pyte.Screen`: canvas (cells), motion (cursor) and, here, what a program
selects and saves: pens, charsets, titles, the alternate screen, resets. The methods are
called by `pairterm.terminal.sequences`; their arguments are those of the sequence.

The rule: nothing here raises for any argument a sequence can carry, and all that a
program can make grow has a named bound. Rows and columns are 0-based.
"""

from __future__ import annotations

from dataclasses import dataclass

from pairterm.terminal.ancestor import Cursor, mo
from pairterm.terminal.charsets import charset, is_known
from pairterm.terminal.events import Event
from pairterm.terminal.frame import DEFAULT_PEN, CursorShape, Frame, Pen, Row, blank_row
from pairterm.terminal.frame import Cursor as FrameCursor
from pairterm.terminal.inks import PROTECTED, Ink
from pairterm.terminal.keyboard import Keyboard
from pairterm.terminal.line import Line
from pairterm.terminal.modes import ModeSwitches
from pairterm.terminal.reflow import paragraphs, rewrap_with_cursor
from pairterm.text import without_unsafe
from pairterm.types import Size

__all__ = ["MAX_EVENTS", "MAX_REPLY_BYTES", "MAX_TITLE", "Screen"]

MAX_TITLE = 256
"""Characters of a title. Longer than any title bar shows."""

MAX_TITLES = 10
"""Titles that a program may push (xterm keeps 10)."""

MAX_EVENTS = 64
"""Events kept for the caller; the oldest go."""

MAX_REPLY_BYTES = 16 * 1024
"""Answers kept for the pty until they are taken. A program that asks without reading gets no more."""


@dataclass(slots=True)
class _Saved:
    """What DECSC saves (VT510, "Save Cursor"), but for autowrap: xterm, xterm.js, tmux and ghostty leave that alone."""

    x: int = 0
    y: int = 0
    ink: Ink | None = None
    is_origin: bool = False
    charsets: tuple[str | None, ...] = (None, None, None, None)
    level: int = 0


class Screen(ModeSwitches):
    """A whole screen: primary and alternate, scrollback, titles, replies and events."""

    def __init__(self, size: Size, *, history_lines: int = 10_000) -> None:
        super().__init__(size, history_lines)
        self.title = ""
        self.icon_name = ""
        self.titles: list[str] = []
        self.bells = 0
        self.shape = CursorShape.DEFAULT
        self.replies = bytearray()
        self.events: list[Event] = []
        self._saved = [_Saved(), _Saved()]
        self._hidden_grid: list[Line] = []
        self._hidden_cursor = (0, 0)
        self._charsets: list[str | None] = [None, None, None, None]
        self._level = 0
        self._frame = Frame(size=size, rows=tuple(line.freeze() for line in self._grid))
        self.is_touched = False
        self._set_default_tabs()

    @property
    def size(self) -> Size:
        """Rows and columns."""
        return Size(rows=self.lines, cols=self.columns)

    def line_number(self) -> int:
        """Return the number of the cursor's line, counted from the first line that was ever shown."""
        return self.history.scrolled + self.cursor.y

    # Frames

    @property
    def generation(self) -> int:
        """The number that the next frame has at most: the last one's if nothing was written since."""
        return self._frame.generation + (1 if self.is_touched else 0)

    def snapshot(self) -> Frame:
        """Return what the screen shows: the same frame, and the same rows, where nothing changed."""
        if not self.is_touched:
            return self._frame
        self.is_touched = False
        old = self._frame
        if self._uses_protection:
            for line in self._grid:
                line.has_protected = True
        rows = self._rows(old)
        cursor = self.cursor
        size = old.size
        if size.rows != self.lines or size.cols != self.columns:
            size = self.size
        fresh = Frame(
            size=size,
            rows=old.rows if rows == old.rows else rows,
            cursor=FrameCursor(
                cursor.y, min(cursor.x, self.columns - 1), is_visible=mo.DECTCEM in self.mode, shape=self.shape
            ),
            title=self.title,
            modes=self.frame_modes(),
            generation=old.generation + 1,
            scrolled=self.history.scrolled,
            bells=self.bells,
            is_alternate=self.is_alternate,
        )
        if not _shows_the_same(old, fresh):
            self._frame = fresh
        return self._frame

    def _rows(self, old: Frame) -> tuple[Row, ...]:
        """Return the rows of the next frame: what stands where it stood, showing the same, is the same object."""
        if old.size.rows != self.lines or old.size.cols != self.columns:
            return tuple([line.freeze() for line in self._grid])
        shown = old.rows
        rows = [line.freeze(row) if line.is_stale else line.row for line, row in zip(self._grid, shown, strict=True)]
        blanks = (self._blank, *self._blanks.values())
        for at in [at for at, (row, was) in enumerate(zip(rows, shown, strict=True)) if row is not was]:
            if rows[at] in blanks and rows[at].same_as(shown[at]) and not shown[at].wrapped:
                rows[at] = self._grid[at].row = shown[at]
        return tuple(rows)

    # Pens and charsets

    @property
    def pen(self) -> Pen:
        """What is written with now."""
        return self._pen

    def change_pen(self, sequences: str) -> None:
        """SGR sequences, with ESC ( B among them, as terminfo's sgr0 has it. Remembered by their text."""
        ink = self._ink
        changed = ink.after.get(sequences)
        if changed is None:
            changed = self._inks.select(ink, sequences)
        self._ink = changed
        self._pen = changed.pen
        if self._charsets[0] is not None and "(" in sequences:
            self.define_charset("B", "(")

    def select_graphic_rendition(self, *attrs: int) -> None:
        """SGR, as pyte's callers write it."""
        self.change_pen(f"\x1b[{';'.join(map(str, attrs))}m")

    def take_up(self, pen: Pen) -> None:
        """Write with this pen from now on."""
        self._ink = self._inks.ink(pen)
        self._pen = pen

    def link(self, target: str) -> None:
        """OSC 8: what is written from now on links to `target`; "" ends the link."""
        self.take_up(self._pen._replace(link=self._hyperlinks.kept(target, self._inks.forget)))

    def protect(self, how: int = 0) -> None:
        """DECSCA: 1 protects what is written from now on from selective erasure, 0 and 2 do not."""
        if how in (0, 1, 2):
            flags = self._pen.flags & ~PROTECTED
            self.take_up(self._pen._replace(flags=flags | PROTECTED if how == 1 else flags))
            self._uses_protection = self._uses_protection or how == 1

    def define_charset(self, code: str, mode: str) -> None:
        """SCS: name the set in G0 "(", G1 ")", G2 "*" or G3 "+"; "-", "." and "/" as they are in VT300."""
        if not is_known(code):
            return
        self._charsets[{"(": 0, ")": 1, "*": 2, "+": 3, "-": 1, ".": 2, "/": 3}[mode]] = charset(code)
        self.shift(self._level)

    def shift(self, level: int) -> None:
        """SI, SO, LS2, LS3: use G0 to G3."""
        self._level = level
        self._charmap = self._charsets[level]
        self._note_drawing()

    def shift_in(self) -> None:
        """SI: use G0."""
        self.shift(0)

    def shift_out(self) -> None:
        """SO: use G1."""
        self.shift(1)

    # Titles, bell, cursor style

    def bell(self) -> None:
        """BEL: counted; a viewer rings when the count grew."""
        self.bells += 1

    def set_title(self, param: str) -> None:
        """OSC 0, 2."""
        self.title = without_unsafe(param)[:MAX_TITLE]

    def push_title(self) -> None:
        """XTWINOPS 22: keep the title."""
        self.titles.append(self.title)
        del self.titles[:-MAX_TITLES]

    def pop_title(self) -> None:
        """XTWINOPS 23: the kept title again."""
        if self.titles:
            self.title = self.titles.pop()

    def set_shape(self, shape: int = 0) -> None:
        """DECSCUSR."""
        if shape <= max(CursorShape):
            self.shape = CursorShape(shape)

    # Answers and events

    def write_process_input(self, data: str) -> None:
        """Keep an answer for the pty, if there is room."""
        if len(self.replies) + len(data) <= MAX_REPLY_BYTES:
            self.replies += data.encode("utf-8", "replace")

    def tell(self, event: Event) -> None:
        """Keep an event for the caller."""
        self.events.append(event)
        del self.events[:-MAX_EVENTS]

    # Save and restore

    def save_cursor(self) -> None:
        """DECSC, SCOSC: one per screen."""
        self._saved[self.is_alternate] = _Saved(
            x=self.cursor.x,
            y=self.cursor.y,
            ink=self._ink,
            is_origin=mo.DECOM in self.mode,
            charsets=tuple(self._charsets),
            level=self._level,
        )

    def restore_cursor(self) -> None:
        """DECRC, SCORC: what was saved on this screen, home and plain if nothing was. It stays saved."""
        saved = self._saved[self.is_alternate]
        self._ink = saved.ink or self._inks.plain
        self._pen = self._ink.pen
        self._switch(mo.DECOM, saved.is_origin)
        self._charsets = list(saved.charsets)
        self.shift(saved.level)
        self.cursor.x = min(saved.x, self.columns)
        top, bottom = (self._top, self._bottom) if saved.is_origin else (0, self.lines - 1)
        self.cursor.y = min(max(saved.y, top), bottom)

    # Alternate screen

    def show_alternate(self, is_alternate: bool) -> None:
        """Show the alternate screen, blank in the pen's background, or the primary one as it was left."""
        if is_alternate == self.is_alternate:
            return
        if is_alternate:
            self._hidden_grid = self._grid
            self._hidden_cursor = (self.cursor.x, self.cursor.y)
            self._grid = self._blank_grid()
        else:
            self._grid, self._hidden_grid = self._hidden_grid, []
        self.is_alternate = is_alternate

    # Resets

    def soft_reset(self) -> None:
        """DECSTR: modes, margins, pen, charsets and cursor style as in a new terminal; text, cursor and mouse stay."""
        self._forget_selections()
        self.shape = CursorShape.DEFAULT
        self._saved[self.is_alternate] = _Saved()

    def reset(self) -> None:
        """RIS: a new terminal; history and title stay."""
        self.show_alternate(False)
        self._forget_selections()
        self._forget_modes()
        self.shape = CursorShape.DEFAULT
        self._saved = [_Saved(), _Saved()]
        self.keyboards = (Keyboard(), Keyboard())
        self.modify_other_keys = 0
        self._grid = self._blank_grid()
        self.cursor = Cursor(0, 0)
        self._set_default_tabs()

    def _forget_selections(self) -> None:
        self._forget_soft_modes()
        self._top, self._bottom = 0, self.lines - 1
        self._ink = self._inks.plain
        self._pen = self._ink.pen
        self._charsets = [None, None, None, None]
        self.shift(0)

    def alignment_display(self) -> None:
        """DECALN: E everywhere, whole margins, cursor home."""
        self._top, self._bottom = 0, self.lines - 1
        self.cursor.x = self.cursor.y = 0
        pen = self._pen._replace(link="")
        for line in self._grid:
            line.put(0, "E" * self.columns, pen)
            line.wrapped = False

    # Size

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Fit both screens to a new size; the region becomes the whole screen."""
        lines, columns = lines or self.lines, columns or self.columns
        if (lines, columns) == (self.lines, self.columns):
            return
        self._refit(lines, columns)
        self._top, self._bottom = 0, lines - 1
        self.tabstops |= set(range(-(-self.columns // 8) * 8, columns, 8)) - {0}
        self.lines, self.columns = lines, columns
        self._stops = None
        self.is_touched = True

    def _refit(self, lines: int, columns: int) -> None:
        """Wrap the primary screen anew and cut the alternate one, as both are usual."""
        self._blank = blank_row(columns)
        self._blanks.clear()
        x, y = self._hidden_cursor if self.is_alternate else (self.cursor.x, self.cursor.y)
        grid = self._hidden_grid if self.is_alternate else self._grid
        grid, x, y = self._fit_primary(grid, min(x, self.columns - 1), y, lines, columns)
        if self.is_alternate:
            self._hidden_grid, self._hidden_cursor = grid, (x, y)
            for line in self._grid:
                line.refit(columns, DEFAULT_PEN)
            del self._grid[lines:]
            self._grid += [Line(self._blank) for _ in range(lines - len(self._grid))]
            self.cursor.x, self.cursor.y = min(self.cursor.x, columns - 1), min(self.cursor.y, lines - 1)
        else:
            self._grid, self.cursor.x, self.cursor.y = grid, x, y

    def _fit_primary(self, grid: list[Line], x: int, y: int, lines: int, columns: int) -> tuple[list[Line], int, int]:
        """Return the primary screen's lines at a new size, and the cursor's place there."""
        while len(grid) > y + 1 and grid[-1].is_blank(DEFAULT_PEN):
            grid.pop()
        is_full = len(grid) == self.lines
        if columns != self.columns:
            grid[-1].wrapped = False  # there is nothing that it could go on in
            grid[-1].is_stale = True
            while self.history.goes_on and (line := self.history.pop(self.columns)) is not None:
                grid.insert(0, line)
                y += 1
            grid, x, y = _rewrapped(grid, columns, x, y)
        for line in grid if self._uses_protection else ():
            line.has_protected = True
        while len(grid) > lines and y > 0:
            self.history.append(grid.pop(0), by_resize=True)
            y -= 1
        del grid[lines:]
        while is_full and len(grid) < lines and (line := self.history.pop(columns)) is not None:
            grid.insert(0, line)
            y += 1
        grid += [Line(self._blank) for _ in range(lines - len(grid))]
        return grid, min(x, columns - 1), y


def _rewrapped(grid: list[Line], columns: int, x: int, y: int) -> tuple[list[Line], int, int]:
    """Return lines wrapped for another width, and the cursor's new column and row."""
    wrapped: list[Line] = []
    at, new_x, new_y = 0, x, y
    for paragraph in paragraphs(grid):
        has_cursor = at <= y < at + len(paragraph)
        lines, row, col = rewrap_with_cursor(paragraph, columns, y - at if has_cursor else 0, x if has_cursor else 0)
        if has_cursor:
            new_x, new_y = min(col, columns - 1), len(wrapped) + row
        at += len(paragraph)
        wrapped += lines
    return wrapped, new_x, new_y


def _shows_the_same(old: Frame, new: Frame) -> bool:
    return (
        old.rows is new.rows
        and old.cursor == new.cursor
        and old.title == new.title
        and old.modes == new.modes
        and old.bells == new.bells
        and old.scrolled == new.scrolled
        and old.is_alternate == new.is_alternate
        and old.size == new.size
    )
