"""How often one receiver may get a picture: several at once, and a fixed number a second in the long run.

A large picture is a screen of a flood. A display shows 60 a second, and the eye follows no
more. A small picture is the echo of a key, or one more line. It costs little, and a person who
types waits for it. So there are two allowances. The size of a picture is known when it is
made, so it is charged afterwards, and no picture is made while one of the allowances is used
up. No clock: times are arguments, in seconds of one clock.
"""

from __future__ import annotations

__all__ = ["Pace"]

_LARGE_AT_ONCE = 4
"""Large pictures in a row, for a program that redraws its screen in pieces."""

_LARGE_S = 1 / 60

_SMALL_AT_ONCE = 256
"""Pictures of any size in a row: enough for fast typing, or a key that is held down, for longer than a second."""

_SMALL_S = 1 / 240
"""A program that keeps changing one line costs four times as many pictures as one that floods, and no more."""

_SMALL_AHEAD_S = (_SMALL_AT_ONCE - 1) * _SMALL_S
_LARGE_AHEAD_S = (_LARGE_AT_ONCE - 1) * _LARGE_S


class Pace:
    """The two allowances of one receiver, each kept as the time at which it is whole again (GCRA, ITU-T I.371)."""

    __slots__ = ("_large_whole_s", "_small_whole_s", "free_at_s")

    def __init__(self) -> None:
        self._large_whole_s = self._small_whole_s = self.free_at_s = float("-inf")
        """`free_at_s`: when the next picture may be made. It is in the past if one may be made now."""

    def take_over(self, other: Pace) -> None:
        """Use up what is used up of either allowance."""
        self._small_whole_s = max(self._small_whole_s, other._small_whole_s)
        self._large_whole_s = max(self._large_whole_s, other._large_whole_s)
        self.free_at_s = max(self.free_at_s, other.free_at_s)

    def sent(self, now_s: float, *, is_small: bool) -> None:
        """Charge a picture that was sent."""
        whole_s = self._small_whole_s
        self._small_whole_s = whole_s = (now_s if whole_s < now_s else whole_s) + _SMALL_S
        if not is_small:
            self._large_whole_s = max(self._large_whole_s, now_s) + _LARGE_S
        small_free_s, large_free_s = whole_s - _SMALL_AHEAD_S, self._large_whole_s - _LARGE_AHEAD_S
        self.free_at_s = small_free_s if small_free_s > large_free_s else large_free_s
