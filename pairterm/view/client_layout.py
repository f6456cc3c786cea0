"""A picture in a client's cells, if the client's terminal gives some characters another width than the screen model.

Law: laying out changes no character but blanks, as long as a row has room, and a row that is laid out stays as it is.

A character that is wider on the client's terminal moves the text behind it to the right. The next blanks become fewer
and absorb the movement: between words one blank stays, and before a border none has to. A narrower character moves
the text to the left, up to two blanks, a border or the end of the row. So borders and tables stay in their columns.
If a row has no room for a whole cluster, only the first part of the cluster is shown, as on a terminal that does not
know clusters.

Rows of plain text stay the same objects. Columns are 0-based: the model's before, the client's after.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from operator import is_not

import msgspec

from pairterm.terminal.frame import Frame, Pen, Row, redrawn
from pairterm.terminal.widths import EMOJI_PRESENTATION, ZERO_WIDTH_JOINER, is_narrow, width
from pairterm.view.cell_text import is_emoji, is_symbol
from pairterm.view.client_widths import ClientWidths

__all__ = ["RowLayout", "cells_there", "column_before"]

_MAX_KNOWN_CELLS = 4096

_Laid = tuple[Row, tuple[int, ...] | None]
"""A row in the client's cells, and the client's column for each column of the model. None: the same column."""


class RowLayout:
    """Lays out pictures for one client's widths. Like a `RowCutter`, it remembers the rows of the last picture."""

    __slots__ = ("_known", "_widths")

    def __init__(self, widths: ClientWidths) -> None:
        self._widths = widths
        self._known: dict[int, tuple[Row, _Laid]] = {}

    def lay_out(self, picture: Frame) -> Frame:
        """Return the picture in the client's cells, the cursor at the same text. The same object: no row changes.

        Cost: O(rows), plus O(columns) for each row that was not in the last picture.
        """
        fresh: dict[int, tuple[Row, _Laid]] = {}
        for row in picture.rows:
            if id(row) not in fresh:
                fresh[id(row)] = self._known.get(id(row)) or (row, _laid_out(row, self._widths))
        self._known = fresh
        rows = tuple([fresh[id(row)][1][0] for row in picture.rows])
        if not any(map(is_not, rows, picture.rows)):
            return picture
        cursor = picture.cursor
        places = fresh[id(picture.rows[cursor.row])][1][1]
        if places is not None:
            cursor = replace(cursor, col=places[cursor.col])
        return redrawn(picture, picture.size, rows, cursor, picture.modes)


def column_before(row: Row, col: int, widths: ClientWidths) -> int:
    """Return the model's column of the text in the client's column `col` of the row."""
    places = _laid_out(row, widths)[1]
    return col if places is None else max(0, bisect_right(places, col) - 1)


@lru_cache(maxsize=_MAX_KNOWN_CELLS)
def cells_there(cell: str, columns: int, widths: ClientWidths) -> tuple[str, ...]:
    """Return the client's cells for one cell of the model. A wide cell has a "" after it."""
    if len(cell) == 2 and _is_regional(cell[0]) and _is_regional(cell[1]) and widths.flag == 2:
        return (cell, "")
    parts: list[tuple[str, int]] = []
    for char in cell:
        if parts and _joins_there(parts[-1][0], char, widths):
            text, taken = parts[-1]
            parts[-1] = (text + char, 2 if char == EMOJI_PRESENTATION and widths.widens and columns == 2 else taken)
        else:
            parts.append((char, _columns_there(char, widths)))
    return tuple(text for part, taken in parts for text in ((part, "") if taken == 2 else (part,)))


def _joins_there(before: str, char: str, widths: ClientWidths) -> bool:
    if width(char) == 0:
        return widths.mark == 0 or unicodedata.category(char) != "Mc"
    if before[-1] == ZERO_WIDTH_JOINER:
        return widths.joins
    return widths.joins_tones and not _is_regional(char)


def _columns_there(char: str, widths: ClientWidths) -> int:
    columns = width(char)
    if columns < 2:
        return 1
    if _is_regional(char):
        return widths.regional
    return widths.emoji if is_emoji(char) else widths.symbol if is_symbol(char) else columns


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_border(cell: str) -> bool:
    return cell == "|" or "\u2500" <= cell < "\u25a0"


class _Piece(msgspec.Struct):
    """A character, a run of ASCII or a run of blanks: its columns in the model, and the client's cells."""

    start: int
    columns: int
    cells: Sequence[str]
    is_blank: bool
    spare: int = 0
    """For a run of blanks: how many of them may be removed."""
    is_anchor: bool = False
    """For a run of blanks: whether the text behind it, or the end of the row, keeps its column."""

    @property
    def grows(self) -> int:
        return len(self.cells) - self.columns


def _laid_out(row: Row, widths: ClientWidths) -> _Laid:
    if is_narrow(row.text) or not _is_other_there(row.cells, widths):
        return row, None
    pieces = _pieces(row.cells, widths)
    _shorten(pieces)
    return _joined(pieces, row)


def _is_other_there(cells: tuple[str, ...], widths: ClientWidths) -> bool:
    """Return whether some of these cells look different on the client's terminal."""
    for at, cell in enumerate(cells):
        if not cell.isascii():
            own = (cell, "") if cells[at + 1 : at + 2] == ("",) else (cell,)
            if cells_there(cell, len(own), widths) != own:
                return True
    return False


def _pieces(cells: tuple[str, ...], widths: ClientWidths) -> list[_Piece]:
    cols = len(cells)
    pieces = []
    at = 0
    while at < cols:
        start, is_blank = at, cells[at] == " "
        at += 1
        if is_blank:
            while at < cols and cells[at] == " ":
                at += 1
            count = at - start
            is_edge = at == cols or _is_border(cells[at])
            spare = count if is_edge else count - 1
            pieces.append(_Piece(start, count, cells[start:at], True, spare, is_anchor=is_edge or count > 1))
            continue
        if cells[start].isascii():
            while at < cols and cells[at] not in (" ", "") and cells[at].isascii():
                at += 1
            pieces.append(_Piece(start, at - start, cells[start:at], False))
            continue
        at += at < cols and cells[at] == ""
        pieces.append(_Piece(start, at - start, cells_there(cells[start], at - start, widths), False))
    return pieces


def _shorten(pieces: list[_Piece]) -> None:
    """Cut clusters for which the row has no room to the width they have in the model. The last ones are cut first."""
    room = 0
    for piece in reversed(pieces):
        if piece.is_blank:
            room += piece.spare
        elif piece.grows > room:
            is_half = piece.cells[piece.columns] == ""
            piece.cells = (*piece.cells[: piece.columns - is_half], *" " * is_half)
        else:
            room -= piece.grows


def _joined(pieces: list[_Piece], row: Row) -> _Laid:
    cols = len(row.cells)
    cells: list[str] = []
    pens: list[Pen] = []
    places: list[int] = []
    for piece in pieces:
        here = len(cells)
        count = len(piece.cells)
        if piece.is_blank:
            moved = here - piece.start
            count -= min(moved, piece.spare) if moved > 0 else moved if piece.is_anchor else 0
            piece.cells = " " * count
        places += [here + min(at, count) for at in range(piece.columns)]
        cells += piece.cells
        own = row.pens[piece.start : piece.start + piece.columns]
        pens += [own[min(at, piece.columns - 1)] for at in range(count)]
    missing = cols - len(cells)
    cells += " " * missing
    pens += [row.pens[-1]] * missing
    laid = Row(tuple(cells[:cols]), tuple(pens[:cols]), row.wrapped)
    return laid, tuple([min(place, cols - 1) for place in places])
