"""What a guest needs of their session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pairterm.gateway.input_gate import TakesInput
from pairterm.link.messages import ViewerMessage
from pairterm.types import Attendance

if TYPE_CHECKING:
    from pairterm.gateway.guest import Guest

__all__ = ["GuestSession"]


class GuestSession(TakesInput, Protocol):
    """The session, as one of its guests sees it."""

    @property
    def name(self) -> str:
        """The session's name."""

    @property
    def attendance(self) -> Attendance:
        """Everyone who is in the session."""

    def add(self, guest: Guest) -> int:
        """Count a guest as this session's; return the guest's number."""

    def remove(self, number: int, *, is_lost: bool) -> None:
        """Forget a guest; `is_lost`: they may come back by their ticket."""

    def send(self, message: ViewerMessage) -> None:
        """Send a message to the host, if it is connected."""

    def is_back(self, number: int) -> bool:
        """Return whether the host shows a guest a replay."""
