"""The parts of a gateway that its settings decide: its state, its door for browsers, its audit file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pairterm.access.guest_places import GuestPlaces
from pairterm.access.max_startups import LoginQueue, Startups
from pairterm.access.penalties import SourcePenalties
from pairterm.config import GatewayConfig
from pairterm.errors import UsageError
from pairterm.gateway.audit_events import GatewayAudit
from pairterm.gateway.descriptors import Room
from pairterm.gateway.gateway_settings import GatewaySettings
from pairterm.gateway.hosts.authorized_hosts import HostAdmission
from pairterm.gateway.recording_store import RecordingStore
from pairterm.gateway.session_directory import SessionDirectory
from pairterm.gateway.shared_state import GatewayState
from pairterm.paths import gateway_audit_file

if TYPE_CHECKING:
    from pairterm.gateway.web.door import WebDoor
    from pairterm.gateway.web.lazy_door import LazyDoor

__all__ = ["audit_path", "state_of", "web_door"]


def state_of(
    config: GatewayConfig, room: Room, startups: Startups, hosts: HostAdmission, audit: GatewayAudit
) -> GatewayState:
    """Return what the connections of a gateway share, within the limits of its configuration and its descriptors."""
    penalties, quotas = SourcePenalties(), room.quotas
    return GatewayState(
        SessionDirectory(max_sessions=quotas.sessions),
        penalties=penalties,
        login_queue=LoginQueue(
            startups,
            per_source=config.max_unauthenticated_per_source,
            max_waiting=min(config.max_waiting, quotas.logins - startups.full),
            login_timeout_s=config.login_timeout_s,
            tries_left=penalties.tries_left,
        ),
        guests=GuestPlaces(
            quotas.guests, per_session=config.max_guests_per_session, per_source=config.max_guests_per_source
        ),
        max_hosts=quotas.sessions,
        hosts=hosts,
        audit=audit,
    )


def web_door(
    settings: GatewaySettings, state: GatewayState, store: RecordingStore | None, *, max_unsettled: int
) -> WebDoor | LazyDoor | None:
    """Return the door for browsers; None: the configuration has none.

    Raises:
        UsageError: aiohttp is not installed, or something of the configuration can't be used.
    """
    config = settings.config
    if settings.has_page:
        from pairterm.gateway.web.lazy_door import LazyDoor

        return LazyDoor(state, settings.port + 1, max_unsettled=max_unsettled)
    if not config.web.is_on:
        return None
    try:
        from pairterm.gateway.web.door import WebDoor  # Here: aiohttp takes 10 MiB.
    except ModuleNotFoundError as error:
        raise UsageError("[web] needs the package aiohttp: pip install 'pairterm[web]'", code="no_web") from error
    return WebDoor(config.web, state, store, max_unsettled=max_unsettled)


def audit_path(config: GatewayConfig, directory: Path) -> Path | None:
    """Return the audit file; None: the configuration wants none."""
    if not config.audit.enabled:
        return None
    return Path(config.audit.file) if config.audit.file else gateway_audit_file(directory)
