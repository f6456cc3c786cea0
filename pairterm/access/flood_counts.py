"""Counts events that come in floods: the first of a kind gets a line, the others become a number. Pure; in seconds."""

from __future__ import annotations

import msgspec

__all__ = ["SPAN_S", "Tally"]

SPAN_S = 60.0
"""Events of one kind within this time are counted together."""

_MAX_KINDS = 1024
"""Kinds that are counted apart in a span, such as refused addresses. All others are counted as one kind."""

OTHERS = "others"
"""Stands for all addresses beyond that."""


class _Count(msgspec.Struct):
    since_s: float
    more: int = 0


class Tally:
    """The events of a span, by kind and address."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], _Count] = {}

    def is_first(self, what: str, who: str, now_s: float) -> bool:
        """Count an event; return whether it is the first of its kind within the span. Call `over` before."""
        key = (what, who)
        if key not in self._counts and len(self._counts) >= _MAX_KINDS:
            key = (what, OTHERS)
        found = self._counts.get(key)
        if found is None:
            self._counts[key] = _Count(now_s)
            return True
        found.more += 1
        return False

    def over(self, now_s: float) -> list[tuple[str, str, int]]:
        """End the spans that are over; return each kind and address that came again, and how often it did."""
        ended = [key for key, each in self._counts.items() if now_s >= each.since_s + SPAN_S]
        found = [(*key, self._counts[key].more) for key in ended]
        for key in ended:
            del self._counts[key]
        return [each for each in found if each[2]]
