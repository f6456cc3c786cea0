"""The echo of a key over the link: a few plain characters at the cursor, instead of a whole update.

Nothing is sent more often, and a person waits for it. So both sides have a short way
for it. Law 3: the frame that an echo makes is the one that a `ScreenUpdate` makes.
"""

from __future__ import annotations

from operator import is_not

from pairterm.errors import PeerError
from pairterm.link.messages import MAX_ECHO_CELLS, Echo
from pairterm.terminal.frame import Cursor, Frame, Row
from pairterm.types import PaneId

__all__ = ["echo_between", "echoed"]


def echo_between(pane: PaneId, base: Frame, target: Frame) -> Echo | None:
    """Return the echo that makes `target` from `base`. None: the change is a larger one.

    The characters are in the row of the cursor, from the cursor on, in pens that the cells have already. The cursor
    is behind them now, and nothing else has changed. Cost: O(rows + columns).
    """
    was, now = base.cursor, target.cursor
    start, stop = was.col, now.col
    if (
        now.row != was.row
        or not start < stop <= start + MAX_ECHO_CELLS
        or base.generation == 0
        or sum(map(is_not, base.rows, target.rows)) != 1
        or base.size is not target.size
        or base.modes is not target.modes
        or base.title != target.title
        or base.bells != target.bells
        or base.scrolled != target.scrolled
        or was.is_visible is not now.is_visible
        or was.shape is not now.shape
        or base.is_alternate is not target.is_alternate
        or base.is_hidden is not target.is_hidden
    ):
        return None
    old, new = base.rows[was.row], target.rows[was.row]
    cells = new.cells
    text = "".join(cells[start:stop])
    if (
        old is new
        or not _is_echo(text, stop - start)
        or old.wrapped is not new.wrapped
        or old.cells[:start] != cells[:start]
        or old.cells[stop:] != cells[stop:]
        or "" in old.cells[start : stop + 1]
        or old.pens != new.pens
    ):
        return None
    return Echo(pane, base.generation, target.generation, text.encode("ascii"))


def echoed(base: Frame | None, echo: Echo) -> Frame:
    """Return the frame that an echo makes from the receiver's frame.

    Raises:
        PeerError: It does not fit that frame, or it is no text that a program can show.
    """
    if base is None or base.generation != echo.base:
        raise PeerError(f"an echo is based on frame {echo.base}, which is not here", code="bad_base")
    cursor = base.cursor
    start = cursor.col
    stop = start + len(echo.text)
    row = base.rows[cursor.row]
    text = echo.text.decode("ascii", "replace")
    if not _is_echo(text, len(echo.text)) or stop >= base.size.cols or "" in row.cells[start : stop + 1]:
        raise PeerError("an echo does not fit this screen", code="bad_text")
    rows = list(base.rows)
    rows[cursor.row] = Row(row.cells[:start] + tuple(text) + row.cells[stop:], row.pens, row.wrapped)
    return Frame(
        base.size,
        tuple(rows),
        Cursor(cursor.row, stop, cursor.is_visible, cursor.shape),
        base.title,
        base.modes,
        echo.generation,
        base.scrolled,
        base.bells,
        base.is_alternate,
        base.is_hidden,
    )


def _is_echo(text: str, cells: int) -> bool:
    return len(text) == cells and text.isascii() and text.isprintable()
