"""A terminal: bytes of a program in; frames, answers and events out.

The face of this package that the session core uses. `feed` never raises and all state
is bounded, whatever the bytes are. Law: any split of the bytes gives the same screen.
No I/O and no clock: the caller reads the pty, sends the answers and times out a
synchronised update.
"""

from __future__ import annotations

import codecs

from pairterm.terminal.events import Event
from pairterm.terminal.frame import Frame, Row
from pairterm.terminal.parser import Parser
from pairterm.terminal.responder import Responder
from pairterm.terminal.sequences import Dispatcher
from pairterm.types import Size

__all__ = ["Terminal"]


class Terminal:
    """Parser and screen of one program."""

    def __init__(self, size: Size, *, history_lines: int = 10_000) -> None:
        self._screen = Responder(size, history_lines=history_lines)
        self._parser = Parser(Dispatcher(self._screen))
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    @property
    def size(self) -> Size:
        """Rows and columns."""
        return self._screen.size

    def feed(self, data: bytes) -> None:
        """Take the next bytes that the program wrote."""
        if data:
            self._parser.feed(self._decode(data))
            self._screen.is_touched = True

    def resize(self, size: Size) -> None:
        """Give the screen a new size; lines that no longer fit go to the history and come back from there."""
        self._screen.resize(size.rows, size.cols)

    def take_replies(self) -> bytes:
        """Return the answers for the pty since the last call, b"" if there are none."""
        replies = bytes(self._screen.replies)
        self._screen.replies.clear()
        return replies

    def take_events(self) -> list[Event]:
        """Return what the program asked of the desktop since the last call, at most `MAX_EVENTS`."""
        events, self._screen.events = self._screen.events, []
        return events

    def snapshot(self) -> Frame:
        """Return the picture: the same `Frame` object while nothing changed, the same `Row`s where nothing did."""
        return self._screen.snapshot()

    @property
    def generation(self) -> int:
        """The generation that `snapshot` would give, or one more where what was fed changed no picture. O(1)."""
        return self._screen.generation

    @property
    def is_synchronised(self) -> bool:
        """The program is in the middle of an update (DECSET 2026): take no frame now."""
        return self._screen.is_synchronised

    def end_synchronised(self) -> None:
        """End the update that the program did not end in time."""
        self._screen.end_synchronised()

    @property
    def history_length(self) -> int:
        """Lines of scrollback."""
        return len(self._screen.history)

    def history(self, start: int, stop: int) -> list[Row]:
        """Return the scrollback's lines `start <= number < stop` that there are; 0 is the oldest kept."""
        return self._screen.history.rows(start, stop, self._screen.columns)
