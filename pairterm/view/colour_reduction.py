"""Colours a terminal lacks, as the nearest ones it has.

A colour is an `int` as in `Pen`. The sixteen are xterm's defaults: what the
client's theme makes of them is unknown. Distances are squared RGB distances with
the eye's weights (about 2:4:3).
"""

from __future__ import annotations

from functools import lru_cache

from pairterm.terminal.frame import DEFAULT_COLOUR, RGB

__all__ = ["nearest_colour", "rgb_of"]

_SIXTEEN = (
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
)  # fmt: skip

_CUBE_LEVELS = (0, 95, 135, 175, 215, 255)
"""The steps of xterm's 6 × 6 × 6 cube, indexes 16 to 231; 232 to 255 are greys 8, 18, ... 238."""


def rgb_of(colour: int) -> int:
    """Return 0xRRGGBB for a palette index or an RGB colour; the default colour has none."""
    if colour & RGB:
        return colour & 0xFFFFFF
    if colour < 16:
        return _SIXTEEN[colour]
    if colour < 232:
        red, rest = divmod(colour - 16, 36)
        green, blue = divmod(rest, 6)
        return _CUBE_LEVELS[red] << 16 | _CUBE_LEVELS[green] << 8 | _CUBE_LEVELS[blue]
    return (8 + 10 * (colour - 232)) * 0x010101


@lru_cache(maxsize=4096)
def nearest_colour(colour: int, colours: int) -> int:
    """Return `colour`, or the nearest that a terminal with that many `colours` has."""
    if colour == DEFAULT_COLOUR or colours == 0:
        return DEFAULT_COLOUR
    if colour < colours:
        return colour
    if colours > 256:
        return colour
    rgb = rgb_of(colour)
    if colours == 256:
        return min(_near_in_256(rgb), key=lambda index: _distance(rgb, rgb_of(index)))
    return min(range(16), key=lambda index: _distance(rgb, _SIXTEEN[index]))


def _near_in_256(rgb: int) -> tuple[int, int]:
    """Return the nearest cube entry and the nearest grey; the sixteen are left out, themes change them."""
    channels = (rgb >> 16, rgb >> 8 & 255, rgb & 255)
    steps = [min(range(6), key=lambda step: abs(_CUBE_LEVELS[step] - value)) for value in channels]
    grey = min(23, max(0, round((sum(channels) / 3 - 8) / 10)))
    return 16 + 36 * steps[0] + 6 * steps[1] + steps[2], 232 + grey


def _distance(one: int, other: int) -> int:
    red = (one >> 16) - (other >> 16)
    green = (one >> 8 & 255) - (other >> 8 & 255)
    blue = (one & 255) - (other & 255)
    return 2 * red * red + 4 * green * green + 3 * blue * blue
