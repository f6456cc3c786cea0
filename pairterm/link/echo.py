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

__all__ = ["echo_between", "echoed", "is_echo_text"]

_PRINTED = bytes(range(0x20, 0x7F))


def is_echo_text(data: bytes) -> bool:
    """Return whether output fits into an echo: it writes into a few cells, one character each."""
    return len(data) <= MAX_ECHO_CELLS and not data.translate(None, _PRINTED)


def echo_between(pane: PaneId, base: Frame, target: Frame) -> Echo | None:
    """Return the echo that makes `target` from `base`. None: the change is a larger one.

    The characters are in the row of the cursor, from the cursor on, in pens that the cells have already. The cursor
    is behind them now, and nothing else has changed. A cell may have had its character before, as when a space is
    typed over a blank. Cost: O(rows + columns).
    """
    was, now = base.cursor, target.cursor
    start, stop = was.col, now.col
    if (
        now.row != was.row
        or not start < stop <= start + MAX_ECHO_CELLS
        or base.generation == 0
        or sum(map(is_not, base.rows, target.rows)) != (base.rows[was.row] is not target.rows[was.row])
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
        not _is_echo(text, stop - start)
        or old.wrapped is not new.wrapped
        or old.cells[:start] != cells[:start]
        or old.cells[stop:] != cells[stop:]
        or "" in old.cells[start : stop + 1]
        or old.pens != new.pens
    ):
        return None
    return Echo(pane, base.generation, target.generation, text.encode("ascii"))


def echoed(base: Frame | None, echo: Echo) -> Frame:
    """Return the frame that an echo makes from the receiver's frame. It has the same rows if no cell has changed.

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
    rows, cells = base.rows, tuple(text)
    if row.cells[start:stop] != cells:
        written = Row(row.cells[:start] + cells + row.cells[stop:], row.pens, row.wrapped)
        rows = (*rows[: cursor.row], written, *rows[cursor.row + 1 :])
    return Frame(
        base.size,
        rows,
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
