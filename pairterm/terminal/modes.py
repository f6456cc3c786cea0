"""The modes of one terminal: which are set, which are saved, and how they are reported.

`ModeSet.numbers` has pyte's form: ANSI modes as they are, private ones shifted left by 5.
Only numbers listed here get in, so an ANSI number cannot pass for a private one, and the
set is bounded. `pairterm.terminal.mode_switch` does what follows from a mode.
Source: xterm ctlseqs, "DEC Private Mode Set"; DEC STD 070.
"""

from __future__ import annotations

from pairterm.terminal.frame import Modes, Mouse, MouseEncoding

__all__ = [
    "ALTERNATE_SCREENS",
    "AUTOWRAP",
    "CURSOR_VISIBLE",
    "FAR_REVERSE_WRAP",
    "INSERT",
    "KEYPAD",
    "KNOWN_ANSI",
    "KNOWN_PRIVATE",
    "MAX_SAVED_MODES",
    "MOUSE_ENCODINGS",
    "MOUSE_EVENTS",
    "NEW_LINE",
    "ORIGIN",
    "REVERSE_WRAP",
    "SAVE_CURSOR",
    "SIMPLE_MODES",
    "SWITCH_AND_SAVE",
    "SYNCHRONISED",
    "ModeSet",
]

MAX_SAVED_MODES = 64
"""Modes that XTSAVE keeps: more than there are known ones."""

INSERT = 4
"""IRM, in the form of `ModeSet.numbers`."""

NEW_LINE = 20
"""LNM, in the form of `ModeSet.numbers`."""

ORIGIN = 6 << 5
"""DECOM."""

AUTOWRAP = 7 << 5
"""DECAWM."""

CURSOR_VISIBLE = 25 << 5
"""DECTCEM."""

REVERSE_WRAP = 45 << 5
"""The cursor goes back from column 0 to the line that wrapped into this one."""

KEYPAD = 66 << 5
"""DECNKM: the keypad sends application sequences."""

FAR_REVERSE_WRAP = 1045 << 5
"""As REVERSE_WRAP, but to any line, and from the region's first line to its last (xterm's extended form)."""

SYNCHRONISED = 2026 << 5
"""The program is in the middle of an update."""

_APPLICATION_CURSOR = 1 << 5
_INVERSE_SCREEN = 5 << 5
_FOCUS = 1004 << 5
_PASTE = 2004 << 5

# Private modes by their own number, as they stand in a sequence.

SWITCH_AND_SAVE = 1049
"""DECSET: save the cursor and show the alternate screen."""

ALTERNATE_SCREENS = (47, 1047, SWITCH_AND_SAVE)
SAVE_CURSOR = 1048
MOUSE_EVENTS = tuple(int(mouse) for mouse in Mouse if mouse)
MOUSE_ENCODINGS = tuple(int(encoding) for encoding in MouseEncoding if encoding)

SIMPLE_MODES = frozenset((1, 5, 12, 25, 66, 1004, 2004, 2026))
"""Private modes that are set or not, and nothing else follows from them."""

KNOWN_PRIVATE = SIMPLE_MODES | {6, 7, 45, 1045, *ALTERNATE_SCREENS, *MOUSE_EVENTS, *MOUSE_ENCODINGS}
_FIXED_PRIVATE = {3: 2, 8: 3, 67: 4, 1048: 1, 2027: 3}
"""Private modes whose report never changes: 1 set, 2 reset, 3 always set, 4 never set."""

KNOWN_ANSI = frozenset((INSERT, NEW_LINE))
_FIXED_ANSI = {2: 4, 12: 3}

_SOFT = (INSERT, _APPLICATION_CURSOR, _INVERSE_SCREEN, ORIGIN, KEYPAD, REVERSE_WRAP, FAR_REVERSE_WRAP, _FOCUS, _PASTE)
"""Modes that DECSTR resets."""

_NEW_TERMINAL = frozenset((AUTOWRAP, CURSOR_VISIBLE))


class ModeSet:
    """The modes of one terminal."""

    __slots__ = ("_known", "_saved", "numbers")

    def __init__(self) -> None:
        self.numbers: set[int] = set(_NEW_TERMINAL)
        """The modes that are set. It stays the same object."""
        self._saved: dict[int, bool] = {}
        self._known: tuple[frozenset[int], int, int, Modes] | None = None

    def put(self, code: int, is_on: bool) -> None:
        """Set or reset a mode, in the form of `numbers`."""
        if is_on:
            self.numbers.add(code)
        else:
            self.numbers.discard(code)

    def choose(self, group: tuple[int, ...], number: int, is_on: bool) -> None:
        """Switch one private mode of a group: setting it resets the others, resetting it resets all."""
        for other in group:
            self.put(other << 5, is_on and other == number)

    def soft_reset(self) -> None:
        """Do the modes' part of DECSTR."""
        self.numbers.difference_update(_SOFT)
        self.numbers.update(_NEW_TERMINAL)

    def reset(self) -> None:
        """Return to a new terminal's modes."""
        self.numbers.clear()
        self.numbers.update(_NEW_TERMINAL)

    # Saved modes

    def save(self, *numbers: int) -> None:
        """XTSAVE: keep the state of private modes."""
        for number in numbers:
            if number in KNOWN_PRIVATE and len(self._saved) < MAX_SAVED_MODES:
                self._saved[number] = (number << 5) in self.numbers

    def saved(self, number: int) -> bool | None:
        """Return the state that XTSAVE kept of a private mode; None if it kept none."""
        return self._saved.get(number)

    # Reports

    def report(self, number: int, is_private: bool) -> int:
        """Return DECRQM's answer: 0 unknown, 1 set, 2 reset, 3 always set, 4 never set."""
        if is_private:
            if number in KNOWN_PRIVATE:
                return 1 if (number << 5) in self.numbers else 2
            return _FIXED_PRIVATE.get(number, 0)
        if number in KNOWN_ANSI:
            return 1 if number in self.numbers else 2
        return _FIXED_ANSI.get(number, 0)

    def for_frame(self, kitty_flags: int, other_keys: int) -> Modes:
        """Return the modes that a viewer's terminal mirrors; the same object while none of them changed."""
        known, numbers = self._known, self.numbers
        if known is None or known[0] != numbers or known[1] != kitty_flags or known[2] != other_keys:
            modes = Modes(
                application_cursor=_APPLICATION_CURSOR in numbers,
                application_keypad=KEYPAD in numbers,
                bracketed_paste=_PASTE in numbers,
                focus=_FOCUS in numbers,
                mouse=Mouse(self._chosen(MOUSE_EVENTS)),
                mouse_encoding=MouseEncoding(self._chosen(MOUSE_ENCODINGS)),
                kitty_keys=kitty_flags,
                modify_other_keys=other_keys,
                is_reversed=_INVERSE_SCREEN in numbers,
            )
            known = self._known = (frozenset(numbers), kitty_flags, other_keys, modes)
        return known[3]

    def _chosen(self, group: tuple[int, ...]) -> int:
        return next((number for number in group if (number << 5) in self.numbers), 0)
