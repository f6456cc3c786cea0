"""Character sets G0 to G3: which characters printable ASCII stands for.

A map is a string of at most 128 characters for `str.translate`, None for ASCII. The
national sets differ from ASCII in up to twelve places (VT220 Programmer Reference,
"National Replacement Character Sets").
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Charsets"]

_LINE_DRAWING = "".join(map(chr, range(0x60))) + "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"
"""DEC Special Graphics (VT100 User Guide, table 3-9)."""

_PLACES = "#@[\\]^_`{|}~"
_NATIONAL = {
    "A": "£@[\\]^_`{|}~",
    "4": "£¾ĳ½|^_`¨ƒ¼´",
    "C": "#@ÄÖÅÜ_éäöåü",
    "5": "#@ÄÖÅÜ_éäöåü",
    "R": "£à°ç§^_`éùè¨",
    "f": "£à°ç§^_`éùè¨",
    "Q": "#àâçêî_ôéùèû",
    "9": "#àâçêî_ôéùèû",
    "K": "#§ÄÖÜ^_`äöüß",
    "Y": "£§°çé^_ùàòèì",
    "`": "#ÄÆØÅÜ_äæøåü",
    "E": "#ÄÆØÅÜ_äæøåü",
    "6": "#ÄÆØÅÜ_äæøåü",
    "%6": "#@ÃÇÕ^_`ãçõ~",
    "Z": "£§¡Ñ¿^_`°ñç~",
    "H": "#ÉÄÖÅÜ_éäöåü",
    "7": "#ÉÄÖÅÜ_éäöåü",
    "=": "ùàéçêîèôäöüû",
}


def _national(replacements: str) -> str:
    changes = dict(zip(_PLACES, replacements, strict=True))
    return "".join(changes.get(chr(code), chr(code)) for code in range(128))


_ASCII = "B"
_GRAPHICS = ("0", "2")
_SET_OF = {"(": 0, ")": 1, "*": 2, "+": 3, "-": 1, ".": 2, "/": 3}
"""The set that a designation names by its intermediate; "-", "." and "/" as in the VT300."""


def _map_of(name: str) -> str | None:
    """Return the map of a known designation's final ("0", "A", "%6"); None for ASCII."""
    if name in _GRAPHICS:
        return _LINE_DRAWING
    replacements = _NATIONAL.get(name)
    return None if replacements is None else _national(replacements)


class Charsets(NamedTuple):
    """The maps of G0 to G3, and the number of the set in use."""

    maps: tuple[str | None, str | None, str | None, str | None] = (None, None, None, None)
    level: int = 0

    @property
    def in_use(self) -> str | None:
        """The map of the set in use."""
        return self.maps[self.level]

    def designated(self, name: str, intermediate: str) -> Charsets:
        """Return the charsets after SCS; an unknown name changes nothing, as in xterm and xterm.js."""
        if name != _ASCII and name not in _GRAPHICS and name not in _NATIONAL:
            return self
        maps = list(self.maps)
        maps[_SET_OF[intermediate]] = _map_of(name)
        return self._replace(maps=(maps[0], maps[1], maps[2], maps[3]))
