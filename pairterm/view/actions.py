"""What a client's keys ask for: the values `View.keys` and `View.tick` return.

The view itself does all that concerns only what it shows (it is dirty then); an
action is for whoever owns the client: the gateway, or `pairterm attach`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Action", "Detach", "FetchHistory", "Redraw", "Type"]


@dataclass(frozen=True, slots=True)
class Type:
    """Bytes for the pty, as the client's terminal sent them. Never from a read-only view."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Detach:
    """The client leaves; the session goes on."""


@dataclass(frozen=True, slots=True)
class Redraw:
    """The client asked for a whole painting: the view is dirty, paint without waiting."""


@dataclass(frozen=True, slots=True)
class FetchHistory:
    """The view needs history lines start to stop (0 the oldest kept): answer with `View.history`."""

    start: int
    stop: int


Action = Type | Detach | Redraw | FetchHistory
