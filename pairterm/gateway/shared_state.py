"""What all connections of a gateway share: its sessions, queue, places, audit and counts."""

from __future__ import annotations

from collections.abc import Callable

from pairterm.access.gateway_admission import AccessState
from pairterm.access.guest_places import GuestPlaces
from pairterm.access.max_startups import LoginQueue
from pairterm.access.penalties import SourcePenalties
from pairterm.gateway.audit_events import GatewayAudit
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.hosts.host_link import HostLink
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.login_turns import LoginTurns
from pairterm.gateway.restart_waiting_room import WaitingRoom
from pairterm.gateway.session_directory import SessionDirectory

__all__ = ["GatewayState"]

_REDIALS = 16
"""Logins of hosts beyond the sessions there may be: a host may be back before its old link is known to be dead."""


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
        self.audit = audit
        self.bytes_out = 0
        """Bytes that were written to guests."""
        self.bytes_in = 0
        """Bytes that guests sent."""
        self.is_draining = False
        """It takes no more guests and sessions."""


def _no_link(owner: HostOwner) -> HostLink:
    raise AssertionError("no registry of hosts was made")
