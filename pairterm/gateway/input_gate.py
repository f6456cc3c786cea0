"""The gateway's gate: what a guest types goes to the session's host here, or nowhere.

This is the first of the two gates before the pty (Law 6). Every kind of guest goes
through it, by `Guest.type`. The second gate is in the host.
"""

from __future__ import annotations

from typing import Protocol

from pairterm.link.messages import MAX_INPUT_BYTES
from pairterm.types import Role

__all__ = ["AWAY", "TakesInput", "let_through"]

AWAY = "host away: what you type is not sent"

_MAX_WAITING_INPUT_BYTES = 768 << 10
"""How much may wait on the link for a host that does not read: a large paste. More is refused with a line. The link
ends at 1 MiB (`host_link`): the rest is for messages that are no input."""


class TakesInput(Protocol):
    """A session, as the gate sees it."""

    @property
    def away_since_s(self) -> float | None:
        """Since when the host is away; None while it is connected."""

    @property
    def waiting_bytes(self) -> int:
        """How much was sent to the host and not taken yet."""

    def input(self, number: int, data: bytes) -> None:
        """Send what the guest with this number typed."""


def let_through(session: TakesInput, number: int | None, role: Role, may_type: bool, data: bytes) -> str:
    """Send what a guest typed if the guest may type; return what to tell the guest if it was not sent, or "".

    Args:
        session: Where the guest is.
        number: The guest's number; None: the host has not let this guest in.
        role: The guest's role.
        may_type: False: the host takes no keys from this guest now (a pause, or someone else drives).
        data: The keys.
    """
    if role is Role.READ_ONLY or number is None:
        return ""
    if session.away_since_s is not None:
        return AWAY
    if not may_type:
        # An empty input asks the host to tell the guest the reason.
        session.input(number, b"")
        return ""
    if session.waiting_bytes + len(data) > _MAX_WAITING_INPUT_BYTES:
        return "the host takes no input: what you type is lost"
    for start in range(0, len(data), MAX_INPUT_BYTES):
        session.input(number, data[start : start + MAX_INPUT_BYTES])
    return ""
