"""The writer that draws on a client's terminal: it tracks the cursor and the pen, and collects the bytes.

It knows the position of the terminal's cursor, except after the last column or a
character of doubtful width. It moves the cursor with the fewest bytes. Rows and columns
are 0-based. In the escape sequences they count from 1.
"""

from __future__ import annotations

from pairterm.safe_text import safe_line
from pairterm.terminal.frame import DEFAULT_PEN, Pen, Row
from pairterm.types import Size
from pairterm.view.cell_text import ascii_text, doubtful_text, is_doubtful
from pairterm.view.pen_output import pen_table
from pairterm.view.scroll_painting import Scroll
from pairterm.view.terminal_kind import TerminalKind

__all__ = ["TerminalWriter"]

_UNKNOWN = -1
"""The row or column is unknown: the next move is absolute in it."""

_NO_WRAP = -2
"""The last character written did not end a row."""

_MAX_STEP_CELLS = 3
"""Up to so many cells, writing them again is shorter than the shortest move over them."""


class TerminalWriter:
    """Collects the bytes of one painting in `out`. The pen is the default pen at the start and at the end."""

    __slots__ = (
        "_col",
        "_kind",
        "_pen",
        "_pen_source",
        "_row",
        "_size",
        "_table",
        "_wrapping_row",
        "joined_row",
        "out",
    )

    def __init__(self, kind: TerminalKind, size: Size, *, row: int = _UNKNOWN, col: int = _UNKNOWN) -> None:
        self.out = bytearray()
        self._kind = kind
        self._size = size
        self._table = pen_table(kind)
        self._row = row
        self._col = col
        self._wrapping_row = _NO_WRAP
        self.joined_row = _NO_WRAP
        """The row that continues the text of the row above: see `wrap_into`."""
        self._pen = DEFAULT_PEN
        self._pen_source = DEFAULT_PEN

    def move(self, row: int, col: int) -> None:
        """Move the cursor to this cell with the fewest bytes."""
        if row == self._row and col == self._col:
            return
        self.out += self._shortest_move(row, col)
        self._row = row
        self._col = col
        self._wrapping_row = _NO_WRAP

    def step(self, row: int, col: int, shown: Row) -> None:
        """Move the cursor to a cell of the row that shows `shown`. Write its characters again if a move is longer.

        A space typed on blank cells changes only the cursor. Writing the space takes one byte, and a move takes three.
        """
        start = self._col
        if row == self._row and start != _UNKNOWN and 0 < col - start <= _MAX_STEP_CELLS:
            text = "".join(shown.cells[start:col])
            plain = all(
                pen is self._pen_source or self._table.reduced(pen) == self._pen for pen in shown.pens[start:col]
            )
            if plain and len(text) == col - start and text.isascii() and text.isprintable():
                self.write(shown.cells, start, col)
        self.move(row, col)

    def wrap_into(self, row: int) -> bool:
        """Let the next character wrap into this row if the last one ended the row above. Return whether it will.

        The terminal then treats both rows as one line, and copies them as one line.
        """
        if self.joined_row != row or self._wrapping_row != row - 1:
            return False
        self._row, self._col = row, 0
        self._wrapping_row = _NO_WRAP
        return True

    def set_pen(self, pen: Pen) -> None:
        """Write with this pen from now on."""
        if pen is self._pen_source:
            return
        reduced = self._table.reduced(pen)
        if reduced != self._pen:
            self.out += self._table.delta(self._pen, reduced)
            self._pen = reduced
        self._pen_source = pen

    def write(self, cells: tuple[str, ...], start: int, stop: int) -> None:
        """Write the cells `start` to `stop` of the cursor's row with the current pen."""
        if self._col != start:  # after a character of doubtful width
            self.move(self._row, start)
        text = "".join(cells[start:stop])
        if text.isascii() and len(text) == stop - start and text.isprintable():
            self.out += text.encode("ascii")
            self._advance(stop)
        elif self._kind.is_utf8:
            self._write_each(cells, start, stop)
        else:
            padded = (ascii_text(cells[at]) if cells[at] else " " for at in range(start, stop))
            self.out += "".join(padded).encode("ascii")
            self._advance(stop)

    def erase_to_end(self) -> None:
        """Erase from the cursor to the end of its row. The erased cells get the pen's background."""
        self.out += b"\x1b[K"

    def erase_below(self) -> None:
        """Erase from the cursor to the end of the screen. The erased cells get the pen's background."""
        self.out += b"\x1b[J"

    def erase(self, count: int) -> None:
        """Erase `count` cells from the cursor on. They get the pen's background, and the cursor stays."""
        self.out += b"\x1b[%dX" % count

    def scroll(self, scroll: Scroll) -> None:
        """Move rows up or down. The new lines are blank in the pen's background."""
        is_whole = scroll.top == 0 and scroll.bottom == self._size.rows
        if not is_whole:
            bottom = b"%d" % scroll.bottom if scroll.bottom < self._size.rows else b""
            top = b"%d" % (scroll.top + 1) if scroll.top else b""
            self.out += b"\x1b[%br" % (top + b";" + bottom if bottom else top)
            self._row = self._col = 0  # DECSTBM puts the cursor home
        count = abs(scroll.count)
        edge = scroll.bottom - 1 if scroll.count > 0 else scroll.top
        by_edge = self._move_to_row(edge) + (b"\n" if scroll.count > 0 else b"\x1bM") * count
        by_lines = self._move_to_row(scroll.top) + _relative(b"M" if scroll.count > 0 else b"L", count)
        if self._kind.has_line_edits and len(by_lines) < len(by_edge):
            self.out += by_lines
            self._row, self._col = scroll.top, _UNKNOWN  # some terminals go to the first column
        else:
            self.out += by_edge
            self._row, self._col = edge, (self._col if edge == self._row else _UNKNOWN)
        if not is_whole:
            self.out += b"\x1b[r"
            self._row = self._col = 0

    def _move_to_row(self, row: int) -> bytes:
        if row == self._row:
            return b""
        if self._row == _UNKNOWN:
            return _absolute(row, 0)
        down = row - self._row
        near = _down(down) if down >= 0 else _relative(b"A", -down)
        far = _absolute(row, 0)
        return near if len(near) < len(far) else far

    def _advance(self, col: int) -> None:
        if col < self._size.cols:
            self._col = col
        else:
            self._col = _UNKNOWN
            self._wrapping_row = self._row

    def _write_each(self, cells: tuple[str, ...], start: int, stop: int) -> None:
        row = self._row
        begin = start
        for at in range(start, stop):
            cell = cells[at]
            is_wide = at + 1 < len(cells) and cells[at + 1] == ""
            if not is_doubtful(cell, is_wide=is_wide):
                continue
            self._write_sure(cells, begin, at)
            self.move(row, at)
            self._write_doubtful(cell, at, is_wide=is_wide)
            begin = at + 1 + is_wide
        self._write_sure(cells, begin, stop)

    def _write_sure(self, cells: tuple[str, ...], start: int, stop: int) -> None:
        if start >= stop:
            return
        self.move(self._row, start)
        self.out += safe_line("".join(cells[start:stop])).encode("utf-8", "replace")
        self._advance(stop)

    def _write_doubtful(self, cell: str, at: int, *, is_wide: bool) -> None:
        """Write a cell that terminals may draw narrower or wider than we expect. The column is unknown afterwards.

        If the terminal's widths are unknown, the right half is made blank first, because the terminal may
        draw the character narrower. Near the margin the wrap is turned off, because it may draw it wider. tmux
        3.3a handles both badly: a mark then goes to the character before, and half a character may remain.
        """
        text = doubtful_text(cell) if len(cell) > 1 else safe_line(cell)
        is_known = self._kind.has_known_widths
        if is_wide and len(cell) > 1 and not is_known:
            self._blank_right_half(at)
        may_overflow = at + 2 * len(text) > self._size.cols and not is_known
        if may_overflow:
            self.out += b"\x1b[?7l"
        self.out += text.encode("utf-8", "replace")
        if may_overflow:
            self.out += b"\x1b[?7h"
        self._col = _UNKNOWN

    def _blank_right_half(self, at: int) -> None:
        if self._kind.has_ech:
            self.erase(2)
            return
        row = self._row
        self.move(row, at + 1)
        self.out += b" "
        self._col = _UNKNOWN
        self.move(row, at)

    def _shortest_move(self, row: int, col: int) -> bytes:
        best = _absolute(row, col)
        for candidate in self._other_moves(row, col):
            if len(candidate) < len(best):
                best = candidate
        return best

    def _other_moves(self, row: int, col: int) -> list[bytes]:
        """Return the relative moves from the cursor's position, as far as it is known, that may be the shortest."""
        if self._row == _UNKNOWN:
            return []
        down = row - self._row
        vertical = [_down(down)] if down >= 0 else [_relative(b"A", -down)]
        horizontal = []
        if col == 0:
            horizontal.append(b"\r")
        elif col < 4:
            horizontal.append(b"\r" + _relative(b"C", col))
        if self._kind.has_column_moves:
            horizontal.append(_relative(b"G", col + 1))
        if self._col != _UNKNOWN:
            right = col - self._col
            if right >= 0:
                horizontal.append(_relative(b"C", right) if right else b"")
            else:
                horizontal.append(b"\b" * -right if right > -4 else _relative(b"D", -right))
        # Down comes last: a CR before it clears a pending wrap.
        return [across + along for across in horizontal for along in vertical]


def _absolute(row: int, col: int) -> bytes:
    if col:
        return b"\x1b[%d;%dH" % (row + 1, col + 1) if row else b"\x1b[;%dH" % (col + 1)
    return b"\x1b[%dH" % (row + 1) if row else b"\x1b[H"


def _relative(final: bytes, count: int) -> bytes:
    return b"\x1b[%d%c" % (count, final) if count > 1 else b"\x1b[" + final


def _down(count: int) -> bytes:
    return b"\n" * count if count < 4 else _relative(b"B", count)
