"""Which gateway a new session is shared through."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from pairterm.config import UserConfig
from pairterm.errors import UsageError
from pairterm.paths import SYSTEM_LINK_SOCKET, check_socket_path, gateway_socket

__all__ = ["choose_gateway"]


def choose_gateway(option: str | None, config: UserConfig) -> tuple[Path, bool]:
    """Return the gateway's link socket, and whether it is the user's own, to be started if need be.

    First of: the option, `PAIRTERM_GATEWAY`, the configuration file, the machine's shared gateway if
    one listens, the user's own.

    Raises:
        UsageError: What is named is neither a socket's path nor "own".
    """
    named = option or os.environ.get("PAIRTERM_GATEWAY", "") or config.gateway
    if named == "own":
        return gateway_socket(), True
    if named.startswith(("/", "./", "../", "~")):
        return check_socket_path(Path(named).expanduser().absolute()), False
    if named:
        raise UsageError(
            f"no gateway {named!r}: give the path of a gateway's link socket, or 'own'; "
            "gateways on other machines can't be used yet",
            code="gateway",
        )
    if _listens(SYSTEM_LINK_SOCKET):
        return SYSTEM_LINK_SOCKET, False
    return gateway_socket(), True


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
