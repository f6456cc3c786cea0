"""The screen as a `pyte.Screen`, for code that is written for pyte.

`pyte.Stream` and `pyte.ByteStream` can drive a `PyteScreen`, and `display`, `buffer` and
`cursor` read as pyte's do; behind them stands a `Screen`. The terminal itself does not
import this module, so a session's process does not load pyte.

The effect of a sequence is the `Screen`'s behaviour, also where pyte's differs: see
`docs/terminal.md`. Rows and columns are 0-based; parameters of events count from 1, and
None or 0 is the default.
"""

from __future__ import annotations

import re
from functools import partial

from pyte import modes as mo
from pyte.graphics import FG_AIXTERM, FG_ANSI, FG_BG_256
from pyte.screens import Char, Margins, StaticDefaultDict
from pyte.screens import Cursor as PyteCursor
from pyte.screens import Screen as BaseScreen

from pairterm.terminal.frame import (
    BLINK,
    BOLD,
    DEFAULT_COLOUR,
    DEFAULT_PEN,
    INVERSE,
    ITALIC,
    RGB,
    STRIKE,
    UNDERLINE_MASK,
    Frame,
    Pen,
    Row,
)
from pairterm.terminal.screen import Screen
from pairterm.types import Size

__all__ = ["PyteScreen"]

_without_controls = partial(re.compile(r"[\x00-\x1f\x7f-\x9f]+").sub, "")
_NAMED = [FG_ANSI[code] for code in range(30, 38)] + [FG_AIXTERM[code] for code in range(90, 98)]
"""pyte's names of the first sixteen colours."""


class _Cursor(PyteCursor):
    """The cursor of a screen in pyte's form. It is not a copy: it reads and moves the screen's own cursor."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    @property
    def x(self) -> int:
        """The column; the screen's width while a wrap is pending."""
        return self._screen.cursor.x

    @x.setter
    def x(self, x: int) -> None:
        self._screen.cursor.x = min(max(x, 0), self._screen.cursor.columns)

    @property
    def y(self) -> int:
        """The row."""
        return self._screen.cursor.y

    @y.setter
    def y(self, y: int) -> None:
        self._screen.cursor.y = min(max(y, 0), self._screen.cursor.rows - 1)

    @property
    def attrs(self) -> Char:
        """A blank in the pen."""
        return _char(" ", self._screen.pens.pen)

    @attrs.setter
    def attrs(self, _: Char) -> None:
        raise AttributeError("select_graphic_rendition changes the pen")

    @property
    def hidden(self) -> bool:
        """DECTCEM is reset."""
        return mo.DECTCEM not in self._screen.modes.numbers

    @hidden.setter
    def hidden(self, is_hidden: bool) -> None:
        self._screen.modes.put(mo.DECTCEM, not is_hidden)


class _Buffer(dict[int, StaticDefaultDict[int, Char]]):
    """The cells of a screen in pyte's form: row → column → `Char`. Each row is a copy, made when it is asked for.

    As with pyte's own buffer, ask for rows by their numbers: iterating finds none.
    """

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen
        self._known: dict[int, tuple[Row, bool, StaticDefaultDict[int, Char]]] = {}
        """Copies of rows that did not change since: `buffer[y][x]` is what loops ask for."""

    def __missing__(self, y: int) -> StaticDefaultDict[int, Char]:
        is_reversed = mo.DECSCNM in self._screen.modes.numbers
        blank = _char(" ", DEFAULT_PEN, is_reversed)
        if not 0 <= y < self._screen.size.rows:
            return StaticDefaultDict(blank)
        row = self._screen.grid.lines[y].freeze()
        known = self._known.get(y)
        if known is None or known[0] is not row or known[1] is not is_reversed:
            chars: StaticDefaultDict[int, Char] = StaticDefaultDict(blank)
            cells = zip(row.cells, row.pens, strict=True)
            chars.update((x, _char(cell, pen, is_reversed)) for x, (cell, pen) in enumerate(cells))
            known = self._known[y] = (row, is_reversed, chars)
        return known[2]


