"""Who is here, as a list to act on: a line is chosen, a key gives a command for whoever stands there.

The commands go to the host, which judges them; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.terminal.frame import DEFAULT_PEN, Row, blank_row
from pairterm.types import Size
from pairterm.view.bars import BAR_PEN, STRONG_PEN, bar, text_cells
from pairterm.view.page import Page

__all__ = ["Roster"]

_COMMANDS = {
    b"w": "grant {} rw",
    b"o": "revoke {}",
    b"g": "give {}",
    b"K": "kick {}",
    b"B": "kick {} --ban",
}

_HELP = "Up Down choose; w types, o watches, g has the keyboard, K kick, B ban; q closes"


class Roster(Page):
    """A page whose lines, but the first, stand for people."""

    __slots__ = ("_at", "_items", "_people")

    def __init__(self, title: str, lines: Sequence[str], items: Sequence[str]) -> None:
        """`items`: what the commands call each line's person, for the lines after the first."""
        super().__init__(title, lines)
        self._people = list(lines)
        self._items = list(items[: len(lines) - 1])
        self._at = 0

    def turn(self, lines: int, area: Size) -> bool:
        """Choose another line."""
        self._at = max(0, min(self._at + lines, len(self._items) - 1))
        return True

    def command(self, key: bytes) -> str:
        """Return the command that a key gives for the chosen line; "" when it gives none."""
        template = _COMMANDS.get(key, "")
        return template.format(self._items[self._at]) if template and self._items else ""

    def rows(self, area: Size) -> tuple[Row, ...]:
        """Return the list as the rows of a screen, the chosen line in inverse and always in sight."""
        room = max(1, area.rows - 2)
        first = max(0, self._at - room + 1)
        shown = self._people[1:][first : first + room]
        body = [
            Row(text_cells(line, area.cols), (BAR_PEN if first + at == self._at else DEFAULT_PEN,) * area.cols)
            for at, line in enumerate(shown)
        ]
        head = [bar(f" {self._title}: {_HELP}", area.cols, STRONG_PEN), bar(self._people[0], area.cols, DEFAULT_PEN)]
        rows = [*head, *body, *[blank_row(area.cols)] * area.rows]
        return tuple(rows[: area.rows])
