"""Copy mode: a cursor in one viewer's scrollback, a selection, and the copy of it.

While there is a selection, the picture stands still. The program's new output is shown
when the selection is dropped. A copy fetches the lines that are missing here, up to
`MAX_COPY_CHARS`. Nothing here reaches the session. tmux's copy mode is the model.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Cursor, Frame, Row
from pairterm.types import Size
from pairterm.view import motions
from pairterm.view.actions import FetchHistory
from pairterm.view.key_commands import Binding, KeyCommand
from pairterm.view.motions import Jump, Text
from pairterm.view.paste_buffers import MAX_BUFFERS_BYTES
from pairterm.view.scrollback import FETCH_LINES, Direction, Scrollback
from pairterm.view.selection import Selection, SelectionShape, SelectionText, Spot, length_of, with_inverse

__all__ = ["MAX_COPY_CHARS", "CopyMode"]

MAX_COPY_CHARS = MAX_BUFFERS_BYTES
"""The longest text that is copied. No buffer can hold more."""

_LINE_END = 1 << 20
"""The wanted column after a move to the end of a line. The cursor then goes to the end of other lines, too."""


class _Gathering(msgspec.Struct):
    """A copy that is running: its text so far, and the next line."""

    text: SelectionText
    line: int
    last: int


class CopyMode(Scrollback):
    """One viewer's scrollback with a cursor. `line` and `col` are the cursor's position, in the session's cells."""

    def __init__(
        self, frame: Frame, area: Size, *, is_vi: bool, scrolls: bool = False, leaves_at_bottom: bool = False
    ) -> None:
        """Begin at the program's cursor.

        `is_vi`: as in vi, the cursor is on the last selected character. `scrolls`: the viewer came here by the wheel,
        perhaps as arrow keys. So up and down scroll, until the viewer moves the cursor in another way.
        `leaves_at_bottom`: a viewer who scrolls past the newest line is back on the live screen.
        """
        super().__init__(frame, area)
        self.is_vi = is_vi
        self.leaves_at_bottom = leaves_at_bottom
        self.copied: str | None = None
        """The text that was copied, for the caller. None: there is none."""
        self.is_too_long = False
        """The selection is longer than `MAX_COPY_CHARS`, so nothing was copied."""
        self._scrolls = scrolls
        self.line = frame.scrolled + frame.cursor.row
        self.col = frame.cursor.col
        self._wanted_col = self.col
        self._anchor: Spot | None = None
        self._shape = SelectionShape.CHARACTERS
        self._later: Frame | None = None
        """The newest frame, while it is held back because of the selection."""
        self._jump: Jump | None = None
        self._gathering: _Gathering | None = None
        self._keep_in_sight()

    # Input from the session

    def show(self, frame: Frame) -> None:
        """Take the session's newest frame. With a selection, it is shown when the selection is dropped."""
        is_other = frame.size != self._frame.size or frame.scrolled < self._frame.scrolled
        if self._anchor is not None and not is_other:
            self._later = frame
            return
        offset = self.line - self.top
        super().show(frame)
        if is_other:
            self._anchor = self._later = self._gathering = None
            self.line = self.top + offset
        self._keep_in_sight()

    def resize(self, area: Size) -> None:
        """Take the size of the viewer's screen."""
        super().resize(area)
        self._keep_in_sight()

    def take(self, lines: HistoryLines, now_s: float) -> list[FetchHistory]:
        """Take fetched lines; return the fetch that is needed next, if one is."""
        before = self.top if self._sought is not None else None
        needed = super().take(lines, now_s)
        if before is not None:
            self.line += self.top - before
        self._keep_in_sight()
        return needed

    # The picture

    @property
    def selection(self) -> Selection | None:
        """The selection, or None."""
        if self._anchor is None:
            return None
        return Selection(self._anchor, Spot(self.line, self.col), self._shape, self.is_vi)

    def cursor(self) -> Cursor:
        """Return the cursor's position on the viewer's screen."""
        row, col = self.line - self.top, self.col - self._left
        is_inside = 0 <= row < self._area.rows and 0 <= col < self._area.cols
        return Cursor(row, col) if is_inside else Cursor(is_visible=False)

    def _shown(self, number: int) -> Row | None:
        row = super()._shown(number)
        selection = self.selection
        if row is None or selection is None:
            return row
        return with_inverse(row, *selection.span(number, row))

    # Keys

    @property
    def follows_wheel(self) -> bool:
        """True while up and down scroll like the wheel."""
        return self._scrolls

    def scroll(self, lines: int, *, with_cursor: bool) -> None:
        """Scroll. The cursor moves too (`with_cursor`), or stays at its text as long as the text is visible."""
        self.move(lines)
        if with_cursor:
            self._stand_in(self.line + lines)
        self._keep_in_sight()

    def run(self, command: Binding) -> None:
        """Do a command that moves the cursor or changes the selection. Others do nothing."""
        if not self._select(command):
            target = self._target(command)
            if target is not None:
                self._scrolls = False
                self._go(target)

    def _select(self, command: Binding) -> bool:
        """Do a command that changes the selection. Return whether it was such a command."""
        match command:
            case KeyCommand.SELECT:
                self._begin_selection(SelectionShape.CHARACTERS)
            case KeyCommand.SELECT_LINE:
                self._begin_selection(SelectionShape.LINES)
            case KeyCommand.RECTANGLE if self._anchor is None:
                self._begin_selection(SelectionShape.BLOCK)
            case KeyCommand.RECTANGLE:
                self._shape = SelectionShape.CHARACTERS if self._shape is SelectionShape.BLOCK else SelectionShape.BLOCK
                self._stand_in(self.line)
            case KeyCommand.OTHER_END if self._anchor is not None:
                self._anchor, spot = Spot(self.line, self.col), self._anchor
                self._go(spot)
            case _:
                return False
        return True

    # The mouse

    def spot_at(self, row: int, col: int) -> Spot:
        """Return the place in the text at a row and a column of the viewer's screen, or one row outside of it."""
        row = max(-1, min(row, self._area.rows))
        return Spot(self.top + row, self._left + max(0, min(col, self._area.cols - 1)))

    def point(self, spot: Spot) -> None:
        """Move the cursor to a spot, or as near as possible. The text scrolls if the spot is not visible."""
        self._scrolls = False
        self._go(spot)

    def select_word(self, spot: Spot) -> bool:
        """Select the word at a spot. Return whether there is one."""
        word = motions.word_at(self._text, spot)
        if word is not None:
            self._select_between(*word, SelectionShape.CHARACTERS)
        return word is not None

    def select_line(self, spot: Spot) -> None:
        """Select the line at a spot, in all of its rows."""
        start = motions.line_start(self._text, spot)
        self._select_between(start, motions.line_end(self._text, spot), SelectionShape.LINES)

    def _select_between(self, start: Spot, last: Spot, shape: SelectionShape) -> None:
        self._anchor = None
        self.point(start)
        self._begin_selection(shape)
        self.point(last if self.is_vi else Spot(last.line, last.col + 1))

    def _begin_selection(self, shape: SelectionShape) -> None:
        self._scrolls = False
        self._hit = None  # in inverse, too
        self._anchor = Spot(self.line, self.col)
        self._shape = shape

    def clear_selection(self) -> bool:
        """Drop the selection and show the newest frame. Return whether there was a selection."""
        had_one, self._anchor = self._anchor is not None, None
        self._gathering = None
        later, self._later = self._later, None
        if later is not None:
            self.show(later)
        return had_one

    def copy(self) -> bool:
        """Begin to copy the selection. Return whether there is one. `copied` has the text when all lines are here."""
        selection = self.selection
        if selection is None:
            return False
        self._gathering = _Gathering(SelectionText(selection), selection.first_line, selection.last_line)
        self._note = "copying"
        self._gather()
        return True

    def jump(self, jump: Jump) -> None:
        """Go to a character in the line."""
        self._jump = jump
        self._make_jump(jump, again=False)

    def jump_again(self, sign: int) -> None:
        """Repeat the last jump. 1: in the same direction. -1: in the other."""
        if self._jump is not None:
            self._make_jump(replace(self._jump, step=self._jump.step * sign), again=True)

    def _make_jump(self, jump: Jump, *, again: bool) -> None:
        here = Spot(self.line, self.col)
        self._go(motions.jump(self._text, here, jump.char, jump.step, is_before=jump.is_before, again=again))

    def search(self, pattern: str, step: Direction) -> None:
        """Search for a text from the cursor on."""
        self._scrolls = False
        self._search(pattern, step, self.line, self.col)

    def search_again(self, sign: int) -> None:
        """Search for the next match. 1: in the same direction. -1: in the other."""
        self._search_again(sign, self.line, self.col)

    # Where the cursor goes

    @property
    def _text(self) -> Text:
        return Text(super()._shown, self._oldest, self._end)

    def _target(self, command: Binding) -> Spot | None:
        """Return the place to which a command moves the cursor. None: it does not move it."""
        here = Spot(self.line, self.col)
        match command:
            case KeyCommand.CURSOR_UP:
                return self._in_line(self.line - 1)
            case KeyCommand.CURSOR_DOWN:
                return self._in_line(self.line + 1)
            case KeyCommand.CURSOR_LEFT:
                return self._beside(-1)
            case KeyCommand.CURSOR_RIGHT:
                return self._beside(1)
            case KeyCommand.TOP_LINE:
                return Spot(self.top, 0)
            case KeyCommand.MIDDLE_LINE:
                return Spot(self.top + (self._area.rows - 1) // 2, 0)
            case KeyCommand.BOTTOM_LINE:
                return Spot(min(self.top + self._area.rows, self._end) - 1, 0)
            case KeyCommand.TOP:
                return Spot(self._oldest, 0)
            case KeyCommand.BOTTOM:
                self.move_to_end(1)
                return self._last_spot()
            case _:
                return self._line_target(command, here)

    def _line_target(self, command: Binding, here: Spot) -> Spot | None:
        match command:
            case KeyCommand.START_OF_LINE:
                return motions.line_start(self._text, here)
            case KeyCommand.INDENTATION:
                return motions.indentation(self._text, here)
            case KeyCommand.END_OF_LINE:
                return Spot(motions.line_end(self._text, here).line, _LINE_END)
            case KeyCommand.PREVIOUS_PARAGRAPH:
                return motions.paragraph(self._text, here, -1)
            case KeyCommand.NEXT_PARAGRAPH:
                return motions.paragraph(self._text, here, 1)
            case _:
                return self._word_target(command, here)

    def _word_target(self, command: Binding, here: Spot) -> Spot | None:
        by_spaces = command in (KeyCommand.NEXT_SPACE, KeyCommand.NEXT_SPACE_END, KeyCommand.PREVIOUS_SPACE)
        match command:
            case KeyCommand.NEXT_WORD | KeyCommand.NEXT_SPACE:
                return motions.next_word(self._text, here, by_spaces=by_spaces)
            case KeyCommand.PREVIOUS_WORD | KeyCommand.PREVIOUS_SPACE:
                return motions.previous_word(self._text, here, by_spaces=by_spaces)
            case KeyCommand.NEXT_WORD_END | KeyCommand.NEXT_SPACE_END if self.is_vi:
                return motions.word_end(self._text, here, by_spaces=by_spaces)
            case KeyCommand.NEXT_WORD_END | KeyCommand.NEXT_SPACE_END:
                end = motions.word_end(self._text, Spot(here.line, max(0, here.col - 1)), by_spaces=by_spaces)
                return Spot(end.line, end.col + 1)
        return None

    def _last_spot(self) -> Spot:
        """Return the start of the last line that is not blank. If all are blank, of the last line."""
        for number in range(self._end - 1, max(self.top, self._frame.scrolled) - 1, -1):
            row = super()._shown(number)
            if row is not None and length_of(row):
                return Spot(number, 0)
        return Spot(self._end - 1, 0)

    def _in_line(self, line: int) -> Spot:
        """Return the cursor's place in another line: the wanted column, or the nearest one."""
        return Spot(line, self._wanted_col)

    def _beside(self, step: Direction) -> Spot:
        """Return the character beside the cursor. At the end of a line, it is in the next line."""
        row = super()._shown(self.line)
        col = self.col + step
        while row is not None and 0 <= col < len(row.cells) and row.cells[col] == "":
            col += step
        if self._anchor is not None and self._shape is SelectionShape.BLOCK:
            return Spot(self.line, max(0, col))
        if col < 0:
            return Spot(self.line - 1, _LINE_END) if self.line > self._oldest else Spot(self.line, 0)
        if col > self._last_col(self.line) and self.line + 1 < self._end:
            return Spot(self.line + 1, 0)
        return Spot(self.line, col)

    def _go(self, spot: Spot) -> None:
        """Move the cursor to a spot, or as near as possible, and make it visible."""
        is_up_or_down = spot.col == self._wanted_col
        wanted = spot.col
        self._sought = None
        self._wanted_col = wanted
        self._stand_in(spot.line)
        if not is_up_or_down and wanted != _LINE_END:
            self._wanted_col = self.col
        if self.line < self.top:
            self.top = self._clamped(self.line)
        elif self.line >= self.top + self._area.rows:
            self.top = self._clamped(self.line - self._area.rows + 1)
        self._show_column(self.col)

    def _stand_in(self, line: int) -> None:
        """Move the cursor to a line, at the wanted column or the nearest one."""
        self.line = max(self._oldest, min(line, self._end - 1))
        self.col = min(self._wanted_col, self._last_col(self.line))
        row = super()._shown(self.line)
        while row is not None and self.col > 0 and row.cells[self.col] == "":
            self.col -= 1

    def _last_col(self, line: int) -> int:
        """Return the last column that the cursor can have in a line."""
        row = super()._shown(line)
        if row is None or (self._anchor is not None and self._shape is SelectionShape.BLOCK):
            return self._frame.size.cols - 1
        return max(0, min(length_of(row) - self.is_vi, len(row.cells) - 1))

    def _keep_in_sight(self) -> None:
        """Keep the cursor on a character of the viewer's screen after the screen has moved or changed."""
        lowest = max(self.top, min(self.top + self._area.rows, self._end) - 1)
        self._stand_in(max(self.top, min(self.line, lowest)))
        self._show_column(self.col)

    # Actions on lines that may not be here

    @property
    def _is_at_work(self) -> bool:
        return self._gathering is not None or super()._is_at_work

    def _continue_hunt(self) -> FetchHistory | None:
        """Continue a copy or a search. Return the fetch that is needed to continue, if there is one."""
        return self._gather() if self._gathering is not None else super()._continue_hunt()

    def _arrive(self, line: int, col: int) -> None:
        super()._arrive(line, col)
        if self._anchor is not None:
            self._hit = None
        self._go(Spot(line, col))

    def _gather(self) -> FetchHistory | None:
        """Take line after line of the selection."""
        gathering = self._gathering
        while gathering is not None and gathering.line <= gathering.last:
            row = super()._shown(gathering.line)
            if row is None and self._oldest <= gathering.line < self._frame.scrolled:
                stop = min(gathering.line + FETCH_LINES, gathering.last + 1, self._frame.scrolled)
                return FetchHistory(gathering.line, stop)
            if row is not None:
                gathering.text.add(gathering.line, row)
            gathering.line += 1
            if gathering.text.size_chars > MAX_COPY_CHARS:
                self.copied, self.is_too_long, self._gathering = "", True, None
                return None
        if gathering is not None:
            self.copied, self._gathering = gathering.text.text(), None
        return None
