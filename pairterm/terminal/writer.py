"""Writing text into the grid: the margin, wide characters, clusters, insert mode, charsets, repetition.

The rule: any way of cutting the text gives the same cells. There are two paths: ready
cells where a piece of text stands alone, and character by character where a piece may
join the text before it. They agree. Widths come from `pairterm.terminal.widths`.
"""

from __future__ import annotations

from pairterm.safe_text import has_unsafe
from pairterm.terminal.charsets import Charsets
from pairterm.terminal.cursor import Cursor
from pairterm.terminal.grid import Grid
from pairterm.terminal.line import Line
from pairterm.terminal.pens import Pens
from pairterm.terminal.scroller import Scroller
from pairterm.terminal.widths import (
    EMOJI_PRESENTATION,
    MAX_MARKS,
    cells_of,
    is_narrow,
    joins_emoji,
    scripts,
    widens,
    width,
)

__all__ = ["Writer"]

_ASCII = Charsets()


class Writer:
    """Writes at the cursor of one terminal."""

    __slots__ = (
        "_charmap",
        "_charsets",
        "_cursor",
        "_grid",
        "_is_inserting",
        "_is_special",
        "_lines",
        "_pens",
        "_scroller",
        "_single_shift",
        "has_ascii",
        "is_wrapping",
    )

    def __init__(self, cursor: Cursor, grid: Grid, pens: Pens, scroller: Scroller) -> None:
        self._cursor = cursor
        self._grid = grid
        self._lines = grid.lines
        self._pens = pens
        self._scroller = scroller
        self._charsets = _ASCII
        self._charmap: str | None = None
        self.has_ascii = True
        """G0 is ASCII."""
        self._single_shift: str | None = None
        self._is_inserting = False
        self._is_special = False
        """Writing has to look at charsets or insert mode."""
        self.is_wrapping = True
        """DECAWM."""

    # Charsets and insert mode

    @property
    def writes_plainly(self) -> bool:
        """Text is written as it stands, and wraps at the margin."""
        return self.is_wrapping and not self._is_special

    @property
    def charsets(self) -> Charsets:
        """The character sets G0 to G3, and which one is in use."""
        return self._charsets

    @charsets.setter
    def charsets(self, charsets: Charsets) -> None:
        self._charsets = charsets
        self._charmap = charsets.in_use
        self.has_ascii = charsets.maps[0] is None
        self._note_special()

    def designate(self, name: str, intermediate: str) -> None:
        """SCS: put the named set into G0 "(", G1 ")", G2 "*" or G3 "+"."""
        self.charsets = self._charsets.designated(name, intermediate)

    def shift(self, level: int) -> None:
        """SI, SO, LS2, LS3: use G0 to G3."""
        self.charsets = self._charsets._replace(level=level)

    def shift_once(self, level: int) -> None:
        """SS2, SS3: take the next character from G2 or G3."""
        self._single_shift = self._charsets.maps[level]
        self._note_special()

    def reset_charsets(self) -> None:
        """ESC % G, ESC % @: use ASCII in G0 to G3; the encoding stays UTF-8."""
        self.charsets = _ASCII

    def set_inserting(self, is_inserting: bool) -> None:
        """IRM: move the rest of the line to the right while text is written."""
        self._is_inserting = is_inserting
        self._note_special()

    def _note_special(self) -> None:
        self._is_special = self._is_inserting or self._charmap is not None or self._single_shift is not None

    # Text

    def draw(self, data: str) -> None:
        """Write printable characters at the cursor."""
        if self._is_special:
            data = self._translated(data)
            if self._is_inserting:
                for char in data:
                    self._draw_one(char)
                return
        if not data.isascii() and not is_narrow(data):
            self._draw_mixed(data)
            return
        cursor = self._cursor
        x = cursor.x
        stop = x + len(data)
        if stop > cursor.columns:
            self._draw_past_margin(data)
            return
        pen = self._pens.pen
        line = self._lines[cursor.y]
        cells = line.cells
        if line.has_wide:
            line.part(x, stop, pen)
        cells[x:stop] = data
        line.pens[x:stop] = [pen] * (stop - x)
        line.is_stale = True
        cursor.x = stop

    def _translated(self, data: str) -> str:
        """Return the text in the character set that is in use."""
        if self._single_shift is not None:
            first = data[0].translate(self._single_shift)
            self._single_shift = None
            self._note_special()
            return first + self._translated(data[1:])
        return data if self._charmap is None else data.translate(self._charmap)

    def _draw_past_margin(self, data: str) -> None:
        """Write narrow characters that do not fit in the line."""
        cursor, columns = self._cursor, self._cursor.columns
        if not self.is_wrapping:
            at = min(cursor.x, columns - 1)
            self._lines[cursor.y].put(at, data[: columns - at - 1] + data[-1], self._pens.pen)
            cursor.x = columns
            return
        while data:
            room = columns - cursor.x
            if room <= 0:
                self._wrap()
                room = columns
            piece, data = data[:room], data[room:]
            self._lines[cursor.y].put(cursor.x, piece, self._pens.pen)
            cursor.x += len(piece)

    def _wrap(self, has_gap: bool = False) -> None:
        """Go to the start of the next line because the text reached the margin or would pass it."""
        cursor = self._cursor
        self._lines[cursor.y].has_gap = has_gap
        self._grid.set_wrapped(cursor.y, True)
        self._scroller.down()
        cursor.x = 0

    def _draw_mixed(self, data: str) -> None:
        """Write characters of any width: as ready cells if they fit in the line, else piece by piece."""
        cursor = self._cursor
        before = self._cell_before()
        stands_alone = before is None or before[0].cells[before[1]].isascii()
        if stands_alone and width(data[0]) > 0:
            cells = cells_of(data)
            fits = cursor.x + len(cells) <= cursor.columns
            if fits or (self.is_wrapping and cursor.columns > 1 and EMOJI_PRESENTATION not in data):
                self._write_cells(cells)
                return
        for narrow, wide, other in scripts(data):
            if narrow:
                self._draw_narrow(narrow)
            elif wide:
                self._draw_wide(wide)
            else:
                self._draw_one(other)

    def _write_cells(self, cells: list[str]) -> None:
        """Write ready cells, wrapping at the margin; a wide character that would be cut by it wraps whole."""
        cursor, columns = self._cursor, self._cursor.columns
        while True:
            room = columns - cursor.x
            is_last = len(cells) <= room
            stop = len(cells) if is_last else room - 1 if room and cells[room] == "" else room
            if stop:
                line = self._lines[cursor.y]
                line.has_wide = line.has_wide or "" in cells
                line.put(cursor.x, cells if is_last else cells[:stop], self._pens.pen)
                cursor.x += stop
            if is_last:
                return
            has_gap = cursor.x < columns
            if has_gap:
                self._lines[cursor.y].blank(cursor.x, columns, self._pens.pen)
            self._wrap(has_gap)
            cells = cells[stop:]

    def _draw_narrow(self, data: str) -> None:
        """Write characters of one column each, none of which joins the cell before it."""
        cursor = self._cursor
        stop = cursor.x + len(data)
        if stop <= cursor.columns:
            self._lines[cursor.y].put(cursor.x, data, self._pens.pen)
            cursor.x = stop
        else:
            self._draw_past_margin(data)

    def _draw_wide(self, data: str) -> None:
        """Write characters of two columns each, none of which joins the cell before it."""
        cursor = self._cursor
        while data:
            room = (cursor.columns - cursor.x) // 2
            if room <= 0:
                self._draw_char(data[0], 2)
                data = data[1:]
                continue
            piece, data = data[:room], data[room:]
            cells = [""] * (2 * len(piece))
            cells[::2] = piece
            line = self._lines[cursor.y]
            line.has_wide = True
            line.put(cursor.x, cells, self._pens.pen)
            cursor.x += len(cells)

    def _draw_one(self, char: str) -> None:
        """Write or join one character."""
        columns = width(char)
        if columns == 0:
            self._join(char)
        elif char < "\u00a9" or not self._join_emoji(char):
            self._draw_char(char, columns)

    def _draw_char(self, char: str, char_columns: int) -> None:
        cursor, columns = self._cursor, self._cursor.columns
        if char_columns > columns:
            return
        if cursor.x + char_columns > columns:
            if self.is_wrapping:
                has_gap = cursor.x < columns
                if has_gap:
                    self._lines[cursor.y].blank(cursor.x, columns, self._pens.pen)
                self._wrap(has_gap)
            elif char_columns == 2:
                cursor.x = columns - 1
                return
            else:
                cursor.x = columns - 1
        line = self._lines[cursor.y]
        if self._is_inserting:
            line.insert(cursor.x, char_columns, self._pens.pen)
        if char_columns == 2:
            line.has_wide = True
            line.put(cursor.x, (char, ""), self._pens.pen)
        else:
            line.put(cursor.x, char, self._pens.pen)
        cursor.x += char_columns

    def _cell_before(self) -> tuple[Line, int] | None:
        """Return the line and column of the text left of the cursor; None in column 0."""
        cursor = self._cursor
        if cursor.x == 0:
            return None
        line = self._lines[cursor.y]
        at = cursor.x - 1
        return line, at - 1 if at > 0 and line.cells[at] == "" else at

    def _join(self, char: str) -> None:
        """Add a character without a width to the text left of the cursor; in column 0 it is dropped.

        A character that changes the direction of writing is dropped as well: it would reorder other cells.
        """
        before = self._cell_before()
        if before is None or has_unsafe(char):
            return
        line, at = before
        cell = line.cells[at]
        if char == EMOJI_PRESENTATION and widens(cell) and at + 1 < self._cursor.columns and line.cells[at + 1] != "":
            line.has_wide = True
            line.put(at, (cell + char, ""), line.pens[at])
            self._cursor.x = at + 2
        elif len(cell) <= MAX_MARKS:
            line.cells[at] = cell + char
            line.is_stale = True

    def _join_emoji(self, char: str) -> bool:
        """Add the character to the emoji left of the cursor, if it joins it."""
        before = self._cell_before()
        if before is None:
            return False
        line, at = before
        cell = line.cells[at]
        if not joins_emoji(cell, char):
            return False
        if len(cell) <= MAX_MARKS:
            line.cells[at] = cell + char
            line.is_stale = True
        return True

    def repeat(self, count: int = 1) -> None:
        """REP: write the cell before the cursor `count` times more. The parser makes sure that it was just written."""
        before = self._cell_before()
        if before is None:
            return
        text = before[0].cells[before[1]] * min(count, self._cursor.columns * self._cursor.rows)
        charmap, self._charmap = self._charmap, None
        self._note_special()
        self.draw(text)
        self._charmap = charmap
        self._note_special()
