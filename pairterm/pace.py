"""How often one receiver may be sent a picture: several at once, and so many a second in the long run.

A large picture is a screen of a flood: 60 a second are what a display shows and an eye
follows. A small one is a key's echo, or a line more: it costs little, and a person who
types waits for it. So there are two allowances. What a picture weighs is known once it
is made: it is paid for afterwards, and nothing is made while one of the allowances is
used up. Pure: times are arguments, in seconds of one clock.
"""

from __future__ import annotations

__all__ = ["Pace"]

_LARGE_AT_ONCE = 4
"""Large pictures in a row: a program that redraws its screen in pieces."""

_LARGE_S = 1 / 60

_SMALL_AT_ONCE = 256
"""Pictures of any size in a row: what fast fingers, and a key held down, need for longer than a second."""

_SMALL_S = 1 / 240
"""A program that changes a line without end costs four times as many pictures as one that floods, and no more."""


class Pace:
    """The two allowances of one receiver, each kept as the time at which it is whole again (GCRA, ITU-T I.371)."""

    __slots__ = ("_large_whole_s", "_small_whole_s")

    def __init__(self) -> None:
        self._large_whole_s = self._small_whole_s = float("-inf")

    @property
    def free_at_s(self) -> float:
        """When the next picture may be made; in the past if it may be now."""
        return max(
            self._large_whole_s - (_LARGE_AT_ONCE - 1) * _LARGE_S,
            self._small_whole_s - (_SMALL_AT_ONCE - 1) * _SMALL_S,
        )

    def sent(self, now_s: float, *, is_small: bool) -> None:
        """Take note of a picture that was sent."""
        self._small_whole_s = max(self._small_whole_s, now_s) + _SMALL_S
        if not is_small:
            self._large_whole_s = max(self._large_whole_s, now_s) + _LARGE_S
