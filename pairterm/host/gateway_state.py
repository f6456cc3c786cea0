"""What a host knows of its gateway: where guests reach the session there, and whether the gateway is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pairterm.host.event_log import EventLog
from pairterm.host.peers import Peers
from pairterm.host.session_info import join_line, link_address
from pairterm.link.messages import Registered
from pairterm.link.ssh_commands import invitations_page
from pairterm.session.core import SessionCore

__all__ = ["GatewayState"]


class GatewayState:
    """The gateway of a session, as its host sees it."""

    def __init__(
        self, core: SessionCore, peers: Peers, event_log: EventLog, *, tell_owner: Callable[[str], None]
    ) -> None:
        """`tell_owner` shows the owner a line."""
        self.registered: Registered | None = None
        """Where guests reach the session; None until a gateway has it."""
        self.text = "not connected yet"
        self._core = core
        self._peers = peers
        self._event_log = event_log
        self._tell_owner = tell_owner
        self._away_since_s: float | None = None
        """The time since which the gateway is away, on the loop's clock; None while it is there."""
        self._loop = asyncio.get_running_loop()
        core.write_links_by(join_line=lambda token: join_line(self.registered, token), links_page=self._links_page)

    def found(self, registered: Registered) -> None:
        """Note that a gateway has the session, under these links. If the links changed, the owner reads so."""
        before, self.registered = self.registered, registered
        self._core.recording.gateway_policy = registered.record
        self.text = "connected"
        self._set_away(None)
        self._event_log.registered(link_address(self._core, registered), registered, is_again=before is not None)
        if before is None:
            return
        if (before.host, before.port) == (registered.host, registered.port):
            self._tell_owner("the gateway is back; the links are the same")
        else:
            self._tell_owner(
                f"the gateway is back on port {registered.port}: the links are new, 'pairterm links' shows them"
            )

    @property
    def says_recorded(self) -> bool:
        """Whether the gateway is told that the session is recorded."""
        return self._core.recording.is_recorded

    def lost(self, text: str) -> None:
        """Note that the gateway is away; the text says why."""
        self.text = f"away: {text}"
        self._event_log.disconnected()
        if self._away_since_s is None:
            self._set_away(self._loop.time())
        self._tell_owner(f"the gateway is away: {text}")

    def silent(self, is_silent: bool) -> None:
        """Note that the gateway owes an answer for longer than a round trip takes, or that it answers again."""
        if is_silent == (self._away_since_s is not None):
            return
        self._set_away(self._loop.time() if is_silent else None)
        self._tell_owner("the gateway does not answer" if is_silent else "the gateway answers again")

    @property
    def away_s(self) -> int | None:
        """For how many seconds the gateway is away; None: it is there."""
        return None if self._away_since_s is None else max(0, int(self._loop.time() - self._away_since_s))

    def _set_away(self, since_s: float | None) -> None:
        """Set the time since which the gateway is away; the owner's terminals show how long that is."""
        if since_s != self._away_since_s:
            self._away_since_s = since_s
            for peer in self._peers:
                peer.gateway_away(self.away_s)

    def _links_page(self) -> tuple[str, list[str]]:
        """Return the owner's page of links, and what can be copied from it."""
        return invitations_page(link_address(self._core, self.registered), self.text)
