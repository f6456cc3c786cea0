"""A screen that answers: device attributes, status, modes, sizes, keyboard flags.

Each query is answered once, by the model, with its own words: nothing that the program
sent comes back, so no program can type through us. Viewers' terminals are never asked.
Source: xterm ctlseqs; VT510 "Reports".
"""

from __future__ import annotations

from pairterm.terminal.ancestor import mo
from pairterm.terminal.frame import Pen
from pairterm.terminal.inks import PROTECTED, sgr_of
from pairterm.terminal.screen import Screen
from pairterm.types import Size

__all__ = ["CELL_HEIGHT_PX", "CELL_WIDTH_PX", "Responder"]

CELL_WIDTH_PX = 8
CELL_HEIGHT_PX = 16
"""The cell that pixel sizes are told in: nobody's in particular, since many viewers look on."""

_MAX_PENS = 10
"""Pens that XTPUSHSGR keeps (xterm)."""


class Responder(Screen):
    """A screen with replies; the remaining sequences that select something live here too."""

    def __init__(self, size: Size, *, history_lines: int = 10_000) -> None:
        super().__init__(size, history_lines=history_lines)
        self._pens: list[Pen] = []

    def _reply(self, text: str) -> None:
        self.write_process_input(text)

    # Who are you

    def report_primary(self, what: int = 0) -> None:
        """DA1: a VT100 with advanced video, as xterm.js says."""
        if what == 0:
            self._reply("\x1b[?1;2c")

    def report_secondary(self, what: int = 0) -> None:
        """DA2: a VT100 with xterm's level 276: programs expect xterm's sequences."""
        if what == 0:
            self._reply("\x1b[>0;276;0c")

    def report_tertiary(self, what: int = 0) -> None:
        """DA3: no unit number."""
        if what == 0:
            self._reply("\x1bP!|00000000\x1b\\")

    def report_version(self, what: int = 0) -> None:
        """XTVERSION."""
        if what == 0:
            self._reply("\x1bP>|pairterm\x1b\\")

    def report_parameters(self, what: int = 0) -> None:
        """DECREQTPARM: no parity, 8 bits, 38400 baud."""
        if what in (0, 1):
            self._reply(f"\x1b[{what + 2};1;1;128;128;1;0x")

    # How are you

    def _position(self) -> tuple[int, int]:
        """Return the cursor's row and column as reports count them: from 1, from the region in origin mode."""
        top = self._top if mo.DECOM in self.mode else 0
        return self.cursor.y - top + 1, min(self.cursor.x, self.columns - 1) + 1

    def report_status(self, what: int = 0) -> None:
        """DSR: 5 well, 6 the cursor's position."""
        if what == 5:
            self._reply("\x1b[0n")
        elif what == 6:
            row, column = self._position()
            self._reply(f"\x1b[{row};{column}R")

    def report_private_status(self, what: int = 0) -> None:
        """DECDSR: 6 the position, 15 no printer, 25 no locked keys, 26 a north American keyboard, 53 no locator."""
        if what == 6:
            row, column = self._position()
            self._reply(f"\x1b[?{row};{column}R")
        elif what in (15, 25, 26, 53):
            self._reply({15: "\x1b[?13n", 25: "\x1b[?21n", 26: "\x1b[?27;1;0;0n", 53: "\x1b[?50n"}[what])

    def report_mode(self, is_private: bool, number: int = 0, *_: int) -> None:
        """DECRQM."""
        prefix = "?" if is_private else ""
        self._reply(f"\x1b[{prefix}{number};{self.mode_state(number, is_private)}$y")

    def setting(self, name: str) -> str | None:
        """Return what DECRQSS tells of the function with these intermediates and final, None if it is unknown."""
        if name == "m":
            return sgr_of(self._pen)
        if name == "r":
            return f"{self._top + 1};{self._bottom + 1}"
        if name == " q":
            return str(int(self.shape) or 2)
        if name == '"q':
            return "1" if self._pen.flags & PROTECTED else "0"
        return "61;1" if name == '"p' else None

    # Window

    def operate_window(self, what: int = 0, which: int = 0, *_: int) -> None:
        """XTWINOPS: sizes are told, titles kept; nothing is moved, resized or raised, and no title is told."""
        if what == 14:
            self._reply(f"\x1b[4;{self.lines * CELL_HEIGHT_PX};{self.columns * CELL_WIDTH_PX}t")
        elif what == 16:
            self._reply(f"\x1b[6;{CELL_HEIGHT_PX};{CELL_WIDTH_PX}t")
        elif what == 18:
            self._reply(f"\x1b[8;{self.lines};{self.columns}t")
        elif what == 22 and which in (0, 2):
            self.push_title()
        elif what == 23 and which in (0, 2):
            self.pop_title()

    def scroll_down_or_track(self, count: int = 1, *rest: int) -> None:
        """SD with one parameter; with more it is a mouse tracking of the 1980s, which nobody uses."""
        if not rest:
            self.scroll_down(max(1, count))

    # Keyboard

    def set_key_option(self, resource: int = 0, value: int = 0, *_: int) -> None:
        """XTMODKEYS: 4 is modifyOtherKeys."""
        if resource == 4:
            self.modify_other_keys = value if value <= 3 else 0

    def reset_key_option(self, resource: int = 0) -> None:
        """Disable a key option."""
        if resource == 4:
            self.modify_other_keys = 0

    def report_key_option(self, resource: int = 0) -> None:
        """XTQMODKEYS."""
        if resource == 4:
            self._reply(f"\x1b[>4;{self.modify_other_keys}m")

    def report_keyboard(self) -> None:
        """Tell the kitty keyboard flags."""
        self._reply(f"\x1b[?{self.keyboard.flags}u")

    def set_keyboard(self, flags: int = 0, how: int = 1, *_: int) -> None:
        """Set kitty keyboard flags."""
        self.keyboard.set(flags, how or 1)

    def push_keyboard(self, flags: int = 0) -> None:
        """Keep the kitty keyboard flags and set others."""
        self.keyboard.push(flags)

    def pop_keyboard(self, count: int = 1) -> None:
        """Take kept kitty keyboard flags up again."""
        self.keyboard.pop(count)

    # Pens and sets

    def push_pen(self) -> None:
        """XTPUSHSGR."""
        self._pens.append(self._pen)
        del self._pens[:-_MAX_PENS]

    def pop_pen(self) -> None:
        """XTPOPSGR."""
        if self._pens:
            self.take_up(self._pens.pop()._replace(link=self._pen.link))

    def select_default_charsets(self) -> None:
        """ESC % G, ESC % @: ASCII in G0 to G3; the encoding stays UTF-8."""
        self._charsets = [None, None, None, None]
        self.shift(0)

    def shift_once(self, level: int) -> None:
        """SS2, SS3: the next character is from G2 or G3."""
        self._single_shift = self._charsets[level]
        self._note_drawing()
