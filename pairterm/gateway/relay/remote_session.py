"""One session of another gateway that has guests here, or is about to have some."""

from __future__ import annotations

import asyncio

from pairterm.cluster.service_directory import SessionEntry
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.relay.landing_end import LandingEnd

__all__ = ["RemoteSession"]


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
