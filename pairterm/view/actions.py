"""What a client's keys ask for: the values `View.keys` and `View.tick` return.

The view itself does all that concerns only what it shows (it is dirty then); an
action is for whoever owns the client: the gateway, or `pairterm attach`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Action", "Command", "ContentSize", "Copy", "Detach", "FetchHistory", "Redraw", "Type"]


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

    They are numbered back from the screen, whose first row is `Frame.scrolled`, or with a place counted from the
    line that has it; `stop - start` is 200 at most.
    """

    start: int
    stop: int
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """The client gave a command in words, such as `set size-policy largest`: `View.tell` what comes of it.

    Printable, at most 256 characters; what is said to others, up to 4000 with line feeds. A read-only client may
    ask, too; the host decides.
    """

    line: str


@dataclass(frozen=True, slots=True)
class Copy:
    """The client wants this text in the clipboard of their own terminal: `View.copied` has the bytes."""

    text: str


@dataclass(frozen=True, slots=True)
class ContentSize:
    """`View.content_size` changed by the client's wish: tell the session."""


Action = Type | Detach | Redraw | FetchHistory | Command | Copy | ContentSize
