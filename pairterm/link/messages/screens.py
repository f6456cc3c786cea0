"""What a window shows, as the change since what the other side has, and the lines that have left it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from pairterm.link.messages.fields import Client, Cols, Count, Message, Number, Rows, Title, Window
from pairterm.terminal.frame import Pen
from pairterm.types import MAX_COLS, MAX_ROWS

__all__ = ["MAX_HISTORY_LINES", "Ack", "FetchHistory", "History", "RowWire", "ScreenUpdate"]

MAX_HISTORY_LINES = 200
"""Lines of history in one message: the tallest screen."""

_Cells: TypeAlias = Annotated[str, Meta(max_length=MAX_COLS)] | Annotated[list[str], Meta(max_length=MAX_COLS)]

RowWire: TypeAlias = tuple[_Cells, Annotated[list[int], Meta(max_length=2 * MAX_COLS)], bool]
"""A row: its cells (a string when each is one character), runs of pens as `count, index, …`, and
whether it is wrapped. Spaces at the end of a string are left out, and so is a last run in the
default pen, which is index 0 of every table."""

_Pens: TypeAlias = Annotated[list[Pen], Meta(max_length=MAX_ROWS * MAX_COLS + 1)]
"""A table of pens: one a cell at the most, and the default pen as number 0."""


class ScreenUpdate(Message, frozen=True, tag="screen"):
    """What changed from the frame of generation `base` (0: nothing is known) to that of `generation`.

    The target's rows are first those of `copies` (target row, base row, how many),
    then `new_rows` in order at the places left. None means as in the base.
    """

    window: Window
    base: Count
    generation: Count
    rows: Rows
    cols: Cols
    copies: Annotated[list[tuple[int, int, int]], Meta(max_length=MAX_ROWS)]
    new_rows: Annotated[list[RowWire], Meta(max_length=MAX_ROWS)]
    pens: _Pens
    cursor: tuple[int, int, bool, int]
    """Row, column, visible, shape (DECSCUSR)."""
    scrolled: Count
    bells: Count
    is_alternate: bool
    title: Title | None = None
    modes: tuple[bool, bool, bool, bool, int, int, int, int, bool] | None = None
    is_hidden: bool = False
    """It stands for a picture that guests may not see now: they forget what they fetched of the history."""


class Ack(Message, frozen=True, tag="ack"):
    """The frame of this generation has been taken in; the next may come."""

    window: Window
    generation: Count


class FetchHistory(Message, frozen=True, tag="fetch"):
    """A client wants history lines `start` to `stop`, numbered back from the screen's first row, `scrolled`.

    With a `place` they are counted from the line that has it.
    """

    client: Client
    window: Window
    start: Number
    stop: Number
    place: Count | None = None


class History(Message, frozen=True, tag="history"):
    """The answer to `FetchHistory`: the lines from `start` on, their places, and how many the host keeps."""

    client: Client
    window: Window
    start: Number
    kept: Count
    cols: Cols
    rows: Annotated[list[RowWire], Meta(max_length=MAX_HISTORY_LINES)]
    pens: _Pens
    places: Annotated[list[Count], Meta(max_length=MAX_HISTORY_LINES)]
    """For each line how many had left the screen when it was printed: its own at any width."""
