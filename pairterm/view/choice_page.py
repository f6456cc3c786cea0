"""A list from the host, of people or windows: the client chooses a line, and a key gives a command about it.

The commands go to the host, which allows or refuses them. This module decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pairterm.terminal.frame import DEFAULT_PEN, Row, blank_row
from pairterm.types import Size
from pairterm.view.bars import BAR_PEN, bar, message_lines, text_cells
from pairterm.view.page import Page, title_row

__all__ = ["ChoicePage"]

_DETAIL_ROWS = 2
"""An address, a link and a key's fingerprint in 80 columns."""

_MIN_ROWS = 7
"""A screen with fewer rows shows no details and no keys, so that it has room for the list."""


class ChoicePage(Page):
    """A page on which each line after the first can be chosen. `commands`: for each key a command about the line.

    In a command, `{}` stands for the line's item. `keys`: the last row, in 75 columns.
    """

    __slots__ = ("_at", "_choices", "_details", "_items")

    commands: ClassVar[Mapping[bytes, str]] = {}
    keys = ""

    def __init__(self, title: str, lines: Sequence[str], items: Sequence[str]) -> None:
        """Make a list. The part of a line after a tab is shown for the chosen line only, on its own row.

        `items`: for each line after the first, the name that commands use.
        """
        super().__init__(title, lines)
        self._choices = [line.partition("\t")[0] for line in lines]
        self._details = [line.partition("\t")[2] for line in lines]
        self._items = list(items[: len(lines) - 1])
        self._at = 0

    def turn(self, lines: int, area: Size) -> bool:
        """Choose another line."""
        self._at = max(0, min(self._at + lines, len(self._items) - 1))
        return True

    def command(self, key: bytes) -> str:
        """Return the command that a key gives about the chosen line. "": the key gives none."""
        template = self.commands.get(key, "")
        return template.format(self._items[self._at]) if template and self._items else ""

    def choose_as(self, other: ChoicePage) -> None:
        """Choose the item that is chosen in another list, or else the same line."""
        if other._items:
            item = other._items[other._at]
            at = self._items.index(item) if item in self._items else other._at
            self._at = max(0, min(at, len(self._items) - 1))

    def rows(self, area: Size) -> tuple[Row, ...]:
        """Return the list as the rows of a screen. The chosen line is inverse and always visible."""
        below = self._below(area) if area.rows >= _MIN_ROWS else ()
        room = max(1, area.rows - 2 - len(below))
        first = max(0, self._at - room + 1)
        shown = self._choices[1:][first : first + room]
        body = [
            Row(text_cells(line, area.cols), (BAR_PEN if first + at == self._at else DEFAULT_PEN,) * area.cols)
            for at, line in enumerate(shown)
        ]
        head = [
            title_row(self._title, "Up Down PgUp PgDn choose, q closes", area.cols),
            bar(self._choices[0], area.cols, DEFAULT_PEN),
        ]
        blanks = [blank_row(area.cols)] * max(0, room - len(body))
        return (*head, *body, *blanks, *below)[: area.rows]

    def _below(self, area: Size) -> tuple[Row, ...]:
        """Return the rows below the list: the details of the chosen line, and the keys."""
        detail = "".join(self._details[1:][self._at : self._at + 1])
        lines = message_lines(detail, area.cols, _DETAIL_ROWS)
        lines += [""] * (_DETAIL_ROWS - len(lines))
        return (*(bar(f" {line}", area.cols, DEFAULT_PEN) for line in lines), bar(self.keys, area.cols))
