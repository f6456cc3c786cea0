"""Modes: SM, RM, DECSET and DECRST, what each switches, and what DECRQM says of it.

`mode` is a set of numbers in pyte's form: ANSI modes as they are, private ones shifted
left by 5. Only numbers listed here get in, so an ANSI number can't pass for a private
one, and the set is bounded. Source: xterm ctlseqs, "DEC Private Mode Set"; DEC STD 070.
"""

from __future__ import annotations

from pairterm.terminal.ancestor import mo
from pairterm.terminal.frame import Modes, Mouse, MouseEncoding
from pairterm.terminal.keyboard import Keyboard
from pairterm.terminal.motion import FAR_REVERSE_WRAP, REVERSE_WRAP, Motion
from pairterm.types import Size

__all__ = ["MAX_SAVED_MODES", "SIMPLE_MODES", "ModeSwitches"]

MAX_SAVED_MODES = 64
"""Modes kept by XTSAVE: more than there are known ones."""

_APPLICATION_CURSOR, _BLINK, _KEYPAD = 1, 12, 66
_FOCUS, _PASTE, _SYNCHRONISED, _CLUSTERS = 1004, 2004, 2026, 2027
_ALTERNATES = (47, 1047, 1049)
_SAVE_CURSOR = 1048
_MICE = tuple(int(mouse) for mouse in Mouse if mouse)
_ENCODINGS = tuple(int(encoding) for encoding in MouseEncoding if encoding)

_PRIVATE = frozenset(
    (
        _APPLICATION_CURSOR,
        5,
        6,
        7,
        _BLINK,
        25,
        REVERSE_WRAP,
        FAR_REVERSE_WRAP,
        _KEYPAD,
        _FOCUS,
        _PASTE,
        _SYNCHRONISED,
        *_ALTERNATES,
        *_MICE,
        *_ENCODINGS,
    )
)
_FIXED = {3: 2, 8: 3, 67: 4, 1048: 1, _CLUSTERS: 3}
"""Private modes with an answer to DECRQM that never changes: 1 set, 2 reset, 3 always set, 4 never."""

_ANSI = frozenset((mo.IRM, mo.LNM))
_ANSI_FIXED = {2: 4, 12: 3}
SIMPLE_MODES = frozenset((_APPLICATION_CURSOR, 5, _BLINK, 25, _KEYPAD, _FOCUS, _PASTE, _SYNCHRONISED))
"""Private modes that are in `mode` or not, and nothing else follows from it."""

_SOFT = (_APPLICATION_CURSOR, 5, 6, _KEYPAD, REVERSE_WRAP, FAR_REVERSE_WRAP, _FOCUS, _PASTE)
_NEW = frozenset((mo.DECAWM, mo.DECTCEM))


