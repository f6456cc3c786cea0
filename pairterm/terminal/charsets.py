"""Character sets for G0 to G3: what printable ASCII means after a designation.

A map is a string of at most 128 characters for `str.translate`, None for ASCII. Line
drawing comes from pyte's table; the national sets differ from ASCII in up to twelve
places (VT220 Programmer Reference, "National Replacement Character Sets").
"""

from __future__ import annotations

from pairterm.terminal.ancestor import cs

__all__ = ["charset", "is_known"]

_LINE_DRAWING = cs.LAT1_MAP[:0x60] + cs.VT100_MAP[0x60:0x68] + "␤" + cs.VT100_MAP[0x69:0x7F]
"""pyte follows the Linux console, where "h" is a shade; on a VT100 and in xterm it is the sign for new line."""

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


def is_known(name: str) -> bool:
    """Return whether a designation's final names a set; xterm and xterm.js pass over the others."""
    return name in ("B", "0", "2") or name in _NATIONAL


def charset(name: str) -> str | None:
    """Return the map of a known designation's final ("0", "A", "%6"); None for ASCII."""
    if name in ("0", "2"):
        return _LINE_DRAWING
    replacements = _NATIONAL.get(name)
    return None if replacements is None else _national(replacements)
