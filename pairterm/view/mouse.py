"""Mouse reports in the session's cells, for a terminal that does not show the session at its top left corner.

A report counts the cells of the client's terminal. The program counts the session's.
Source: xterm ctlseqs "Mouse Tracking" (X10, UTF-8 1005, SGR 1006, urxvt 1015).
Pixel reports (1016) stay as they are, because we don't know the size of a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pairterm.terminal.frame import MouseEncoding
from pairterm.types import Size

__all__ = ["is_mouse", "moved_mouse"]

_NUMBER = rb"0*(\d{1,5})"
_SGR = re.compile(rb"\x1b\[<%b;%b;%b([Mm])" % (_NUMBER, _NUMBER, _NUMBER))
_URXVT = re.compile(rb"\x1b\[%b;%b;%bM" % (_NUMBER, _NUMBER, _NUMBER))
_MAX_X10 = 223
"""The last row or column that fits into one byte with 32 added."""


def is_mouse(data: bytes) -> bool:
    """Return whether these bytes are one mouse report."""
    return data.startswith(b"\x1b[M") or _SGR.fullmatch(data) is not None or _URXVT.fullmatch(data) is not None


def moved_mouse(
    data: bytes, cell_at: Callable[[int, int], tuple[int, int]], session: Size, encoding: MouseEncoding
) -> bytes:
    """Return the report in the session's cells. b"": it is outside of the session.

    `cell_at` returns the session's row and column for a row and a column of the terminal. All count from 1.
    """
    if encoding is MouseEncoding.SGR_PIXELS:
        return data
    match = _SGR.fullmatch(data) or _URXVT.fullmatch(data)
    if match is not None:
        row, col = cell_at(int(match[3]), int(match[2]))
        if not (1 <= col <= session.cols and 1 <= row <= session.rows):
            return b""
        if data.startswith(b"\x1b[<"):
            return b"\x1b[<%b;%d;%d%b" % (match[1], col, row, match[4])
        return b"\x1b[%b;%d;%dM" % (match[1], col, row)
    if len(data) != 6:
        return data
    row, col = cell_at(data[5] - 32, data[4] - 32)
    if not (1 <= col <= min(session.cols, _MAX_X10) and 1 <= row <= min(session.rows, _MAX_X10)):
        return b""
    return data[:4] + bytes((col + 32, row + 32))
