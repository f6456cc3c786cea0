r"""The text of one open file as the editor's changes make it.

A change replaces a range, or all of the text (LSP 3.17, TextDocumentContentChangeEvent). The
changes of a batch apply in their order: each one to the text that the one before left. A
range counts lines, and units of the position encoding in its line. LSP's line ends are
`\n`, `\r\n` and `\r`, and no others: a form feed or U+2028 is a character in its line. The
buffer keeps the line ends, because a `\n` that is put behind a `\r` makes one end of two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pairterm.document.document import Position, Span
from pairterm.document.position_encoding import PositionEncoding

__all__ = ["Buffer", "Change"]

_line = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_surrogate = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Change:
    """A change as an editor sends it. `start` and `end` are (line, units in it). None: the text replaces all."""

    text: str
    start: tuple[int, int] | None = None
    end: tuple[int, int] | None = None


class Buffer:
    """The text of one open file."""

    def __init__(self, text: str, encoding: PositionEncoding) -> None:
        self.encoding = encoding
        self._lines: list[str] = []
        """The lines with their ends. The last one has none, and may be empty."""
        self._contents: list[str] = []
        """The same lines without their ends."""
        self._set(text)

    @property
    def text(self) -> str:
        """The whole text, with its line ends."""
        return "".join(self._lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, without their ends."""
        return tuple(self._contents)

    def apply(self, changes: Iterable[Change]) -> None:
        """Apply a batch of changes, in its order. Places outside of the text are moved to its end."""
        for change in changes:
            if change.start is None or change.end is None:
                self._set(change.text)
            else:
                self._replace(self.position(change.start), self.position(change.end), change.text)

    def position(self, place: tuple[int, int]) -> Position:
        """Return the position of a place (line, units in it), moved into the text."""
        line, units = place
        if line >= len(self._lines):
            return Position(len(self._lines) - 1, len(self._lines[-1]))
        if line < 0:
            return Position(0, 0)
        return Position(line, self.encoding.column(self._contents[line], max(0, units)))

    def span(self, start: tuple[int, int], end: tuple[int, int]) -> Span:
        """Return the span of two places."""
        return Span(*sorted((self.position(start), self.position(end))))

    def _set(self, text: str) -> None:
        self._lines = _split(_without_surrogates(text))
        self._contents = list(map(_without_end, self._lines))

    def _replace(self, start: Position, end: Position, text: str) -> None:
        start, end = min(start, end), max(start, end)
        first, last = start.line, end.line
        new = self._lines[first][: start.column] + _without_surrogates(text) + self._lines[last][end.column :]
        if first and new.startswith("\n") and self._lines[first - 1].endswith("\r"):
            first -= 1
            new = self._lines[first] + new
        lines = _split(new)
        if last + 1 < len(self._lines):
            lines.pop()  # The empty rest behind the last line end: the next line of the text begins there.
        self._lines[first : last + 1] = lines
        self._contents[first : last + 1] = map(_without_end, lines)


def _split(text: str) -> list[str]:
    lines = _line.findall(text)
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


def _without_end(line: str) -> str:
    return line.rstrip("\r\n")


def _without_surrogates(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate, which no encoding can carry. Both have the same width."""
    return text if text.isascii() else _surrogate.sub("\ufffd", text)
