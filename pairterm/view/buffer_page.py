"""One person's paste buffers as a page to choose from, and a buffer as the input that pastes it."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from pairterm.terminal.frame import DEFAULT_PEN, Modes, Row, blank_row
from pairterm.types import Size
from pairterm.view.bars import BAR_PEN, text_cells
from pairterm.view.page import Page, title_row
from pairterm.view.paste_buffers import Buffer

__all__ = ["MAX_PASTE_BYTES", "BufferPage", "Choice", "pasted"]

MAX_PASTE_BYTES = 512 << 10
"""The most bytes of one paste. The gates and the pty can take it if they have no other input waiting."""

_TITLE = "Paste buffers"


class Choice(enum.Enum):
    """The effect of a key on the chosen buffer."""

    PASTE = enum.auto()
    DELETE = enum.auto()


_KEYS = {b"\r": Choice.PASTE, b"p": Choice.PASTE, b"d": Choice.DELETE}


class BufferPage(Page):
    """A page on which each line is a buffer. One line is chosen."""

    __slots__ = ("_at", "_buffers")

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        super().__init__(_TITLE, [])
        self._buffers = list(buffers)
        self._at = 0

    @property
    def chosen(self) -> Buffer | None:
        """The chosen buffer. None: there are no buffers."""
        return self._buffers[self._at] if self._buffers else None

    def choice(self, key: bytes) -> Choice | None:
        """Return the effect of a key on the chosen buffer. None: it has none."""
        return _KEYS.get(key) if self._buffers else None

    def update(self, buffers: Sequence[Buffer]) -> None:
        """Take the present buffers."""
        self._buffers = list(buffers)
        self._at = max(0, min(self._at, len(self._buffers) - 1))

    def turn(self, lines: int, area: Size) -> bool:
        """Choose another line."""
        self._at = max(0, min(self._at + lines, len(self._buffers) - 1))
        return True

    def rows(self, area: Size) -> tuple[Row, ...]:
        """Return the list as the rows of a screen. The chosen line is inverse and always visible."""
        room = max(1, area.rows - 1)
        first = max(0, self._at - room + 1)
        body = [
            Row(text_cells(f" {each.line}", area.cols), (BAR_PEN if at == self._at else DEFAULT_PEN,) * area.cols)
            for at, each in enumerate(self._buffers[first : first + room], first)
        ]
        body += [blank_row(area.cols)] * (room - len(body))
        return (title_row(_TITLE, "Enter pastes, d deletes, q closes", area.cols), *body)[: area.rows]


def pasted(text: str, modes: Modes) -> bytes:
    """Return the input of a paste of this text: line feeds as Enter, and in brackets if the program wants that."""
    data = text.replace("\n", "\r").encode()
    return b"\x1b[200~" + data + b"\x1b[201~" if modes.bracketed_paste else data
