"""Chooses the bus of a gateway by its settings."""

from __future__ import annotations

from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.gateway.gateway_settings import GatewaySettings
from pairterm.runtime.supervisor import Supervisor

__all__ = ["opened_bus"]


def opened_bus(settings: GatewaySettings, tasks: Supervisor) -> LocalBus:
    """Return the bus, which is not started yet."""
    assert settings.worker is not None
    return LocalBus(settings.worker.directory, tasks)
