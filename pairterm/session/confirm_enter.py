"""Cutting a guest's input before each Enter, while the owner confirms Enters (`--confirm-enter`). Pure.

If a bracketed paste (DECSET 2004) is cut, its end marker is added: a program that
never sees the marker takes everything that follows for pasted text.
"""

from __future__ import annotations

import re

from pairterm.types import ClientId

__all__ = ["EnterConfirmation"]

_enter_in = re.compile(rb"[\r\n\x0f]").search
"""The keys that enter a line in a shell: CR, LF, and C-o of readline."""

_PASTE_START = b"\x1b[200~"
_PASTE_END = b"\x1b[201~"
_TAIL_BYTES = len(_PASTE_END) - 1
"""How many bytes of a marker one message may end with."""


class EnterConfirmation:
    """Cuts each guest's input, and knows whether they are in a paste."""

    def __init__(self) -> None:
        self._open: dict[ClientId, tuple[bool, bytes]] = {}
        """For each guest: whether a paste is open, and the last bytes, which may be the beginning of a marker."""

    def cut(self, client: ClientId, data: bytes) -> tuple[bytes, bool]:
        """Return the input that goes to the program, and whether the guest wants to enter the line after it."""
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
        """Forget a client that left."""
        self._open.pop(client, None)
