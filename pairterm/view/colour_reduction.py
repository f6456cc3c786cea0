"""Colours that a client's terminal does not have, as the nearest ones that it has.

A colour is an `int` as in `Pen`. For the first sixteen colours we assume xterm's
defaults, because the client's theme is unknown. Distances are squared RGB distances
with the eye's weights (about 2:4:3).
"""

from __future__ import annotations

from functools import lru_cache

from pairterm.terminal.frame import DEFAULT_COLOUR, RGB
from pairterm.terminal.palette import CUBE_LEVELS, palette_colour

__all__ = ["nearest_colour", "rgb_of"]


def rgb_of(colour: int) -> int:
    """Return 0xRRGGBB for a palette index or an RGB colour. The default colour has none."""
    return colour & 0xFFFFFF if colour & RGB else palette_colour(colour)


@lru_cache(maxsize=4096)
def nearest_colour(colour: int, colours: int) -> int:
    """Return `colour`, or the nearest one that a terminal with so many `colours` has."""
    if colour == DEFAULT_COLOUR or colours == 0:
        return DEFAULT_COLOUR
    if colour < colours:
        return colour
    if colours > 256:
        return colour
    rgb = rgb_of(colour)
    if colours == 256:
        return min(_near_in_256(rgb), key=lambda index: _distance(rgb, rgb_of(index)))
    return min(range(16), key=lambda index: _distance(rgb, palette_colour(index)))


def _near_in_256(rgb: int) -> tuple[int, int]:
    """Return the nearest cube entry and the nearest grey. The first sixteen are omitted, because themes change them."""
    channels = (rgb >> 16, rgb >> 8 & 255, rgb & 255)
    steps = [min(range(6), key=lambda step: abs(CUBE_LEVELS[step] - value)) for value in channels]
    grey = min(23, max(0, round((sum(channels) / 3 - 8) / 10)))
    return 16 + 36 * steps[0] + 6 * steps[1] + steps[2], 232 + grey


def _distance(one: int, other: int) -> int:
    red = (one >> 16) - (other >> 16)
    green = (one >> 8 & 255) - (other >> 8 & 255)
    blue = (one & 255) - (other & 255)
    return 2 * red * red + 4 * green * green + 3 * blue * blue
