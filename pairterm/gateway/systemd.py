"""Talks with systemd: state and watchdog (sd_notify(3)), passed sockets (sd_listen_fds(3)), and credentials.

systemd tells a service in the environment what it may use. A variable that is missing means that systemd
did not start us, or that the unit does not ask for this. Then nothing happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pairterm.errors import SystemFault
from pairterm.paths import OPERATOR_SUFFIX

__all__ = ["PassedSockets", "credential", "feed_watchdog", "notify", "passed_sockets", "watchdog_pause_s"]

_FIRST_PASSED = 3
"""The first descriptor that systemd passes (SD_LISTEN_FDS_START)."""

_MOST_PASSED = 64
"""Addresses that a socket unit may name; a larger number is a mistake of somebody else's."""

_STATUS_PAUSE_S = 15.0
"""How often the status is told if the unit has no watchdog."""


def notify(state: str, *, may_wait: bool = False) -> None:
    """Send `state`, such as `READY=1` or `STOPPING=1`, if systemd started us with `Type=notify`.

    While systemd does not read, the state is dropped. `may_wait`: it is too important for that.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.setblocking(may_wait)
        sock.sendto(state.encode(), address)


def watchdog_pause_s() -> float:
    """Return half the time within which the watchdog wants a sign of life; 0 if there is none.

    sd_watchdog_enabled(3) advises to give a sign each half.
    """
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    with contextlib.suppress(ValueError):
        return max(int(os.environ.get("WATCHDOG_USEC", "0")), 0) / 2e6
    return 0.0


async def feed_watchdog(status: Callable[[], str]) -> None:
    """Give signs of life from the event loop while it runs, each with a line for `systemctl status`.

    If the loop is stuck, the signs stop. systemd then ends the gateway and starts it again.
    """
    if "NOTIFY_SOCKET" not in os.environ:
        return
    pause_s = watchdog_pause_s()
    sign = "WATCHDOG=1\n" if pause_s else ""
    while True:
        notify(f"{sign}STATUS={status()}")
        await asyncio.sleep(pause_s or _STATUS_PAUSE_S)


@dataclass(frozen=True, slots=True)
class PassedSockets:
    """Listening sockets that systemd holds. They stay open when the gateway ends, and new connections wait in them."""

    guests: list[socket.socket] = field(default_factory=list)
    link: socket.socket | None = None
    """The link socket; None if it is not passed."""
    operator: socket.socket | None = None
    """The operator's socket; None if it is not passed."""
    web: list[socket.socket] = field(default_factory=list)
    """Sockets for browsers. systemd passes none; the parent of several workers does."""

    @property
    def link_path(self) -> Path | None:
        """The path of the link socket."""
        return Path(self.link.getsockname()) if self.link is not None else None


def passed_sockets() -> PassedSockets:
    """Take the sockets that systemd passes to this process. A second call finds none.

    Raises:
        SystemFault: One of them is no listening stream socket, or there are two for links or for the operator.
    """
    passed_to, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if passed_to != str(os.getpid()) or not count.isdecimal():
        return PassedSockets()
    guests: list[socket.socket] = []
    links: list[socket.socket] = []
    operators: list[socket.socket] = []
    for fd in range(_FIRST_PASSED, _FIRST_PASSED + min(int(count), _MOST_PASSED)):
        try:
            os.set_inheritable(fd, False)
            sock = socket.socket(fileno=fd)
            is_listening = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        except OSError as error:
            raise SystemFault(
                f"systemd passed no socket as descriptor {fd}: {error.strerror}", code="passed"
            ) from error
        if sock.type != socket.SOCK_STREAM or not is_listening:
            raise SystemFault(f"descriptor {fd} of systemd is no listening stream socket", code="passed")
        sock.setblocking(False)
        if sock.family != socket.AF_UNIX:
            guests.append(sock)
        else:
            (operators if str(sock.getsockname()).endswith(OPERATOR_SUFFIX) else links).append(sock)
    if len(links) > 1 or len(operators) > 1:
        text = (
            f"systemd passed too many Unix sockets: one is for links, and one, PATH{OPERATOR_SUFFIX}, for the operator"
        )
        raise SystemFault(text, code="passed")
    return PassedSockets(guests, next(iter(links), None), next(iter(operators), None))


def credential(name: str) -> Path | None:
    """Return the file of a credential (`LoadCredential=`); None if systemd passes none of this name."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY", "")
    path = Path(directory) / name
    return path if directory.startswith("/") and path.exists() else None
