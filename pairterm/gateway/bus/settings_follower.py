"""Applies the settings that an operator pushes to all gateways of a service, while the gateway runs.

The newest ones are kept in a file of the state directory. So a gateway that starts while it is cut
off from the others has those that it knew last.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from pairterm.cluster.service_settings import ServiceSettings, decode_settings, encode_settings
from pairterm.config import GatewayConfig
from pairterm.errors import PeerError
from pairterm.gateway.bus.bus import Bus
from pairterm.gateway.hosts.host_registry import HostRegistry
from pairterm.gateway.public_address import PublicAddress
from pairterm.gateway.shared_state import GatewayState

__all__ = ["SettingsFollower"]

logger = logging.getLogger(__name__)


class SettingsFollower:
    """The pushed settings of one gateway, beside its own."""

    def __init__(
        self,
        bus: Bus,
        own: GatewayConfig,
        state: GatewayState,
        registry: HostRegistry,
        address: PublicAddress,
        kept: Path,
    ) -> None:
        """Apply what is kept in the file `kept`, and follow what is pushed from now on.

        `own`: the gateway's own settings, of which `max_guests` and `max_sessions` fit its descriptors.
        """
        self._bus = bus
        self._own = own
        self._state = state
        self._registry = registry
        self._address = address
        self._kept = kept
        self.settings = ServiceSettings()
        """What is applied now."""
        try:
            self._apply(decode_settings(kept.read_bytes()))
        except FileNotFoundError:
            pass
        except (OSError, PeerError) as error:
            logger.warning("the settings that were pushed last can't be read: %s", error)
        bus.on_config.append(self._take)

    async def push(self, settings: ServiceSettings) -> None:
        """Push settings to all gateways of the service, this one included.

        Raises:
            UsageError: This gateway is in no service that takes settings.
            BusAwayError: The gateway is cut off.
        """
        await self._bus.push_config(encode_settings(settings))

    def _take(self, payload: bytes) -> None:
        """Take what was pushed.

        Raises:
            PeerError: It is bad, and nothing changes.
        """
        settings = decode_settings(payload)
        if settings == self.settings:
            return
        self._apply(settings)
        logger.info("the service's settings have changed: %s", ", ".join(_names(settings)) or "none is pushed")
        try:
            fresh = self._kept.with_name(f".{self._kept.name}.{os.getpid()}")
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(payload)
            fresh.replace(self._kept)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            logger.warning("the service's settings can't be kept for the next start: %s", error.strerror)

    def _apply(self, pushed: ServiceSettings) -> None:
        own = self._own
        self.settings = pushed
        self._state.access.guests.limit(
            # A gateway takes no more than it has descriptors for.
            min(pushed.max_guests or own.max_guests, own.max_guests),
            per_session=pushed.max_guests_per_session or own.max_guests_per_session,
            per_source=pushed.max_guests_per_source or own.max_guests_per_source,
        )
        self._state.directory.max_sessions = min(pushed.max_sessions or own.max_sessions, own.max_sessions)
        self._state.hosts.max_sessions = pushed.max_sessions_per_user or own.max_sessions_per_user
        self._state.hosts.pushed = pushed.authorized_hosts
        self._registry.record = self._address.record = pushed.record or own.record
        self._registry.grace_s = own.hosts.grace_s if pushed.grace_s is None else pushed.grace_s


def _names(settings: ServiceSettings) -> list[str]:
    """Return the names of the settings that are pushed."""
    return [each for each in ServiceSettings.__struct_fields__ if getattr(settings, each) not in (None, "")]
