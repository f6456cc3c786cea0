"""The bytes that bring a client's terminal from one picture to another.

Law 4: `apply(base, paint(base, target)) == target` for every size, kind and mode,
and `paint(t, t) == b""`. The judge in the tests is a foreign terminal.

Between two paintings the pen is the default one, the scroll region is the whole
screen and the cursor stands where the frame says, so the base is all there is to
know. Painting does not compose: both frames have the client's size already.
"""

from __future__ import annotations

from pairterm.terminal.frame import DEFAULT_PEN, PLAIN_MODES, Cursor, CursorShape, Frame, blank_frame
from pairterm.view.charset import safe_title
from pairterm.view.kind import TerminalKind
from pairterm.view.modes import mode_bytes, mode_reset
from pairterm.view.pencil import Pencil
from pairterm.view.rows import paint_row

__all__ = ["enter", "leave", "paint"]

_KNOWN_STATE = b"\x1b[m\x0f\x1b(B\x1b[4l\x1b[?6l\x1b[?7h\x1b[r"
"""Default pen, ASCII in G0, no insertion, no origin mode, wrap, the whole screen as scroll region."""

_CLEAR = b"\x1b[H\x1b[2J"


def enter(kind: TerminalKind) -> bytes:
    """Return what takes the client's terminal over: its title and its screen can be given back."""
    out = b""
    if kind.has_title:
        out += b"\x1b[22;0;0t"
    if kind.has_alternate:
        out += b"\x1b[?1049h"
    return out + b"\x1b[m" + _CLEAR


def leave(kind: TerminalKind, base: Frame | None = None) -> bytes:
    """Return what gives the client's terminal back as it was before `enter`.

    Args:
        kind: The terminal.
        base: What it shows now; None if that is not known, then every mode is reset.
    """
    out = b"\x1b[?2026l" if kind.has_sync else b""
    out += mode_reset(kind) if base is None else mode_bytes(base.modes, PLAIN_MODES, kind)
    out += b"\x1b[m\x0f\x1b[r\x1b[?7h"
    if kind.has_links:
        out += b"\x1b]8;;\x1b\\"
    if kind.has_cursor_shapes and (base is None or base.cursor.shape is not CursorShape.DEFAULT):
        out += b"\x1b[0 q"
    out += b"\x1b[?25h"
    if kind.has_alternate:
        out += b"\x1b[?1049l"
    else:
        out += _CLEAR
    if kind.has_title:
        out += b"\x1b[23;0;0t"
    return out


def paint(base: Frame | None, target: Frame, kind: TerminalKind) -> bytes:
    """Return what turns a terminal that shows `base` into one that shows `target`.

    `b""` when there is nothing to do. With no base, or one of another size,
    nothing is taken as known of the terminal: it is cleared and painted whole.
    Cost: O(rows), plus O(columns) for each row that is not the same object.
    """
    if base is target:
        return b""
    if base is None or base.size != target.size:
        return _paint_whole(target, kind)
    pencil = Pencil(kind, base.size, row=base.cursor.row, col=base.cursor.col)
    _paint_between(pencil, base, target, kind)
    return bytes(pencil.out)


def _paint_whole(target: Frame, kind: TerminalKind) -> bytes:
    pencil = Pencil(kind, target.size, row=0, col=0)
    if kind.has_sync:
        pencil.out += b"\x1b[?2026h"
    pencil.out += _KNOWN_STATE + mode_reset(kind) + b"\x1b[?25h"
    if kind.has_cursor_shapes:
        pencil.out += b"\x1b[0 q"
    if kind.has_links:
        pencil.out += b"\x1b]8;;\x1b\\"
    if kind.has_title:
        pencil.out += _title(target.title)
    pencil.out += _CLEAR
    blank = blank_frame(target.size)
    start = Frame(size=blank.size, rows=blank.rows, title=target.title, bells=target.bells)
    _paint_between(pencil, start, target, kind)
    if kind.has_sync:
        pencil.out += b"\x1b[?2026l"
    return bytes(pencil.out)


def _paint_between(pencil: Pencil, base: Frame, target: Frame, kind: TerminalKind) -> None:
    pencil.out += _mode_changes(base, target, kind)
    for number, (old, new) in enumerate(zip(base.rows, target.rows, strict=True)):
        if old is not new:
            paint_row(pencil, number, old, new, kind)
    pencil.set_pen(DEFAULT_PEN)
    pencil.move(target.cursor.row, target.cursor.col)
    pencil.out += _cursor_changes(base.cursor, target.cursor, kind)


def _mode_changes(base: Frame, target: Frame, kind: TerminalKind) -> bytes:
    out = mode_bytes(base.modes, target.modes, kind)
    if kind.has_title and target.title != base.title:
        out += _title(target.title)
    if target.bells > base.bells:
        out += b"\a"
    return out


def _cursor_changes(base: Cursor, target: Cursor, kind: TerminalKind) -> bytes:
    out = b""
    if kind.has_cursor_shapes and target.shape is not base.shape:
        out += b"\x1b[%d q" % target.shape
    if target.is_visible is not base.is_visible:
        out += b"\x1b[?25h" if target.is_visible else b"\x1b[?25l"
    return out


def _title(title: str) -> bytes:
    return b"\x1b]2;" + safe_title(title).encode("utf-8", "replace") + b"\a"
