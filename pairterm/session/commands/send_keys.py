"""`send-keys`: turns words, as tmux takes them, into the bytes that a terminal would send.

A word that names a key is that key; any other word is typed unchanged. `-l` types
every word unchanged, `-H` takes bytes in hexadecimal, `-N` repeats. Source:
tmux(1) send-keys; xterm ctlseqs "PC-Style Function Keys" for the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.errors import UsageError
from pairterm.terminal.frame import Modes
from pairterm.types import whole_number
from pairterm.view.key_names import canonical_name
from pairterm.view.key_spelling import spelled

__all__ = ["bytes_of_words"]

MAX_SENT_BYTES = 65_536
"""As many as one message of input holds."""

_MAX_REPEATS = 10_000

_LETTERS = {"Up": "A", "Down": "B", "Right": "C", "Left": "D", "Home": "H", "End": "F"}
"""`CSI letter`, `SS3 letter` in application mode, `CSI 1 ; modifiers letter` with modifiers."""

_NUMBERS = {
    "IC": 2, "DC": 3, "PPage": 5, "NPage": 6, "F5": 15, "F6": 17, "F7": 18, "F8": 19,
    "F9": 20, "F10": 21, "F11": 23, "F12": 24,
}  # fmt: skip
"""`CSI number ~`, `CSI number ; modifiers ~` with modifiers."""

_FUNCTIONS = {"F1": "P", "F2": "Q", "F3": "R", "F4": "S"}

_PLAIN = {"Enter": "\r", "Tab": "\t", "BTab": "\x1b[Z", "Escape": "\x1b", "Space": " ", "BSpace": "\x7f"}

_CONTROLS = {"Space": 0, "@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, "_": 31, "?": 127}

_BITS = {"S": 1, "M": 2, "C": 4}


def bytes_of_words(words: Sequence[str], *, modes: Modes, term: str) -> bytes:
    """Return the bytes that `send-keys WORDS` types, for a program under `term` with these modes.

    Raises:
        UsageError: An option or a number can't be read, a key has no bytes, or there is nothing to send.
    """
    rest = list(words)
    is_literal = is_hex = False
    repeats = 1
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        option = rest.pop(0)
        if option == "--":
            break
        if option == "-N":
            repeats = _repeats(rest.pop(0) if rest else "")
        elif option in ("-l", "-H"):
            is_literal, is_hex = is_literal or option == "-l", is_hex or option == "-H"
        else:
            raise UsageError(
                f"send-keys has no option {option[:20]!r}: say send-keys [-l] [-H] [-N COUNT] KEY …", code="send_keys"
            )
    if not rest:
        raise UsageError("usage: send-keys KEY …, for example send-keys 'make test' Enter", code="send_keys")
    once = b"".join(_hex(word) if is_hex else _typed(word, is_literal, modes, term) for word in rest)
    if len(once) * repeats > MAX_SENT_BYTES:
        raise UsageError(f"that is too much at once: {MAX_SENT_BYTES} bytes at most", code="send_keys")
    return once * repeats


def _repeats(word: str) -> int:
    count = whole_number(word, most=_MAX_REPEATS)
    if count is None or count < 1:
        raise UsageError(f"-N takes a number from 1 to {_MAX_REPEATS}, not {word[:20]!r}", code="send_keys")
    return count


def _hex(word: str) -> bytes:
    try:
        (byte,) = bytes.fromhex(word.rjust(2, "0"))
    except ValueError as error:
        raise UsageError(f"-H takes bytes in hexadecimal such as 1b, not {word[:20]!r}", code="send_keys") from error
    return bytes((byte,))


def _typed(word: str, is_literal: bool, modes: Modes, term: str) -> bytes:
    if is_literal:
        return word.encode("utf-8", "replace")
    try:
        name = canonical_name(word)
    except UsageError:
        return word.encode("utf-8", "replace")  # As tmux: a word that names no key is text.
    return _key(name, modes, term)


def _key(name: str, modes: Modes, term: str) -> bytes:
    base, modifiers = name, 0
    while len(base) > 2 and base[1] == "-" and base[0] in _BITS:
        modifiers |= _BITS[base[0]]
        base = base[2:]
    if modifiers == 0 and base in ("Home", "End"):
        return spelled(b"\x1b[" + _LETTERS[base].encode(), term=term, modes=modes)
    if base in _LETTERS or base in _FUNCTIONS:
        letter = _LETTERS.get(base) or _FUNCTIONS[base]
        if modifiers:
            return f"\x1b[1;{modifiers + 1}{letter}".encode()
        return f"\x1b{'O' if base in _FUNCTIONS or modes.application_cursor else '['}{letter}".encode()
    if base in _NUMBERS:
        return f"\x1b[{_NUMBERS[base]}{f';{modifiers + 1}' if modifiers else ''}~".encode()
    return _character(name, base, modifiers)


def _character(name: str, base: str, modifiers: int) -> bytes:
    meta = b"\x1b" if modifiers & _BITS["M"] else b""
    if modifiers & _BITS["C"]:
        code = _CONTROLS.get(base)
        if code is None and len(base) == 1 and base.isascii() and base.isalpha():
            code = ord(base.upper()) - 64
        if code is None:
            raise UsageError(f"the key {name} has no bytes of its own", code="send_keys")
        return meta + bytes((code,))
    return meta + _PLAIN.get(base, base).encode("utf-8", "replace")
