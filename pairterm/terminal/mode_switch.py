"""Switching modes: SM, RM, DECSET, DECRST and XTRESTORE, and what each mode does to the other parts."""

from __future__ import annotations

from pairterm.terminal.cursor import Cursor
from pairterm.terminal.grid import Grid
from pairterm.terminal.keyboard import Keyboard
from pairterm.terminal.modes import (
    ALTERNATE_SCREENS,
    AUTOWRAP,
    INSERT,
    KEYPAD,
    KNOWN_ANSI,
    KNOWN_PRIVATE,
    MOUSE_ENCODINGS,
    MOUSE_EVENTS,
    ORIGIN,
    SAVE_CURSOR,
    SWITCH_AND_SAVE,
    ModeSet,
)
from pairterm.terminal.saved_cursor import SavedCursor
from pairterm.terminal.writer import Writer

__all__ = ["ModeSwitch"]


class ModeSwitch:
    """Switches the modes of one terminal."""

    __slots__ = ("_cursor", "_grid", "_keyboard", "_modes", "_saved", "_writer")

    def __init__(
        self,
        modes: ModeSet,
        cursor: Cursor,
        grid: Grid,
        writer: Writer,
        keyboard: Keyboard,
        saved: SavedCursor,
    ) -> None:
        self._modes = modes
        self._cursor = cursor
        self._grid = grid
        self._writer = writer
        self._keyboard = keyboard
        self._saved = saved

    def set_ansi(self, *numbers: int) -> None:
        """SM."""
        for number in numbers:
            if number in KNOWN_ANSI:
                self._put(number, True)

    def reset_ansi(self, *numbers: int) -> None:
        """RM."""
        for number in numbers:
            if number in KNOWN_ANSI:
                self._put(number, False)

    def set_private(self, *numbers: int) -> None:
        """DECSET."""
        for number in numbers:
            self._put_private(number, True)

    def reset_private(self, *numbers: int) -> None:
        """DECRST."""
        for number in numbers:
            self._put_private(number, False)

    def restore(self, *numbers: int) -> None:
        """XTRESTORE: switch private modes back to what XTSAVE kept; the others stay as they are."""
        for number in numbers:
            was_on = self._modes.saved(number)
            if was_on is not None:
                self._put_private(number, was_on)

    def keypad(self, is_application: bool) -> None:
        """DECKPAM, DECKPNM."""
        self._modes.put(KEYPAD, is_application)

    def _put_private(self, number: int, is_on: bool) -> None:
        if number == SAVE_CURSOR or (number == SWITCH_AND_SAVE and is_on):
            if is_on:
                self._saved.save()
            else:
                self._saved.restore()
        if number not in KNOWN_PRIVATE:
            return
        if number in ALTERNATE_SCREENS:
            self.show_alternate(is_on)
            for alternate in ALTERNATE_SCREENS:
                self._modes.put(alternate << 5, is_on)
            if number == SWITCH_AND_SAVE and not is_on:
                self._saved.restore()
        elif number in MOUSE_EVENTS:
            self._modes.choose(MOUSE_EVENTS, number, is_on)
        elif number in MOUSE_ENCODINGS:
            if is_on or (number << 5) in self._modes.numbers:  # a reset ends only the encoding it names (xterm)
                self._modes.choose(MOUSE_ENCODINGS, number, is_on)
        else:
            self._put(number << 5, is_on)
            if number << 5 == ORIGIN:
                self._cursor.home()

    def _put(self, code: int, is_on: bool) -> None:
        """Switch a mode, and tell the part that it belongs to."""
        self._modes.put(code, is_on)
        if code == INSERT:
            self._writer.set_inserting(is_on)
        elif code == AUTOWRAP:
            self._writer.is_wrapping = is_on
        elif code == ORIGIN:
            self._cursor.is_origin = is_on

    def show_alternate(self, is_alternate: bool) -> None:
        """Show the alternate screen, blank in the pen's background, or the primary one as it was left."""
        if is_alternate == self._grid.is_alternate:
            return
        if is_alternate:
            self._grid.show_alternate(self._cursor.x, self._cursor.y)
        else:
            self._grid.show_primary()
        self._keyboard.show_alternate(is_alternate)

    def soft_reset(self) -> None:
        """Reset the modes that DECSTR resets."""
        self._modes.soft_reset()
        self._cursor.is_origin = False
        self._writer.set_inserting(False)
        self._writer.is_wrapping = True

    def reset(self) -> None:
        """Return to a new terminal's modes."""
        self.soft_reset()
        self._modes.reset()
