"""SGR: from parameters to a pen, and back.

Pure functions on `Pen` values: no screen, no cells. Source: ECMA-48 §8.3.117, xterm
ctlseqs "Character Attributes (SGR)", ITU T.416 for the notation with colons.
"""

from __future__ import annotations

import re

from pairterm.terminal.frame import (
    BLINK,
    BOLD,
    CONCEAL,
    DEFAULT_COLOUR,
    FAINT,
    INVERSE,
    ITALIC,
    OVERLINE,
    RGB,
    STRIKE,
    UNDERLINE_MASK,
    UNDERLINE_SHIFT,
    Pen,
)

__all__ = ["PROTECTED", "pen_after", "sgr_of"]

PROTECTED = 1 << 15
"""A pen flag that no frame shows: DECSCA set it, and a selective erase spares the cell."""

_UNDERLINE_STYLES = 5
_SET = {1: BOLD, 2: FAINT, 3: ITALIC, 5: BLINK, 6: BLINK, 7: INVERSE, 8: CONCEAL, 9: STRIKE, 53: OVERLINE}
_CLEAR = {
    22: BOLD | FAINT,
    23: ITALIC,
    24: UNDERLINE_MASK,
    25: BLINK,
    27: INVERSE,
    28: CONCEAL,
    29: STRIKE,
    55: OVERLINE,
}

_parameters_of = re.compile(r"\x1b\[([0-9:;]*)m").findall


def pen_after(pen: Pen, sequences: str) -> Pen:
    """Return the pen after SGR sequences; other sequences among them change nothing."""
    for parameters in _parameters_of(sequences):
        pen = _apply(pen, parameters)
    return pen


def _number(text: str) -> int:
    """Return a parameter's number, 0 if it is left out. The parser limits its digits."""
    return int(text) if text else 0


def _apply(pen: Pen, parameters: str) -> Pen:
    """Return the pen after the parameters. An unknown code is skipped, one parameter each."""
    fg, bg, flags, underline_colour, link = pen
    items = parameters.split(";")
    at = 0
    while at < len(items):
        code_text, _, sub = items[at].partition(":")
        code = _number(code_text)
        at += 1
        if code in _SET and not sub:
            flags |= _SET[code]
        elif code in _CLEAR:
            flags &= ~_CLEAR[code]
        elif code == 0:
            fg, bg, flags, underline_colour = DEFAULT_COLOUR, DEFAULT_COLOUR, flags & PROTECTED, DEFAULT_COLOUR
        elif code in (4, 21):
            flags = flags & ~UNDERLINE_MASK | _underline(code, sub) << UNDERLINE_SHIFT
        elif code in (38, 48, 58):
            colour, at = _extended(items, at - 1)
            if colour is not None:
                fg = colour if code == 38 else fg
                bg = colour if code == 48 else bg
                underline_colour = colour if code == 58 else underline_colour
        elif code == 59:
            underline_colour = DEFAULT_COLOUR
        else:
            fg, bg = _palette(code, fg, bg)
    return Pen(fg, bg, flags, underline_colour, link)


def _underline(code: int, sub: str) -> int:
    if code == 21:
        return 2
    if not sub:
        return 1
    style = _number(sub.split(":")[0])
    return style if style <= _UNDERLINE_STYLES else 1


def _palette(code: int, fg: int, bg: int) -> tuple[int, int]:
    """Return the colours after a code of the 8- and 16-colour kinds."""
    if 30 <= code <= 37:
        return code - 30, bg
    if 90 <= code <= 97:
        return code - 82, bg
    if 40 <= code <= 47:
        return fg, code - 40
    if 100 <= code <= 107:
        return fg, code - 92
    if code == 39:
        return DEFAULT_COLOUR, bg
    if code == 49:
        return fg, DEFAULT_COLOUR
    return fg, bg


def _extended(items: list[str], at: int) -> tuple[int | None, int]:
    """Return the colour that starts at item `at` (38, 48 or 58) and the index after it; None: not a colour.

    The forms are `38;5;n`, `38;2;r;g;b`, `38:5:n`, `38:2:r:g:b` and `38:2:space:r:g:b`; some programs send
    `38;5:n` and `38;2:r:g:b`. A part that is left out is 0.
    """
    parts = items[at].split(":")
    at += 1
    if len(parts) == 1:
        if at >= len(items):
            return None, at
        parts += items[at].split(":")
        at += 1
        wanted = {5: 1, 2: 3}.get(_number(parts[1]), 0) if len(parts) == 2 else 0
        parts += [item.partition(":")[0] for item in items[at : at + wanted]]
        if len(parts) < 2 + wanted:
            return None, at + wanted
        at += wanted
    kind, values = _number(parts[1]), [_number(part) for part in parts[2:]]
    if kind == 5 and values:
        return (values[0] if values[0] <= 255 else None), at
    if kind == 2 and len(values) >= 3:
        red, green, blue = values[1:4] if len(values) >= 4 else values[:3]
        if max(red, green, blue) <= 255:
            return RGB | red << 16 | green << 8 | blue, at
    return None, at


def sgr_of(pen: Pen) -> str:
    """Return the SGR parameters that select the pen from any other (DECRQSS "m")."""
    codes = ["0"]
    for code, flag in _SET.items():
        if pen.flags & flag and code != 6:
            codes.append(str(code))
    style = (pen.flags & UNDERLINE_MASK) >> UNDERLINE_SHIFT
    if style:
        codes.append("4" if style == 1 else "21" if style == 2 else f"4:{style}")
    for base, colour in ((30, pen.fg), (40, pen.bg), (50, pen.underline_colour)):
        if colour & RGB and colour != DEFAULT_COLOUR:
            codes.append(f"{base + 8}:2::{colour >> 16 & 255}:{colour >> 8 & 255}:{colour & 255}")
        elif 0 <= colour < 8 and base < 50:
            codes.append(str(base + colour))
        elif 8 <= colour < 16 and base < 50:
            codes.append(str(base + 52 + colour))
        elif colour != DEFAULT_COLOUR:
            codes.append(f"{base + 8}:5:{colour}")
    return ";".join(codes)
