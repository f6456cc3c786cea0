"""The screen that a program talks to, put together from its parts, and the frames it shows.

Each part has its own state: `Cursor`, `ModeSet`, `Pens`, `Grid` and `History`, `Keyboard`,
`Titles`, `Replies`. `Writer`, `Scroller`, `Editor`, `ModeSwitch`, `SavedCursor` and
`Responder` act on several of them. `pairterm.terminal.sequences` calls the parts; here is
what concerns all of them: frames, resets, a new size.

The rule: no part raises for any argument that a sequence can carry, and each thing that a
program can make grow has a named bound. Rows and columns are 0-based.
"""

from __future__ import annotations

from pairterm.terminal.cursor import Cursor
from pairterm.terminal.editor import Editor
from pairterm.terminal.events import Event
from pairterm.terminal.frame import DEFAULT_COLOUR, CursorShape, Frame
from pairterm.terminal.frame_maker import FrameMaker
from pairterm.terminal.grid import Grid
from pairterm.terminal.history import Block, History
from pairterm.terminal.keyboard import Keyboard
from pairterm.terminal.mode_switch import ModeSwitch
from pairterm.terminal.modes import NEW_LINE, SYNCHRONISED, ModeSet
from pairterm.terminal.pens import Pens
from pairterm.terminal.replies import Replies
from pairterm.terminal.responder import Responder
from pairterm.terminal.saved_cursor import SavedCursor
from pairterm.terminal.scroller import Scroller
from pairterm.terminal.titles import Titles
from pairterm.terminal.writer import Writer
from pairterm.types import Size

__all__ = ["MAX_EVENTS", "Screen"]

MAX_EVENTS = 64
"""Events kept for the caller; the oldest are dropped."""


class Screen:
    """A whole screen: primary and alternate, scrollback, titles, replies and events."""

    def __init__(self, size: Size, *, history_lines: int = 10_000) -> None:
        self.cursor = cursor = Cursor(size)
        self.modes = modes = ModeSet()
        self.pens = pens = Pens()
        self.history = History(history_lines)
        self.grid = grid = Grid(size, self.history, pens)
        self.keyboard = Keyboard()
        self.titles = Titles()
        self.replies = Replies()
        self.scroller = Scroller(cursor, grid, modes)
        self.writer = writer = Writer(cursor, grid, pens, self.scroller)
        self.editor = Editor(cursor, grid, pens)
        self.saved_cursor = SavedCursor(cursor, grid, pens, writer, modes)
        self.mode_switch = ModeSwitch(modes, cursor, grid, writer, self.keyboard, self.saved_cursor)
        self.responder = Responder(self.replies, cursor, modes, pens, self.keyboard, self.titles)
        self._frames = FrameMaker(grid, cursor, modes, self.keyboard, pens)
        self.events: list[Event] = []
        """The events that were not taken yet."""
        self.bells = 0
        """How many BELs the program sent."""
        self.is_touched = False
        """Something was written since the last frame."""

    @property
    def size(self) -> Size:
        """Rows and columns."""
        return self.grid.size

    def line_number(self) -> int:
        """Return the number of the cursor's line, counted from the first line that was ever shown."""
        return self.history.scrolled + self.cursor.y

    # Frames

    @property
    def generation(self) -> int:
        """The number that the next frame has at most: the last one's if nothing was written since."""
        return self._frames.latest.generation + (1 if self.is_touched else 0)

    def snapshot(self) -> Frame:
        """Return what the screen shows: the same frame, and the same rows, where nothing changed."""
        if not self.is_touched:
            return self._frames.latest
        self.is_touched = False
        return self._frames.make(self.titles.title, self.bells)

    def expect_frames(self, count: int) -> None:
        """The next frame counts as so many."""
        self._frames.expected = count

    def echoes_until(self) -> int:
        """See `Terminal.echoes_until`."""
        cursor, pen = self.cursor, self.pens.pen
        line = self.grid.lines[cursor.y]
        if not self.writer.writes_plainly or self.pens.uses_protection or line.has_wide or self.is_touched:
            return 0
        stop = start = cursor.x
        cells, pens = line.cells, line.pens
        while stop < cursor.columns - 1 and cells[stop] == " " and pens[stop] == pen:
            stop += 1
        return stop if stop > start else 0

    @property
    def is_synchronised(self) -> bool:
        """DECSET 2026 is on."""
        return SYNCHRONISED in self.modes.numbers

    def end_synchronised(self) -> None:
        """Switch DECSET 2026 off."""
        self.modes.put(SYNCHRONISED, False)

    # Floods

    @property
    def scrolls_plainly(self) -> bool:
        """Plain text and line ends do nothing but write, wrap, tab over default stops, and scroll.

        Scrolling brings default blanks in, and takes lines out to the history.
        """
        return (
            self.writer.writes_plainly
            and not self.grid.is_alternate
            and not self.cursor.has_margins
            and not self.pens.uses_protection
            and self.pens.pen.bg == DEFAULT_COLOUR
            and NEW_LINE not in self.modes.numbers
            and self.cursor.tabs.are_default
        )

    def scroll_past(self, blocks: list[Block]) -> None:
        """Scroll lines past that nobody sees. The cursor is on the last line, which is blank, and ends on the first."""
        self.grid.scroll_past(blocks)
        self.cursor.y = 0

    # Bell and events

    def bell(self) -> None:
        """BEL: count it; a viewer's terminal rings when the count grew."""
        self.bells += 1

    def tell(self, event: Event) -> None:
        """Keep an event for the caller."""
        self.events.append(event)
        del self.events[:-MAX_EVENTS]

    def take_events(self) -> list[Event]:
        """Return the events since the last call."""
        events, self.events = self.events, []
        return events

    # Pen with charset

    def change_pen_and_charset(self, sequences: str) -> None:
        """Do what SGR sequences say that have ESC ( B among them, as terminfo's sgr0 has."""
        self.pens.change(sequences)
        if not self.writer.has_ascii:
            self.writer.designate("B", "(")

    # Resets

    def soft_reset(self) -> None:
        """DECSTR: reset modes, margins, pen, charsets, cursor style and saved cursor; text, cursor and mouse stay."""
        self.mode_switch.soft_reset()
        self._reset_selections()
        self.cursor.shape = CursorShape.DEFAULT
        self.saved_cursor.forget()

    def reset(self) -> None:
        """RIS: a new terminal; history and title stay."""
        self.mode_switch.show_alternate(False)
        self.mode_switch.reset()
        self._reset_selections()
        self.saved_cursor.reset()
        self.keyboard.reset()
        self.grid.reset()
        self.cursor.reset()

    def _reset_selections(self) -> None:
        self.cursor.clear_margins()
        self.pens.reset()
        self.writer.reset_charsets()

    # Size

    def resize(self, size: Size) -> None:
        """Fit both screens to a new size; the scroll region becomes the whole screen."""
        if size == self.size:
            return
        self.cursor.x, self.cursor.y = self.grid.resize(size, self.cursor.x, self.cursor.y)
        self.cursor.resize(size)
        self.is_touched = True
