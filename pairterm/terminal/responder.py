"""Answers to questions: device attributes, status, modes, sizes, keyboard flags, settings.

The model answers each query itself, with words of its own: nothing that the program sent
comes back, so no program can type through it. Viewers' terminals are never asked.
Source: xterm ctlseqs; VT510 "Reports".
"""

from __future__ import annotations

from pairterm.terminal.cursor import Cursor
from pairterm.terminal.keyboard import Keyboard
from pairterm.terminal.modes import ModeSet
from pairterm.terminal.pens import Pens
from pairterm.terminal.replies import Replies
from pairterm.terminal.sgr import PROTECTED, sgr_of
from pairterm.terminal.titles import Titles

__all__ = ["CELL_HEIGHT_PX", "CELL_WIDTH_PX", "Responder"]

CELL_WIDTH_PX = 8
CELL_HEIGHT_PX = 16
"""The size of a cell in reports. Each viewer's cells have a size of their own, so this is nobody's in particular."""


class Responder:
    """Answers the questions that come as CSI sequences, and reads the settings for DECRQSS."""

    __slots__ = ("_cursor", "_keyboard", "_modes", "_pens", "_titles", "send")

    def __init__(
        self, replies: Replies, cursor: Cursor, modes: ModeSet, pens: Pens, keyboard: Keyboard, titles: Titles
    ) -> None:
        self.send = replies.send
        self._cursor = cursor
        self._modes = modes
        self._pens = pens
        self._keyboard = keyboard
        self._titles = titles

    # Identity

    def report_primary(self, what: int = 0) -> None:
        """DA1: a VT100 with advanced video, as xterm.js answers."""
        if what == 0:
            self.send("\x1b[?1;2c")

    def report_secondary(self, what: int = 0) -> None:
        """DA2: a VT100 with xterm's level 276; programs expect xterm's sequences then."""
        if what == 0:
            self.send("\x1b[>0;276;0c")

    def report_tertiary(self, what: int = 0) -> None:
        """DA3: no unit number."""
        if what == 0:
            self.send("\x1bP!|00000000\x1b\\")

    def report_version(self, what: int = 0) -> None:
        """XTVERSION."""
        if what == 0:
            self.send("\x1bP>|pairterm\x1b\\")

    def report_parameters(self, what: int = 0) -> None:
        """DECREQTPARM: no parity, 8 bits, 38400 baud."""
        if what in (0, 1):
            self.send(f"\x1b[{what + 2};1;1;128;128;1;0x")

    # Status

    def report_status(self, what: int = 0) -> None:
        """DSR: 5 asks for the state, which is good, and 6 for the cursor's position."""
        if what == 5:
            self.send("\x1b[0n")
        elif what == 6:
            row, column = self._cursor.report_position()
            self.send(f"\x1b[{row};{column}R")

    def report_private_status(self, what: int = 0) -> None:
        """DECDSR: 6 the position, 15 no printer, 25 no locked keys, 26 a North American keyboard, 53 no locator."""
        if what == 6:
            row, column = self._cursor.report_position()
            self.send(f"\x1b[?{row};{column}R")
        elif what in (15, 25, 26, 53):
            self.send({15: "\x1b[?13n", 25: "\x1b[?21n", 26: "\x1b[?27;1;0;0n", 53: "\x1b[?50n"}[what])

    def report_mode(self, is_private: bool, number: int = 0, *_: int) -> None:
        """DECRQM."""
        prefix = "?" if is_private else ""
        self.send(f"\x1b[{prefix}{number};{self._modes.report(number, is_private)}$y")

    def setting(self, name: str) -> str | None:
        """Return DECRQSS's answer for the function with these intermediates and final; None if it is unknown."""
        if name == "m":
            return sgr_of(self._pens.pen)
        if name == "r":
            return f"{self._cursor.top + 1};{self._cursor.bottom + 1}"
        if name == " q":
            return str(int(self._cursor.shape) or 2)
        if name == '"q':
            return "1" if self._pens.pen.flags & PROTECTED else "0"
        return "61;1" if name == '"p' else None

    # Window

    def operate_window(self, what: int = 0, which: int = 0, *_: int) -> None:
        """XTWINOPS: report sizes, push and pop titles. No title is reported; no window is moved, resized or raised."""
        rows, columns = self._cursor.rows, self._cursor.columns
        if what == 14:
            self.send(f"\x1b[4;{rows * CELL_HEIGHT_PX};{columns * CELL_WIDTH_PX}t")
        elif what == 16:
            self.send(f"\x1b[6;{CELL_HEIGHT_PX};{CELL_WIDTH_PX}t")
        elif what == 18:
            self.send(f"\x1b[8;{rows};{columns}t")
        elif what == 22 and which in (0, 2):
            self._titles.push()
        elif what == 23 and which in (0, 2):
            self._titles.pop()

    # Keyboard

    def report_key_option(self, option: int = 0) -> None:
        """XTQMODKEYS."""
        if option == 4:
            self.send(f"\x1b[>4;{self._keyboard.modify_other_keys}m")

    def report_keyboard(self) -> None:
        """CSI ? u: report the kitty keyboard flags."""
        self.send(f"\x1b[?{self._keyboard.in_use.flags}u")