class ModeSwitches(Motion):
    """A canvas and cursor with modes."""

    def __init__(self, size: Size, history_lines: int) -> None:
        super().__init__(size, history_lines)
        self.modify_other_keys = 0
        self.keyboards = (Keyboard(), Keyboard())
        self._kept: dict[int, bool] = {}
        self._known_modes: tuple[frozenset[int], int, int, Modes] | None = None

    @property
    def keyboard(self) -> Keyboard:
        """The kitty keyboard flags of the screen in use; each screen has its own."""
        return self.keyboards[self.is_alternate]

    def show_alternate(self, is_alternate: bool) -> None:
        """Switch screens."""
        raise NotImplementedError

    # ANSI

    def set_ansi_modes(self, *numbers: int) -> None:
        """SM."""
        for number in numbers:
            if number in _ANSI:
                self._switch(number, True)

    def reset_ansi_modes(self, *numbers: int) -> None:
        """RM."""
        for number in numbers:
            if number in _ANSI:
                self._switch(number, False)

    # Private

    def set_mode(self, *modes: int, **_: object) -> None:
        """DECSET."""
        for number in modes:
            self._switch_private(number, True)

    def reset_mode(self, *modes: int, **_: object) -> None:
        """DECRST."""
        for number in modes:
            self._switch_private(number, False)

    def _switch_private(self, number: int, is_on: bool) -> None:
        if number == _SAVE_CURSOR or (number == 1049 and is_on):
            if is_on:
                self.save_cursor()
            else:
                self.restore_cursor()
        if number not in _PRIVATE:
            return
        if number in _ALTERNATES:
            self.show_alternate(is_on)
            for alternate in _ALTERNATES:
                self._switch(alternate << 5, is_on)
            if number == 1049 and not is_on:
                self.restore_cursor()
        elif number in _MICE:
            self._choose(_MICE, number, is_on)
        elif number in _ENCODINGS:
            if is_on or (number << 5) in self.mode:  # a reset ends no other encoding than its own (xterm)
                self._choose(_ENCODINGS, number, is_on)
        elif number == 7:
            self._switch_wrapping(is_on)
        else:
            self._switch(number << 5, is_on)
            if number == 6:
                self.cursor_position()

    def _choose(self, group: tuple[int, ...], number: int, is_on: bool) -> None:
        """Of a group at most one is on: setting one ends the others, resetting any ends all."""
        for other in group:
            self._switch(other << 5, is_on and other == number)

    def _switch(self, code: int, is_on: bool) -> None:
        if is_on:
            self.mode.add(code)
        else:
            self.mode.discard(code)
        if code == mo.IRM:
            self._is_inserting = is_on
            self._note_drawing()
        elif code == mo.DECOM:
            self._is_origin = is_on

    def _switch_wrapping(self, is_on: bool) -> None:
        self._switch(mo.DECAWM, is_on)
        self._is_wrapping = is_on

    def keypad(self, is_application: bool) -> None:
        """DECKPAM, DECKPNM."""
        self._switch(_KEYPAD << 5, is_application)

    def _forget_soft_modes(self) -> None:
        """Reset what DECSTR resets."""
        for number in _SOFT:
            self._switch(number << 5, False)
        self._switch(mo.IRM, False)
        self._switch(mo.DECTCEM, True)
        self._switch_wrapping(True)

    def _forget_modes(self) -> None:
        """Reset all modes to those of a new terminal."""
        self.mode.clear()
        self.mode.update(_NEW)
        self._is_inserting = self._is_origin = False
        self._is_wrapping = True
        self._note_drawing()

    # Saved modes

    def save_modes(self, *numbers: int) -> None:
        """XTSAVE: keep the state of private modes."""
        for number in numbers:
            if number in _PRIVATE and len(self._kept) < MAX_SAVED_MODES:
                self._kept[number] = (number << 5) in self.mode

    def restore_modes(self, *numbers: int) -> None:
        """XTRESTORE: private modes as they were kept; one that was not stays as it is."""
        for number in numbers:
            if number in self._kept:
                self._switch_private(number, self._kept[number])

    # What others ask

    @property
    def is_synchronised(self) -> bool:
        """DECSET 2026 is on."""
        return (_SYNCHRONISED << 5) in self.mode

    def end_synchronised(self) -> None:
        """Switch DECSET 2026 off."""
        self._switch(_SYNCHRONISED << 5, False)

    def mode_state(self, number: int, is_private: bool) -> int:
        """Return DECRQM's answer: 0 unknown, 1 set, 2 reset, 3 always set, 4 never set."""
        if is_private:
            if number in _PRIVATE:
                return 1 if (number << 5) in self.mode else 2
            return _FIXED.get(number, 0)
        if number in _ANSI:
            return 1 if number in self.mode else 2
        return _ANSI_FIXED.get(number, 0)

    def frame_modes(self) -> Modes:
        """Return the modes that a viewer's terminal mirrors; the same object while none changed."""
        known = self._known_modes
        flags, other_keys = self.keyboard.flags, self.modify_other_keys
        if known is None or known[0] != self.mode or known[1] != flags or known[2] != other_keys:
            modes = Modes(
                application_cursor=(_APPLICATION_CURSOR << 5) in self.mode,
                application_keypad=(_KEYPAD << 5) in self.mode,
                bracketed_paste=(_PASTE << 5) in self.mode,
                focus=(_FOCUS << 5) in self.mode,
                mouse=Mouse(self._chosen(_MICE)),
                mouse_encoding=MouseEncoding(self._chosen(_ENCODINGS)),
                kitty_keys=flags,
                modify_other_keys=other_keys,
                is_reversed=mo.DECSCNM in self.mode,
            )
            known = self._known_modes = (frozenset(self.mode), flags, other_keys, modes)
        return known[3]

    def _chosen(self, group: tuple[int, ...]) -> int:
        return next((number for number in group if (number << 5) in self.mode), 0)
