"""xterm's palette of 256 colours, light grey on black. Colour queries are answered from it."""

from __future__ import annotations

__all__ = ["BACKGROUND", "CUBE_LEVELS", "CURSOR", "FOREGROUND", "palette_colour"]

FOREGROUND = 0xE5E5E5
BACKGROUND = 0x000000
CURSOR = 0xE5E5E5

_SIXTEEN = (
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip
CUBE_LEVELS = (0, 95, 135, 175, 215, 255)
"""The steps of xterm's 6 × 6 × 6 cube, which has the indexes 16 to 231."""


def palette_colour(index: int) -> int:
    """Return 0xRRGGBB of a palette index 0..255: 16 named colours, a 6×6×6 cube, 24 greys."""
    if index < 16:
        return _SIXTEEN[index]
    if index < 232:
        red, green, blue = (index - 16) // 36, (index - 16) // 6 % 6, (index - 16) % 6
        return CUBE_LEVELS[red] << 16 | CUBE_LEVELS[green] << 8 | CUBE_LEVELS[blue]
    return 0x010101 * (8 + 10 * (index - 232))
