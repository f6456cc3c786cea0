"""What all connections of a gateway share: its sessions, queue, places, audit and counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pairterm.access.gateway_admission import AccessState
from pairterm.access.guest_places import GuestPlaces
from pairterm.access.max_startups import LoginQueue
from pairterm.access.penalties import SourcePenalties
from pairterm.access.signed_login import SignedLogin
from pairterm.access.user_names import UserName
from pairterm.access.verdicts import WaitForHost
from pairterm.gateway.audit_events import GatewayAudit
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.hosts.host_link import HostLink
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.login_turns import LoginTurns
from pairterm.gateway.restart_waiting_room import WaitingRoom
from pairterm.gateway.session_directory import SessionDirectory

__all__ = ["GatewayState", "KeysElsewhere"]

_REDIALS = 16
"""Logins of hosts beyond the sessions there may be: a host may be back before its old link is known to be dead."""


class Elsewhere(Protocol):
    """The sessions of the other gateways of a service."""

    async def bring(self, user: UserName) -> bool:
        """Find the session of a user name at another gateway, and open a relay to it; return whether there is one."""


class KeysElsewhere(Protocol):
    """The sessions of other gateways, for guests with keys. `known` is the session of a guest's link."""

    async def takes(self, user: UserName, known: HostedSession | None, key: bytes) -> bool:
        """Return whether another gateway would let a guest in by this key or certificate."""

    async def open(self, user: UserName, known: HostedSession | None, login: SignedLogin) -> HostedSession | None:
        """Return the session that another gateway opens by a login; None: it opens nothing."""


class GatewayState:
    """The state of one gateway, apart from its listeners."""

    def __init__(
        self,
        directory: SessionDirectory,
        *,
        penalties: SourcePenalties,
        login_queue: LoginQueue,
        guests: GuestPlaces,
        max_hosts: int,
        hosts: HostAdmission,
        audit: GatewayAudit,
    ) -> None:
        self.directory = directory
        self.login_queue = login_queue
        """The connections that have not logged in."""
        self.login_turns = LoginTurns(login_queue, audit)
        self.waiting_room = WaitingRoom()
        """The guests who wait for their host."""
        self.access: AccessState[HostedSession] = AccessState(
            directory,
            penalties=penalties,
            guests=guests,
            returns=self.waiting_room,
            takes_hosts=hosts.takes_remote,
            max_hosts=max_hosts + _REDIALS,
        )
        self.hosts = hosts
        self.new_host_link: Callable[[HostOwner], HostLink] = _no_link
        """Makes the link of a host that has logged in; the registry of hosts sets it."""
        self.elsewhere: Elsewhere | None = None
        """The sessions of the other gateways of the service; None: the gateway is alone."""
        self.keys_elsewhere: KeysElsewhere | None = None
        """Their sessions for guests with keys; None: there are none, or the others believe this gateway."""
        self.audit = audit
        self.bytes_out = 0
        """Bytes that were written to guests."""
        self.bytes_in = 0
        """Bytes that guests sent."""
        self.is_draining = False
        """It takes no more guests and sessions."""

    async def wait_for_host(self, wait: WaitForHost, source: str) -> bool:
        """Wait for a session of a guest who logs in; return whether it may be here now."""
        if wait.elsewhere is None:
            return await self.waiting_room.wait(wait.wanted, source)
        return self.elsewhere is not None and await self.elsewhere.bring(wait.elsewhere)


def _no_link(owner: HostOwner) -> HostLink:
    raise AssertionError("no registry of hosts was made")
