"""One viewer's private look at the history, while the program runs on and nobody else's screen moves.

Lines are numbered from the first that ever left the top of the screen, so a line
keeps its number: `n < frame.scrolled` is history, fetched as needed; the lines
from `frame.scrolled` on are the screen's rows. One fetch is under way at a time,
and a bounded number of lines is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from pairterm.terminal.frame import INVERSE, Frame, Row, blank_row
from pairterm.types import Size
from pairterm.view.actions import FetchHistory
from pairterm.view.bars import with_corner
from pairterm.view.compose import RowCutter

__all__ = ["FETCH_LINES", "Direction", "Scrollback"]

FETCH_LINES = 200
"""Lines asked for at once: what one message of the link carries."""

_MAX_KEPT_LINES = 1000
"""Lines kept of what was fetched: five tall screens, some 1.5 MB at worst for 80 columns."""

_FETCH_TIMEOUT_S = 3.0
"""After which a fetch without an answer is made again: the link was away."""

_COL_STEP = 16

Direction = int
"""-1 towards older lines, +1 towards newer ones."""


@dataclass(slots=True)
class _Hunt:
    """A search under way: the next line to look at, and how many are left to look at."""

    step: Direction
    line: int
    left: int


@dataclass(frozen=True, slots=True)
class _Hit:
    line: int
    col: int
    cells: int


class Scrollback:
    """Where one viewer is in the history. `top` is the number of the line in the first row."""

    def __init__(self, frame: Frame, area: Size) -> None:
        self._frame = frame
        self._area = area
        self._known: OrderedDict[int, Row] = OrderedDict()
        self._seen: dict[int, Row] = {}
        """Lines as they looked on the screen before they left it: shown until the history's own are here."""
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
            self._known.clear()  # another screen, or its lines flow anew: other numbers
            self._seen.clear()
            self._oldest = 0
        elif not self._frame.is_alternate:
            self._remember(self._frame, frame.scrolled)
        self._frame = frame
        self.top = self._clamped(self.top)

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
        """How many lines a page moves: all but two, so that the eye finds its place."""
        return max(1, self._area.rows - 2)

    def move(self, lines: int) -> None:
        """Move towards newer lines, or with a negative number towards older ones."""
        self.top = self._clamped(self.top + lines)

    def move_to_end(self, step: Direction) -> None:
        """Go to the oldest line (-1) or to the newest (+1)."""
        self.top = self._oldest if step < 0 else self._last_top

    def move_columns(self, step: int) -> None:
        """Move sideways, for lines wider than the viewer's screen."""
        self._set_left(self._left + step * _COL_STEP)

    def search(self, pattern: str, step: Direction) -> None:
        """Look for a text from where the viewer is; small letters find capitals too. It goes round once."""
        self._pattern = pattern
        self._step = step
        if pattern:
            line = self.top + self._area.rows - 1 if step < 0 else self.top
            self._begin(step, line)

    def search_again(self, sign: int) -> None:
        """Look for the next match: with 1 in the same direction, with -1 in the other."""
        if self._pattern:
            step = self._step * sign
            start = self._hit.line if self._hit is not None else self.top
            self._begin(step, start + step)

    def pursue(self, now_s: float) -> list[FetchHistory]:
        """Go on with a search, and return the fetch that it or the screen needs, if one is due."""
        if self._asked is not None and now_s < self._asked_s + _FETCH_TIMEOUT_S:
            return []
        needed = self._continue_hunt() or self._missing()
        self._asked, self._asked_s = needed, now_s
        return [needed] if needed is not None else []

    @property
    def retry_at_s(self) -> float | None:
        """When to call `pursue` again: at once if something is missing, later if no answer comes; None: not at all."""
        if self._asked is not None:
            return self._asked_s + _FETCH_TIMEOUT_S
        return 0.0 if self._hunt is not None or self._missing() is not None else None

    def take(self, start: int, rows: Sequence[Row], total: int, now_s: float) -> list[FetchHistory]:
        """Take fetched lines, `rows` from number `start` on; return the fetch that is needed next, if one is.

        `total`: how many lines the host keeps; what was asked for before them is gone.
        """
        asked, self._asked = self._asked, None
        if asked is not None and start > asked.start:
            self._oldest = max(self._oldest, min(start, self._frame.scrolled))
        self._oldest = max(self._oldest, min(self._frame.scrolled - total, start))
        for number, row in enumerate(rows[:FETCH_LINES], start):
            self._known[number] = row
        if asked is not None:  # what does not come now never will: don't ask for it again and again
            for number in range(max(asked.start, start + len(rows)), asked.stop):
                self._known[number] = blank_row(self._frame.size.cols)
        while len(self._known) > _MAX_KEPT_LINES:
            self._known.popitem(last=False)
        self.top = self._clamped(self.top)
        return self.pursue(now_s)

    def rows(self) -> tuple[Row, ...]:
        """Return what the viewer sees, one row a line, with the indicator in the corner."""
        blank = blank_row(self._area.cols)
        lines = range(self.top, self.top + self._area.rows)
        rows = self._cutter.cut_all([self._line(number) or self._seen.get(number, blank) for number in lines])
        hit = self._hit
        if hit is not None and self.top <= hit.line < self.top + self._area.rows:
            rows[hit.line - self.top] = _marked(rows[hit.line - self.top], hit, self._left)
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
        return f" {note}{back}/{self._last_top - self._oldest}  q: back "

    def _clamped(self, top: int) -> int:
        return max(self._oldest, min(top, self._last_top))

    def _set_left(self, left: int) -> None:
        self._left = max(0, min(left, self._frame.size.cols - self._area.cols))
        self._cutter = RowCutter(col=self._left, cols=self._area.cols, has_border=False)

    def _line(self, number: int) -> Row | None:
        """Return a line; None if it has to be fetched, or is no line."""
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

    def _begin(self, step: Direction, line: int) -> None:
        self._hunt = _Hunt(step, line, self._end - self._oldest)
        self._note = f"searching {self._pattern}"

    def _continue_hunt(self) -> FetchHistory | None:
        """Look at line after line; return the fetch without which it can't go on."""
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
            hit = _found(row, self._pattern, hunt.line)
            if hit is not None:
                self._arrive(hit)
                return None
            hunt.line += hunt.step
            hunt.left -= 1
        return None

    def _chunk(self, hunt: _Hunt) -> FetchHistory:
        if hunt.step < 0:
            return FetchHistory(max(self._oldest, hunt.line + 1 - FETCH_LINES), hunt.line + 1)
        return FetchHistory(hunt.line, min(hunt.line + FETCH_LINES, self._frame.scrolled))

    def _arrive(self, hit: _Hit) -> None:
        self._hunt = None
        self._hit = hit
        self._note = ""
        if not self.top <= hit.line < self.top + self._area.rows:
            self.top = self._clamped(hit.line - self._area.rows // 2)
        if not self._left <= hit.col < self._left + self._area.cols:
            self._set_left(hit.col - self._area.cols // 2)


def _found(row: Row, pattern: str, line: int) -> _Hit | None:
    text = row.text
    at = text.find(pattern) if pattern != pattern.lower() else text.lower().find(pattern)
    if at < 0:
        return None
    return _Hit(line, _column(row, at), max(1, _column(row, at + len(pattern)) - _column(row, at)))


def _column(row: Row, at: int) -> int:
    """Return the column of the cell that the character number `at` of the row's text stands in."""
    seen = 0
    for col, cell in enumerate(row.cells):
        if cell and seen >= at:
            return col
        seen += len(cell)
    return len(row.cells)


def _marked(row: Row, hit: _Hit, left: int) -> Row:
    first, last = max(0, hit.col - left), max(0, hit.col + hit.cells - left)
    marked = tuple(pen._replace(flags=pen.flags ^ INVERSE) for pen in row.pens[first:last])
    return Row(row.cells, row.pens[:first] + marked + row.pens[first + len(marked) :])
