"""Counting what comes in floods: the first of a kind is worth a line, the others a number. Pure; times are seconds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SPAN_S", "Tally"]

SPAN_S = 60.0
"""How long the same counts as the same."""

_MAX_KINDS = 1024
"""Kinds kept apart in a span, such as addresses that are refused; the rest is counted as one."""

OTHERS = "others"
"""What stands for all addresses beyond that."""


@dataclass(slots=True)
class _Count:
    since_s: float
    more: int = 0


class Tally:
    """What happened within a span, by what and who."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], _Count] = {}

    def is_first(self, what: str, who: str, now_s: float) -> bool:
        """Count it; return whether it is the first within the span. Call `over` before."""
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
        """Return what came more than once and by whom, and how often besides the first; spans that are over end."""
        ended = [key for key, each in self._counts.items() if now_s >= each.since_s + SPAN_S]
        found = [(*key, self._counts[key].more) for key in ended]
        for key in ended:
            del self._counts[key]
        return [each for each in found if each[2]]
