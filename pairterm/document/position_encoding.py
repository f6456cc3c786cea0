"""The units in which an editor counts the characters of a line: UTF-8 bytes, UTF-16 units or code points (LSP 3.17)."""

from __future__ import annotations

import enum

__all__ = ["PositionEncoding"]


class PositionEncoding(enum.Enum):
    """The unit in which an editor counts the characters of a line."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"

    def column(self, line: str, units: int) -> int:
        """Return the code points of `line` before a place. A place inside of a character counts as its start.

        A place behind the end of the line is its end (LSP 3.17, Position).
        """
        if self is PositionEncoding.UTF32 or line.isascii():
            return min(units, len(line))
        passed = 0
        for column, character in enumerate(line):
            passed += self._width(character)
            if passed > units:
                return column
        return len(line)

    def units(self, line: str, column: int) -> int:
        """Return the units of `line` before a column."""
        before = line[:column]
        if self is PositionEncoding.UTF32 or before.isascii():
            return len(before)
        return sum([self._width(character) for character in before])

    def _width(self, character: str) -> int:
        if self is PositionEncoding.UTF8:
            return len(character.encode("utf-8", "surrogatepass"))
        return 2 if character > "\uffff" and self is PositionEncoding.UTF16 else 1
