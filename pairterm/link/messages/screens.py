"""The messages about a pane: the changes of its screen, and the lines of its history."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from pairterm.link.messages.fields import Client, Cols, Count, Message, Number, Pane, Rows, Title
from pairterm.terminal.frame import Pen
from pairterm.types import MAX_COLS, MAX_ROWS

__all__ = [
    "MAX_ECHO_CELLS",
    "MAX_HISTORY_LINES",
    "Ack",
    "Echo",
    "FetchHistory",
    "History",
    "ModesWire",
    "PensWire",
    "PictureChange",
    "RowWire",
    "ScreenUpdate",
]

MAX_ECHO_CELLS = 16
"""The most cells of an echo: one key, or a few keys that came together."""

MAX_HISTORY_LINES = 200
"""The most lines of history in one message: as many as the tallest screen has."""

_Cells: TypeAlias = Annotated[str, Meta(max_length=MAX_COLS)] | Annotated[list[str], Meta(max_length=MAX_COLS)]

RowWire: TypeAlias = tuple[_Cells, Annotated[list[int], Meta(max_length=2 * MAX_COLS)], bool]
"""A row: its cells (a string when each cell is one character), runs of pens as `count, index, …`, and
whether it is wrapped. Spaces at the end of a string are omitted. So is a last run of the default pen,
which is index 0 of every table."""

PensWire: TypeAlias = Annotated[list[Pen], Meta(max_length=MAX_ROWS * MAX_COLS + 1)]
"""A table of pens: at most one for each cell, and the default pen as number 0."""

ModesWire: TypeAlias = tuple[bool, bool, bool, bool, int, int, int, int, bool]
"""`Modes` as it travels: see `link.row_wire`."""


class ScreenUpdate(Message, frozen=True, tag="screen"):
    """The change from the frame of generation `base` to the frame of `generation`. `base` 0: there is no base.

    `copies` (target row, base row, how many) names the rows that the base has. `new_rows` fill the
    other rows in order. None means: as in the base.
    """

    pane: Pane
    base: Count
    generation: Count
    rows: Rows
    cols: Cols
    copies: Annotated[list[tuple[int, int, int]], Meta(max_length=MAX_ROWS)]
    new_rows: Annotated[list[RowWire], Meta(max_length=MAX_ROWS)]
    pens: PensWire
    cursor: tuple[int, int, bool, int]
    """Row, column, visible, shape (DECSCUSR)."""
    scrolled: Count
    bells: Count
    is_alternate: bool
    title: Title | None = None
    modes: ModesWire | None = None
    is_hidden: bool = False
    """Guests may not see the screen now. This frame replaces it, and they forget the history that they fetched."""


class Echo(Message, frozen=True, tag="echo"):
    """The same as a `ScreenUpdate` for the echo of a key: `text` was written at the cursor, which is behind it now.

    Nothing else has changed since the frame of generation `base`: see `link.echo`.
    """

    pane: Pane
    base: Count
    generation: Count
    text: Annotated[bytes, Meta(min_length=1, max_length=MAX_ECHO_CELLS)]
    """Printable ASCII, a character for each cell. A cell may have had its character before."""


PictureChange: TypeAlias = ScreenUpdate | Echo
"""The messages that make a newer frame of a pane."""


class Ack(Message, frozen=True, tag="ack"):
    """The viewer's side has the frame of this generation. The next one may come."""

    pane: Pane
    generation: Count


class FetchHistory(Message, frozen=True, tag="fetch"):
    """A client wants the lines `start` to `stop` of the history. The screen's first row has the number `scrolled`.

    With a `place`, the numbers count from the line that has this place.
    """

    client: Client
    pane: Pane
    start: Number
    stop: Number
    place: Count | None = None


class History(Message, frozen=True, tag="history"):
    """The answer to `FetchHistory`: the lines from `start` on, their places, and how many lines the host keeps."""

    client: Client
    pane: Pane
    start: Number
    kept: Count
    cols: Cols
    rows: Annotated[list[RowWire], Meta(max_length=MAX_HISTORY_LINES)]
    pens: PensWire
    places: Annotated[list[Count], Meta(max_length=MAX_HISTORY_LINES)]
    """The place of each line: how many lines had left the screen when it was printed. It is the same at any width."""
