"""Where a gateway takes streams from other gateways without the bus: `listen` and `advertise` of `[cluster]`."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from pairterm.cluster_config import ClusterConfig
from pairterm.config import parse_address
from pairterm.errors import UsageError
from pairterm.gateway.listeners import ANY
from pairterm.types import MAX_PORT

__all__ = ["MAX_ADDRESS_CHARACTERS", "DirectAddress", "direct_address"]

MAX_ADDRESS_CHARACTERS = 300
"""A name in the DNS has 253, and a port six."""


@dataclass(frozen=True, slots=True)
class DirectAddress:
    """Where one gateway process listens, and what the others are told."""

    host: str
    """"": every address."""
    port: int
    """0: a free one."""
    advertised_host: str
    advertised_port: int
    """0: the one that it listens on."""

    def advertised(self, bound_port: int) -> str:
        """Return the address for the others, when the port is known."""
        host = f"[{self.advertised_host}]" if ":" in self.advertised_host else self.advertised_host
        return f"{host}:{self.advertised_port or bound_port}"


def direct_address(config: ClusterConfig, worker: int) -> DirectAddress | None:
    """Return the address of one worker, or of a gateway without workers as number 0; None: it takes no direct streams.

    Raises:
        UsageError: The settings name no address.
    """
    if not config.listen:
        if config.advertise:
            raise UsageError("[cluster] advertise is of no use without listen", code="cluster_listen")
        return None
    host, port = _parsed("listen", config.listen, worker)
    if not config.advertise:
        return DirectAddress(host, port, socket.gethostname() if host in ANY else host, port)
    advertised = _parsed("advertise", config.advertise, worker)
    if advertised[0] in ANY:
        raise UsageError("[cluster] advertise needs a host that other gateways reach", code="cluster_listen")
    return DirectAddress(host, port, *advertised)


def _parsed(key: str, text: str, worker: int) -> tuple[str, int]:
    host, port = parse_address(text)
    if ":" not in text.rpartition("]")[2]:
        raise UsageError(f"[cluster] {key} needs a port: HOST:PORT", code="cluster_listen")
    if port and port + worker > MAX_PORT:
        raise UsageError(f"[cluster] {key}: no port is left for worker {worker}", code="cluster_listen")
    return host, port + worker if port else 0
