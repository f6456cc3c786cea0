"""A gateway as a part of a service: everything that it does with the other gateways, over one bus.

A gateway alone makes none of this.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from msgspec.structs import replace

from pairterm.access.name_claims import Claim
from pairterm.cluster.service_directory import SessionEntry
from pairterm.errors import UsageError
from pairterm.gateway.bus.bus import Bus, BusAwayError
from pairterm.gateway.bus.limit_sharing import LimitSharing
from pairterm.gateway.bus.service_operator import ServiceOperator
from pairterm.gateway.hosts.host_registry import HostRegistry
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.operator import Operator
from pairterm.gateway.relay.key_logins import KeyLogins
from pairterm.gateway.relay.remote_sessions import RemoteSessions
from pairterm.gateway.relay.service_sessions import ServiceSessions
from pairterm.gateway.session_directory import check_fixed_name
from pairterm.gateway.shared_state import GatewayState
from pairterm.link.messages import Register
from pairterm.runtime.supervisor import Supervisor

__all__ = ["Service"]


class Service:
    """One gateway's part of the service."""

    def __init__(
        self,
        bus: Bus,
        state: GatewayState,
        registry: HostRegistry,
        operator: Operator,
        tasks: Supervisor,
        *,
        grace_s: float,
    ) -> None:
        """Connect the parts of a gateway to the bus, which is started later."""
        self.bus = bus
        self._state = state
        self._tasks = tasks
        self._remote = RemoteSessions(bus, state, tasks, grace_s=grace_s, most=state.directory.max_sessions)
        state.elsewhere = self._remote
        state.keys_elsewhere = None if _is_of_one_machine(bus) else KeyLogins(self._remote, bus, state.hosts)
        state.access.sessions = ServiceSessions(bus, state.directory, self._remote)
        state.directory.on_name_free = bus.release_name
        registry.name_claims = self
        bus.on_name_lost.append(registry.lost_name)
        bus.directory.on_change.append(self._known)
        self._operator = ServiceOperator(bus, operator)
        self._limits = LimitSharing(bus, state)
        tasks.keep("sharing limits", self._limits.run)

    @property
    def has_others(self) -> bool:
        """Gateways of other machines are here: hosts who dial again come to one of them."""
        return self.bus.is_connected and not all(map(self.bus.trusts, self.bus.directory.others))

    async def close(self) -> None:
        """Tell the guests of other gateways' sessions that this gateway is going away, and leave the service."""
        self._remote.close()
        await self.bus.close()

    def _known(self, entry: SessionEntry) -> None:
        """Guests who wait for a host after a restart may wait for one that is at another gateway now."""
        self._state.waiting_room.known([each.token_hash for each in entry.invitations])

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the claim of a host's link in the background."""
        self._tasks.once("claiming a name", work)

    async def claim(self, owner: HostOwner, message: Register) -> tuple[Register, str]:
        """Claim the fixed name of a session in the whole service: see `NameClaims`."""
        name = message.fixed_name
        holder = self._state.directory.named(name)
        claim = Claim(owner.id, message.instance, message.generation)
        try:
            check_fixed_name(name, owner)
            granted = await self.bus.claim_name(
                name, claim, is_connected=holder is not None and holder.link is not None
            )
        except BusAwayError as error:
            if message.generation:
                return message, ""  # It had the name before. The newer claim wins when the gateway is back.
            text = "the gateway is cut off from the others and gives no fixed names now: try again later"
            raise UsageError(text, code="cut_off") from error
        except UsageError as error:
            if not message.generation:
                raise
            return replace(message, fixed_name=""), error.message
        return replace(message, generation=granted.generation), ""


def _is_of_one_machine(bus: Bus) -> bool:
    """Return whether all gateways are workers of this machine, and believed."""
    return all(each.trusts(each.name) for each in bus.parts)
