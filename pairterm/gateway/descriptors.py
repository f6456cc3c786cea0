"""The gateway's file descriptors: the limit raised as far as it is needed, and a few held in reserve.

The quotas keep guests and sessions under the limit (`access.quotas`). The reserve is for descriptors that
nobody counted: when none is left, a few are released. Then new clients can be told so, and
a host of this machine can still connect.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass

from pairterm.access.quotas import LEAST_DESCRIPTORS, Quotas, quotas_within
from pairterm.errors import SystemFault

__all__ = ["RESERVED", "Reserve", "Room", "is_shortage", "room_for"]

logger = logging.getLogger(__name__)

RESERVED = 8
"""Held open for nothing: an `accept`, the user database, a file of keys, a log that is rotated."""

_UNCOUNTED = 24
"""Left for what nobody counts: listeners, the operator's questions, scrapes of metrics, the audit."""

_SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def is_shortage(error: OSError) -> bool:
    """Return whether a call failed because descriptors or memory ran out."""
    return error.errno in _SHORTAGES


@dataclass(frozen=True, slots=True)
class Room:
    """How much a gateway has room for."""

    quotas: Quotas
    limit: int
    """Of descriptors."""
    needed: int
    """The limit that all quotas of the configuration would need."""

    def log(self) -> None:
        """Log it for the operator."""
        guests, sessions = self.quotas.guests, self.quotas.sessions
        if self.limit >= self.needed:
            logger.info("room for %d guests and %d sessions in %d descriptors", guests, sessions, self.limit)
        else:
            logger.warning(
                "room for only %d guests and %d sessions in %d descriptors; for all that the configuration asks for it "
                "takes %d", guests, sessions, self.limit, self.needed,
            )  # fmt: skip


def room_for(wanted: Quotas) -> Room:
    """Raise the process' limit as far as `wanted` needs it and may have it; return what fits.

    Raises:
        SystemFault: The limit is so low that next to nothing fits.
    """
    held = _open_now() + RESERVED + _UNCOUNTED
    needed = held + wanted.descriptors
    limit = _raised_limit(needed)
    if limit - held < LEAST_DESCRIPTORS:
        raise SystemFault(
            f"only {limit} file descriptors are allowed: raise the limit (ulimit -n, LimitNOFILE=) to {needed}",
            code="descriptors",
        )
    return Room(quotas_within(wanted, limit - held), limit, needed)


def _open_now() -> int:
    """Return how many descriptors are open; a guess if a sandbox hides that."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return 8


def _raised_limit(needed: int) -> int:
    """Raise the soft limit to `needed`, or as far as the hard limit allows; return it."""
    try:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    except OSError:
        return needed  # A sandbox that lets nobody ask: its maker knows.
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return needed if soft == resource.RLIM_INFINITY else soft
    raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    except (OSError, ValueError):
        return soft
    return raised


class Reserve:
    """Descriptors that are kept for when no other is left."""

    def __init__(self, count: int = RESERVED) -> None:
        self._count = count
        self._held: list[int] = []
        self.refill()

    def refill(self) -> None:
        """Open descriptors until the reserve is full again, or none is left."""
        with contextlib.suppress(OSError):
            while len(self._held) < self._count:
                self._held.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))

    def close(self) -> None:
        """Release all of them."""
        while self._held:
            os.close(self._held.pop())

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Release all of them for the block, and take back as many as are left."""
        self.close()
        try:
            yield
        finally:
            self.refill()
