"""Has the kernel find out when the machine at the other end of a connection is gone, without waking this process."""

from __future__ import annotations

import contextlib
import socket

__all__ = ["watch_for_death"]

_KEEPALIVE_IDLE_S = 15
_KEEPALIVE_PROBES = 3
"""A peer that is silent is asked after 15 s and every 15 s; four such spans without a sign, and it is gone. Also
what keeps the mapping in a home router alive, which some forget after 30 s."""

_UNACKNOWLEDGED_MS = 60_000
"""How long sent bytes may go unacknowledged, if nothing else is said; without a limit, some 15 minutes."""


def watch_for_death(sock: socket.socket, *, unacknowledged_ms: int = _UNACKNOWLEDGED_MS) -> None:
    """Have the kernel find out when the machine at the other end is gone.

    `unacknowledged_ms`: how long sent bytes may go without the peer's kernel taking them.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    settings = {
        "TCP_KEEPIDLE": _KEEPALIVE_IDLE_S,
        "TCP_KEEPALIVE": _KEEPALIVE_IDLE_S,  # macOS' name of the same
        "TCP_KEEPINTVL": _KEEPALIVE_IDLE_S,
        "TCP_KEEPCNT": _KEEPALIVE_PROBES,
        "TCP_USER_TIMEOUT": unacknowledged_ms,
    }
    for name, value in settings.items():
        if hasattr(socket, name):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
