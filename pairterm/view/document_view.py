"""The code window of one client: which file and which part of it they see, and its rows.

The client follows a person: they see the file and the place where this person's cursor is. Scrolling,
searching or choosing another file ends that, and `follow` begins it again. Only the rows in sight are built,
and a line that did not change keeps its row object. No I/O. `now_s`: the view's clock.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec

from pairterm.document.document import Document, DocumentId, DocumentTab, Position, Sharer, SharerId
from pairterm.terminal.frame import Row, blank_row
from pairterm.types import Size
from pairterm.view.bars import text_cells
from pairterm.view.document_cells import MAX_LINE_CHARS, line_cells
from pairterm.view.document_lines import FoundText, RowsInSight, rows_of
from pairterm.view.document_pens import NOTE_PEN
from pairterm.view.document_row import clipped, gutter_cells
from pairterm.view.document_search import find
from pairterm.view.document_tabs import NOT_SHARED, FileTab, TabsRow, tabs_row
from pairterm.view.shown_documents import NO_DOCUMENTS, ShownDocuments

__all__ = ["DocumentView"]

_MARGIN_ROWS = 3
_MARGIN_COLS = 8
"""How near to the edge the followed cursor may come before the text moves."""

_SIDEWAYS_COLS = 8
"""How far one key moves the text sideways."""

_WITHHELD = DocumentId(-1)
"""A file that is not shared, among the files of the first row. It has no number of its own."""

_MAX_PLACES = 64
"""Of so many files the place is kept where the client was."""


class _Place(msgspec.Struct):
    """What the client sees of a file: the first line and the first cell, both 0-based."""

    top: int = 0
    left: int = 0


class _Away(NamedTuple):
    """The absence of an editor."""

    told_s: int
    """How long it was away when we were told."""
    since_s: float
    """Since when it is away, on the view's clock."""


