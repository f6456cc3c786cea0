"""The cursor: its position, the scroll region, origin mode, and the moves that look at no cell.

Relative moves stop at the scroll region's edge only if they start inside it (VT100,
xterm). Every move ends a pending wrap: that is the state `x == columns`, as in pyte and
xterm.js. Moves that scroll are in `pairterm.terminal.scroller`. Rows and columns are
0-based. Source: xterm ctlseqs; ECMA-48 §8.3.
"""

from __future__ import annotations

from pairterm.terminal.frame import CursorShape
from pairterm.terminal.tab_stops import TabStops
from pairterm.types import Size

__all__ = ["Cursor"]


class Cursor:
    """The cursor of one screen."""

    __slots__ = ("bottom", "columns", "is_origin", "rows", "shape", "tabs", "top", "x", "y")

    def __init__(self, size: Size) -> None:
        self.x = 0
        self.y = 0
        self.columns = size.cols
        self.rows = size.rows
        self.top = 0
        """The first row of the scroll region."""
        self.bottom = size.rows - 1
        """The last row of the scroll region."""
        self.is_origin = False
        """DECOM: positions count from the scroll region."""
        self.shape = CursorShape.DEFAULT
        self.tabs = TabStops(size.cols)

    @property
    def has_margins(self) -> bool:
        """The scroll region is smaller than the screen."""
        return self.top > 0 or self.bottom < self.rows - 1

    @property
    def is_in_region(self) -> bool:
        """The cursor is inside the scroll region."""
        return self.top <= self.y <= self.bottom

    # Absolute moves

    def go_to(self, row: int, column: int) -> None:
        """CUP, HVP: go to a position; origin mode counts it from the scroll region."""
        self.x = column if column < self.columns else self.columns - 1
        if self.is_origin:
            row += self.top
            self.y = row if row < self.bottom else self.bottom
        else:
            self.y = row if row < self.rows else self.rows - 1

    def home(self) -> None:
        """Go to the first position, of the scroll region in origin mode."""
        self.go_to(0, 0)

    def to_column(self, column: int = 1) -> None:
        """CHA, HPA: go to a column of this line, counted from 1."""
        self.x = min(max(column, 1), self.columns) - 1

    def to_line(self, line: int = 1) -> None:
        """VPA: go to a line, counted from 1, in the same column."""
        self.leave_margin()
        self.go_to(max(line, 1) - 1, self.x)

    def leave_margin(self) -> None:
        """End a pending wrap: the cursor is on the last column then."""
        if self.x >= self.columns:
            self.x = self.columns - 1

    # Relative moves

    def up(self, count: int = 1) -> None:
        """CUU."""
        self.leave_margin()
        y = self.y
        self.y = max(y - count, self.top if y >= self.top else 0)

    def down(self, count: int = 1) -> None:
        """CUD."""
        self.leave_margin()
        y = self.y
        self.y = min(y + count, self.bottom if y <= self.bottom else self.rows - 1)

    def down_freely(self, count: int = 1) -> None:
        """VPR: go down; the margins do not count."""
        self.to_line(self.y - (self.top if self.is_origin else 0) + 1 + count)

    def up_to_start(self, count: int = 1) -> None:
        """CPL: go up, to column 0."""
        self.up(count)
        self.x = 0

    def down_to_start(self, count: int = 1) -> None:
        """CNL: go down, to column 0."""
        self.down(count)
        self.x = 0

    def forward(self, count: int = 1) -> None:
        """CUF, HPR."""
        self.x = min(self.x + count, self.columns - 1)

    def back(self, count: int = 1) -> None:
        """HPB, and CUB without reverse wraparound: go back, at most to column 0."""
        self.leave_margin()
        self.x = max(self.x - count, 0)

    def up_freely(self, count: int = 1) -> None:
        """VPB: go up; the margins do not count."""
        self.leave_margin()
        self.y = max(self.y - count, self.top if self.is_origin else 0)

    def carriage_return(self) -> None:
        """CR."""
        self.x = 0

    # Tabs

    def tab(self) -> None:
        """HT: go to the next tab stop or the last column; a pending wrap stays."""
        self.tab_forward(1)

    def tab_forward(self, count: int = 1) -> None:
        """CHT: go over `count` tab stops."""
        if self.x < self.columns:
            self.x = self.tabs.after(self.x, count)

    def tab_backward(self, count: int = 1) -> None:
        """CBT: go back over `count` tab stops. A pending wrap stays, as in xterm.js."""
        if self.x < self.columns:
            self.x = self.tabs.before(self.x, count)

    def set_tab_stop(self) -> None:
        """HTS."""
        self.tabs.add(min(self.x, self.columns - 1))

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: 0 clears the stop at the cursor, 3 clears all."""
        if how == 0:
            self.tabs.remove(self.x)
        elif how == 3:
            self.tabs.clear()

    # Margins and size

    def set_margins(self, top: int = 0, bottom: int = 0) -> None:
        """DECSTBM: set the scroll region, counted from 1; 0 is the screen's edge. Less than two lines are refused."""
        top = max(top, 1)
        bottom = bottom if 0 < bottom <= self.rows else self.rows
        if bottom > top:
            self.top, self.bottom = top - 1, bottom - 1
            self.home()

    def clear_margins(self) -> None:
        """Make the whole screen the scroll region."""
        self.top, self.bottom = 0, self.rows - 1

    def resize(self, size: Size) -> None:
        """Take a new size, and the whole screen as the scroll region. The caller moves the cursor."""
        self.columns, self.rows = size.cols, size.rows
        self.clear_margins()
        self.tabs.resize(size.cols)

    def reset(self) -> None:
        """Do the cursor's part of RIS: position, shape and tab stops are those of a new terminal."""
        self.x = self.y = 0
        self.shape = CursorShape.DEFAULT
        self.tabs.reset()

    def set_shape(self, shape: int = 0) -> None:
        """DECSCUSR."""
        if shape <= max(CursorShape):
            self.shape = CursorShape(shape)

    def report_position(self) -> tuple[int, int]:
        """Return row and column as reports count them: from 1, and from the scroll region in origin mode."""
        top = self.top if self.is_origin else 0
        return self.y - top + 1, min(self.x, self.columns - 1) + 1
