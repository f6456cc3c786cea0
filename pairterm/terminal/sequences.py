"""The table that says which sequence calls which part of the screen, and with which parameters.

A key is a sequence without its parameters: private prefix, intermediates, final. A value
is the name of a method of one of the `Screen`'s parts, and the reader of its parameters.
Sequences that are not listed do nothing.
Source: xterm ctlseqs; VT510 Programmer Information; kitty keyboard protocol.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from operator import attrgetter

from pairterm.terminal.modes import SIMPLE_MODES
from pairterm.terminal.osc import take_osc
from pairterm.terminal.parser import Operation
from pairterm.terminal.reports import answer_dcs
from pairterm.terminal.screen import Screen

__all__ = ["METHOD_NAMES", "Dispatcher"]

MAX_VALUE = 65_535
"""The largest parameter; more is this. No screen is nearly as large."""

_MAX_COUNT = 32
"""Parameters of one sequence (xterm keeps 30)."""

Arguments = tuple[object, ...]


def _value(text: str) -> int:
    """Return a parameter's number, 0 if it is left out; subparameters are ignored.

    The parser limits the digits (`MAX_PARAMETERS`), so all of them are read: any number of zeros may lead.
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
    """No arguments: all parameters are ignored."""
    return ()


def _with(*arguments: object) -> Callable[[str], Arguments]:
    """Fixed arguments."""
    return lambda _: arguments


def _then_numbers(*arguments: object) -> Callable[[str], Arguments]:
    """Fixed arguments, then all numbers."""
    return lambda parameters: (*arguments, *_values(parameters))


_Reader = Callable[[str], Arguments]

_CSI: dict[str, tuple[str, _Reader]] = {
    "@": ("editor.insert_characters", _count),
    " @": ("editor.shift_left", _count),
    "A": ("cursor.up", _count),
    " A": ("editor.shift_right", _count),
    "B": ("cursor.down", _count),
    "C": ("cursor.forward", _count),
    "D": ("scroller.back", _count),
    "E": ("cursor.down_to_start", _count),
    "F": ("cursor.up_to_start", _count),
    "G": ("cursor.to_column", _count),
    "H": ("cursor.go_to", _place),
    "I": ("cursor.tab_forward", _count),
    "J": ("editor.erase_in_display", _number),
    "?J": ("editor.erase_in_display", lambda parameters: (*_number(parameters), True)),
    "K": ("editor.erase_in_line", _number),
    "?K": ("editor.erase_in_line", lambda parameters: (*_number(parameters), True)),
    "L": ("editor.insert_lines", _count),
    "M": ("editor.delete_lines", _count),
    "P": ("editor.delete_characters", _count),
    "S": ("editor.scroll_up", _count),
    "T": ("editor.scroll_down_or_track", _numbers),
    "X": ("editor.erase_characters", _count),
    "Z": ("cursor.tab_backward", _count),
    "^": ("editor.scroll_down", _count),
    "`": ("cursor.to_column", _count),
    "a": ("cursor.forward", _count),
    "b": ("writer.repeat", _count),
    "c": ("responder.report_primary", _number),
    ">c": ("responder.report_secondary", _number),
    "=c": ("responder.report_tertiary", _number),
    "d": ("cursor.to_line", _count),
    "e": ("cursor.down_freely", _count),
    "f": ("cursor.go_to", _place),
    "g": ("cursor.clear_tab_stop", _number),
    "h": ("mode_switch.set_ansi", _numbers),
    "?h": ("mode_switch.set_private", _numbers),
    "j": ("cursor.back", _count),
    "k": ("cursor.up_freely", _count),
    "l": ("mode_switch.reset_ansi", _numbers),
    "?l": ("mode_switch.reset_private", _numbers),
    ">m": ("keyboard.set_option", _numbers),
    "?m": ("responder.report_key_option", _number),
    "n": ("responder.report_status", _number),
    "?n": ("responder.report_private_status", _number),
    ">n": ("keyboard.reset_option", _number),
    "!p": ("soft_reset", _nothing),
    "$p": ("responder.report_mode", _then_numbers(False)),
    "?$p": ("responder.report_mode", _then_numbers(True)),
    " q": ("cursor.set_shape", _number),
    '"q': ("pens.protect", _number),
    ">q": ("responder.report_version", _number),
    "r": ("cursor.set_margins", _pair),
    "?r": ("mode_switch.restore", _numbers),
    "s": ("saved_cursor.save", _nothing),
    "?s": ("modes.save", _numbers),
    "t": ("responder.operate_window", _numbers),
    "u": ("saved_cursor.restore", _nothing),
    "?u": ("responder.report_keyboard", _nothing),
    "=u": ("keyboard.set", _numbers),
    ">u": ("keyboard.push", _number),
    "<u": ("keyboard.pop", _count),
    "x": ("responder.report_parameters", _number),
    "'}": ("editor.insert_columns", _count),
    "'~": ("editor.delete_columns", _count),
    "#{": ("pens.push", _nothing),
    "#p": ("pens.push", _nothing),
    "#}": ("pens.pop", _nothing),
    "#q": ("pens.pop", _nothing),
}

