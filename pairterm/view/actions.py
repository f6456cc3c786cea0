"""What a client's keys ask for: the values `View.keys` and `View.tick` return.

The view itself does all that concerns only what it shows (it is dirty then); an
action is for whoever owns the client: the gateway, or `pairterm attach`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Action", "Detach", "FetchHistory", "Redraw", "Say", "Type"]


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
    """The view needs the history's lines `start` to `stop`: answer with `View.history`.

    They are numbered from the first that ever left the screen, and `stop - start` is 200 at most.
    """

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Say:
    """The client gave a command in words, such as `set size-policy largest`; the core says what comes of it."""

    line: str


Action = Type | Detach | Redraw | FetchHistory | Say
