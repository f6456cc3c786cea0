"""The ways of a session: to its host, and to guests of other gateways. `HostedSession` knows only these."""

from __future__ import annotations

from typing import Protocol

from pairterm.link.messages import ViewerMessage, ViewSettings
from pairterm.types import Attendance, PaneId

__all__ = ["HostWire", "Relay"]


class HostWire(Protocol):
    """The sending end of a host's link."""

    @property
    def waiting_bytes(self) -> int:
        """How much was sent and not taken by the other side yet."""

    def send(self, message: ViewerMessage) -> None:
        """Send a message; nothing happens on a link that has ended."""

    def close(self) -> None:
        """End the link after what is still to be sent."""

    def excuse(self, took_s: float) -> None:
        """Take so much out of the link's turn: it was spent on showing something to guests."""


class Relay(Protocol):
    """The way to guests who are at another gateway: it is shown the session once, and not for each of them."""

    def show(self, pane: PaneId) -> None:
        """There is a newer frame of a pane."""

    def show_windows(self) -> None:
        """The windows changed, or somebody looks elsewhere."""

    def show_documents(self) -> None:
        """Show the files that editors share now."""

    def attend(self, attendance: Attendance) -> None:
        """Somebody came or left, or another person types."""

    def set_settings(self, settings: ViewSettings) -> None:
        """The owner wants views to look like this."""

    def host_away(self, since_s: float | None) -> None:
        """The host is away since then; None: it is back, and everything is told anew."""

    def end(self) -> None:
        """End the relay, and forget its guests at once: their own gateway brings them to where the session is now."""
