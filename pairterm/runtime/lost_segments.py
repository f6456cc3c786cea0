"""Has the kernel send lost data again soon: after an outage, a connection goes on within a second.

TCP doubles the time between two attempts to send the same data again, up to two minutes (RFC 6298 §5.5). So after an
outage of ten seconds, a terminal would stand still for up to ten more. Our connections carry little while
nothing is acknowledged, and somebody waits at their end.
"""

from __future__ import annotations

import contextlib
import socket
import sys

__all__ = ["resend_soon"]

_TCP_RTO_MAX_MS = 44
"""linux/tcp.h, since Linux 6.15: the longest time between two attempts. Python has no name for it."""

_LONGEST_PAUSE_MS = 1000
"""The kernel takes no less."""

_TCP_THIN_LINEAR_TIMEOUTS = 16
"""linux/tcp.h: for connections with little data under way, the time does not grow for the first six attempts."""


def resend_soon(sock: socket.socket) -> None:
    """Have the kernel send unacknowledged data again each second at least, where it can."""
    if sys.platform == "linux":
        for name, value in ((_TCP_RTO_MAX_MS, _LONGEST_PAUSE_MS), (_TCP_THIN_LINEAR_TIMEOUTS, 1)):
            with contextlib.suppress(OSError):  # an older kernel, or no TCP
                sock.setsockopt(socket.IPPROTO_TCP, name, value)
