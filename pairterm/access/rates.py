"""How often something may be done: token buckets, one alone or one a source. Pure; times are seconds."""

from __future__ import annotations

from collections import OrderedDict

from pairterm.access.penalties import source_of

__all__ = ["Bucket", "SourceRates"]

_MAX_SOURCES = 4096
"""Sources kept apart; the one that was seen longest ago makes room. About 1 MB."""


class Bucket:
    """So many at once, and so many a second in the long run."""

    __slots__ = ("_burst", "_filled_s", "_left", "_per_s")

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._left = burst
        self._filled_s = float("-inf")

    def take(self, now_s: float, cost: float = 1) -> bool:
        """Take one, or what costs as much as `cost`; return False, and take nothing, if there is not enough."""
        left = min(self._burst, self._left + (now_s - self._filled_s) * self._per_s)
        self._filled_s = now_s
        self._left = left - cost if left >= cost else left
        return left >= cost


class SourceRates:
    """A bucket for each source address (see `penalties.source_of`)."""

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str, now_s: float) -> bool:
        """Take one for an address; return False if it had too many."""
        source = source_of(address)
        bucket = self._buckets.pop(source, None) or Bucket(self._burst, self._per_s)
        self._buckets[source] = bucket
        while len(self._buckets) > _MAX_SOURCES:
            self._buckets.popitem(last=False)
        return bucket.take(now_s)
