"""Frames over the link: the sender's side (`Publisher`) and the receiver's (`Replica`).

What travels is the change since the last frame sent on this link. Rows are told
apart by identity (see `terminal.frame`), so a scroll costs the new lines only. At
most two large updates are under way, or more small ones; what changes meanwhile
coalesces, and nothing queues. A hostile host aims at guests through this door (what it
sends is painted on their terminals), so a replica takes nothing unchecked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import cast

from pairterm.errors import PeerError
from pairterm.link.messages import History, RowWire, ScreenUpdate
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import (
    DEFAULT_COLOUR,
    DEFAULT_PEN,
    OVERLINE,
    PLAIN_MODES,
    RGB,
    UNDERLINE_MASK,
    Cursor,
    CursorShape,
    Frame,
    Modes,
    Mouse,
    MouseEncoding,
    Pen,
    Row,
)
from pairterm.terminal.parts import next_part
from pairterm.text import has_unsafe
from pairterm.types import Size, WindowId

__all__ = [
    "LARGE_UPDATE",
    "MAX_UNACKNOWLEDGED",
    "Publisher",
    "Replica",
    "history_lines",
    "history_message",
    "is_small",
]

MAX_UNACKNOWLEDGED = 8
"""Small updates under way on one link: the echoes of keys on a line that is slow to answer."""

LARGE_UPDATE = 4
"""Small updates that a large one counts as: so two are under way, one being shown and one on the wire."""

_MAX_CELL_CHARS = 16
"""A base character, a ZWJ sequence's parts and eight combining marks."""

_LINK = re.compile(r"https?://[!-~]{1,2083}")
"""OSC 8 targets that may reach a guest's terminal; the length is the one VTE takes."""

_MAX_LINKS_CHARS = 256 << 10
"""All link targets of one message. A program may give each cell a target of its own, 2 kB long: one row of the largest
screen would take a megabyte."""

_MAX_PART_BYTES = 64 << 10
"""What one update takes, more or less; a larger change travels in parts. A part is some milliseconds' work for the
receiver, and more than a screen of 200 × 50 with its usual colours."""

_MAX_TYPED_ROWS = 2
"""Rows that changed up to which an update is small, and each is looked for by itself: somebody types."""

_MAX_TYPED_PENS = 32
"""Pens up to which an update is small: each may bring a hyperlink of 2 kB."""

_ALL_FLAGS = (OVERLINE << 1) - 1 | UNDERLINE_MASK


class Publisher:
    """What one link has been sent of one window."""

    def __init__(self, window: WindowId) -> None:
        self._window = window
        self._base: Frame | None = None
        self._part_row: int | None = None
        """Where the next part of a frame begins that is sent in parts; None: the last frame was sent whole."""
        self._unacknowledged: list[tuple[int, int]] = []
        """Generation and weight of what is under way."""

    @property
    def may_send(self) -> bool:
        """True while less is under way than two large updates, or `MAX_UNACKNOWLEDGED` small ones."""
        return sum([weight for _, weight in self._unacknowledged]) < MAX_UNACKNOWLEDGED

    def is_at(self, generation: int) -> bool:
        """True if the last frame sent is of this generation: there is nothing newer."""
        return self._base is not None and self._base.generation == generation and self._part_row is None

    def update(self, frame: Frame) -> ScreenUpdate | None:
        """Return the message that brings the other side to `frame`; None when it is there already.

        The caller sends it, and asks only while `may_send`. A very large change comes in parts: after
        each but the last, `is_at` is False and the caller asks again. Cost: O(rows) and O(columns) a changed row.
        """
        base = self._base
        if frame is base:
            return None
        part, self._part_row = next_part(base, frame, self._part_row or 0, _MAX_PART_BYTES)
        update = _difference(self._window, base, part)
        self._base = part
        self._unacknowledged.append((frame.generation, 1 if is_small(update) else LARGE_UPDATE))
        return update

    def acknowledge(self, generation: int) -> None:
        """Take note that the other side has shown `generation`, and so all before it."""
        self._unacknowledged = [sent for sent in self._unacknowledged if sent[0] > generation]

    def forget(self) -> None:
        """Start anew: the other side has nothing."""
        self._base = self._part_row = None
        self._unacknowledged.clear()


def is_small(update: ScreenUpdate) -> bool:
    """Return whether an update is no more than somebody's typing, or a line or two that came in."""
    return len(update.new_rows) <= _MAX_TYPED_ROWS and len(update.pens) <= _MAX_TYPED_PENS


