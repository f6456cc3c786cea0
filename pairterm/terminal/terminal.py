"""A terminal: bytes of a program in; frames, answers and events out.

The session core uses this package through `Terminal`. `feed` never raises, and all state
is bounded, for any bytes. Law: any split of the bytes gives the same screen, and a flood
that is set aside gives the same screen and history as one that is parsed. No I/O and no
clock: the caller reads the pty, sends the answers and ends a synchronised update that
takes too long.
"""

from __future__ import annotations

import codecs

from pairterm.terminal.events import Event
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.flood import MIN_FLOOD_BYTES, Flood, count_lines, pieces_of, sgr_after_reset, tail_start
from pairterm.terminal.frame import Frame, Row
from pairterm.terminal.history import Block
from pairterm.terminal.packing import Packed
from pairterm.terminal.parser import Parser
from pairterm.terminal.screen import Screen
from pairterm.terminal.sequences import Dispatcher
from pairterm.types import Size

__all__ = ["Terminal"]


_MIN_SKIPPED_LINES = 8
"""A block of history has at least this many lines; fewer are parsed at once."""

_LF = 10

_MAX_REST_BYTES = 256
"""A line whose start was in the data before ends after at most so many bytes, in a flood."""


class Terminal:
    """Parser and screen of one program."""

    def __init__(self, size: Size, *, history_lines: int = 10_000) -> None:
        size = Size.clamped(rows=size.rows, cols=size.cols)
        self._screen = Screen(size, history_lines=history_lines)
        self._parser = Parser(Dispatcher(self._screen))
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._flood = Flood()

    @property
    def size(self) -> Size:
        """Rows and columns."""
        return self._screen.size

    @property
    def hidden_rows(self) -> tuple[Row, ...]:
        """The primary screen while the alternate one is shown; () if it is not."""
        self._settle_flood()
        return self._screen.grid.hidden_rows()

    def feed(self, data: bytes) -> None:
        """Take the next bytes that the program wrote."""
        if not data:
            return
        self._screen.is_touched = True
        if len(data) < MIN_FLOOD_BYTES and not self._flood.is_on:
            self._parse(data)
            return
        if self._is_set_aside(data):
            return
        if len(data) > _MAX_REST_BYTES and (data[0] == _LF or self._is_in_the_middle):
            # It begins in the middle of a line end, of a sequence or of a character.
            start = data.find(b"\n", 0, _MAX_REST_BYTES) + 1
            self._parse(data[:start])
            data = data[start:]
            if self._is_set_aside(data):
                return
        self._parse(data)

    def _is_set_aside(self, data: bytes) -> bool:
        """Return whether the data is part of a flood, which is parsed later, or not at all."""
        if not self._flood.is_on and len(data) < MIN_FLOOD_BYTES:
            return False
        if self._flood.is_on or (not self._is_in_the_middle and self._screen.scrolls_plainly):
            if self._flood.take(data):
                if self._flood.is_full:
                    self._settle()
                return True
            if self._flood.is_on:
                self._settle()
        return False

    @property
    def _is_in_the_middle(self) -> bool:
        """True if the data before ended in the middle of a sequence or of a character."""
        return not self._parser.is_idle or bool(self._decoder.getstate()[0])

    def _parse(self, data: bytes) -> None:
        self._parser.feed(self._decoder.decode(data))

    # Floods

    def _settle_flood(self) -> None:
        if self._flood.is_on:
            self._settle()

    def _settle(self) -> None:
        """Bring the screen up to date with the bytes set aside; lines that nobody sees become blocks of history."""
        text, rest = self._flood.release()
        rows = self._screen.size.rows
        tail = tail_start(text, rows)
        start = 0
        needed = rows - self._screen.cursor.y
        if text.count(b"\n", 0, tail) >= needed + _MIN_SKIPPED_LINES:
            start = _end_of_line(text, needed)
            pieces = [(piece, *count_lines(piece, self._screen.size.cols)) for piece in pieces_of(text[start:tail])]
            if all(count for _, count, _ in pieces):
                self._parse(text[:start])
                self._scroll_past(pieces)
                start = tail
            else:
                start = 0
        if start < len(text):
            self._parse(text[start:])
        if rest:
            self._parse(rest)

    def _scroll_past(self, pieces: list[tuple[bytes, int, int]]) -> None:
        """Scroll whole lines past. The first comes on the blank last row of the screen."""
        screen = self._screen
        blocks: list[Block] = []
        for text, count, widest in pieces:
            blocks.append(Block(text, screen.pens.pen, screen.size.cols, count, widest, _parse_block))
            for sequence in sgr_after_reset(text):
                screen.pens.change(sequence.decode("ascii"))
        screen.scroll_past(blocks)

    def resize(self, size: Size) -> None:
        """Give the screen the nearest size that is modelled; lines that do not fit go to the history and come back."""
        self._settle_flood()
        size = Size.clamped(rows=size.rows, cols=size.cols)
        self._screen.resize(size)

    def take_replies(self) -> bytes:
        """Return the answers for the pty since the last call, b"" if there are none."""
        return self._screen.replies.take()

    def take_events(self) -> list[Event]:
        """Return the program's requests to the desktop since the last call, at most `MAX_EVENTS`."""
        return self._screen.take_events()

    def snapshot(self) -> Frame:
        """Return the picture: the same `Frame` object while nothing changed, the same `Row`s where nothing did."""
        if self._flood.is_on:
            self._settle()
        return self._screen.snapshot()

    @property
    def generation(self) -> int:
        """The generation that `snapshot` would give, or one more if the last bytes changed no picture. O(1)."""
        return self._screen.generation

    def echoes_until(self) -> int:
        """Return the column up to which printed text would only fill blank cells of the cursor's row, in their pen.

        0: it might do anything else. O(columns).
        """
        is_plain = not (self._flood.is_on or self._is_in_the_middle or self.is_synchronised or self.has_news)
        return self._screen.echoes_until() if is_plain else 0

    def expect_frames(self, count: int) -> None:
        """Take note that the next output has been shown as so many frames, which all count."""
        self._screen.expect_frames(count)

    @property
    def bells(self) -> int:
        """How often the program rang."""
        return self._screen.bells

    @property
    def has_news(self) -> bool:
        """True if there are answers or events to take. Most output has none."""
        screen = self._screen
        return bool(screen.events or screen.replies.kept)

    @property
    def is_synchronised(self) -> bool:
        """The program is in the middle of an update (DECSET 2026): take no frame now."""
        return self._screen.is_synchronised

    def end_synchronised(self) -> None:
        """End the update that the program did not end in time."""
        self._screen.end_synchronised()

    @property
    def history_length(self) -> int:
        """Lines of scrollback at the screen's width."""
        self._settle_flood()
        return self._screen.history.height(self._screen.size.cols)

    def clear_history(self) -> None:
        """Drop all lines of the scrollback (ED 3), also in the middle of a sequence of the program."""
        self._settle_flood()
        self._screen.history.clear()
        self._screen.is_touched = True

    def history(self, start: int, stop: int) -> list[Row]:
        """Return the scrollback's existing rows `start <= number < stop`; 0 is the oldest."""
        self._settle_flood()
        return self._screen.history.lines(start, stop, self._screen.size.cols)[0]

    def history_lines(self, start: int, stop: int, place: int | None = None) -> HistoryLines:
        """Return the lines of the scrollback from `start` to `stop`, as far as they are kept.

        Lines are numbered back from the screen here: the last one above it has the number `Frame.scrolled` - 1. So a
        line keeps its number while more lines leave, and while the screen keeps its size. With a `place`, `start` and
        `stop` count from the line that has it: a line keeps its place at any size.
        """
        self._settle_flood()
        history, cols = self._screen.history, self._screen.size.cols
        kept = history.height(cols)
        oldest = history.scrolled - kept
        if place is not None:
            at = oldest + history.row_of(place, cols)
            start, stop = at + start, at + stop
        start = max(start, oldest)
        rows, places = history.lines(start - oldest, stop - oldest, cols)
        return HistoryLines(start, rows, places, kept)


def _end_of_line(text: bytes, number: int) -> int:
    """Return where the line after the first `number` line ends begins."""
    at = 0
    for _ in range(number):
        at = text.find(b"\n", at) + 1
    return at


def _parse_block(block: Block) -> list[Packed]:
    """Return the lines of a block, parsed the plain way on a screen of one row."""
    scratch = Terminal(Size(rows=1, cols=block.cols), history_lines=block.count + 1)
    scratch._screen.pens.select(block.pen)
    scratch._parse(block.text)
    return scratch._screen.history.packed()
