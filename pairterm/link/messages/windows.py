"""The messages about windows: which there are, how their panes lie, and where each client looks.

A link with a guest on it learns only the number of a hidden window. `link.session_replica`
keeps what these messages say, and checks the rectangles.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, field

from pairterm.link.messages.fields import Client, Cols, Message, Name, Pane, Rows, WindowNumber
from pairterm.types import MAX_COLS, MAX_ROWS

__all__ = ["MAX_INDEX", "MAX_PANES", "MAX_WINDOWS", "LookAt", "PaneWire", "WindowWire", "Windows"]

MAX_WINDOWS = 100
"""Windows of one session. A status line shows a dozen."""

MAX_PANES = 64
"""Panes of one window. On a screen of 200 × 50 each of so many has 24 × 5 cells."""

MAX_INDEX = 9999
"""The greatest number under which a window is listed, and selected by keys."""

_Row: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_ROWS - 1)]
_Col: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_COLS - 1)]


class PaneWire(Message, frozen=True, tag="pane"):
    """A pane, and its rectangle in its window, in 0-based cells."""

    pane: Pane
    row: _Row
    col: _Col
    rows: Rows
    cols: Cols
    is_document: bool = False
    """It has no program, and its frames are blank: a view shows the documents of the session there."""


class WindowWire(Message, frozen=True, tag="window"):
    """A window of `Windows`, in the order of their numbers."""

    window: WindowNumber
    index: Annotated[int, Meta(ge=0, le=MAX_INDEX)]
    """The number under which it is listed."""
    name: Name
    """"" for a hidden window on a link with a guest."""
    rows: Rows
    cols: Cols
    panes: Annotated[list[PaneWire], Meta(max_length=MAX_PANES)] = field(default_factory=list)
    """In tmux's order; [] for a hidden window on a link with a guest."""
    is_hidden: bool = False
    has_bell: bool = False
    """A program in it rang since somebody looked at it last."""
    has_activity: bool = False
    """A program in it printed since somebody looked at it last, and the owner wants to see that."""
    driver: Name = ""
    """Who drives in it while one person types at a time, and the time left, for status lines; "" for nothing."""


class Windows(Message, frozen=True, tag="windows"):
    """The windows that this link may know of. Each such message replaces the one before."""

    windows: Annotated[list[WindowWire], Meta(max_length=MAX_WINDOWS)]
    leader: Name = ""
    """The name of the person whose window the others follow, or ""."""
    leads: Client | None = None
    """That person's client, if it is on this link."""


class LookAt(Message, frozen=True, tag="look"):
    """A client looks at this pane of this window. With None as `client`, all look there that follow the leader."""

    client: Client | None
    window: WindowNumber | None
    """None: the client follows the leader again. For those that follow: they may see no window now."""
    pane: Pane = 0
    """The active pane: it has the cursor, and gets the keys."""
    is_zoomed: bool = False
    """Only this pane is shown."""
    last: WindowNumber | None = None
    """The window where they looked before."""