def _difference(window: WindowId, base: Frame | None, target: Frame) -> ScreenUpdate:
    """Return the update from `base` to `target`; from nothing when their widths differ.

    A base of generation 0, a screen nobody wrote to, can't be named in an update: 0 means nothing there.
    """
    if base is not None and (base.size.cols != target.size.cols or base.generation == 0):
        base = None
    copies, changed = _row_moves(base, target)
    pens: dict[Pen, int] = {DEFAULT_PEN: 0}
    new_rows = [_row_to_wire(row, pens) for row in changed]
    cursor = target.cursor
    return ScreenUpdate(
        window=window,
        base=base.generation if base is not None else 0,
        generation=target.generation,
        rows=target.size.rows,
        cols=target.size.cols,
        copies=copies,
        new_rows=new_rows,
        pens=_affordable(pens),
        cursor=(cursor.row, cursor.col, cursor.is_visible, int(cursor.shape)),
        scrolled=target.scrolled,
        bells=target.bells,
        is_alternate=target.is_alternate,
        title=None if base is not None and base.title == target.title else target.title,
        modes=None if base is not None and base.modes == target.modes else _modes_to_wire(target.modes),
        is_hidden=target.is_hidden,
    )


def _row_moves(base: Frame | None, target: Frame) -> tuple[list[tuple[int, int, int]], list[Row]]:
    """Return which rows of `target` stand in `base` (as runs), and those that don't, in order."""
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
    """Return the runs of rows that stay in place around the changed ones."""
    edges = [-1, *changed, rows]
    return [(at + 1, at + 1, end - at - 1) for at, end in pairwise(edges) if end - at > 1]


def _affordable(pens: Iterable[Pen]) -> list[Pen]:
    """Return the table of pens; without any links where they alone would fill the message."""
    table = list(pens)
    if sum(len(pen.link) for pen in table) > _MAX_LINKS_CHARS:
        return [pen._replace(link="") for pen in table]
    return [pen._replace(link=str(pen.link)) if pen.link else pen for pen in table]  # msgspec takes no other strings


def _row_to_wire(row: Row, pens: dict[Pen, int]) -> RowWire:
    """Return the row as it travels; pens it uses take their place in the table."""
    cells, row_pens = row.cells, row.pens
    text = "".join(cells)
    if row_pens.count(row_pens[0]) == len(row_pens):
        runs = [len(row_pens), pens.setdefault(row_pens[0], len(pens))]
    else:
        runs = []
        for pen, group in groupby(row_pens):
            runs += (sum(1 for _ in group), pens.setdefault(pen, len(pens)))
    if runs[-1] == 0:
        del runs[-2:]
    is_simple = len(text) == len(cells) and "" not in cells
    return text.rstrip(" ") if is_simple else list(cells), runs, row.wrapped


def history_message(client: int, window: WindowId, lines: HistoryLines) -> History:
    """Return the message that carries lines of history."""
    pens: dict[Pen, int] = {DEFAULT_PEN: 0}
    wire = [_row_to_wire(row, pens) for row in lines.rows]
    cols = len(lines.rows[0].cells) if lines.rows else 1
    return History(client, window, lines.start, lines.kept, cols, wire, _affordable(pens), lines.places)


def history_lines(message: History) -> HistoryLines:
    """Return the lines that the message carries, checked.

    Raises:
        PeerError: It holds what no screen can.
    """
    pens = [_checked_pen(pen) for pen in message.pens]
    rows = [_row_from_wire(wire, pens, message.cols) for wire in message.rows]
    return HistoryLines(message.start, rows, message.places, message.kept)


def _modes_to_wire(modes: Modes) -> tuple[bool, bool, bool, bool, int, int, int, int, bool]:
    return (
        modes.application_cursor,
        modes.application_keypad,
        modes.bracketed_paste,
        modes.focus,
        int(modes.mouse),
        int(modes.mouse_encoding),
        modes.kitty_keys,
        modes.modify_other_keys,
        modes.is_reversed,
    )


class Replica:
    """The receiver's copy of one window. `frame` is None until the first update came."""

    def __init__(self) -> None:
        self.frame: Frame | None = None

    def apply(self, update: ScreenUpdate) -> Frame:
        """Return the frame that the update makes; rows it does not name stay the same objects.

        Raises:
            PeerError: The update does not fit what came before, or holds what no screen can:
                unsafe characters in a cell or a title, a colour or a place that does not exist. The
                replica stays as it was.
        """
        base = self.frame
        if update.base == 0:
            base = None
        elif base is None or base.generation != update.base:
            raise PeerError(f"an update of frame {update.base}, which is not here", code="bad_base")
        pens = [_checked_pen(pen) for pen in update.pens]
        row, col, is_visible, shape = update.cursor
        if not (0 <= row < update.rows and 0 <= col < update.cols):
            raise PeerError("a cursor outside the screen", code="bad_cursor")
        if base is None and (update.title is None or update.modes is None):
            raise PeerError("a first update without title or modes", code="bad_base")
        try:
            cursor = Cursor(row, col, is_visible, CursorShape(shape))
            modes = _modes_from_wire(update.modes) if update.modes is not None else _base_modes(base)
        except ValueError as error:
            raise PeerError(f"a mode that does not exist: {error}", code="bad_modes") from error
        title = update.title if update.title is not None else _base_title(base)
        if has_unsafe(title):
            raise PeerError("a title with unsafe characters", code="bad_text")
        self.frame = Frame(
            size=_size(base, update),
            rows=_assembled(base, update, pens),
            cursor=cursor,
            title=title,
            modes=modes,
            generation=update.generation,
            scrolled=update.scrolled,
            bells=update.bells,
            is_alternate=update.is_alternate,
            is_hidden=update.is_hidden,
        )
        return self.frame


