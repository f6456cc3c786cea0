"""Actions: the wishes of a client's keys, as `View.keys` and `View.tick` return them.

The view itself does everything that changes only its own screen, and is dirty then. An
action is for the caller: the gateway, or `pairterm attach`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import msgspec

from pairterm.types import PaneId

__all__ = [
    "Action",
    "Command",
    "ContentSize",
    "Copy",
    "Detach",
    "FetchHistory",
    "Redraw",
    "Replay",
    "Type",
    "ViewHistory",
    "joined",
]


class Type(msgspec.Struct, frozen=True):
    """Bytes for the pty, as the client's terminal sent them. A read-only view never makes one."""

    data: bytes


class Detach(msgspec.Struct, frozen=True):
    """The client leaves. The session goes on."""


class Redraw(msgspec.Struct, frozen=True):
    """The client wants a whole painting. The view is dirty: paint it without waiting."""


@dataclass(frozen=True, slots=True)
class FetchHistory:
    """The view needs the lines `start` to `stop` of the history. The answer is `View.history`.

    The screen's first row has the number `Frame.scrolled`. With a `place`, the numbers count from the line that has
    this place. `stop - start` is 200 at most. `pane` None: the session's only pane.
    """

    start: int
    stop: int
    place: int | None = None
    pane: PaneId | None = None


class Command(msgspec.Struct, frozen=True):
    """The client gave a command, such as `set size-policy largest`. `View.tell` shows the result.

    It is printable and has at most 256 characters. A message to others may have 4000, with line feeds. A read-only
    client may give commands, too: the host decides.
    """

    line: str


class Copy(msgspec.Struct, frozen=True):
    """The client wants this text in the clipboard of their terminal. `View.copied` makes the bytes."""

    text: str


class ContentSize(msgspec.Struct, frozen=True):
    """The client has changed `View.content_size`: tell the session."""


class ViewHistory(msgspec.Struct, frozen=True):
    """The owner wants the whole history in their pager: lend it the terminal, see `View.lend`. Never from others."""


class Replay(msgspec.Struct, frozen=True):
    """The person wants to go back in time. At the owner's own terminal, lend it to the player: see `View.lend`."""


Action = Type | Detach | Redraw | FetchHistory | Command | Copy | ContentSize | ViewHistory | Replay


def joined(actions: list[Action]) -> list[Action]:
    """Join neighbouring `Type`s: one write to the pty instead of many. Cost: O(bytes)."""
    fewer: list[Action] = []
    for is_typed, group in groupby(actions, key=lambda action: isinstance(action, Type)):
        if is_typed:
            fewer.append(Type(b"".join(action.data for action in group if isinstance(action, Type))))
        else:
            fewer += group
    return fewer
