"""The sender's side of a screen over the link: a publisher makes the updates that bring a replica up to date.

An update is the change since the last frame that was sent on this link. Rows are
compared by identity (see `terminal.frame`), so a scroll costs the new lines only. At
most two large updates are unacknowledged, or more small ones. Nothing queues: the
changes that happen meanwhile become one update. The receiver's side is
`link.screen_replica`.
"""

from __future__ import annotations

from itertools import pairwise

from pairterm.link.echo import echo_between
from pairterm.link.messages import Echo, PictureChange, ScreenUpdate
from pairterm.link.row_wire import modes_to_wire, pens_to_wire, row_to_wire
from pairterm.terminal.frame import DEFAULT_PEN, Frame, Pen, Row
from pairterm.terminal.partial_frames import next_part
from pairterm.types import PaneId

__all__ = ["LARGE_UPDATE", "MAX_UNACKNOWLEDGED", "Publisher", "is_small"]

MAX_UNACKNOWLEDGED = 8
"""Small updates that may be unacknowledged on one link: the echoes of keys on a slow line."""

LARGE_UPDATE = 4
"""A large update counts as so many small ones. So two may be unacknowledged: the receiver shows one while the other
is on its way."""

_MAX_PART_BYTES = 64 << 10
"""About the size of one update. A larger change travels in parts. The receiver needs some milliseconds for a part, and
a screen of 200 × 50 in its usual colours fits into one."""

_MAX_TYPED_ROWS = 2
"""An update with at most so many changed rows is small, and its rows are compared one by one: somebody types."""

_MAX_TYPED_PENS = 32
"""An update with at most so many pens is small. Each pen may have a hyperlink of 2 kB."""


class Publisher:
    """The state of one pane on one link: the last frame that was sent, and the unacknowledged updates."""

    def __init__(self, pane: PaneId) -> None:
        self._pane = pane
        self._base: Frame | None = None
        self._part_row: int | None = None
        """The row at which the next part of a large frame begins. None: the last frame was sent whole."""
        self._unacknowledged: list[tuple[int, int]] = []
        """Generation and weight of each unacknowledged update."""
        self._weight = 0
        """The weight of all of them."""

    @property
    def may_send(self) -> bool:
        """True while fewer than two large updates, or `MAX_UNACKNOWLEDGED` small ones, are unacknowledged."""
        return self._weight < MAX_UNACKNOWLEDGED

    @property
    def is_partial(self) -> bool:
        """Whether the last update was a part of its frame: another part has to follow."""
        return self._part_row is not None

    def is_at(self, generation: int) -> bool:
        """Return whether the last frame that was sent, whole, is of this generation."""
        return self._base is not None and self._base.generation == generation and self._part_row is None

    def has(self, frame: Frame) -> bool:
        """Return whether this frame is the last one that was sent, whole."""
        return self._base is frame and self._part_row is None

    def update(self, frame: Frame) -> PictureChange | None:
        """Return the message that brings the other side to `frame`. None: the other side has it already.

        The caller sends it, and calls this only while `may_send`. A very large change comes in parts: after
        each part but the last, `is_at` is False and the caller calls this again. Cost: O(rows), and
        O(columns) for each changed row.
        """
        base = self._base
        if frame is base:
            return None
        echo = echo_between(self._pane, base, frame) if base is not None and self._part_row is None else None
        if echo is not None:
            self._base = frame
            self._unacknowledged.append((frame.generation, 1))
            self._weight += 1
            return echo
        part, self._part_row = next_part(base, frame, self._part_row or 0, _MAX_PART_BYTES)
        update = _difference(self._pane, base, part)
        self._base = part
        weight = 1 if is_small(update) else LARGE_UPDATE
        self._unacknowledged.append((frame.generation, weight))
        self._weight += weight
        return update

    def sent_ahead(self, generation: int) -> None:
        """Take note of an echo that was sent before its frame was made: `catch_up` gets that frame, or a later one."""
        self._unacknowledged.append((generation, 1))
        self._weight += 1

    def catch_up(self, frame: Frame) -> None:
        """Take the frame that the last echo that was sent ahead has made."""
        self._base = frame

    def acknowledge(self, generation: int) -> None:
        """Remember that the other side has shown `generation`, and so all generations before it."""
        self._unacknowledged = [sent for sent in self._unacknowledged if sent[0] > generation]
        self._weight = sum([weight for _, weight in self._unacknowledged])

    def forget(self) -> None:
        """Start again: the other side has nothing now."""
        self._base = self._part_row = None
        self._unacknowledged.clear()
        self._weight = 0


def is_small(update: PictureChange) -> bool:
    """Return whether an update is small: the echo of a key, or one or two new lines."""
    return isinstance(update, Echo) or (len(update.new_rows) <= _MAX_TYPED_ROWS and len(update.pens) <= _MAX_TYPED_PENS)


def _difference(pane: PaneId, base: Frame | None, target: Frame) -> ScreenUpdate:
    """Return the update from `base` to `target`. It starts from nothing when their widths differ.

    An update can't name a base of generation 0, which is a screen that nobody has written to: 0 means no base.
    """
    if base is not None and (base.size.cols != target.size.cols or base.generation == 0):
        base = None
    copies, changed = _row_moves(base, target)
    pens: dict[Pen, int] = {DEFAULT_PEN: 0}
    new_rows = [row_to_wire(row, pens) for row in changed]
    cursor = target.cursor
    return ScreenUpdate(
        pane=pane,
        base=base.generation if base is not None else 0,
        generation=target.generation,
        rows=target.size.rows,
        cols=target.size.cols,
        copies=copies,
        new_rows=new_rows,
        pens=pens_to_wire(pens),
        cursor=(cursor.row, cursor.col, cursor.is_visible, int(cursor.shape)),
        scrolled=target.scrolled,
        bells=target.bells,
        is_alternate=target.is_alternate,
        title=None if base is not None and base.title == target.title else target.title,
        modes=None if base is not None and base.modes == target.modes else modes_to_wire(target.modes),
        is_hidden=target.is_hidden,
    )


def _row_moves(base: Frame | None, target: Frame) -> tuple[list[tuple[int, int, int]], list[Row]]:
    """Return the runs of rows in `target` that `base` has, and the rows that it does not have, in order."""
    if base is None:
        return [], list(target.rows)
    if len(base.rows) == len(target.rows):
        differing = [at for at, (was, row) in enumerate(zip(base.rows, target.rows, strict=True)) if was is not row]
        changed = [target.rows[at] for at in differing[: _MAX_TYPED_ROWS + 1]]
        if len(changed) <= _MAX_TYPED_ROWS and not any(row in base.rows for row in changed):
            return _runs_between(differing, len(target.rows)), changed
    places = {id(row): at for at, row in enumerate(base.rows)}
    copies: list[tuple[int, int, int]] = []
    changed = []
    for at, row in enumerate(target.rows):
        in_place = at < len(base.rows) and base.rows[at] is row
        source = at if in_place else places.get(id(row))
        if source is None:
            changed.append(row)
        elif copies and (last := copies[-1])[0] + last[2] == at and last[1] + last[2] == source:
            copies[-1] = (last[0], last[1], last[2] + 1)
        else:
            copies.append((at, source, 1))
    return copies, changed


def _runs_between(changed: list[int], rows: int) -> list[tuple[int, int, int]]:
    """Return the runs of rows around the changed ones. These rows stay in place."""
    edges = [-1, *changed, rows]
    return [(at + 1, at + 1, end - at - 1) for at, end in pairwise(edges) if end - at > 1]
