"""How often one guest may look at another document.

A document that nobody else here looks at comes whole from the host. So a guest who keeps changing
their document would have the host send up to 2 MiB for a few bytes each time. Looking away is
free, and so is what they look at already. A wish that has to wait is granted by itself later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from pairterm.access.rate_limits import Bucket
from pairterm.document.document import DocumentId

__all__ = ["HELD_S", "WatchGate", "Watches"]

_AT_ONCE = 32
"""Changes at once: somebody looks through the files of an editor."""

_PER_S = 1.0
"""In the long run. It is a quarter of the large texts that the host sends to a link (`link.link_documents`)."""

HELD_S = 1 / _PER_S
"""When the next document may be granted."""


class WatchGate:
    """The documents at which one guest looks, and those of them that they may see now. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.wanted: frozenset[DocumentId] = frozenset()
        self._granted: frozenset[DocumentId] = frozenset()
        self._bucket = Bucket(_AT_ONCE, _PER_S)

    @property
    def is_held(self) -> bool:
        """True if they have to wait for a document."""
        return self._granted != self.wanted

    def granted(self, now_s: float) -> frozenset[DocumentId]:
        """Return the wanted documents that they may see now. Each new one is charged."""
        kept = self._granted & self.wanted
        new = [each for each in sorted(self.wanted - kept) if self._bucket.take(now_s)]
        self._granted = kept.union(new)
        return self._granted


class Watches:
    """The gates of the guests of one session."""

    def __init__(self, apply: Callable[[int, frozenset[DocumentId]], None]) -> None:
        """`apply` gets the number of each guest, with what they may see, when it changes."""
        self._apply = apply
        self._gates: dict[int, WatchGate] = {}
        self._uses: dict[int, Callable[[frozenset[DocumentId]], None]] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def watch(self, number: int, documents: Iterable[DocumentId], use: Callable[[frozenset[DocumentId]], None]) -> None:
        """Take at which documents a guest looks now. `use` gets what is granted, too."""
        gate = self._gates.setdefault(number, WatchGate())
        self._uses[number] = use
        gate.wanted = frozenset(documents)
        self._grant(number)

    def unwatch(self, number: int) -> None:
        """Take that a guest has left."""
        self._gates.pop(number, None)
        self._uses.pop(number, None)
        if (timer := self._timers.pop(number, None)) is not None:
            timer.cancel()
        self._apply(number, frozenset())

    def _grant(self, number: int) -> None:
        gate, use = self._gates[number], self._uses[number]
        if (timer := self._timers.pop(number, None)) is not None:
            timer.cancel()
        granted = gate.granted(time.monotonic())
        if gate.is_held:
            self._timers[number] = asyncio.get_running_loop().call_later(HELD_S, self._grant, number)
        self._apply(number, granted)
        use(granted)
