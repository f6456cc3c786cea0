"""Where what a guest types is cut if the owner enters the lines (`--confirm-enter`). Pure.

A paste in brackets (DECSET 2004) that is cut gets its end marker all the same: a
program that never sees it takes all that follows for pasted text.
"""

from __future__ import annotations

import re

from pairterm.types import ClientId

__all__ = ["Entering"]

_enter_in = re.compile(rb"[\r\n\x0f]").search
"""What enters a line in a shell: CR, LF, and C-o of readline."""

_PASTE_START = b"\x1b[200~"
_PASTE_END = b"\x1b[201~"
_TAIL_BYTES = len(_PASTE_END) - 1
"""How much of a marker one message may end with."""


class Entering:
    """What is known of each guest's input: whether it is in a paste."""

    def __init__(self) -> None:
        self._open: dict[ClientId, tuple[bool, bytes]] = {}
        """Whether a paste is open, and the last bytes, with which a marker may begin."""

    def cut(self, client: ClientId, data: bytes) -> tuple[bytes, bool]:
        """Return what goes to the program, and whether the guest wants to enter the line after it."""
        enter = _enter_in(data)
        kept = data if enter is None else data[: enter.start()]
        is_open, tail = self._open.pop(client, (False, b""))
        seen = tail + kept
        start, end = seen.rfind(_PASTE_START), seen.rfind(_PASTE_END)
        is_open = is_open if start == end else start > end
        if enter is not None:
            return kept + (_PASTE_END if is_open else b""), True
        self._open[client] = (is_open, seen[-_TAIL_BYTES:])
        return data, False

    def forget(self, client: ClientId) -> None:
        """A client is gone."""
        self._open.pop(client, None)
