"""A guest's terminal as a typing lane uses it: past the guest and the view, which are told afterwards."""

from __future__ import annotations

from typing import Protocol

from pairterm.link.session_replica import Picture
from pairterm.runtime.direct_loop import DirectLoop
from pairterm.terminal.frame import Frame

__all__ = ["DirectTerminal", "EchoScreen", "TypedPackets"]


class TypedPackets(Protocol):
    """The connection on which a guest's keys arrive, while all of them go to the session."""

    fd: int
    """The descriptor of its socket."""

    def opened(self, data: bytes) -> bytes | None:
        """Return the content of a packet that arrived whole; None: it did not, or it is forged."""

    def key(self, opened: bytes) -> bytes | None:
        """Take a packet if it is one byte that goes to the session as it is, and return that. None: it is not taken."""

    def give_back(self, data: bytes) -> None:
        """Let the connection take what was read. It may be opened, but it is not taken."""

    def settle(self, keys: int, now_s: float, took_s: float) -> None:
        """Count the keys that were taken, and the time."""


class EchoScreen(Protocol):
    """A terminal that shows an echo by printing it."""

    def may_show(self, now_s: float) -> bool:
        """Return whether the terminal may get something now."""

    def show(self, text: bytes, now_s: float) -> None:
        """Print."""

    def settle(self, picture: Picture, shown_bytes: int, now_s: float) -> None:
        """Take note that the terminal shows this picture, after so many bytes."""


class DirectTerminal(Protocol):
    """A terminal that can have both."""

    def typed(self, loop: DirectLoop) -> TypedPackets | None:
        """Return the connection of its keys; None: they need the view now, or do not arrive on a socket here."""

    def screen(self, frame: Frame) -> EchoScreen | None:
        """Return the screen if it shows this frame, and what is written into blank cells has only to be printed."""
