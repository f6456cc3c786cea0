"""tmux's notation of a layout, as in `#{window_layout}` and `select-layout`.

    489f,100x40,0,0{50x40,0,0,0,49x40,51,0[49x20,51,0,1,49x19,51,21,2]}

Four hexadecimal digits are the checksum of what follows the comma. A cell is its columns, `x`, its
rows, and the column and row of its upper left corner. A leaf adds the number of its pane. A split adds
its cells: in braces if they stand side by side, in brackets if they stand one below the other.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pairterm.errors import UsageError
from pairterm.session.windows.layout_cells import MAX_DEPTH, MAX_PANES, Axis, Cell, Leaf, Split, extent, fits, size_of
from pairterm.types import PaneId, Size

__all__ = ["MAX_NOTATION_CHARS", "read", "written"]

MAX_NOTATION_CHARS = 8192
"""Characters of a notation, tmux's limit. 64 panes take at most 1500."""

_BRACKETS = {Axis.COLS: ("{", "}"), Axis.ROWS: ("[", "]")}
_CHECKSUM = re.compile(r"([0-9A-Fa-f]{4}),")
_CELL = re.compile(r"([0-9]{1,5})x([0-9]{1,5}),[0-9]{1,5},[0-9]{1,5}(?:,[0-9]{1,10}(?![0-9x]))?")


def written(root: Cell) -> str:
    """Return the notation of the layout."""
    body = _written(root, 0, 0)
    return f"{_checksum(body):04x},{body}"


def _written(cell: Cell, row: int, col: int) -> str:
    place = f"{cell.size.cols}x{cell.size.rows},{col},{row}"
    if isinstance(cell, Leaf):
        return f"{place},{cell.pane}"
    parts = []
    for each in cell.cells:
        parts.append(_written(each, row, col))
        if cell.axis is Axis.COLS:
            col += each.size.cols + 1
        else:
            row += each.size.rows + 1
    opening, closing = _BRACKETS[cell.axis]
    return f"{place}{opening}{','.join(parts)}{closing}"


def _checksum(body: str) -> int:
    """Return tmux's sum over the characters: rotate right by one bit, and add the next."""
    total = 0
    for code in body.encode():
        total = ((total >> 1) + ((total & 1) << 15) + code) & 0xFFFF
    return total


def read(text: str) -> Cell:
    """Return the layout that the notation describes. Its panes are numbered from 0 in the order of the text.

    The places of the cells are not read: they follow from the sizes. Nor are the numbers of the panes.

    Raises:
        UsageError: `text` is no notation, its checksum or its sizes are wrong, or it breaks a limit.
    """
    head = _CHECKSUM.match(text)
    if head is None or len(text) > MAX_NOTATION_CHARS or int(head[1], 16) != _checksum(text[head.end() :]):
        raise _invalid("the checksum does not fit the rest" if head else "it starts with a checksum")
    root, end = _Reader(text).cell(head.end(), depth=0)
    if end != len(text):
        raise _invalid("something follows its end")
    if isinstance(root, Split):  # old versions of tmux wrote a wrong size here, and tmux corrects it
        across = Axis.ROWS if root.axis is Axis.COLS else Axis.COLS
        along = sum(extent(each, root.axis) + 1 for each in root.cells) - 1
        root = replace(root, size=size_of(root.axis, along, size_of(across, extent(root.cells[-1], across), root.size)))
    if not _adds_up(root):
        raise _invalid("the sizes of its cells do not add up")
    if not fits(root):
        raise _invalid("a pane is too small")
    return root


class _Reader:
    """Reads cells from a text, and counts the panes that it has read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._panes = 0

    def cell(self, start: int, *, depth: int) -> tuple[Cell, int]:
        """Return the cell that starts at `start`, and the place after it."""
        match = _CELL.match(self._text, start)
        if match is None or depth > MAX_DEPTH:
            raise _invalid("it is nested too deeply" if match else f"no cell at character {start + 1}")
        size = Size(rows=int(match[2]), cols=int(match[1]))
        end = match.end()
        axis = next((axis for axis, pair in _BRACKETS.items() if self._text.startswith(pair[0], end)), None)
        if axis is None:
            self._panes += 1
            if self._panes > MAX_PANES:
                raise _invalid(f"it has more than {MAX_PANES} panes")
            return Leaf(size, PaneId(self._panes - 1)), end
        cells: list[Cell] = []
        while not cells or self._text.startswith(",", end):
            cell, end = self.cell(end + 1, depth=depth + 1)
            cells.append(cell)
        if not self._text.startswith(_BRACKETS[axis][1], end) or len(cells) == 1:
            raise _invalid(f"no end of a row of cells at character {end + 1}")
        return Split(size, axis, tuple(cells)), end + 1


def _adds_up(cell: Cell) -> bool:
    """Return True if the cells of every split fill it."""
    if isinstance(cell, Leaf):
        return True
    across = Axis.ROWS if cell.axis is Axis.COLS else Axis.COLS
    return (
        sum(extent(each, cell.axis) + 1 for each in cell.cells) - 1 == extent(cell, cell.axis)
        and all(extent(each, across) == extent(cell, across) for each in cell.cells)
        and all(_adds_up(each) for each in cell.cells)
    )


def _invalid(reason: str) -> UsageError:
    return UsageError(f"invalid layout: {reason}", code="invalid_layout")
