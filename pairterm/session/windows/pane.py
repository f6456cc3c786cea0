"""One pane: a program's screen, the blank that hides it from guests, and the time for which it holds its picture back.

No I/O and no clock: times are monotonic seconds.
"""

from __future__ import annotations

import msgspec

from pairterm.session.privacy import PrivacyScreen
from pairterm.terminal import Terminal
from pairterm.terminal.excerpt import CapturedLines
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Size

__all__ = ["Death", "Pane"]


_PLAIN = b"\x18\x1b[?2026l\x1b[?6l\x1b[r\x1b[4l\x1b(B\x0f\x1b[m"
"""It ends what a program had begun (CAN, ECMA-48 8.3.6): a sequence, a drawing, a region, a font, colours."""


class Death(msgspec.Struct, frozen=True):
    """The end of a program in a pane that stays."""

    status: int
    """Its exit status as a shell has it."""
    signal: int = 0
    """The signal that ended it; 0: none."""
    when: str = ""
    """The time, for people."""

    @property
    def line(self) -> str:
        """The line that the pane shows, as tmux writes it."""
        return f"Pane is dead ({f'signal {self.signal}' if self.signal else f'status {self.status}'}, {self.when})"


class Pane:
    """A pane of a window."""

    def __init__(self, pane: PaneId, size: Size, *, history_lines: int) -> None:
        self.id = pane
        self.terminal = Terminal(size, history_lines=history_lines)
        self.resized_s = float("-inf")
        """When the program got its size last."""
        self.synchronised_until_s: float | None = None
        """Until when the program may hold its picture back (DECSET 2026); None: it does not."""
        self.bells = 0
        """How many bells of the program were taken note of."""
        self.command = ""
        """The name of the program in the foreground, as far as it is known."""
        self.directory = ""
        """The directory of that program, as far as it is known."""
        self.start_command: tuple[str, ...] = ()
        """The program that it was started with, for `respawn-pane`; (): the user's shell."""
        self.start_directory = ""
        """Where that program was started; "": where the session was started."""
        self.pid = 0
        """The process id of its program; 0: it is not known."""
        self.tty = ""
        """The name of its pty."""
        self.is_document = False
        """It has no program: a view shows the session's documents there."""
        self.is_piped = False
        """A command of `pipe-pane` gets its output."""
        self.death: Death | None = None
        """The end of its program, if the pane stays; None: the program runs."""
        self._screens = PrivacyScreen()

    @property
    def size(self) -> Size:
        """The size that the screen and the program have."""
        return self.terminal.size

    @property
    def may_publish(self) -> bool:
        """False while the program holds its picture back in the middle of a drawing."""
        return self.synchronised_until_s is None

    @property
    def shows_all(self) -> bool:
        """Whether everybody may see what the program prints, as soon as it does."""
        return not self._screens.is_on and self.may_publish and self.death is None

    def die(self, death: Death) -> None:
        """Keep the pane after the end of its program. As in tmux, the last line says so, under what was printed."""
        self.death = death
        self.is_piped = False
        last = self.terminal.size.rows
        self.terminal.feed(_PLAIN + f"\x1b[{last};1H\n{death.line}\x1b[?25l".encode())
        self.synchronised_until_s = None

    def revive(self) -> None:
        """Make the pane ready for another program: an empty screen. The history stays."""
        self.death = None
        self.is_piped = False
        self.terminal.feed(_PLAIN + b"\x1bc")

    def frame(self) -> Frame:
        """Return the newest picture; the same object while nothing changed."""
        frame = self.terminal.snapshot()
        return self._screens.shifted(frame) if self._screens.shift else frame

    def captured(self, start: int, stop: int) -> CapturedLines:
        """Return lines of the history, and on through the screen, as the owner may see them."""
        frame = self.frame()
        scrolled = frame.scrolled
        history = self.terminal.history_lines(min(start, scrolled), min(stop, scrolled))
        shown = frame.rows[max(0, start - scrolled) : max(0, stop - scrolled)]
        first = history.start if history.rows else max(start, scrolled)
        return CapturedLines(first, [*history.rows, *shown], scrolled - history.kept, scrolled, frame.size)

    def captured_primary(self, start: int, stop: int) -> CapturedLines:
        """Return lines of the primary screen behind the alternate one, numbered from 0; none if that is not shown."""
        return CapturedLines(start, list(self.terminal.hidden_rows[start:stop]), 0, 0, self.frame().size)

    def frame_for(self, *, is_off: bool, is_hidden: bool) -> Frame:
        """Return what is shown: a blank if `is_hidden`. `is_off`: guests' pictures are off."""
        if is_off is not self._screens.is_on:
            self._screens.turn(is_off=is_off)
        frame = self.frame()
        return self._screens.blank(frame) if is_hidden else frame

    def generation_for(self, *, is_off: bool, is_hidden: bool) -> int:
        """Return the generation of `frame_for`, or one more if the program's output changed no picture.

        O(1) but for a hidden pane.
        """
        if is_off is not self._screens.is_on:
            self._screens.turn(is_off=is_off)
        if is_off:
            return self.frame_for(is_off=is_off, is_hidden=is_hidden).generation
        return self.terminal.generation + self._screens.shift