class PyteScreen(BaseScreen):
    """A `Screen` in the form of pyte's.

    The base class's `__init__` is not called: the attributes that it would set are read from the `Screen`.
    """

    def __init__(self, columns: int, lines: int, *, history_lines: int = 10_000) -> None:
        self._screen = Screen(Size(rows=lines, cols=columns), history_lines=history_lines)
        self._cursor = _Cursor(self._screen)
        self._buffer = _Buffer(self._screen)
        self._dirty: set[int] = set(range(lines))
        self._shown: Frame = self._screen.snapshot()
        self.icon_name = ""

    def __getattr__(self, name: str) -> object:
        """Return an attribute that pyte's screen stores and this one derives."""
        screen = self._screen
        match name:
            case "columns":
                return screen.size.cols
            case "lines":
                return screen.size.rows
            case "cursor":
                return self._cursor
            case "mode":
                return screen.modes.numbers
            case "title":
                return screen.titles.title
            case "tabstops":
                return screen.cursor.tabs.columns
            case "margins":
                return Margins(screen.cursor.top, screen.cursor.bottom) if screen.cursor.has_margins else None
            case "buffer":
                return self._buffer
            case "dirty":
                return self._dirty_rows()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # The visible screen

    @property
    def display(self) -> list[str]:
        """The text of each row."""
        return ["".join(line.cells) for line in self._screen.grid.lines]

    def snapshot(self) -> Frame:
        """Return the picture as this package's frame."""
        self._screen.is_touched = True
        return self._screen.snapshot()

    def _dirty_rows(self) -> set[int]:
        """Return the rows that changed; the caller clears the set."""
        before, self._shown = self._shown, self.snapshot()
        if before.size != self._shown.size:
            self._dirty.update(range(self.lines))
        else:
            pairs = zip(before.rows, self._shown.rows, strict=True)
            self._dirty.update(y for y, (was, row) in enumerate(pairs) if row is not was)
        return self._dirty

    # Text and controls

    def draw(self, data: str) -> None:
        """Write printable characters at the cursor; control characters among them are dropped."""
        text = _without_controls(data)
        if text:
            self._screen.writer.draw(text)

    def bell(self, *_: object) -> None:
        """BEL."""
        self._screen.bell()

    def backspace(self) -> None:
        """BS."""
        self._screen.scroller.backspace()

    def tab(self) -> None:
        """HT."""
        self._screen.cursor.tab()

    def linefeed(self) -> None:
        """LF, VT, FF."""
        self._screen.scroller.linefeed()

    def carriage_return(self) -> None:
        """CR."""
        self._screen.cursor.carriage_return()

    def shift_in(self) -> None:
        """SI: use G0."""
        self._screen.writer.shift(0)

    def shift_out(self) -> None:
        """SO: use G1."""
        self._screen.writer.shift(1)

    def define_charset(self, code: str, mode: str) -> None:
        """SCS."""
        if mode in ("(", ")"):
            self._screen.writer.designate(code, mode)

    # Moves

    def index(self) -> None:
        """IND."""
        self._screen.scroller.index()

    def reverse_index(self) -> None:
        """RI."""
        self._screen.scroller.reverse_index()

    def cursor_up(self, count: int | None = None) -> None:
        """CUU."""
        self._screen.cursor.up(count or 1)

    def cursor_down(self, count: int | None = None) -> None:
        """CUD."""
        self._screen.cursor.down(count or 1)

    def cursor_up1(self, count: int | None = None) -> None:
        """CPL."""
        self._screen.cursor.up_to_start(count or 1)

    def cursor_down1(self, count: int | None = None) -> None:
        """CNL."""
        self._screen.cursor.down_to_start(count or 1)

    def cursor_forward(self, count: int | None = None) -> None:
        """CUF."""
        self._screen.cursor.forward(count or 1)

    def cursor_back(self, count: int | None = None) -> None:
        """CUB."""
        self._screen.scroller.back(count or 1)

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """CUP."""
        self._screen.cursor.go_to((line or 1) - 1, (column or 1) - 1)

    def cursor_to_column(self, column: int | None = None) -> None:
        """CHA."""
        self._screen.cursor.to_column(column or 1)

    def cursor_to_line(self, line: int | None = None) -> None:
        """VPA."""
        self._screen.cursor.to_line(line or 1)

    def save_cursor(self) -> None:
        """DECSC: one for each of the two screens; saving again replaces it."""
        self._screen.saved_cursor.save()

    def restore_cursor(self) -> None:
        """DECRC."""
        self._screen.saved_cursor.restore()

    def set_margins(self, top: int | None = None, bottom: int | None = None, **kwargs: object) -> None:
        """DECSTBM; the private form is another sequence, and does nothing."""
        if not kwargs.get("private"):
            self._screen.cursor.set_margins(top or 0, bottom or 0)

    def set_tab_stop(self) -> None:
        """HTS."""
        self._screen.cursor.set_tab_stop()

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC."""
        self._screen.cursor.clear_tab_stop(how)

    # Editing

    def insert_lines(self, count: int | None = None) -> None:
        """IL."""
        self._screen.editor.insert_lines(count or 1)

    def delete_lines(self, count: int | None = None) -> None:
        """DL."""
        self._screen.editor.delete_lines(count or 1)

    def insert_characters(self, count: int | None = None) -> None:
        """ICH."""
        self._screen.editor.insert_characters(count or 1)

    def delete_characters(self, count: int | None = None) -> None:
        """DCH."""
        self._screen.editor.delete_characters(count or 1)

    def erase_characters(self, count: int | None = None) -> None:
        """ECH."""
        self._screen.editor.erase_characters(count or 1)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL, DECSEL."""
        self._screen.editor.erase_in_line(how, private)

    def erase_in_display(self, how: int = 0, *_: object, **kwargs: object) -> None:
        """ED, DECSED."""
        self._screen.editor.erase_in_display(how, bool(kwargs.get("private")))

    def alignment_display(self) -> None:
        """DECALN."""
        self._screen.editor.alignment_display()

    # Modes, pen, title

    def set_mode(self, *modes: int, **kwargs: object) -> None:
        """SM, DECSET."""
        switch = self._screen.mode_switch
        (switch.set_private if kwargs.get("private") else switch.set_ansi)(*modes)

    def reset_mode(self, *modes: int, **kwargs: object) -> None:
        """RM, DECRST."""
        switch = self._screen.mode_switch
        (switch.reset_private if kwargs.get("private") else switch.reset_ansi)(*modes)

    def select_graphic_rendition(self, *attrs: int, **kwargs: object) -> None:
        """SGR; the private form is another sequence, and does nothing."""
        if not kwargs.get("private"):
            self._screen.pens.change(f"\x1b[{';'.join(map(str, attrs))}m")

    def set_title(self, param: str) -> None:
        """OSC 0, 2."""
        self._screen.titles.set(param)

    def set_icon_name(self, param: str) -> None:
        """OSC 0, 1."""
        self.icon_name = param

    # Answers

    def report_device_attributes(self, mode: int = 0, **kwargs: object) -> None:
        """DA1."""
        if not kwargs.get("private"):
            self._screen.responder.report_primary(mode)
            self._send_replies()

    def report_device_status(self, mode: int = 0, **kwargs: object) -> None:
        """DSR, DECDSR."""
        responder = self._screen.responder
        (responder.report_private_status if kwargs.get("private") else responder.report_status)(mode)
        self._send_replies()

    def _send_replies(self) -> None:
        data = self._screen.replies.take()
        if data:
            self.write_process_input(data.decode())

    # Size and reset

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Fit the screen to a new size; text wraps anew."""
        self._screen.resize(Size(rows=lines or self.lines, cols=columns or self.columns))

    def reset(self) -> None:
        """RIS."""
        self._screen.reset()


def _char(cell: str, pen: Pen, is_reversed: bool = False) -> Char:
    """Return a cell in pyte's form."""
    return Char(
        cell,
        fg=_colour(pen.fg),
        bg=_colour(pen.bg),
        bold=bool(pen.flags & BOLD),
        italics=bool(pen.flags & ITALIC),
        underscore=bool(pen.flags & UNDERLINE_MASK),
        strikethrough=bool(pen.flags & STRIKE),
        reverse=bool(pen.flags & INVERSE) is not is_reversed,
        blink=bool(pen.flags & BLINK),
    )


def _colour(colour: int) -> str:
    """Return pyte's name of a colour: a word for the first sixteen, rrggbb for the others."""
    if colour == DEFAULT_COLOUR:
        return "default"
    if colour & RGB:
        return f"{colour & 0xFFFFFF:06x}"
    return _NAMED[colour] if colour < len(_NAMED) else FG_BG_256[colour]
