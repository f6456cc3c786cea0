"""How often a source address may present wrong links. Pure: `now_s` is an argument.

In the manner of OpenSSH's PerSourcePenalties, each wrong link adds a penalty to its
source, and penalties run off with time. OpenSSH refuses a source over the threshold.
Here many people may share an address, so the source is slowed: it has so many tries
left, and no more of its connections log in at a time (`access.max_startups`). A right link costs
no try and always opens, also when others behind the address guess. So a source can make
`GUESSES_AT_ONCE` guesses at a time, and `GUESSES_PER_S` in the long run.

An IPv4 source is its address, an IPv6 source is its /64. The table is bounded: the oldest
entry is dropped. A gateway that has just started does not know all its links. It holds
charges back for that time: charges for what turns out to be a link are dropped, and the
others become due together.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["GUESSES_AT_ONCE", "GUESSES_PER_S", "SourcePenalties", "source_of"]

GUESSES_AT_ONCE = 20
"""Enough for a class in which everybody mistypes at the same time."""

GUESSES_PER_S = 10
"""A guess at 160 bits is worth nothing, and a spoken code ends after five wrong tries from anywhere. So the limit is
about CPU: ten key exchanges a second are 2 % of a core."""

_PENALTY_S = 1 / GUESSES_PER_S
"""Seconds that a wrong link adds."""

_THRESHOLD_S = GUESSES_AT_ONCE * _PENALTY_S
"""Penalty from which a source has no try left."""

_MAX_S = 20.0
"""The most that a source can collect: others behind its address wait no longer than this."""

_MAX_SOURCES = 65_536
"""Entries kept, OpenSSH's default; about 10 MB at the worst."""

_ROUNDING = 1e-6
"""Sums of tenths of a second are no exact numbers."""

_MAX_HELD = 4096
"""Charges that are held back at most. More is no crowd of guests, and is charged at once."""


def source_of(address: str) -> str:
    """Return the key a peer address is counted under: IPv4 /32, IPv6 /64, anything else itself.

    IPv4 that arrives on an IPv6 socket (`::ffff:192.0.2.1`) is IPv4.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


class SourcePenalties:
    """Counts bad logins by source."""

    def __init__(
        self, *, penalty_s: float = _PENALTY_S, threshold_s: float = _THRESHOLD_S, max_sources: int = _MAX_SOURCES
    ) -> None:
        self._penalty_s = penalty_s
        self._threshold_s = threshold_s
        self._max_sources = max_sources
        self._free_at: OrderedDict[str, float] = OrderedDict()
        self.charged = 0
        """How many wrong links of all sources were charged since the start."""
        self.on_charge: Callable[[str], None] = lambda source: None
        """Gets the source of each wrong link that is charged here, for other gateways of the service."""
        self._held_until_s = float("-inf")
        self._held: set[tuple[bytes, str]] = set()
        """What was presented, and the source. The same token of the same source is one guess."""

    def __len__(self) -> int:
        return len(self._free_at)

    def hold_until(self, until_s: float) -> None:
        """Hold charges back until then."""
        self._held_until_s = until_s

    def known(self, presented: bytes) -> None:
        """Drop the charges that are held back for this token: it is right."""
        self._held = {each for each in self._held if each[0] != presented}

    def add(self, source: str, now_s: float, presented: bytes = b"") -> None:
        """Count one bad login of `source`. `presented`: the hash of its token, which may yet be known."""
        self._settle(now_s)
        if presented and now_s < self._held_until_s and len(self._held) < _MAX_HELD:
            self._held.add((presented, source))
        else:
            self._charge(source, now_s)

    def _settle(self, now_s: float) -> None:
        """Charge what was held back, when its time is over."""
        if self._held and now_s >= self._held_until_s:
            held, self._held = self._held, set()
            for _, source in held:
                self._charge(source, self._held_until_s)

    def _charge(self, source: str, now_s: float) -> None:
        self.charged += 1
        self._penalise(source, 1, now_s)
        self.on_charge(source)

    def charged_elsewhere(self, source: str, times: int, now_s: float) -> None:
        """Penalise a source that presented so many wrong links at another gateway of the service."""
        self._penalise(source, times, now_s)

    def _penalise(self, source: str, times: int, now_s: float) -> None:
        free_at = max(self._free_at.pop(source, now_s), now_s) + times * self._penalty_s
        self._free_at[source] = min(free_at, now_s + _MAX_S)
        while len(self._free_at) > self._max_sources:
            self._free_at.popitem(last=False)

    def tries_left(self, source: str, now_s: float) -> int:
        """Return how many wrong links `source` may still present now. Forgets it once its penalty has run off."""
        self._settle(now_s)
        free_at = self._free_at.get(source, now_s)
        if free_at <= now_s:
            self._free_at.pop(source, None)
        owed_s = max(0.0, free_at - now_s)
        return max(0, int((self._threshold_s - owed_s) / self._penalty_s + _ROUNDING))
