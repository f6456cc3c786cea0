"""Names of keys, as in tmux: from the words of a configuration, and from the bytes of a terminal.

A name is the modifiers `C-M-S-`, in this order, and a base: `C-b`, `M-x`, `S-Up`,
`F1`, `PPage`, `Space`. Both `key_of` and `canonical_name` return this form, so names
compare as strings. The mouse wheel is `WheelUpPane` and `WheelDownPane`.

Sources: tmux(1) "KEY BINDINGS"; xterm ctlseqs "PC-Style Function Keys"; kitty's
keyboard protocol (`CSI code ; modifiers : event u`); modifyOtherKeys
(`CSI 27 ; modifiers ; code ~`).
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from pairterm.errors import UsageError

__all__ = ["Key", "canonical_name", "key_of"]


class Key(msgspec.Struct, frozen=True):
    """A key as a terminal reported it. `name` "": these bytes are no key that has a name."""

    name: str
    is_release: bool = False
    """The key was released (kitty)."""


_ALIASES = {
    "pageup": "PPage", "pgup": "PPage", "ppage": "PPage",
    "pagedown": "NPage", "pgdn": "NPage", "npage": "NPage",
    "insert": "IC", "ic": "IC", "delete": "DC", "dc": "DC",
    "bspace": "BSpace", "backspace": "BSpace", "btab": "BTab", "tab": "Tab",
    "enter": "Enter", "return": "Enter", "escape": "Escape", "esc": "Escape", "space": "Space",
    "up": "Up", "down": "Down", "left": "Left", "right": "Right", "home": "Home", "end": "End",
    "wheeluppane": "WheelUpPane", "wheeldownpane": "WheelDownPane",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}  # fmt: skip
_BASES = frozenset(_ALIASES.values())

_LETTERS = {
    "A": "Up", "B": "Down", "C": "Right", "D": "Left", "F": "End", "H": "Home",
    "P": "F1", "Q": "F2", "R": "F3", "S": "F4", "M": "Enter", "Z": "BTab", "E": "",
}  # fmt: skip
_NUMBERS = {
    1: "Home", 2: "IC", 3: "DC", 4: "End", 5: "PPage", 6: "NPage", 7: "Home", 8: "End",
    11: "F1", 12: "F2", 13: "F3", 14: "F4", 15: "F5", 17: "F6", 18: "F7", 19: "F8",
    20: "F9", 21: "F10", 23: "F11", 24: "F12",
}  # fmt: skip
_CODES = {9: "Tab", 13: "Enter", 27: "Escape", 32: "Space", 127: "BSpace"}
_CONTROLS = {
    0: "C-Space",
    9: "Tab",
    13: "Enter",
    27: "Escape",
    28: "C-\\",
    29: "C-]",
    30: "C-^",
    31: "C-_",
    127: "BSpace",
}
_SEQUENCE = re.compile(r"\x1b+(?:\[|O)([0-9;:]*)([A-Za-z~])")
_LINUX_F = {"A": "F1", "B": "F2", "C": "F3", "D": "F4", "E": "F5"}
_WHEEL = re.compile(r"\x1b\[<0*(\d{1,5});\d+;\d+M", re.ASCII)

_SHIFT, _META, _CONTROL = 1, 2, 4
_WHEEL_UP, _WHEEL_DOWN = 64, 65
_KITTY_RELEASE = 3
_PRIVATE_USE = range(57344, 63744)
"""kitty's codes for keys without a character: modifiers, media keys, the keypad."""


def canonical_name(name: str) -> str:
    """Return a key's name in its only form.

    Raises:
        UsageError: No key has this name.
    """
    rest = name
    modifiers = 0
    while True:
        if len(rest) > 2 and rest[1] == "-" and rest[0] in "CcMmSs":
            modifiers |= {"c": _CONTROL, "m": _META, "s": _SHIFT}[rest[0].lower()]
            rest = rest[2:]
        elif len(rest) == 2 and rest[0] == "^":
            modifiers |= _CONTROL
            rest = rest[1:]
        else:
            break
    base = _ALIASES.get(rest.lower(), rest) if len(rest) > 1 else rest
    if base == " ":
        base = "Space"
    if base not in _BASES and not (len(base) == 1 and base.isprintable()):
        raise UsageError(f"no key is called {name!r}: use a name such as C-b, M-x, F1 or PPage", code="unknown_key")
    return _named(modifiers, base)


