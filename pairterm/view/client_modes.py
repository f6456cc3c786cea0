"""The modes of a client's terminal that follow the program's modes, and the bytes that set them.

Only a client that may type mirrors the program's input modes: see `modes_for`.
Sources: xterm ctlseqs (DECSET, DECKPAM, modifyOtherKeys), kitty's keyboard protocol.
"""

from __future__ import annotations

from dataclasses import replace

from pairterm.terminal.frame import PLAIN_MODES, Modes, Mouse, MouseEncoding
from pairterm.types import Role
from pairterm.view.terminal_kind import TerminalKind

__all__ = ["mode_bytes", "mode_reset", "modes_for"]


def modes_for(role: Role, modes: Modes, *, is_covered: bool = False, takes_mouse: bool = False) -> Modes:
    """Return the modes that a client of this role mirrors: all, or only the one that changes the picture.

    `is_covered`: a layer of the client's own covers the session. `takes_mouse`: the view itself uses the mouse.
    """
    if not role.may_type and modes is not PLAIN_MODES:
        modes = replace(PLAIN_MODES, is_reversed=modes.is_reversed)
    if is_covered:
        # Bracketed, because an end of line in a paste might close the layer: the rest would be typed.
        modes = replace(PLAIN_MODES, is_reversed=modes.is_reversed, bracketed_paste=True)
    if takes_mouse:
        mouse = Mouse.ALL if modes.mouse is Mouse.ALL else Mouse.DRAGS
        modes = replace(modes, mouse=mouse, mouse_encoding=MouseEncoding.SGR)
    return modes


def mode_bytes(old: Modes, new: Modes, kind: TerminalKind) -> bytes:
    """Return the bytes that change the old modes to the new ones. b"": they are equal for this kind of terminal."""
    if old is new or old == new:
        return b""
    out = bytearray()
    if old.application_cursor != new.application_cursor:
        out += _private(1, new.application_cursor)
    if old.application_keypad != new.application_keypad:
        out += b"\x1b=" if new.application_keypad else b"\x1b>"
    if old.is_reversed != new.is_reversed:
        out += _private(5, new.is_reversed)
    if kind.has_input_modes:
        out += _input_mode_bytes(old, new)
    if kind.has_key_protocols:
        if old.kitty_keys != new.kitty_keys:
            out += b"\x1b[=%du" % new.kitty_keys
        if old.modify_other_keys != new.modify_other_keys:
            out += b"\x1b[>4;%dm" % new.modify_other_keys if new.modify_other_keys else b"\x1b[>4m"
    return bytes(out)


def mode_reset(kind: TerminalKind) -> bytes:
    """Return the bytes that set the plain modes, whatever the terminal's modes are."""
    out = b"\x1b[?1l\x1b>\x1b[?5l"
    if kind.has_input_modes:
        out += b"\x1b[?9;1000;1002;1003;1004;1005;1006;1015;1016;2004l"
    if kind.has_key_protocols:
        out += b"\x1b[=0u\x1b[>4m"
    return out


def _input_mode_bytes(old: Modes, new: Modes) -> bytes:
    out = b""
    if old.bracketed_paste != new.bracketed_paste:
        out += _private(2004, new.bracketed_paste)
    if old.focus != new.focus:
        out += _private(1004, new.focus)
    if old.mouse_encoding != new.mouse_encoding:
        if old.mouse_encoding is not MouseEncoding.X10:
            out += _private(old.mouse_encoding, False)
        if new.mouse_encoding is not MouseEncoding.X10:
            out += _private(new.mouse_encoding, True)
    if old.mouse != new.mouse:
        if old.mouse is not Mouse.OFF:
            out += _private(old.mouse, False)
        if new.mouse is not Mouse.OFF:
            out += _private(new.mouse, True)
    return out


def _private(number: int, is_on: bool) -> bytes:
    return b"\x1b[?%d%c" % (number, b"h" if is_on else b"l")
