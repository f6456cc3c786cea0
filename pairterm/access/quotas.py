"""How many sessions, guests and logins at a time fit into the descriptors that a gateway may have. Pure.

Each holds one descriptor. Where there are too few for all that was asked for,
sessions come first: without its host's link a session's guests see nothing, and a
guest who is refused may come again.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LEAST_DESCRIPTORS", "Quotas", "quotas_within"]

LEAST_DESCRIPTORS = 8
"""Under this a gateway is not worth starting: two sessions, their guests, and somebody at the door."""

_AT_THE_DOOR = 8
"""One descriptor of so many is for those who are still logging in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The most that a gateway takes at a time."""

    sessions: int
    guests: int
    logins: int
    """Connections that have not logged in yet."""

    @property
    def descriptors(self) -> int:
        """What all of them together hold."""
        return self.sessions + self.guests + self.logins


def quotas_within(wanted: Quotas, free: int) -> Quotas:
    """Return `wanted`, or where `free` descriptors are too few for it, what fits: sessions first."""
    if wanted.descriptors <= free:
        return wanted
    logins = min(wanted.logins, max(1, free // _AT_THE_DOOR))
    # A session that nobody can come to is none: half is kept for guests, as long as they want it.
    sessions = max(1, min(wanted.sessions, max((free - logins) // 2, free - logins - wanted.guests)))
    guests = min(wanted.guests, max(1, free - logins - sessions))
    return Quotas(sessions=sessions, guests=guests, logins=logins)