@lru_cache(maxsize=1024)
def key_of(data: bytes) -> Key:
    """Return the key that a terminal reports with these bytes: one character, or one escape sequence."""
    text = data.decode("utf-8", "replace")
    if not text:
        return Key("")
    if text[0] != "\x1b" or len(text) == 1:
        return Key(_character(text, 0)) if len(text) == 1 else Key("")
    sequence = _SEQUENCE.fullmatch(text)
    if sequence is not None:
        meta = _META if text.startswith("\x1b\x1b") else 0
        return _from_sequence(sequence.group(1), sequence.group(2), meta)
    wheel = _WHEEL.fullmatch(text)
    if wheel is not None:
        return Key({_WHEEL_UP: "WheelUpPane", _WHEEL_DOWN: "WheelDownPane"}.get(int(wheel.group(1)), ""))
    if text.startswith("\x1b[[") and text[3:] in _LINUX_F:
        return Key(_LINUX_F[text[3:]])
    if len(text) == 2:
        return Key(_character(text[1], _META))
    return Key("")


def _from_sequence(parameters: str, final: str, meta: int) -> Key:
    fields = [field.split(":") for field in parameters.split(";")]
    modifier_field = fields[1] if len(fields) > 1 else ["1"]
    modifiers = max(0, _number(modifier_field[0], 1) - 1) & (_SHIFT | _META | _CONTROL) | meta
    is_release = len(modifier_field) > 1 and _number(modifier_field[1], 1) == _KITTY_RELEASE
    first = _number(fields[0][0], 1)
    if final == "u":
        return Key(_from_code(first, modifiers), is_release)
    if final == "~":
        if first == 27 and len(fields) == 3:
            return Key(_from_code(_number(fields[2][0], 0), modifiers))
        base = _NUMBERS.get(first, "")
    else:
        base = _LETTERS.get(final, "")
    return Key(_named(modifiers, base) if base else "", is_release)


def _from_code(code: int, modifiers: int) -> str:
    if code in _CODES:
        return _named(modifiers, _CODES[code])
    if code < 32 or code in _PRIVATE_USE or code > 0x10FFFF:
        return ""
    char = chr(code)
    if modifiers & _SHIFT and len(char.upper()) == 1 and char.isalpha():
        char, modifiers = char.upper(), modifiers & ~_SHIFT
    return _named(modifiers, char) if char.isprintable() else ""


def _character(char: str, modifiers: int) -> str:
    code = ord(char)
    if code in _CONTROLS:
        name = _CONTROLS[code]
        if name.startswith("C-"):
            return _named(modifiers | _CONTROL, name[2:])
        return _named(modifiers, name)
    if code < 32:
        return _named(modifiers | _CONTROL, chr(code + 96))
    if char == " ":
        return _named(modifiers, "Space")
    return _named(modifiers, char) if char.isprintable() else ""


def _named(modifiers: int, base: str) -> str:
    if base == "Tab" and modifiers & _SHIFT:
        base, modifiers = "BTab", modifiers & ~_SHIFT
    if modifiers & _CONTROL and len(base) == 1:
        base = base.lower()  # a terminal sends one byte for both
        if base == "@":
            base = "Space"
    return (
        ("C-" if modifiers & _CONTROL else "")
        + ("M-" if modifiers & _META else "")
        + ("S-" if modifiers & _SHIFT else "")
        + base
    )


def _number(text: str, default: int) -> int:
    digits = text.lstrip("0") or text[:1]
    return int(digits) if len(digits) < 8 and digits.isdecimal() else default
