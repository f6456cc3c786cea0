"""All links of a session: finding the link of a client, and sending frames, attendances and notes to each link.

Frames are sent by level, not by edge: a wake-up means "look again", and the newest
frame is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from pairterm.host.viewer_link import Peer
from pairterm.link.messages import AdmissionRules, Ended
from pairterm.session.core import SessionCore
from pairterm.session.effects import Closed
from pairterm.types import ClientId

__all__ = ["Peers"]

_ANNOUNCE_INTERVAL_S = 0.25
"""Least time between two attendances: a class of 500 joins within seconds."""


class Peers:
    """The links of one session."""

    def __init__(self, core: SessionCore) -> None:
        self._core = core
        self._peers: list[Peer] = []
        self._left = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._publish_timer: asyncio.TimerHandle | None = None
        self._announce_timer: asyncio.TimerHandle | None = None
        self._announced_s = float("-inf")

    def __contains__(self, peer: Peer) -> bool:
        return peer in self._peers

    def __iter__(self) -> Iterator[Peer]:
        return iter(self._peers)

    def add(self, peer: Peer) -> None:
        """Add a link."""
        self._peers.append(peer)

    def remove(self, peer: Peer) -> None:
        """Remove a link that has ended."""
        self._peers.remove(peer)
        self._left.set()

    def of(self, client: ClientId) -> Peer | None:
        """Return the link of a client; None: the client was disconnected."""
        return next((each for each in self._peers if client in each.clients), None)

    def publish(self) -> None:
        """Send the newest frame to every link that can take it now; look again when another one can."""
        now_s = self._loop.time()
        later_s = float("inf")
        for peer in self._peers:
            is_hidden = self._core.hides_from(peer.clients)
            if not self._core.may_publish and not is_hidden:
                continue
            due_s = peer.due_s(now_s, self._core.generation_for(peer.clients), is_urgent=is_hidden)
            if due_s is None:
                continue
            if due_s <= now_s:
                peer.send_frame(self._core.frame_for(peer.clients), now_s)
            else:
                later_s = min(later_s, due_s)
        if later_s < float("inf") and self._publish_timer is None:
            self._publish_timer = self._loop.call_at(later_s, self._publish_later)

    def _publish_later(self) -> None:
        self._publish_timer = None
        self.publish()

    def announce_soon(self) -> None:
        """Send the attendance to all links: at once, then at most every `_ANNOUNCE_INTERVAL_S`."""
        if self._announce_timer is None:
            due_s = self._announced_s + _ANNOUNCE_INTERVAL_S
            self._announce_timer = self._loop.call_at(due_s, self._announce)

    def _announce(self) -> None:
        self._announce_timer = None
        self._announced_s = self._loop.time()
        attendance = self._core.attendance
        for peer in self._peers:
            if peer.clients:
                peer.announce(attendance)

    def send_rules(self, rules: AdmissionRules) -> None:
        """Tell every gateway who may join now."""
        for peer in self._peers:
            if peer.is_gateway:
                peer.send(rules)

    def end(self, closed: Closed) -> None:
        """Send the last frame to every link, and that the session is over."""
        for peer in self._peers:
            if peer.clients:
                peer.send_frame(self._core.frame_for(peer.clients), self._loop.time())
            peer.send(Ended(closed.reason, closed.status, closed.text))

    async def close(self, timeout_s: float) -> None:
        """Close every link after its last message, and wait until all are closed or the time is over."""
        for peer in self._peers:
            peer.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._peers:
                    self._left.clear()
                    await self._left.wait()
