"""How many sessions, guests, logins and browsers at a time fit into the descriptors that a gateway may have. Pure.

Each holds one descriptor. Where there are too few for all that was asked for,
sessions come first: without its host's link a session's guests see nothing, and a
guest who is refused may come again.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LEAST_DESCRIPTORS", "MAX_UNSETTLED", "Quotas", "quotas_within"]

LEAST_DESCRIPTORS = 8
"""With fewer a gateway is of no use: two sessions, their guests, a client that logs in, and a browser."""

MAX_UNSETTLED = 512
"""Connections of browsers that have not become a guest, if there are descriptors for all of them."""

_LOGINS_PART = 8
"""One of this many descriptors is for connections that have not logged in, and one for browsers before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The most that a gateway takes at a time."""

    sessions: int
    guests: int
    logins: int
    """Connections that have not logged in yet."""
    browsers: int = 0
    """Connections of browsers that have not become a guest: with the page and its files. 0: no browser may join."""

    @property
    def descriptors(self) -> int:
        """What all of them together hold."""
        return self.sessions + self.guests + self.logins + self.browsers


def quotas_within(wanted: Quotas, free: int) -> Quotas:
    """Return `wanted`, or where `free` descriptors are too few for it, what fits: sessions first."""
    if wanted.descriptors <= free:
        return wanted
    logins = min(wanted.logins, max(1, free // _LOGINS_PART))
    browsers = min(wanted.browsers, max(1, free // _LOGINS_PART))
    rest = free - logins - browsers
    # A session without guests is of no use: half is kept for guests, if so many are wanted.
    sessions = max(1, min(wanted.sessions, max(rest // 2, rest - wanted.guests)))
    guests = min(wanted.guests, max(1, rest - sessions))
    return Quotas(sessions=sessions, guests=guests, logins=logins, browsers=browsers)
