"""How often one guest may look at another document.

A document that nobody else here looks at comes whole from the host. So a guest who keeps changing
their document would have the host send up to 2 MiB for a few bytes each time. Looking away is
free, and so is what they look at already. Pure; times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Callable

from pairterm.access.rate_limits import Bucket
from pairterm.document.document import DocumentId

__all__ = ["HELD_S", "WatchGate"]

_AT_ONCE = 32
"""Changes at once: somebody looks through the files of an editor."""

_PER_S = 1.0
"""In the long run. It is a quarter of the large texts that the host sends to a link (`link.link_documents`)."""

HELD_S = 1 / _PER_S
"""When the next document may be granted."""


class WatchGate:
    """The documents at which one guest looks, and those of them that they may see now."""

    def __init__(self, use: Callable[[frozenset[DocumentId]], None]) -> None:
        """`use` is the caller's: it gets what is granted."""
        self.use = use
        self.wanted: frozenset[DocumentId] = frozenset()
        self.has_timer = False
        """The caller looks again soon."""
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
