"""What a page has to know to show typed text before its echo: where keys show, and what has been echoed.

The page has the predictions (`web/src/prediction/`), by the decisions of `view.prediction`.
There, the host's marks name a generation of a frame. A page has no frames: a mark is
sent to it when its terminal shows that frame, behind the painting. Pure.

Messages, each in order with the paintings:
    pane: the next painting has the pane with the keys in these cells; a name of "" means in none.
    marked: the inputs up to `serial` have been echoed. `is_exact`: the terminal shows just that, and nothing newer.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from pairterm.view.typing_place import TypingPlace

__all__ = ["PageTyping"]

_MAX_MARKS = 200
"""The most marks that wait for a painting. A page keeps as many inputs."""


@dataclass(frozen=True, slots=True)
class _Mark:
    serial: int
    newest: int
    generation: int


class PageTyping:
    """What one page knows, and the marks that wait for a painting."""

    def __init__(self) -> None:
        self._place: TypingPlace | None = None
        self._said: dict[str, object] | None = None
        """The newest `pane` message. None: none was sent."""
        self._marks: deque[_Mark] = deque(maxlen=_MAX_MARKS)

    def at(self, place: TypingPlace | None) -> dict[str, object] | None:
        """Take where keys show in what is painted now. Return the fields of a `pane` message; None: the page knows."""
        self._place = place
        if place is None:
            said: dict[str, object] = {"name": ""}
            is_news = self._said is not None and self._said != said
        else:
            rect = place.rect
            said = {
                "name": place.name,
                "row": rect.row,
                "col": rect.col,
                "rows": rect.rows,
                "cols": rect.cols,
                "scrolled": place.scrolled,
            }
            is_news = self._said != said
        if not is_news:
            return None
        self._said = said
        return said

    def marked(self, serial: int, newest: int, generation: int) -> None:
        """Take the host's mark of the page's input: see `InputMarked`."""
        self._marks.append(_Mark(serial, newest, generation))

    def due(self) -> dict[str, object] | None:
        """Return the fields of a `marked` message, for the newest mark whose frame is painted; None: there is none.

        A newer mark says all that older ones say. While keys show nowhere, no frame of the pane is painted: then
        marks are not waited for.
        """
        due = None
        for at, mark in enumerate(self._marks):
            if self._place is None or mark.generation <= self._place.generation:
                due = at
        if due is None:
            return None
        mark = self._marks[due]
        for _ in range(due + 1):
            self._marks.popleft()
        is_exact = self._place is not None and mark.newest == mark.serial and mark.generation == self._place.generation
        return {"serial": mark.serial, "is_exact": is_exact}
