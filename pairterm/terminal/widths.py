"""How many columns a character takes, and which characters join the cell before them.

One character one look-up, remembered. Clusters are told apart as the terminals of the
day do it: combining marks and zero-width characters join, an emoji after a joiner joins,
a skin tone joins an emoji, two regional indicators make a flag of two columns, and
U+FE0F makes a narrow emoji wide. Not the whole of UAX #29: no Indic conjuncts.
"""

from __future__ import annotations

from wcwidth import wcwidth

__all__ = ["EMOJI_PRESENTATION", "MAX_MARKS", "ZERO_WIDTH_JOINER", "joins_emoji", "widens", "width"]

MAX_MARKS = 8
"""Characters a cell holds beyond its first. Zalgo text stops here; Hebrew and Vietnamese need 3, a family emoji 6."""

ZERO_WIDTH_JOINER = "\u200d"
EMOJI_PRESENTATION = "\ufe0f"

_MAX_KNOWN = 4096


class _Widths(dict[str, int]):
    """Character → columns, filled as characters are met and begun anew when it grows too large."""

    def __missing__(self, char: str) -> int:
        if len(self) >= _MAX_KNOWN:
            self.clear()
        columns = max(0, wcwidth(char))
        self[char] = columns
        return columns


_widths = _Widths()
width = _widths.__getitem__
"""Return the columns of one printable character: 0, 1 or 2."""


def _is_pictograph(char: str) -> bool:
    """Return whether the character may take part in an emoji sequence (about Extended_Pictographic)."""
    return char >= "\U0001f000" or "\u2190" <= char <= "\u2bff" or char in "\u00a9\u00ae\u3030\u303d\u3297\u3299"


def widens(base: str) -> bool:
    """Return whether a narrow `base` takes two columns once U+FE0F follows it."""
    return len(base) == 1 and (base in "#*0123456789" or _is_pictograph(base) or base in "\u203c\u2049\u2122\u2139")


def joins_emoji(cell: str, char: str) -> bool:
    """Return whether a `char` with a width of its own joins the emoji in the cell before it."""
    if not cell or cell.isascii():
        return False
    if cell[-1] == ZERO_WIDTH_JOINER:
        return _is_pictograph(char) and _is_pictograph(cell[0])
    if "\U0001f3fb" <= char <= "\U0001f3ff":
        return _is_pictograph(cell[0])
    return "\U0001f1e6" <= char <= "\U0001f1ff" and len(cell) == 1 and "\U0001f1e6" <= cell <= "\U0001f1ff"
