"""The text of `capture-pane` and a program's clipboard, for the owner. Allowed on the local socket only."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pairterm.link.messages.fields import Cols, Message, Number, Pane, Rows
from pairterm.link.messages.screens import MAX_HISTORY_LINES, PensWire, RowWire
from pairterm.terminal.events import MAX_CLIPBOARD_BYTES

__all__ = ["Capture", "Captured", "Clipboard"]


class Capture(Message, frozen=True, tag="capture"):
    """Asks for `Captured`: the lines `start` to `stop` of the history and the screen, numbered as in `FetchHistory`."""

    start: Number
    stop: Number
    pane: Pane | None = None
    """None: the active pane where those look who follow."""
    is_primary: bool = False
    """The lines are those of the primary screen behind the alternate one, numbered from 0. There may be none."""


class Captured(Message, frozen=True, tag="captured"):
    """The answer to `Capture`: the lines from `start` on that exist, as many as one message takes."""

    start: Number
    oldest: Number
    """The number of the oldest line of the history."""
    scrolled: Number
    """The number of the screen's first row."""
    screen_rows: Rows
    cols: Cols
    rows: Annotated[list[RowWire], Meta(max_length=MAX_HISTORY_LINES)]
    pens: PensWire


class Clipboard(Message, frozen=True, tag="clipboard"):
    """The program copied this (OSC 52). The owner's terminal takes it if the owner allows it there."""

    data: Annotated[bytes, Meta(max_length=MAX_CLIPBOARD_BYTES)]
