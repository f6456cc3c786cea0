"""Keys that terminals spell in more than one way, told in the spelling that the program's TERM has.

Home and End are the two that differ among today's terminals: xterm's `CSI H`, or
`SS3 H` in application mode, against the `CSI 1 ~` of tmux, screen and the Linux
console (terminfo, khome and kend). A guest may sit in any of them, the program
knows one. All other keys that terminfo names are spelled alike.
"""

from __future__ import annotations

from pairterm.terminal.frame import Modes

__all__ = ["spelled"]

_FINALS = {
    **dict.fromkeys((b"\x1b[H", b"\x1bOH", b"\x1b[1~", b"\x1b[7~"), b"H"),
    **dict.fromkeys((b"\x1b[F", b"\x1bOF", b"\x1b[4~", b"\x1b[8~"), b"F"),
}
"""Every spelling of Home and End → xterm's last letter; rxvt has 7 and 8."""

_NUMBERED = {b"H": b"\x1b[1~", b"F": b"\x1b[4~"}

_NUMBERED_TERMS = ("tmux", "screen", "linux")

_LETTERED_TERMS = ("xterm",)


def spelled(key: bytes, *, term: str, modes: Modes) -> bytes:
    """Return the bytes of a key as the program under `term` expects them; other bytes as they are.

    A program that asked for kitty's keyboard gets what the client's terminal sends.
    """
    final = _FINALS.get(key)
    if final is None or modes.kitty_keys:
        return key
    if term.startswith(_NUMBERED_TERMS):
        return _NUMBERED[final]
    if term.startswith(_LETTERED_TERMS):
        return (b"\x1bO" if modes.application_cursor else b"\x1b[") + final
    return key