_ESCAPE: dict[str, tuple[str, Arguments]] = {
    "6": ("editor.back_index", ()),
    "7": ("saved_cursor.save", ()),
    "8": ("saved_cursor.restore", ()),
    "9": ("editor.forward_index", ()),
    "=": ("mode_switch.keypad", (True,)),
    ">": ("mode_switch.keypad", (False,)),
    "D": ("scroller.index", ()),
    "E": ("scroller.next_line", ()),
    "H": ("cursor.set_tab_stop", ()),
    "M": ("scroller.reverse_index", ()),
    "N": ("writer.shift_once", (2,)),
    "O": ("writer.shift_once", (3,)),
    "Z": ("responder.report_primary", (0,)),
    "c": ("reset", ()),
    "n": ("writer.shift", (2,)),
    "o": ("writer.shift", (3,)),
    "#8": ("editor.alignment_display", ()),
    "%@": ("writer.reset_charsets", ()),
    "%G": ("writer.reset_charsets", ()),
}

_CONTROL: dict[str, tuple[str, Arguments]] = {
    "\r\n": ("scroller.start_line", ()),
    "\x07": ("bell", ()),
    "\x08": ("scroller.backspace", ()),
    "\t": ("cursor.tab", ()),
    "\n": ("scroller.linefeed", ()),
    "\x0b": ("scroller.linefeed", ()),
    "\x0c": ("scroller.linefeed", ()),
    "\r": ("cursor.carriage_return", ()),
    "\x0e": ("writer.shift", (1,)),
    "\x0f": ("writer.shift", (0,)),
}

METHOD_NAMES = frozenset(name for table in (_CSI, _ESCAPE, _CONTROL) for name, _ in table.values())
"""The methods that sequences call, as paths from the `Screen`."""

_METHODS: dict[str, Callable[[Screen], Operation]] = {name: attrgetter(name) for name in METHOD_NAMES}

_parse_csi = re.compile(r"\x1b\[([<=>?]?)([0-9:;]*)([ -/]*)([@-~])").fullmatch
_is_pen_change = re.compile(r"(?:\x1b\[[0-9:;]*m|\x1b\(B)+").fullmatch
_parse_charset = re.compile(r"\x1b([()*+./-])([\"%&]?[0-~])").fullmatch


_UNKNOWN: tuple[str, Arguments] = ("", ())


def _ignore() -> None:
    """Do nothing: the sequence is unknown."""


class Dispatcher:
    """Gives a parser's calls to the parts of a screen."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.draw = screen.writer.draw

    def compile_sequence(self, sequence: str) -> Operation:
        """Return the call that a whole sequence stands for."""
        screen = self._screen
        if sequence[0] != "\x1b":
            return self._bound(*_CONTROL.get(sequence, _UNKNOWN))
        if _is_pen_change(sequence):
            return partial(screen.change_pen_and_charset if "(" in sequence else screen.pens.change, sequence)
        parsed = _parse_csi(sequence)
        if parsed:
            prefix, parameters, intermediates, final = parsed.groups()
            return self._compile_csi(prefix + intermediates + final, parameters)
        designation = _parse_charset(sequence)
        if designation:
            return partial(screen.writer.designate, designation[2], designation[1])
        return self._bound(*_ESCAPE.get(sequence[1:], _UNKNOWN))

    def _compile_csi(self, key: str, parameters: str) -> Operation:
        """Return what a CSI sequence does. The shortest call is used for what programs send most."""
        if parameters in ("", "0") and key == "K":
            return self._screen.editor.erase_to_end
        if key in ("?h", "?l") and parameters.isdecimal() and _value(parameters) in SIMPLE_MODES:
            numbers = self._screen.modes.numbers
            return partial(numbers.add if key == "?h" else numbers.discard, _value(parameters) << 5)
        name, read = _CSI.get(key, ("", _nothing))
        return self._bound(name, read(parameters) if name else ())

    def _bound(self, name: str, arguments: Arguments) -> Operation:
        if not name:
            return _ignore
        method = _METHODS[name](self._screen)
        return partial(method, *arguments) if arguments else method

    def take_string(self, kind: str, content: str) -> None:
        """Take an OSC or DCS string."""
        if kind == "]":
            take_osc(self._screen, content)
        else:
            answer_dcs(self._screen.responder, content)
