"""How often something may be done, and how much time it may take: token buckets. Pure; times are seconds."""

from __future__ import annotations

from collections import OrderedDict

from pairterm.access.penalties import source_of

__all__ = ["Bucket", "Share", "SourceRates"]

_MAX_SOURCES = 4096
"""Sources with a bucket; the one that was seen longest ago is dropped. About 1 MB."""


class Bucket:
    """Allows so many at once, and so many a second in the long run."""

    __slots__ = ("_burst", "_filled_s", "_left", "_per_s")

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._left = burst
        self._filled_s = float("-inf")

    def take(self, now_s: float, cost: float = 1) -> bool:
        """Take one, or as much as `cost`; if there is not enough, take nothing and return False."""
        left = min(self._burst, self._left + (now_s - self._filled_s) * self._per_s)
        self._filled_s = now_s
        self._left = left - cost if left >= cost else left
        return left >= cost


_SHORT_S = 0.004
"""Nobody notices a turn of the event loop that is as short as this: a key's echo crosses the loop twice."""

_MAX_WEIGHT = 8.0
"""How many times as much a very long turn counts."""


class Share:
    """How much of one event loop's time one party may take: so much at once, and this part of it in the long run.

    A turn is taken first and paid for afterwards. A party that has taken too much waits before its
    next turn. A turn that is longer than `_SHORT_S` counts more than its time, because all others
    wait for its end. So a party with long turns has a smaller share.
    """

    __slots__ = ("_at_s", "_burst_s", "_excused_s", "_left_s", "_part")

    def __init__(self, burst_s: float, part: float) -> None:
        self._burst_s = burst_s
        self._part = part
        self._left_s = burst_s
        self._at_s = float("-inf")
        self._excused_s = 0.0

    def excuse(self, took_s: float) -> None:
        """Do not count this much of the current turn: it was work for others."""
        self._excused_s += took_s

    def spend(self, now_s: float, took_s: float) -> float:
        """Count a turn that took this long. Return how long the next one has to wait: see `wait_s`."""
        if self._excused_s:
            took_s, self._excused_s = max(0.0, took_s - self._excused_s), 0.0
        if took_s > _SHORT_S:
            took_s *= min(took_s / _SHORT_S, _MAX_WEIGHT)
        left_s = self._left_s + (now_s - self._at_s) * self._part
        if left_s > self._burst_s:
            left_s = self._burst_s
        left_s -= took_s
        self._left_s, self._at_s = left_s, now_s
        return 0.0 if left_s >= 0 else -left_s / self._part

    def wait_s(self, now_s: float) -> float:
        """Return how long the next turn has to wait; 0 if it need not wait."""
        left_s = self._left_s + (now_s - self._at_s) * self._part
        return 0.0 if left_s >= 0 else -left_s / self._part


class SourceRates:
    """A bucket for each source address (see `penalties.source_of`)."""

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str, now_s: float) -> bool:
        """Take one for an address; return False if it has had too many."""
        source = source_of(address)
        bucket = self._buckets.pop(source, None) or Bucket(self._burst, self._per_s)
        self._buckets[source] = bucket
        while len(self._buckets) > _MAX_SOURCES:
            self._buckets.popitem(last=False)
        return bucket.take(now_s)
