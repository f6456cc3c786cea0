"""Mouse reports: reading those of the client's terminal, and writing them as the program wants them.

A report counts the cells of the client's terminal. The program counts those of its pane.
Source: xterm ctlseqs "Mouse Tracking" (X10, UTF-8 1005, SGR 1006, urxvt 1015).
Pixel reports (1016) stay as they are, because we don't know the size of a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pairterm.terminal.frame import Modes, Mouse, MouseEncoding
from pairterm.types import Size

__all__ = ["LEFT", "MIDDLE", "MouseReport", "is_mouse", "mouse_report", "moved_mouse", "program_report"]

LEFT, MIDDLE = 0, 1
_NO_BUTTON = 3
_WHEEL_UP, _WHEEL_DOWN, _LAST_WHEEL = 64, 65, 67
"""The numbers of buttons, as xterm counts them."""

_MODIFIERS, _MOTION, _BUTTONS = 0b00011100, 0b00100000, 0b11000011
"""The bits of a report's first number: Shift, Meta and Ctrl; a movement; the button."""

_NUMBER = rb"0*(\d{1,5})"
_SGR = re.compile(rb"\x1b\[<%b;%b;%b([Mm])" % (_NUMBER, _NUMBER, _NUMBER))
_URXVT = re.compile(rb"\x1b\[%b;%b;%bM" % (_NUMBER, _NUMBER, _NUMBER))
_MAX_X10 = 223
"""The last row or column that fits into one byte with 32 added."""

_MAX_UTF8 = 2015
"""The last one that fits into a character of two bytes with 32 added."""


@dataclass(frozen=True, slots=True)
class MouseReport:
    """One mouse report. The row and the column count from 1."""

    code: int
    """The button, the modifiers and whether the mouse moves, in xterm's bits."""
    row: int
    col: int
    is_release: bool = False

    @property
    def button(self) -> int:
        """The button's number without modifiers. 3: none is pressed."""
        return self.code & _BUTTONS

    @property
    def is_motion(self) -> bool:
        """True if the mouse moves."""
        return bool(self.code & _MOTION)

    @property
    def has_modifiers(self) -> bool:
        """True if Shift, Meta or Ctrl is pressed."""
        return bool(self.code & _MODIFIERS)

    @property
    def is_wheel(self) -> bool:
        """True if it is a notch of the wheel, up, down or sideways."""
        return _WHEEL_UP <= self.button <= _LAST_WHEEL

    @property
    def wheel_step(self) -> int:
        """The direction of a notch of the wheel: 1 towards older lines, -1 towards newer ones, else 0."""
        return {_WHEEL_UP: 1, _WHEEL_DOWN: -1}.get(self.button, 0)


def is_mouse(data: bytes) -> bool:
    """Return whether these bytes are one mouse report."""
    return data.startswith(b"\x1b[M") or _SGR.fullmatch(data) is not None or _URXVT.fullmatch(data) is not None


def mouse_report(data: bytes) -> MouseReport | None:
    """Return the report that these bytes are, in the encoding SGR. None: they are something else."""
    match = _SGR.fullmatch(data)
    if match is None or not (int(match[1]) < 256 and int(match[2]) and int(match[3])):
        return None
    return MouseReport(int(match[1]), int(match[3]), int(match[2]), match[4] == b"m")


def program_report(report: MouseReport, modes: Modes) -> bytes:
    """Return the report for a program with these modes. b"": it did not ask for it, or its encoding has no room."""
    if not _is_wanted(report, modes.mouse):
        return b""
    code = report.button if modes.mouse is Mouse.X10 else report.code
    row, col = report.row, report.col
    if modes.mouse_encoding is MouseEncoding.SGR:
        return b"\x1b[<%d;%d;%d%c" % (code, col, row, b"m" if report.is_release else b"M")
    if report.is_release:  # the other encodings do not tell which button it was
        code = code & ~_BUTTONS | _NO_BUTTON
    match modes.mouse_encoding:
        case MouseEncoding.URXVT:
            return b"\x1b[%d;%d;%dM" % (code + 32, col, row)
        case MouseEncoding.UTF8 if max(row, col) <= _MAX_UTF8:
            return b"\x1b[M" + "".join(map(chr, (code + 32, col + 32, row + 32))).encode()
        case MouseEncoding.X10 if max(code, row, col) <= _MAX_X10:
            return b"\x1b[M" + bytes((code + 32, col + 32, row + 32))
    return b""


def _is_wanted(report: MouseReport, mouse: Mouse) -> bool:
    match mouse:
        case Mouse.OFF:
            return False
        case Mouse.X10:
            return not report.is_release and not report.is_motion and report.button < _NO_BUTTON
        case Mouse.CLICKS:
            return not report.is_motion
        case Mouse.DRAGS:
            return not report.is_motion or report.button != _NO_BUTTON
        case Mouse.ALL:
            return True


def moved_mouse(
    data: bytes, cell_at: Callable[[int, int], tuple[int, int]], pane: Size, encoding: MouseEncoding
) -> bytes:
    """Return the report in the pane's cells. b"": it is outside of the pane.

    `cell_at` returns the pane's row and column for a row and a column of the terminal. All count from 1.
    A release outside is reported at the pane's edge, because a program that saw the press waits for it.
    """
    if encoding is MouseEncoding.SGR_PIXELS:
        return data
    match = _SGR.fullmatch(data) or _URXVT.fullmatch(data)
    if match is not None:
        row, col = cell_at(int(match[3]), int(match[2]))
        if data.endswith(b"m"):
            row, col = max(1, min(row, pane.rows)), max(1, min(col, pane.cols))
        if not (1 <= col <= pane.cols and 1 <= row <= pane.rows):
            return b""
        if data.startswith(b"\x1b[<"):
            return b"\x1b[<%b;%d;%d%b" % (match[1], col, row, match[4])
        return b"\x1b[%b;%d;%dM" % (match[1], col, row)
    if len(data) != 6:
        return data
    row, col = cell_at(data[5] - 32, data[4] - 32)
    if not (1 <= col <= min(pane.cols, _MAX_X10) and 1 <= row <= min(pane.rows, _MAX_X10)):
        return b""
    return data[:4] + bytes((col + 32, row + 32))
