"""What the kernel knows about the other end of a socket: its user, its process, its round-trip time."""

from __future__ import annotations

import errno
import socket
import struct
import sys
from pathlib import Path

__all__ = ["has_listener", "kernel_round_trip_ms", "peer_pid", "peer_uid"]

_UCRED = struct.Struct("3i")
"""Linux: `struct ucred`, with the pid, the uid and the gid (unix(7), SO_PEERCRED)."""

_SOL_LOCAL = 0
_LOCAL_PEERCRED = 1
"""macOS and the BSDs: `struct xucred` with the version, then the effective uid (unix(4))."""


def has_listener(path: Path) -> bool:
    """Return whether a process listens at a Unix socket, also if its queue is full. It never waits."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        return probe.connect_ex(str(path)) in (0, errno.EAGAIN)


def peer_uid(sock: socket.socket) -> int:
    """Return the uid of the process at the other end of a Unix socket, from the kernel."""
    if sys.platform == "linux":
        _pid, uid, _gid = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    else:
        _version, uid = struct.unpack("2I", sock.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, 76)[:8])
    return int(uid)


def peer_pid(sock: socket.socket) -> int | None:
    """Return the process at the other end of a Unix socket; of a listening one, the process that listens.

    None: the system does not tell (only Linux does).
    """
    if sys.platform != "linux":
        return None
    pid, _uid, _gid = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(pid)


_TCPI_RTT_OFFSET = 68
"""Linux: `tcpi_rtt` in `struct tcp_info`, in microseconds (linux/tcp.h): eight bytes, then the sixteenth u32."""


def kernel_round_trip_ms(sock: socket.socket) -> int | None:
    """Return the smoothed round-trip time of a TCP connection, from the kernel; None if the kernel does not tell it."""
    if sys.platform != "linux":
        return None
    try:
        found = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCPI_RTT_OFFSET + 4)
        (microseconds,) = struct.unpack_from("I", found, _TCPI_RTT_OFFSET)
    except (OSError, struct.error):
        return None
    return min(int(microseconds) // 1000, 600_000)
