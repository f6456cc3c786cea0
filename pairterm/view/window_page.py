"""The windows of a session, as a list: the client chooses one, and Enter or its number selects it.

The host sends the list as the answer to tmux's choose-tree. Each line after the first begins with
the window's index and a colon. The item of a line is a target of tmux, such as `@2` or `:2`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from pairterm.view.choice_page import ChoicePage

__all__ = ["WindowPage", "is_target"]

_DIGITS = b"0123456789"

_TARGET = re.compile(r"(@|:=?)[0-9]{1,9}")


def is_target(item: str) -> bool:
    """Return whether the item of a list is a window. The item of a person is a number or a name."""
    return _TARGET.fullmatch(item) is not None


class WindowPage(ChoicePage):
    """A page on which each line after the first is a window."""

    __slots__ = ()

    commands: ClassVar = {
        b"\r": "select-window -t {}",
        b"x": "confirm-before -p 'kill this window? (y/n)' 'kill-window -t {}'",
    }
    keys = " Enter or a window's number selects it  x ends the window"

    def __init__(self, title: str, lines: Sequence[str], items: Sequence[str], *, index: int | None) -> None:
        """Make a list. `index`: the window that the client looks at is chosen first. None: it is unknown."""
        super().__init__(title, lines, items)
        self._at = 0 if index is None else self._line_of(str(index)) or 0

    def command(self, key: bytes) -> str:
        """Return the command that a key gives. "": the key gives none."""
        if len(key) == 1 and key in _DIGITS:
            at = self._line_of(key.decode())
            return "" if at is None else self.commands[b"\r"].format(self._items[at])
        return super().command(key)

    def _line_of(self, index: str) -> int | None:
        """Return the place in the list of the window with this index. None: there is none."""
        for at, line in enumerate(self._choices[1:][: len(self._items)]):
            if line.strip(" *").startswith(f"{index}:"):
                return at
        return None