def _size(base: Frame | None, update: ScreenUpdate) -> Size:
    """Return the update's size: the same object while it stays."""
    if base is not None and (base.size.rows, base.size.cols) == (update.rows, update.cols):
        return base.size
    return Size(rows=update.rows, cols=update.cols)


def _base_title(base: Frame | None) -> str:
    return base.title if base is not None else ""


def _base_modes(base: Frame | None) -> Modes:
    return base.modes if base is not None else PLAIN_MODES


def _assembled(base: Frame | None, update: ScreenUpdate, pens: list[Pen]) -> tuple[Row, ...]:
    """Return the target's rows from the base's and the new ones."""
    rows: list[Row | None] = [None] * update.rows
    for at, source, count in update.copies:
        if base is None or at < 0 or source < 0 or count < 1:
            raise PeerError("an update copies rows that are not there", code="bad_rows")
        if at + count > update.rows or source + count > len(base.rows) or base.size.cols != update.cols:
            raise PeerError("an update copies rows that are not there", code="bad_rows")
        rows[at : at + count] = base.rows[source : source + count]
    missing = [at for at, row in enumerate(rows) if row is None]
    if len(missing) != len(update.new_rows):
        raise PeerError("an update leaves rows out, or has some to spare", code="bad_rows")
    for at, wire in zip(missing, update.new_rows, strict=True):
        rows[at] = _row_from_wire(wire, pens, update.cols)
    return tuple(cast(list[Row], rows))


def _row_from_wire(wire: RowWire, pens: list[Pen], cols: int) -> Row:
    """Return a checked row of `cols` cells."""
    text, runs, wrapped = wire
    if isinstance(text, str):
        if len(text) > cols or has_unsafe(text):
            raise PeerError("a row that is no row of this screen", code="bad_text")
        cells = tuple(text) + (" ",) * (cols - len(text))
    else:
        if len(text) != cols or text[0] == "" or max(map(len, text)) > _MAX_CELL_CHARS or has_unsafe("".join(text)):
            raise PeerError("a row that is no row of this screen", code="bad_text")
        cells = tuple(text)
    if len(runs) % 2:
        raise PeerError("a run of pens without its pen", code="bad_pen")
    row_pens: list[Pen] = []
    for count, index in zip(runs[::2], runs[1::2], strict=True):
        if not (1 <= count <= cols - len(row_pens) and 0 <= index < len(pens)):
            raise PeerError("a run of pens beyond the row", code="bad_pen")
        row_pens += [pens[index]] * count
    row_pens += [DEFAULT_PEN] * (cols - len(row_pens))
    return Row(cells, tuple(row_pens), wrapped)


def _is_colour(colour: int) -> bool:
    return DEFAULT_COLOUR <= colour <= 255 or RGB <= colour < 2 * RGB


def _checked_pen(pen: Pen) -> Pen:
    if pen == DEFAULT_PEN:
        return DEFAULT_PEN
    if not (_is_colour(pen.fg) and _is_colour(pen.bg) and _is_colour(pen.underline_colour)):
        raise PeerError("a colour that does not exist", code="bad_pen")
    if pen.flags & ~_ALL_FLAGS or (pen.link and not _LINK.fullmatch(pen.link)):
        raise PeerError("an attribute that does not exist", code="bad_pen")
    return pen


def _modes_from_wire(wire: tuple[bool, bool, bool, bool, int, int, int, int, bool]) -> Modes:
    cursor_keys, keypad, paste, focus, mouse, encoding, kitty_keys, modify_other_keys, is_reversed = wire
    if not (0 <= kitty_keys <= 31 and 0 <= modify_other_keys <= 3):
        raise ValueError("keyboard flags out of range")
    return Modes(
        application_cursor=cursor_keys,
        application_keypad=keypad,
        bracketed_paste=paste,
        focus=focus,
        mouse=Mouse(mouse),
        mouse_encoding=MouseEncoding(encoding),
        kitty_keys=kitty_keys,
        modify_other_keys=modify_other_keys,
        is_reversed=is_reversed,
    )
