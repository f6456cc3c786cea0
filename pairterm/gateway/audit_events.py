"""The gateway's audit: what it sees of hosts, guests and strangers, with who, whence and when.

Never content, never a token, nor the hash of one: a spoken code is found from its
hash. Who is refused in floods costs a line a minute and source, with how often.
What happens inside a session is in its host's audit.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from pairterm.access.flood_counts import SPAN_S, Tally
from pairterm.runtime.audit_log import AuditLog

__all__ = ["GatewayAudit"]


class GatewayAudit:
    """The audit file of one gateway; without one, nothing is written."""

    def __init__(self, path: Path | None, *, max_bytes: int) -> None:
        self._audit = AuditLog(path, max_bytes=max_bytes) if path is not None else None
        self._tally = Tally()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def path(self) -> Path | None:
        """Where it is written."""
        return self._audit.path if self._audit is not None else None

    def write(self, event: str, fields: dict[str, str | int]) -> None:
        """Write one event down."""
        if self._audit is not None:
            self._audit.write(event, fields)

    def refused(self, why: str, address: str, **fields: str | int) -> None:
        """Write down that somebody was refused, or count it if the same was refused for the same a moment ago."""
        now_s = time.monotonic()
        self._tell_counts(now_s)
        if self._tally.is_first(why, address, now_s):
            self.write("refused", {"address": address, "why": why, **fields})
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SPAN_S, self._count_is_due)

    def close(self) -> None:
        """Write down what was only counted so far, and let go of the file."""
        if self._timer is not None:
            self._timer.cancel()
        self._tell_counts(float("inf"))
        if self._audit is not None:
            self._audit.close()

    def _count_is_due(self) -> None:
        self._timer = None
        self._tell_counts(time.monotonic())

    def _tell_counts(self, now_s: float) -> None:
        for why, address, more in self._tally.over(now_s):
            self.write("refused", {"address": address, "why": why, "times": more})
