"""The table that says which sequence calls which screen method, and with which parameters.

A key is a sequence without its parameters: private prefix, intermediates, final. A value
is the method's name and how its parameters are read. Sequences not listed do nothing.
Source: xterm ctlseqs; VT510 Programmer Information; kitty keyboard protocol.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from pairterm.terminal.modes import SIMPLE_MODES
from pairterm.terminal.osc import take_osc
from pairterm.terminal.parser import Operation
from pairterm.terminal.reports import answer_dcs
from pairterm.terminal.responder import Responder

__all__ = ["Dispatcher"]

MAX_VALUE = 65_535
"""The largest parameter; more is this. No screen is nearly as large."""

_MAX_COUNT = 32
"""Parameters of one sequence (xterm keeps 30)."""

Arguments = tuple[object, ...]


def _value(text: str) -> int:
    """Return a parameter's number, 0 if it is left out; subparameters are not looked at.

    The parser bounds its digits (`MAX_PARAMETERS`), so that all of them are read: any number of zeros may lead.
    """
    digits = text.partition(":")[0]
    return min(int(digits), MAX_VALUE) if digits else 0


def _values(parameters: str) -> list[int]:
    return [_value(item) for item in parameters.split(";", _MAX_COUNT)[:_MAX_COUNT]]


def _count(parameters: str) -> Arguments:
    """One number, 1 if left out or 0."""
    return (max(1, _values(parameters)[0]),)


def _number(parameters: str) -> Arguments:
    """One number, 0 if left out."""
    return (_values(parameters)[0],)


def _pair(parameters: str) -> Arguments:
    """Two numbers, 0 if left out."""
    return tuple((*_values(parameters), 0)[:2])


def _place(parameters: str) -> Arguments:
    """A row and a column, counted from 0."""
    row, column = (*_values(parameters), 0)[:2]
    return max(row, 1) - 1, max(column, 1) - 1


def _numbers(parameters: str) -> Arguments:
    """All numbers."""
    return tuple(_values(parameters))


def _nothing(parameters: str) -> Arguments:
    """No parameter is looked at."""
    return ()


def _with(*arguments: object) -> Callable[[str], Arguments]:
    """Fixed arguments."""
    return lambda _: arguments


def _then_numbers(*arguments: object) -> Callable[[str], Arguments]:
    """Fixed arguments, then all numbers."""
    return lambda parameters: (*arguments, *_values(parameters))


_Reader = Callable[[str], Arguments]

_CSI: dict[str, tuple[str, _Reader]] = {
    "@": ("insert_characters", _count),
    " @": ("shift_left", _count),
    "A": ("cursor_up", _count),
    " A": ("shift_right", _count),
    "B": ("cursor_down", _count),
    "C": ("cursor_forward", _count),
    "D": ("cursor_back", _count),
    "E": ("cursor_down1", _count),
    "F": ("cursor_up1", _count),
    "G": ("cursor_to_column", _count),
    "H": ("go_to", _place),
    "I": ("tab_forward", _count),
    "J": ("erase_in_display", _number),
    "?J": ("erase_in_display", lambda parameters: (*_number(parameters), True)),
    "K": ("erase_in_line", _number),
    "?K": ("erase_in_line", lambda parameters: (*_number(parameters), True)),
    "L": ("insert_lines", _count),
    "M": ("delete_lines", _count),
    "P": ("delete_characters", _count),
    "S": ("scroll_up", _count),
    "T": ("scroll_down_or_track", _numbers),
    "X": ("erase_characters", _count),
    "Z": ("tab_backward", _count),
    "^": ("scroll_down", _count),
    "`": ("cursor_to_column", _count),
    "a": ("cursor_forward", _count),
    "b": ("repeat", _count),
    "c": ("report_primary", _number),
    ">c": ("report_secondary", _number),
    "=c": ("report_tertiary", _number),
    "d": ("cursor_to_line", _count),
    "e": ("cursor_down_freely", _count),
    "f": ("go_to", _place),
    "g": ("clear_tab_stop", _number),
    "h": ("set_ansi_modes", _numbers),
    "?h": ("set_mode", _numbers),
    "j": ("cursor_back_freely", _count),
    "k": ("cursor_up_freely", _count),
    "l": ("reset_ansi_modes", _numbers),
    "?l": ("reset_mode", _numbers),
    ">m": ("set_key_option", _numbers),
    "?m": ("report_key_option", _number),
    "n": ("report_status", _number),
    "?n": ("report_private_status", _number),
    ">n": ("reset_key_option", _number),
    "!p": ("soft_reset", _nothing),
    "$p": ("report_mode", _then_numbers(False)),
    "?$p": ("report_mode", _then_numbers(True)),
    " q": ("set_shape", _number),
    '"q': ("protect", _number),
    ">q": ("report_version", _number),
    "r": ("set_margins", _pair),
    "?r": ("restore_modes", _numbers),
    "s": ("save_cursor", _nothing),
    "?s": ("save_modes", _numbers),
    "t": ("operate_window", _numbers),
    "u": ("restore_cursor", _nothing),
    "?u": ("report_keyboard", _nothing),
    "=u": ("set_keyboard", _numbers),
    ">u": ("push_keyboard", _number),
    "<u": ("pop_keyboard", _count),
    "x": ("report_parameters", _number),
    "'}": ("insert_columns", _count),
    "'~": ("delete_columns", _count),
    "#{": ("push_pen", _nothing),
    "#p": ("push_pen", _nothing),
    "#}": ("pop_pen", _nothing),
    "#q": ("pop_pen", _nothing),
}

_ESCAPE: dict[str, tuple[str, Arguments]] = {
    "6": ("back_index", ()),
    "7": ("save_cursor", ()),
    "8": ("restore_cursor", ()),
    "9": ("forward_index", ()),
    "=": ("keypad", (True,)),
    ">": ("keypad", (False,)),
    "D": ("index", ()),
    "E": ("next_line", ()),
    "H": ("set_tab_stop", ()),
    "M": ("reverse_index", ()),
    "N": ("shift_once", (2,)),
    "O": ("shift_once", (3,)),
    "Z": ("report_primary", (0,)),
    "c": ("reset", ()),
    "n": ("shift", (2,)),
    "o": ("shift", (3,)),
    "#8": ("alignment_display", ()),
    "%@": ("select_default_charsets", ()),
    "%G": ("select_default_charsets", ()),
}

_CONTROL = {
    "\r\n": "start_line",
    "\x07": "bell",
    "\x08": "backspace",
    "\t": "tab",
    "\n": "linefeed",
    "\x0b": "linefeed",
    "\x0c": "linefeed",
    "\r": "carriage_return",
    "\x0e": "shift_out",
    "\x0f": "shift_in",
}

_parse_csi = re.compile(r"\x1b\[([<=>?]?)([0-9:;]*)([ -/]*)([@-~])").fullmatch
_is_pen_change = re.compile(r"(?:\x1b\[[0-9:;]*m|\x1b\(B)+").fullmatch
_parse_charset = re.compile(r"\x1b([()*+./-])([\"%&]?[0-~])").fullmatch


def _ignore() -> None:
    """Do nothing: the sequence is not one of ours."""


class Dispatcher:
    """Gives a parser's calls to a screen."""

    def __init__(self, screen: Responder) -> None:
        self._screen = screen
        self.draw = screen.draw

    def compile_sequence(self, sequence: str) -> Operation:
        """Return the call that a whole sequence stands for."""
        if sequence[0] != "\x1b":
            return self._bound(_CONTROL.get(sequence), ())
        if _is_pen_change(sequence):
            return partial(self._screen.change_pen, sequence)
        parsed = _parse_csi(sequence)
        if parsed:
            prefix, parameters, intermediates, final = parsed.groups()
            key = prefix + intermediates + final
            if parameters in ("", "0") and key == "K":
                return self._screen.erase_to_end
            if key in ("?h", "?l") and parameters.isdecimal() and _value(parameters) in SIMPLE_MODES:
                mode = self._screen.mode
                return partial(mode.add if final == "h" else mode.discard, _value(parameters) << 5)
            name, read = _CSI.get(key, (None, _nothing))
            return self._bound(name, read(parameters) if name else ())
        designation = _parse_charset(sequence)
        if designation:
            return partial(self._screen.define_charset, designation[2], designation[1])
        name, arguments = _ESCAPE.get(sequence[1:], (None, ()))
        return self._bound(name, arguments)

    def _bound(self, name: str | None, arguments: Arguments) -> Operation:
        if name is None:
            return _ignore
        method: Operation = getattr(self._screen, name)
        return partial(method, *arguments) if arguments else method

    def take_string(self, kind: str, content: str) -> None:
        """Take an OSC or DCS string."""
        if kind == "]":
            take_osc(self._screen, content)
        else:
            answer_dcs(self._screen, content)
