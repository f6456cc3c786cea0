"""What one gateway process is started with, and where it is found when it is ready."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pairterm.config import GatewayConfig
from pairterm.gateway.systemd import PassedSockets

__all__ = ["GatewaySettings", "Serving", "Worker", "own_gateway_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a process is given that is one of several workers of `pairterm serve --workers`."""

    number: int
    """From 0 on. A worker that takes the place of a dead one has the same number."""
    machine: str
    """What all workers of this parent have in common, drawn at its start: see `ServiceDirectory.machine_of`."""
    directory: Path
    """The private directory of the workers' sockets: see `LocalBus`."""
    sockets: PassedSockets
    """The sockets that their parent listens on."""
    may_close_ports: bool
    """Its parent made the sockets for guests, and not systemd."""
    life_fd: int
    """The pipe on which the worker tells its parent that it is ready and alive."""
    parent_fd: int
    """A pipe that closes when the parent is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """What one gateway process is started with."""

    config: GatewayConfig
    is_own: bool = False
    """It also listens on loopback, on `port` or the next free port, and ends after its last session."""
    port: int = 0
    has_page: bool = False
    """As a user's own gateway, it serves the page for browsers on loopback, if it can."""

    worker: Worker | None = None
    """It is one of several workers; None: it is the only process."""

    @property
    def takes_browsers(self) -> bool:
        """Browsers can join."""
        return self.config.web.is_on or self.has_page


@dataclass(frozen=True, slots=True)
class Serving:
    """Where a gateway that is ready is found."""

    listen: tuple[str, ...]
    link_socket: str
    fingerprint: str
    web: str = ""
    """The URL of the page for browsers; "" if there is none."""


def own_gateway_settings(listen: list[str], advertise: str, port: int, *, web: bool) -> GatewaySettings:
    """Return the settings of a user's own gateway, on `port` or the next free one.

    `web`: it serves the page for browsers, if aiohttp and the page are installed.
    """
    from pairterm.gateway.web.lazy_door import can_serve_browsers

    config = replace(GatewayConfig(), listen=listen, advertise=advertise)
    return GatewaySettings(config=config, is_own=True, port=port, has_page=web and can_serve_browsers())
