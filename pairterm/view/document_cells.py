"""The cells of one line of a document: tabs, wide characters, and characters that a terminal must not get.

A document is foreign text. Each unsafe character (`pairterm.safe_text`) becomes visible letters: `^X` for a
control character, `<202e>` for others. So neither an escape sequence nor a mark that changes the direction of
writing reaches a terminal, and a reader sees that it is there. Columns count code points of the line.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from pairterm.safe_text import has_unsafe
from pairterm.terminal.widths import add_cell, is_narrow

__all__ = ["MAX_LINE_CHARS", "TAB_CELLS", "LineCells", "line_cells"]

MAX_LINE_CHARS = 4000
"""How much of a line is shown. A longer line is data that nobody reads here, and it would cost every viewer time."""

TAB_CELLS = 8
"""The distance of tab stops, as terminals have it."""


class LineCells(msgspec.Struct, frozen=True):
    """The cells of a line, and where its characters are.

    Law: the cell of a column is the width of the text before it. A column inside of a character with
    marks has the cell where this character begins.
    """

    cells: tuple[str, ...]
    starts: tuple[int, ...]
    """The cell of each column, and the width of the line at the end."""
    made_visible: tuple[tuple[int, int], ...]
    """The cells, from the first to the one behind the last, that stand for an unsafe character each."""

    def cell_of(self, column: int) -> int:
        """Return the cell of a column. A column behind the end of the line has the line's width."""
        return self.starts[min(max(0, column), len(self.starts) - 1)]

    def span_of(self, column: int) -> tuple[int, int]:
        """Return the first cell of the character at a column, and the one behind it. At the end it is one cell."""
        first = self.cell_of(column)
        behind = next((cell for cell in self.starts[max(0, column) + 1 :] if cell > first), first + 1)
        return first, behind


@lru_cache(maxsize=128)
def line_cells(text: str) -> LineCells:
    """Return the cells of a line of at most `MAX_LINE_CHARS`. Cost: O(characters)."""
    if is_narrow(text):
        return LineCells(tuple(text), tuple(range(len(text) + 1)), ())
    cells: list[str] = []
    starts: list[int] = []
    made_visible: list[tuple[int, int]] = []
    base = 0
    """The first cell of the newest character, which the next one may join."""
    for char in text:
        before = len(cells)
        if char == "\t":
            cells += " " * (TAB_CELLS - before % TAB_CELLS)
        elif has_unsafe(char):
            cells += _visible(char)
            made_visible.append((before, len(cells)))
        else:
            add_cell(cells, char)
            if cells[before : before + 1] != [char]:  # it has joined the character before, or it has no width
                starts.append(base)
                continue
        base = before
        starts.append(before)
    return LineCells(tuple(cells), (*starts, len(cells)), tuple(made_visible))


def _visible(char: str) -> str:
    """Return letters that stand for an unsafe character: `^X` as terminals echo it, or its number."""
    code = ord(char)
    if code < 0x20 or code == 0x7F:
        return f"^{chr(code ^ 0x40)}"
    return f"<{code:04x}>"
