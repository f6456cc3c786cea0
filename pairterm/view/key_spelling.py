"""Keys that terminals encode in different ways, in the encoding that the program's TERM has.

Home and End are the two keys that differ among today's terminals. xterm sends `CSI H`,
or `SS3 H` in application mode. tmux, screen and the Linux console send `CSI 1 ~`
(terminfo, khome and kend). A guest may use any of them, and the program knows one of
them. All terminals encode the other keys of terminfo alike.
"""

from __future__ import annotations

from pairterm.terminal.frame import Modes

__all__ = ["spelled"]

_FINALS = {
    **dict.fromkeys((b"\x1b[H", b"\x1bOH", b"\x1b[1~", b"\x1b[7~"), b"H"),
    **dict.fromkeys((b"\x1b[F", b"\x1bOF", b"\x1b[4~", b"\x1b[8~"), b"F"),
}
"""Every encoding of Home and End → the final letter in xterm. rxvt sends 7 and 8."""

_NUMBERED = {b"H": b"\x1b[1~", b"F": b"\x1b[4~"}

_NUMBERED_TERMS = ("tmux", "screen", "linux")

_LETTERED_TERMS = ("xterm",)


def spelled(key: bytes, *, term: str, modes: Modes) -> bytes:
    """Return the bytes of a key as a program under `term` expects them. Other bytes stay as they are.

    A program that has turned on kitty's keyboard protocol gets the bytes of the client's terminal.
    """
    final = _FINALS.get(key)
    if final is None or modes.kitty_keys:
        return key
    if term.startswith(_NUMBERED_TERMS):
        return _NUMBERED[final]
    if term.startswith(_LETTERED_TERMS):
        return (b"\x1bO" if modes.application_cursor else b"\x1b[") + final
    return key
