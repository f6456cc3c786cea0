"""The first row of the code window: the shared files, whose they are, and what the client follows.

The current file is always there. Its neighbours are there as far as there is room, and `<` and `>` stand
for the others. On a narrow terminal, the current file's name loses its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pairterm.document.document import DocumentId, SharerId
from pairterm.terminal.frame import Pen, Row
from pairterm.view.bars import BAR_PEN, STRONG_PEN, text_cells, text_width
from pairterm.view.document_pens import name_pen

__all__ = ["NOT_SHARED", "FileTab", "TabsRow", "tabs_row"]

NOT_SHARED = "a file that is not shared"
"""The name of a file that the editor holds back."""

_MIN_NAME_CELLS = 12
"""The state on the right makes so much room for the current file, or is left out."""


class FileTab(NamedTuple):
    """What the row shows of one file."""

    id: DocumentId
    name: str
    sharer: SharerId
    owner: str
    """The name of the person whose file it is."""


class _Part(NamedTuple):
    """A piece of the row in one pen."""

    text: str
    pen: Pen = BAR_PEN
    tab: FileTab | None = None
    """The file to which a click on it leads."""


class TabsRow(NamedTuple):
    """The row, and the files to which clicks on it lead."""

    row: Row
    parts: tuple[_Part, ...]

    def tab_at(self, col: int) -> FileTab | None:
        """Return the file at a column. None: there is none."""
        for part in self.parts:
            col -= text_width(part.text)
            if col < 0:
                return part.tab
        return None


@lru_cache(maxsize=64)
def tabs_row(tabs: tuple[FileTab, ...], current: DocumentId | None, note: str, cols: int) -> TabsRow:
    """Return the row: the same object for the same arguments."""
    right = f" {note} " if note else ""
    if cols - text_width(right) < _MIN_NAME_CELLS:
        right = ""
    room = cols - text_width(right)
    parts = _fitted(tabs, current, room)
    parts += [_Part(" " * max(0, room - _width(parts))), _Part(right)]
    cells = text_cells("".join(part.text for part in parts), cols)
    pens = [part.pen for part in parts for _ in range(text_width(part.text))]
    return TabsRow(Row(cells, tuple(pens[:cols])), tuple(parts))


def _fitted(tabs: Sequence[FileTab], current: DocumentId | None, room: int) -> list[_Part]:
    """Return the current file and as many of its neighbours as fit."""
    if not tabs:
        return [_Part(" code ", STRONG_PEN)]
    here = next((at for at, tab in enumerate(tabs) if tab.id == current), 0)
    start, stop = here, here + 1
    parts = _parts(tabs, current, start, stop)
    if _width(parts) > room:
        return _shortened(parts, room)
    is_growing = True
    while is_growing:
        is_growing = False
        for before, behind in ((0, 1), (1, 0)):
            wider = max(0, start - before), min(stop + behind, len(tabs))
            if wider != (start, stop) and _width(more := _parts(tabs, current, *wider)) <= room:
                (start, stop), parts, is_growing = wider, more, True
    return parts


def _parts(tabs: Sequence[FileTab], current: DocumentId | None, start: int, stop: int) -> list[_Part]:
    """Return the files from `start` to `stop`. The first one of each person has the person's name before it."""
    parts = [_Part("<", tab=tabs[start - 1])] if start else []
    before = None
    for tab in tabs[start:stop]:
        if tab.sharer != before:
            before = tab.sharer
            parts.append(_Part(f" {tab.owner}:", name_pen(tab.sharer), tab))
        parts.append(_Part(f" {tab.name} ", STRONG_PEN if tab.id == current else BAR_PEN, tab))
    if stop < len(tabs):
        parts.append(_Part(">", tab=tabs[stop]))
    return parts


def _shortened(parts: list[_Part], room: int) -> list[_Part]:
    """Return the parts with less of the current file's name, and without the others if they leave no room for it."""
    name = next(part for part in parts if part.pen is STRONG_PEN)
    spare = room - _width([part for part in parts if part is not name])
    if spare < _MIN_NAME_CELLS:
        parts, spare = [name], room
    text = name.text.strip()
    while text and text_width(text) + 3 > spare:
        text = text[1:]
    return [name._replace(text=f" …{text} ") if part is name else part for part in parts]


def _width(parts: Sequence[_Part]) -> int:
    return sum(text_width(part.text) for part in parts)
