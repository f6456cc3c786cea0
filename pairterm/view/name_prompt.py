"""The prompt for a guest who waits for the owner's answer: they type the name that the owner sees.

The prompt is on the plain terminal, before there is a view. Editing: Backspace, C-u.
Enter gives the name. C-c leaves, and so does C-d on an empty line. No printable key
leaves, because people type here. Escape sequences and the marks of pastes are dropped.
No I/O, no clock.
"""

from __future__ import annotations

import codecs

import msgspec

from pairterm.view.bars import text_width
from pairterm.view.input_pieces import InputReader, PieceKind

__all__ = ["NAME_PROMPT", "NamePrompt", "Typed"]

NAME_PROMPT = "your name, for the owner to see: "

_MAX_CHARS = 32
"""The longest name that a session allows (`session.people`)."""


class Typed(msgspec.Struct, frozen=True):
    """The result of some keys."""

    echo: str
    """The text that the terminal shows now."""
    name: str = ""
    """The name, after Enter. "": not yet."""
    leaves: bool = False
    """The person wants to leave. Keys after that one are ignored."""


class NamePrompt:
    """One guest's prompt."""

    __slots__ = ("_decoder", "_reader", "_text")

    def __init__(self) -> None:
        self._reader = InputReader()
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._text = ""

    def feed(self, data: bytes, now_s: float) -> Typed:
        """Take keys."""
        echo = name = ""
        for piece in self._reader.feed(data, now_s):
            if piece.kind is PieceKind.SEQUENCE:
                continue
            for char in self._decoder.decode(piece.data):
                if char == "\x03" or (char == "\x04" and not self._text):
                    return Typed(echo, name, leaves=True)
                if char in "\r\n" and self._text:
                    echo, name, self._text = f"{echo}\r\n", self._text, ""
                else:
                    echo += self._edit(char)
        return Typed(echo, name)

    def _edit(self, char: str) -> str:
        """Change the line by one key, and return the text that shows the change."""
        match char:
            case "\x7f" | "\b":
                last, self._text = self._text[-1:], self._text[:-1]
                return _rubbed_out(last)
            case "\x15":
                text, self._text = self._text, ""
                return _rubbed_out(text)
        if not char.isprintable() or len(self._text) >= _MAX_CHARS:
            return ""
        self._text += char
        return char


def _rubbed_out(text: str) -> str:
    cells = text_width(text)
    return "\b" * cells + " " * cells + "\b" * cells
