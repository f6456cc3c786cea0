"""One session of another gateway that has guests here, or is about to have some."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pairterm.cluster.service_directory import SessionEntry
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.relay.landing_end import LandingEnd

__all__ = ["RemoteSession", "longest_unopened"]


class RemoteSession:
    """What this gateway knows of it."""

    def __init__(self, entry: SessionEntry) -> None:
        self.entry = entry
        self.end: LandingEnd | None = None
        self.session: HostedSession | None = None
        self.lock = asyncio.Lock()
        """Is held while the link is opened, or opens the session for somebody."""
        self.used_s = 0.0
        """When a guest of it was here, or came, last."""
        self.return_key = b""
        """Opens the session at its next home."""


def longest_unopened(remotes: Sequence[RemoteSession]) -> RemoteSession | None:
    """Return the session that nobody has opened for the longest time, to make room; None if all are open.

    Anybody who comes by a name has a link opened to its gateway.
    """
    unopened = (each for each in remotes if each.session is None and not each.lock.locked())
    return min(unopened, key=lambda each: each.used_s, default=None)