class DocumentView:
    """One client's code window."""

    def __init__(self) -> None:
        self._shared = NO_DOCUMENTS
        self._area = Size(rows=24, cols=80)
        self._followed: SharerId | None = None
        """The person whom the client follows, or would follow again. None: the first one that is there."""
        self.is_following = True
        self._chosen: DocumentId | None = None
        """The file that the client has chosen."""
        self._away: dict[SharerId, _Away] = {}
        self._places: dict[DocumentId, _Place] = {}
        self._pattern = ""
        self._step = 1
        self._found: Position | None = None
        """The match that the client was led to."""

    # What is there

    def show(self, shared: ShownDocuments, now_s: float) -> bool:
        """Take what is shared now. Return whether the client may see another picture."""
        before, self._shared = self._shared, shared
        if shared is before:
            return False
        self._away = {each.id: self._away_at(each, now_s) for each in shared.sharers if each.away_s is not None}
        text = self._text
        was = None if text is None else before.texts.get(text.id)
        if not self.is_following and was is not None and text is not None and was is not text:
            self._keep_lines(was, text)
        return True

    def _away_at(self, sharer: Sharer, now_s: float) -> _Away:
        """Return since when a sharer is away. The same word again is old by now."""
        told_s, known = sharer.away_s or 0, self._away.get(sharer.id)
        return known if known is not None and known.told_s == told_s else _Away(told_s, now_s - told_s)

    @property
    def watched(self) -> DocumentId | None:
        """The file that the client sees. None: there is none."""
        tab = self._tab
        return None if tab is None else tab.id

    @property
    def _sharer(self) -> Sharer | None:
        """The person whom the client follows, or would follow."""
        return self._shared.sharer(self._followed) or next(iter(self._shared.sharers), None)

    @property
    def _is_withheld(self) -> bool:
        """True if the client follows a person into a file that is not shared."""
        sharer = self._sharer
        return self.is_following and sharer is not None and sharer.is_active_withheld

    @property
    def _tab(self) -> DocumentTab | None:
        shared, sharer = self._shared, self._sharer
        if self._is_withheld:
            return None
        if self.is_following and sharer is not None and sharer.active is not None:
            return shared.tab(sharer.active)
        own = (tab for tab in shared.tabs if sharer is not None and tab.sharer == sharer.id)
        return shared.tab(self._chosen) or next(own, None) or next(iter(shared.tabs), None)

    @property
    def _text(self) -> Document | None:
        tab = self._tab
        return None if tab is None else self._shared.texts.get(tab.id)

    @property
    def _place(self) -> _Place:
        tab = self._tab
        if tab is None:
            return _Place()
        place = self._places.pop(tab.id, None) or _Place()
        self._places[tab.id] = place
        for oldest in list(self._places)[:-_MAX_PLACES]:
            del self._places[oldest]
        return place

    def _keep_lines(self, before: Document, text: Document) -> None:
        """Keep the lines in sight where they are, if lines came or went above them."""
        place, moved = self._place, len(text.lines) - len(before.lines)
        seen = before.lines[place.top : place.top + self._page]
        top = place.top + moved
        is_same = text.lines[place.top : place.top + self._page] == seen
        if moved and not is_same and top >= 0 and text.lines[top : top + self._page] == seen:
            place.top = top
            if self._found is not None:
                self._found = Position(self._found.line + moved, self._found.column)

    # The picture

    @property
    def away_since_s(self) -> float | None:
        """Since when the editor of this file is away. None: it is here, or there is none."""
        if not self._away:
            return None
        tab, sharer = self._tab, self._sharer
        owner = tab.sharer if tab is not None else sharer.id if sharer is not None else None
        away = None if owner is None else self._away.get(owner)
        return None if away is None else away.since_s

    def rows(self, area: Size, now_s: float) -> tuple[Row, ...]:
        """Return the picture in so many rows: the files, and the lines in sight. Cost: O(cells) at most."""
        self._area = area
        tab, text = self._tab, self._text
        head = self._tabs_row(now_s).row
        body = self._message_rows(tab) if text is None else self._text_rows(text)
        return (head, *body, *(_blank(area.cols),) * (area.rows - 1 - len(body)))[: area.rows]

    def _tabs_row(self, now_s: float) -> TabsRow:
        return tabs_row(self._file_tabs(), self._current, self._note(self._text, now_s), self._area.cols)

    @property
    def _current(self) -> DocumentId | None:
        return _WITHHELD if self._is_withheld else self.watched

    def _file_tabs(self) -> tuple[FileTab, ...]:
        """Return the files for the first row, and a nameless one if the client follows a person into such a file."""
        shared, sharer = self._shared, self._sharer
        names = {each.id: each.name for each in shared.sharers}
        tabs = [FileTab(each.id, each.name, each.sharer, names.get(each.sharer, "somebody")) for each in shared.tabs]
        if self._is_withheld and sharer is not None:
            tabs.append(FileTab(_WITHHELD, NOT_SHARED, sharer.id, sharer.name))
        return tuple(tabs)

    def _text_rows(self, text: Document) -> tuple[Row, ...]:
        place, tab = self._place, self._tab
        gutter = gutter_cells(len(text.lines), self._area.cols)
        self._settle(text, place, gutter)
        found = FoundText(self._pattern, None if self.is_following else self._found)
        sharer = None if tab is None else self._shared.sharer(tab.sharer)
        return rows_of(
            text, sharer, found, RowsInSight(place.top, place.left, self._area.rows - 1, self._area.cols, gutter)
        )

    def _message_rows(self, tab: DocumentTab | None) -> tuple[Row, ...]:
        sharer = self._sharer
        if tab is not None:
            text = "the text is on its way …"
        elif self._is_withheld:
            text = NOT_SHARED
        else:
            text = "no editor shares a file now" if sharer is None else f"{sharer.name} has opened no file yet"
        cols = self._area.cols
        return (Row(text_cells(f" {text}", cols), (NOTE_PEN,) * cols),)

    def _note(self, text: Document | None, now_s: float) -> str:
        """Return what the first row says on its right: the editor is away, whom the client follows, or the place."""
        if (away_s := self.away_since_s) is not None:
            return f"the editor is away {max(0, int(now_s - away_s))} s"
        sharer = self._sharer
        if sharer is None:
            return ""
        if self.is_following:
            return f"follows {sharer.name}"
        if text is None:
            return f"f follows {sharer.name}"
        return f"{self._place.top + 1}/{len(text.lines)}  f follows {sharer.name}"

    def _settle(self, text: Document, place: _Place, gutter: int) -> None:
        """Keep the place inside of the text, and while the client follows, at the cursor."""
        page, room = self._page, self._area.cols - gutter
        if self.is_following and text.cursors:
            at = text.cursors[0].position
            place.top = _followed(place.top, at.line, page, _MARGIN_ROWS)
            cell = _cell_of(text, at)  # the start of the lines says more than a few cells at the right
            place.left = 0 if cell < room - 1 else _followed(place.left, cell, room, _MARGIN_COLS)
        place.top = max(0, min(place.top, len(text.lines) - page))

    @property
    def _page(self) -> int:
        """The number of lines in sight."""
        return max(1, self._area.rows - 1)

    # The client's keys

    def scroll(self, lines: int) -> None:
        """Move so many lines down, or up if negative."""
        self._stop_following()
        text, place = self._text, self._place
        if text is not None:
            place.top = max(0, min(place.top + lines, len(text.lines) - self._page))

    @property
    def page(self) -> int:
        """How many lines a page has: two lines stay in sight."""
        return max(1, self._page - 2)

    def scroll_sideways(self, steps: int) -> None:
        """Move the text to the left, or to the right if negative."""
        self._stop_following()
        place = self._place
        place.left = max(0, min(place.left + steps * _SIDEWAYS_COLS, self._longest() - _SIDEWAYS_COLS))

    def _longest(self) -> int:
        """Return the cells of the longest line in sight."""
        text, top = self._text, self._place.top
        lines = () if text is None else text.lines[top : top + self._page]
        return max((len(line_cells(line[:MAX_LINE_CHARS]).cells) for line in lines), default=0)

    def to_top(self) -> None:
        """Go to the first line."""
        self._stop_following()
        self._place.top = self._place.left = 0

    def to_bottom(self) -> None:
        """Go to the last line."""
        self.scroll(0 if self._text is None else len(self._text.lines))

    def turn(self, step: int) -> None:
        """Go to the next file, or to the one before with -1."""
        tabs, here = self._shared.tabs, self.watched
        if tabs:
            at = next((at for at, tab in enumerate(tabs) if tab.id == here), 0)
            self._choose(tabs[(at + step) % len(tabs)].id)

    def click(self, row: int, col: int, now_s: float) -> bool:
        """Go to the file whose tab is at a cell of the picture. Return whether there is one."""
        tab = self._tabs_row(now_s).tab_at(col) if row == 0 else None
        if tab is None or self._shared.tab(tab.id) is None:
            return False
        self._choose(tab.id)
        return True

    def _choose(self, document: DocumentId) -> None:
        self.is_following = False
        self._chosen = document
        self._found = None

    def follow(self) -> None:
        """Follow the person again."""
        self.is_following = True
        self._found = None

    def follow_next(self) -> str:
        """Follow the next person. Return their name. "": nobody shares."""
        sharers, now = self._shared.sharers, self._sharer
        if now is None:
            return ""
        after = sharers[(sharers.index(now) + 1) % len(sharers)]
        self._followed = after.id
        self._chosen = None
        self.follow()
        return after.name

    def search(self, pattern: str, step: int) -> bool:
        """Go to the next match of a text, or to the one before with -1. Return whether there is one."""
        self._pattern, self._step = pattern, step
        self._found = None
        return self.search_again(1)

    def search_again(self, sign: int) -> bool:
        """Go to the next match in the direction of the search, or with -1 in the other one."""
        text = self._text
        if text is None or not self._pattern:
            return False
        step = self._step * sign
        place = self._place
        behind = Position(min(place.top + self._page, len(text.lines)) - 1, MAX_LINE_CHARS)
        edge = Position(place.top, -1) if step > 0 else behind
        start = self._found if self._found is not None and self._found.line < len(text.lines) else edge
        found = find(self._pattern, text.lines, start, step)
        self._stop_following()
        if found is None:
            return False
        self._found = found
        self._show_position(text, found)
        return True

    def _show_position(self, text: Document, at: Position) -> None:
        """Bring a place into sight."""
        place, page = self._place, self._page
        if not place.top <= at.line < place.top + page:
            place.top = max(0, min(at.line - page // 2, len(text.lines) - page))
        room = self._area.cols - gutter_cells(len(text.lines), self._area.cols)
        place.left = _followed(place.left, _cell_of(text, at), room, _MARGIN_COLS)

    def _stop_following(self) -> None:
        """Stay at the file and at the place where the client is now."""
        if self.is_following:
            self._chosen = self.watched
            self.is_following = False


@lru_cache(maxsize=16)
def _blank(cols: int) -> Row:
    """Return a blank row: the same object for the same width, so that it is not painted again."""
    return blank_row(cols)


def _cell_of(text: Document, at: Position) -> int:
    """Return the cell of a place in its line."""
    if at.line >= len(text.lines):
        return 0
    return line_cells(clipped(text.lines[at.line])).cell_of(at.column)


def _followed(start: int, at: int, length: int, margin: int) -> int:
    """Return where a part of this length starts, so that `at` is in it. After a far jump, `at` is in its middle."""
    margin = min(margin, (length - 1) // 2)
    if start + margin <= at < start + length - margin or (at < margin and start == 0):
        return start
    if not start - length < at < start + 2 * length:
        return max(0, at - length // 2)
    return max(0, at - margin if at < start + margin else at + margin - length + 1)
