"""How many columns a character takes, and which characters join the cell before them.

Each character is looked up once and remembered. Clusters are built as today's terminals
do it: combining marks and zero-width characters join, an emoji after a joiner joins, a
skin tone joins an emoji, two regional indicators make a flag of two columns, and U+FE0F
makes a narrow emoji wide. Marks that change the direction of writing, and line
separators, have no width and join nothing: see `pairterm.safe_text`. This is not all of UAX
#29: there are no Indic conjuncts.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right

from pairterm.safe_text import has_unsafe
from pairterm.terminal.width_table import WIDE, ZERO

__all__ = [
    "EMOJI_PRESENTATION",
    "MAX_MARKS",
    "ZERO_WIDTH_JOINER",
    "add_cell",
    "cells_of",
    "joins_emoji",
    "scripts",
    "widens",
    "width",
]

MAX_MARKS = 8
"""Characters in a cell after its first. Zalgo text stops here; Hebrew and Vietnamese need 3, a family emoji 6."""

ZERO_WIDTH_JOINER = "\u200d"
EMOJI_PRESENTATION = "\ufe0f"

_MAX_KNOWN = 4096


def _ends(ranges: str) -> list[int]:
    """Return the first code point of each range and the one after its last, in one sorted list."""
    ends: list[int] = []
    for item in ranges.split():
        first, _, last = item.partition("-")
        ends += int(first, 16), int(last or first, 16) + 1
    return ends


_wide_ends, _zero_ends = array("I", _ends(WIDE)), array("I", _ends(ZERO))


class _Widths(dict[str, int]):
    """Character → columns. It fills as characters come, and starts anew when it grows too large."""

    def __missing__(self, char: str) -> int:
        if len(self) >= _MAX_KNOWN:
            self.clear()
        code = ord(char)
        columns = 2 if bisect_right(_wide_ends, code) & 1 else 0 if bisect_right(_zero_ends, code) & 1 else 1
        self[char] = columns
        return columns


_widths = _Widths()
width = _widths.__getitem__
"""Return the columns of one printable character: 0, 1 or 2."""


_NARROW = (
    "\x20-\x7e\xa1-\xa8\xaa-\xac\xaf-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038e-\u03a1\u03a3-\u0482"
    "\u048a-\u052f\u2010-\u2027\u2030-\u203b\u203d-\u2048\u2500-\u25a9\u2800-\u28ff\ue0a0-\ue0d4"
)
_WIDE = "\u3001-\u3029\u3041-\u3096\u309b-\u30ff\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"

scripts = re.compile(f"([{_NARROW}]+)|([{_WIDE}]+)|([\\s\\S])").findall
"""Cut text into tuples (narrow run, wide run, other character); one of the three is not empty. The characters of a run
all have the same width and never join the cell before them. Other characters are looked up one by one."""


is_narrow = re.compile(f"[{_NARROW}]*").fullmatch
"""Whether all characters take one column and none joins the cell before it: letters of Europe, box drawing."""

not_narrow = re.compile(f"[^{_NARROW}]+").findall
"""The runs of characters that may take two columns, or none."""

_is_pictograph = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u25aa-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
).match
"""Characters that may take part in an emoji sequence (about Extended_Pictographic, and the regional indicators)."""


def widens(base: str) -> bool:
    """Return whether a narrow `base` takes two columns once U+FE0F follows it."""
    return len(base) == 1 and (base in "#*0123456789" or _is_pictograph(base) is not None)


def joins_emoji(cell: str, char: str) -> bool:
    """Return whether a `char` with a width of its own joins the emoji in the cell before it."""
    if not cell or cell.isascii():
        return False
    if cell[-1] == ZERO_WIDTH_JOINER:
        return _is_pictograph(char) is not None and _is_pictograph(cell[0]) is not None
    if "\U0001f3fb" <= char <= "\U0001f3ff":
        return _is_pictograph(cell[0]) is not None
    return "\U0001f1e6" <= char <= "\U0001f1ff" and len(cell) == 1 and "\U0001f1e6" <= cell <= "\U0001f1ff"


def cells_of(text: str) -> list[str]:
    """Return the cells of a text that joins no cell before it, as they are in a line that is long enough."""
    cells: list[str] = []
    for narrow, wide, other in scripts(text):
        if narrow:
            cells += narrow
        elif wide:
            pairs = [""] * (2 * len(wide))
            pairs[::2] = wide
            cells += pairs
        else:
            add_cell(cells, other)
    return cells


def add_cell(cells: list[str], char: str) -> None:
    """Add one character to the cells of a line. It may join the last one."""
    columns = width(char)
    if cells:
        at = len(cells) - (2 if cells[-1] == "" else 1)
        cell = cells[at]
        if columns == 0 and char == EMOJI_PRESENTATION and at == len(cells) - 1 and widens(cell):
            cells[at] = cell + char
            cells.append("")
            return
        if columns == 0 or joins_emoji(cell, char):
            if len(cell) <= MAX_MARKS and not has_unsafe(char):
                cells[at] = cell + char
            return
    if columns:
        cells.append(char)
        if columns == 2:
            cells.append("")
