"""All links of a session: finding the link of a client, and sending frames, attendances and notes to each link.

Frames are sent by level, not by edge: a wake-up means "look again", and the newest
frame is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from pairterm.host.recorder_turn import RecorderTurn
from pairterm.host.viewer_link import Peer
from pairterm.link.messages import AdmissionRules, Ended
from pairterm.session.core import SessionCore
from pairterm.session.effects import Closed
from pairterm.types import ClientId, PaneId

__all__ = ["Peers"]

_ANNOUNCE_INTERVAL_S = 0.25
"""Least time between two attendances: a class of 500 joins within seconds."""


class Peers:
    """The links of one session."""

    def __init__(self, core: SessionCore, recorder_turn: RecorderTurn) -> None:
        self._core = core
        self._recorder_turn = recorder_turn
        recorder_turn.add(self._publish_to_recorders)
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

    def publish(self, pane: PaneId | None = None) -> None:
        """Send the newest frame of a pane to every link that can take it now; look again when another one can.

        None: of all panes. A recorder gets it in its turn.
        """
        now_s = self._loop.time()
        later_s = float("inf")
        for peer in self._peers:
            if peer.is_recorder:
                self._recorder_turn.soon()
            else:
                later_s = min(later_s, self._publish_to(peer, pane, now_s))
        if later_s < float("inf") and self._publish_timer is None:
            self._publish_timer = self._loop.call_at(later_s, self._publish_later)

    def _publish_to_recorders(self) -> None:
        now_s = self._loop.time()
        for peer in self._peers:
            if peer.is_recorder and self._publish_to(peer, None, now_s) < float("inf"):
                self._recorder_turn.soon()

    def _publish_to(self, peer: Peer, pane: PaneId | None, now_s: float) -> float:
        """Send a link what `publish` sends. Return when it can take the rest, if that is later."""
        later_s = float("inf")
        for each in peer.panes if pane is None else (pane,):
            if each in peer.panes:
                later_s = min(later_s, self._publish_pane(peer, each, now_s))
        return later_s

    def _publish_pane(self, peer: Peer, pane: PaneId, now_s: float) -> float:
        """Send the newest frame of a pane to a link. Return when it can take the frame or its next part, if any."""
        sight = self._core.visible.pane(pane, peer.clients)
        if sight is None or not sight.may_publish:
            return float("inf")
        due_s = peer.due_s(pane, now_s, sight.generation, is_urgent=sight.is_urgent)
        if due_s is None:
            return float("inf")
        if due_s > now_s:
            return due_s
        is_whole = peer.send_frame(pane, sight.frame(), now_s)
        return float("inf") if is_whole else now_s

    def show_windows(self) -> None:
        """Tell every link what it does not know of the windows and of where its clients look."""
        for peer in self._peers:
            if peer.clients:
                clients = peer.clients
                looks, leader = self._core.visible.looks(clients), self._core.visible.leader(clients)
                peer.show_windows(self._core.visible.windows(clients), looks, leader)

    def welcome(self, peer: Peer) -> None:
        """Tell a link, whose only client is no person, the windows, the looks and the people."""
        self.show_windows()
        peer.announce(self._core.visible.attendance(peer.clients))
        self.publish()

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
        for peer in self._peers:
            if peer.clients:
                peer.announce(self._core.visible.attendance(peer.clients))
                for client in peer.clients:
                    peer.ask(client, self._core.visible.questions(client))

    def send_rules(self, rules: AdmissionRules) -> None:
        """Tell every gateway who may join now."""
        for peer in self._peers:
            if peer.is_gateway:
                peer.send(rules)

    def set_clipboard(self, data: bytes) -> None:
        """Send a clipboard to the links whose clients are all the owner's."""
        for peer in self._peers:
            if peer.clients and self._core.visible.are_owners(peer.clients):
                peer.set_clipboard(data)

    def end(self, closed: Closed) -> None:
        """Send the last frame to every link, and that the session is over."""
        for peer in self._peers:
            for pane in peer.panes if peer.clients else ():
                if (sight := self._core.visible.pane(pane, peer.clients)) is not None:
                    while not peer.send_frame(pane, sight.frame(), self._loop.time()):
                        pass  # The parts that are left come now, or never.
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
