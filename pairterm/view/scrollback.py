"""One viewer's private view of the history. The program runs on, and nobody else's screen moves.

The rows of the screen have the numbers from `frame.scrolled` on. Smaller numbers are
history, which is fetched as needed. A line keeps its number until the size of the screen
changes. Then the lines are wrapped anew, and the line at the top is found again by its
place: how many lines had left the screen when it was printed. One fetch runs at a time,
and a bounded number of lines is kept. `copy_mode` adds a cursor and a selection.
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from pairterm.terminal.excerpt import HistoryLines, row_at
from pairterm.terminal.frame import Frame, Row, blank_row
from pairterm.types import Size
from pairterm.view.actions import FetchHistory
from pairterm.view.bars import with_corner
from pairterm.view.compose import RowCutter
from pairterm.view.selection import with_inverse

__all__ = ["FETCH_LINES", "Direction", "Scrollback"]

FETCH_LINES = 200
"""How many lines are fetched at once: as many as one message of the link carries."""

_MAX_KEPT_LINES = 1000
"""How many fetched lines are kept: five tall screens, at most about 1.5 MB for 80 columns."""

_FETCH_TIMEOUT_S = 3.0
"""After this time a fetch without an answer is made again, because the link may have been away."""

_MIN_HINT_COLS = 30
"""A narrower pane shows only its place in the history, and not the key that leads back."""

Direction = int
"""-1 towards older lines, +1 towards newer ones."""


class _Hunt(msgspec.Struct):
    """A search that is running: the next line, and the number of lines that are left."""

    step: Direction
    line: int
    left: int
    col: int | None
    """The column at which the search begins in its first line. Matches there, or behind it, do not count."""


class _Hit(msgspec.Struct, frozen=True):
    line: int
    col: int
    cells: int


class Scrollback:
    """One viewer's position in the history. `top` is the number of the line in the first row."""

    def __init__(self, frame: Frame, area: Size) -> None:
        self._frame = frame
        self._area = area
        self._known: OrderedDict[int, Row] = OrderedDict()
        self._places: dict[int, int] = {}
        """The places of the known lines. A line that left the screen in its present size has its number as place."""
        self._sought: int | None = None
        """The place of the line that was at the top before the size changed, until its number is known again."""
        self._seen: dict[int, Row] = {}
        """Lines as they were on the screen before they left it. They show until the lines of the history arrive."""
        self._oldest = 0
        self._left = 0
        self._cutter = RowCutter(col=0, cols=area.cols, has_border=False)
        self._asked: FetchHistory | None = None
        self._asked_s = 0.0
        self._pattern = ""
        self._step: Direction = -1
        self._hunt: _Hunt | None = None
        self._hit: _Hit | None = None
        self._note = ""
        self.top = self._last_top

    def show(self, frame: Frame) -> None:
        """Take the session's newest frame: the history ends where its rows begin."""
        if frame.scrolled < self._frame.scrolled or frame.size != self._frame.size:
            self._flow_anew(frame)
            return
        if not self._frame.is_alternate:
            self._remember(self._frame, frame.scrolled)
        self._frame = frame
        self.top = self._clamped(self.top)

    def _flow_anew(self, frame: Frame) -> None:
        """Take a frame of another screen, or of another size: the lines have other numbers now."""
        was_at_bottom, back = self.is_at_bottom, self._frame.scrolled - self.top
        place = self._sought if self._sought is not None else self._places.get(self.top, self.top)
        shown = [self._line(number) or self._seen.get(number) for number in range(self.top, self.top + self._area.rows)]
        self._known.clear()
        self._places.clear()
        self._asked = self._hunt = self._hit = None
        self._note = ""
        self._frame = frame
        self._set_left(self._left)
        self._oldest = min(0, frame.scrolled - back)
        self._sought = None if was_at_bottom or place >= frame.scrolled else place
        self.top = self._last_top if was_at_bottom else self._clamped(max(place, frame.scrolled - back))
        self._seen = {number: row for number, row in enumerate(shown, self.top) if row is not None}

    def resize(self, area: Size) -> None:
        """Take the size of the viewer's screen."""
        if area != self._area:
            self._area = area
            self._set_left(self._left)
            self.top = self._clamped(self.top)

    @property
    def is_at_bottom(self) -> bool:
        """True if the newest line shows."""
        return self.top >= self._last_top

    @property
    def page(self) -> int:
        """How many lines a page moves: two less than the screen, so that the reader finds the place again."""
        return max(1, self._area.rows - 2)

    @property
    def half_page(self) -> int:
        """How many lines half a page moves: half of the screen, as in tmux."""
        return max(1, self._area.rows // 2)

    def move(self, lines: int) -> None:
        """Move towards newer lines, or with a negative number towards older ones."""
        self._sought = None
        self.top = self._clamped(self.top + lines)

    def move_to_end(self, step: Direction) -> None:
        """Go to the oldest line (-1) or to the newest (+1)."""
        self._sought = None
        self.top = self._oldest if step < 0 else self._last_top

    def _search(self, pattern: str, step: Direction, line: int, col: int) -> None:
        """Search for a text from a place on. Small letters find capitals too. The search goes round once."""
        self._pattern = pattern
        self._step = step
        if pattern:
            self._begin(step, line, col)

    def _search_again(self, sign: int, line: int, col: int) -> None:
        """Search for the next match. 1: in the same direction. -1: in the other."""
        if self._pattern:
            self._begin(self._step * sign, line, col)

    def pursue(self, now_s: float) -> list[FetchHistory]:
        """Continue a search, and return the fetch that the search or the screen needs, if one is due."""
        if self._asked is not None and now_s < self._asked_s + _FETCH_TIMEOUT_S:
            return []
        needed = self._lost() or self._continue_hunt() or self._missing()
        self._asked, self._asked_s = needed, now_s
        return [needed] if needed is not None else []

    @property
    def retry_at_s(self) -> float | None:
        """When to call `pursue` again: at once if lines are missing, later if no answer comes. None: not at all."""
        if self._asked is not None:
            return self._asked_s + _FETCH_TIMEOUT_S
        if self._is_at_work or self._sought is not None or self._missing() is not None:
            return 0.0
        return None

    @property
    def _is_at_work(self) -> bool:
        """True while a search or a copy goes through lines that may have to be fetched."""
        return self._hunt is not None

    def take(self, lines: HistoryLines, now_s: float) -> list[FetchHistory]:
        """Take fetched lines. Return the fetch that is needed next, if there is one."""
        asked, self._asked = self._asked, None
        start, rows, scrolled = lines.start, lines.rows[:FETCH_LINES], self._frame.scrolled
        if asked is not None and asked.place is None and start > asked.start:  # what was asked for before is gone
            self._oldest = min(start, scrolled)
        else:
            self._oldest = min(scrolled - lines.kept, start, scrolled)
        self._known.update(enumerate(rows, start))
        self._places.update(enumerate(lines.places[: len(rows)], start))
        if asked is not None and asked.place is None and not (rows and asked.start <= start < asked.stop):
            for number in range(asked.start, asked.stop):  # what does not come now never will: don't ask for ever
                self._known[number] = blank_row(self._frame.size.cols)
        while len(self._known) > _MAX_KEPT_LINES:
            self._places.pop(self._known.popitem(last=False)[0], None)
        if asked is not None and asked.place is not None and asked.place == self._sought:
            self._sought = None
            if rows:
                self.top = start + row_at(lines.places, asked.place)
                self._places[self.top] = asked.place  # its own, also if its row begins with another line
        self.top = self._clamped(self.top)
        return self.pursue(now_s)

    def rows(self) -> tuple[Row, ...]:
        """Return the rows that the viewer sees, one row a line, with the indicator in the corner."""
        blank = blank_row(self._area.cols)
        lines = range(self.top, self.top + self._area.rows)
        rows = self._cutter.cut_all([self._shown(number) or blank for number in lines])
        hit = self._hit
        if hit is not None and self.top <= hit.line < self.top + self._area.rows:
            first, last = (max(0, col - self._left) for col in (hit.col, hit.col + hit.cells))
            rows[hit.line - self.top] = with_inverse(rows[hit.line - self.top], first, last)
        rows[0] = with_corner(rows[0], self._indicator())
        return tuple(rows)

    @property
    def _last_top(self) -> int:
        return max(self._oldest, self._frame.scrolled + self._frame.size.rows - self._area.rows)

    @property
    def _end(self) -> int:
        return self._frame.scrolled + self._frame.size.rows

    def _indicator(self) -> str:
        back = self._last_top - self.top
        note = f"{self._note}  " if self._note else ""
        leaving = "  q: back" if self._area.cols >= _MIN_HINT_COLS else ""
        return f" {note}{back}/{self._last_top - self._oldest}{leaving} "

    def _shown(self, number: int) -> Row | None:
        """Return a line as the viewer sees it. None: there is no such line."""
        return self._line(number) or self._seen.get(number)

    def _clamped(self, top: int) -> int:
        return max(self._oldest, min(top, self._last_top))

    def _set_left(self, left: int) -> None:
        self._left = max(0, min(left, self._frame.size.cols - self._area.cols))
        self._cutter = RowCutter(col=self._left, cols=self._area.cols, has_border=False)

    def _line(self, number: int) -> Row | None:
        """Return a line. None: it has to be fetched, or does not exist."""
        if number >= self._frame.scrolled:
            row = number - self._frame.scrolled
            return self._frame.rows[row] if row < len(self._frame.rows) else None
        return self._known.get(number)

    def _remember(self, frame: Frame, scrolled: int) -> None:
        """Keep the rows of an older frame that left the screen, as far as the viewer sees them."""
        shown = range(self.top, min(self.top + self._area.rows, scrolled))
        self._seen = {number: row for number, row in self._seen.items() if number in shown}
        for number, row in enumerate(frame.rows, frame.scrolled):
            if number in shown:
                self._seen[number] = row

    def _lost(self) -> FetchHistory | None:
        """Return the fetch of the line that was at the top, by its place, if its number is not known."""
        if self._sought is None:
            return None
        return FetchHistory(0, FETCH_LINES, self._sought)

    def _missing(self) -> FetchHistory | None:
        """Return the fetch for the lines on the screen and a screenful above that are not known; None: all are.

        It takes as many lines as one fetch can, on the side where the viewer comes from nowhere.
        """
        first = max(self.top - self._area.rows, self._oldest)
        stop = min(self.top + self._area.rows, self._frame.scrolled)
        absent = [number for number in range(first, stop) if number not in self._known]
        if not absent:
            return None
        if absent[0] - 1 in self._known:
            return FetchHistory(absent[0], min(absent[0] + FETCH_LINES, self._frame.scrolled))
        return FetchHistory(max(self._oldest, absent[-1] + 1 - FETCH_LINES), absent[-1] + 1)

    def _begin(self, step: Direction, line: int, col: int) -> None:
        self._sought = None
        self._hunt = _Hunt(step, line, self._end - self._oldest + 1, col)
        self._note = f"searching {self._pattern}"
        self._continue_hunt()  # if all of it is here, the keys that follow find the cursor at the match

    def _continue_hunt(self) -> FetchHistory | None:
        """Search line after line. Return the fetch that is needed to continue, if there is one."""
        hunt = self._hunt
        while hunt is not None:
            if hunt.left <= 0:
                self._hunt, self._hit = None, None
                self._note = f"not found: {self._pattern}"
                return None
            if not self._oldest <= hunt.line < self._end:
                hunt.line = self._end - 1 if hunt.step < 0 else self._oldest
            row = self._line(hunt.line)
            if row is None:
                return self._chunk(hunt)
            hit = _found(row, self._pattern, hunt)
            if hit is not None:
                self._hit = hit
                self._arrive(hit.line, hit.col)
                return None
            hunt.line += hunt.step
            hunt.left -= 1
            hunt.col = None
        return None

    def _chunk(self, hunt: _Hunt) -> FetchHistory:
        if hunt.step < 0:
            return FetchHistory(max(self._oldest, hunt.line + 1 - FETCH_LINES), hunt.line + 1)
        return FetchHistory(hunt.line, min(hunt.line + FETCH_LINES, self._frame.scrolled))

    def _arrive(self, line: int, col: int) -> None:
        """End the search at a match."""
        self._hunt = None
        self._note = ""
        if not self.top <= line < self.top + self._area.rows:
            self.top = self._clamped(line - self._area.rows // 2)
        self._show_column(col)

    def _show_column(self, col: int) -> None:
        """Move sideways to a column if it is not visible. Lines may be wider than the viewer's screen."""
        if not self._left <= col < self._left + self._area.cols:
            self._set_left(col - self._area.cols // 2)


def _found(row: Row, pattern: str, hunt: _Hunt) -> _Hit | None:
    """Return the next match of a row in the direction of the search. None: there is none."""
    text = row.text if pattern != pattern.lower() else row.text.lower()
    limit = None if hunt.col is None else len("".join(row.cells[: hunt.col]))
    if hunt.step < 0:
        at = text.rfind(pattern) if limit is None else text.rfind(pattern, 0, max(0, limit + len(pattern) - 1))
    else:
        at = text.find(pattern, 0 if limit is None else limit + 1)
    if at < 0:
        return None
    return _Hit(hunt.line, _column(row, at), max(1, _column(row, at + len(pattern)) - _column(row, at)))


def _column(row: Row, at: int) -> int:
    """Return the column of the cell that the character number `at` of the row's text stands in."""
    seen = 0
    for col, cell in enumerate(row.cells):
        if cell and seen >= at:
            return col
        seen += len(cell)
    return len(row.cells)
