"""The gateway's audit: events of hosts, guests and refused clients, with their names, addresses and times.

It never has content, a token, or the hash of a token: a spoken code can be found from its
hash. A flood of refusals takes one line a minute for each source, with their number.
Events inside a session are in its host's audit.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.access.flood_counts import SPAN_S, Tally
from pairterm.gateway.guest import Guest
from pairterm.runtime.audit_log import AuditLog

__all__ = ["GatewayAudit", "about_guest"]


class GatewayAudit:
    """The audit file of one gateway; without a file, nothing is written."""

    def __init__(self, path: Path | None, *, max_bytes: int) -> None:
        self._audit = AuditLog(path, max_bytes=max_bytes) if path is not None else None
        self._tally = Tally()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def path(self) -> Path | None:
        """The file; None if there is none."""
        return self._audit.path if self._audit is not None else None

    def write(self, event: str, fields: dict[str, str | int]) -> None:
        """Write one event."""
        if self._audit is not None:
            self._audit.write(event, fields)

    def refused(self, why: str, address: str, **fields: str | int) -> None:
        """Write that an address was refused; only count it if it was refused for the same reason a moment ago."""
        now_s = time.monotonic()
        self._tell_counts(now_s)
        if self._tally.is_first(why, address, now_s):
            self.write("refused", {"address": address, "why": why, **fields})
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SPAN_S, self._count_is_due)

    def close(self) -> None:
        """Write the events that were only counted so far, and close the file."""
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


def about_guest(guest: Guest, **fields: str) -> dict[str, str | int]:
    """Return what an event says about a guest: their number, address and key; never their invitation, nor its hash."""
    join = guest.request
    about: dict[str, str | int] = {"id": join.client, "address": join.label, "transport": join.transport, **fields}
    if join.key:
        about["key"] = fingerprint_of(join.key)
    return about
