"""The gateway's gate: what a guest typed goes to its session's host, or nowhere.

The first of the two gates before the pty (Law 6); every kind of guest goes through
it. The second is in the host.
"""

from __future__ import annotations

from typing import Protocol

from pairterm.link.messages import MAX_INPUT_BYTES
from pairterm.types import Role

__all__ = ["AWAY", "Typed", "let_through"]

AWAY = "host away: what you type is not sent"

_MAX_WAITING_INPUT_BYTES = 768 << 10
"""What may wait on the link for a host that does not read: a large paste. More is refused with a sign. A link ends
where 1 MiB waits (`hostlink`): the rest is for what is no input."""


class Typed(Protocol):
    """A session, as the gate sees it."""

    @property
    def away_since_s(self) -> float | None:
        """Since when its host is away; None while it is here."""

    @property
    def waiting_bytes(self) -> int:
        """What its host has not taken yet."""

    def input(self, number: int, data: bytes) -> None:
        """Send what the guest of this number typed."""


def let_through(session: Typed, number: int | None, role: Role, may_type: bool, data: bytes) -> str:
    """Send what guest `number` typed if it may type; return what to tell it if that went nowhere, "" for nothing.

    `number` None: the host has not let it in yet.
    """
    if not role.may_type or number is None:
        return ""
    if session.away_since_s is not None:
        return AWAY
    if not may_type:
        # The host says why; what it is told is nothing, and asks for that.
        session.input(number, b"")
        return ""
    if session.waiting_bytes + len(data) > _MAX_WAITING_INPUT_BYTES:
        return "the host takes no input: what you type is lost"
    for start in range(0, len(data), MAX_INPUT_BYTES):
        session.input(number, data[start : start + MAX_INPUT_BYTES])
    return ""
