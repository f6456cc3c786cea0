"""Cutting guests' input before each Enter, while the owner confirms Enters (`--confirm-enter`). Pure.

A bracketed paste (DECSET 2004) belongs to the pane where it began. If it is cut, or its sender
looks elsewhere, the program gets the end marker, and the rest of the paste goes nowhere: a
program that never sees the marker takes everything that follows for pasted text. So the
result does not depend on the pieces in which a paste arrives. Times are monotonic seconds.
"""

from __future__ import annotations

import re
from collections.abc import Container

import msgspec

from pairterm.types import ClientId, PaneId

__all__ = ["PASTE_END", "EnterConfirmation"]

_enter_in = re.compile(rb"[\r\n\x0f]").search
"""The keys that enter a line in a shell: CR, LF, and C-o of readline."""

_PASTE_START = b"\x1b[200~"
PASTE_END = b"\x1b[201~"
_TAIL_BYTES = len(PASTE_END) - 1
"""How many bytes of a marker one message may end with."""

_SILENCE_S = 2.0
"""After such a silence, keys are no rest of a paste any more: its end marker was lost on the way."""


class _Sent(msgspec.Struct):
    """What one guest is sending."""

    pane: PaneId | None = None
    """Where their open paste began. None: they paste nothing."""
    is_lost: bool = False
    """The rest of the paste goes nowhere."""
    tail: bytes = b""
    """The last bytes, which may be the beginning of a marker."""
    seen_s: float = 0.0


class EnterConfirmation:
    """Cuts the input of guests. It knows who pastes, and which programs are in the middle of a paste."""

    def __init__(self) -> None:
        self._sent: dict[ClientId, _Sent] = {}
        self._written: dict[PaneId, tuple[bool, bytes]] = {}
        """For each pane: whether its program is in a paste, and the last bytes, by whomever they came."""

    def own(self, client: ClientId, pane: PaneId, data: bytes, now_s: float) -> tuple[bytes, PaneId | None]:
        """Return the input of a guest that is meant for this pane, without the rest of a paste from elsewhere.

        The second value is a pane whose program waits for the end of that paste; None: there is none.
        """
        sent = self._sent.setdefault(client, _Sent())
        unended = None
        if sent.pane is not None and sent.pane != pane and not sent.is_lost:
            sent.is_lost, sent.seen_s = True, now_s
            unended = sent.pane if self._written.pop(sent.pane, (False, b""))[0] else None
        if sent.is_lost:
            if now_s - sent.seen_s <= _SILENCE_S:
                _, end, rest = (sent.tail + data).partition(PASTE_END)
                if not end:
                    sent.tail, sent.seen_s = (sent.tail + data)[-_TAIL_BYTES:], now_s
                    return b"", unended
                data = rest
            sent = self._sent[client] = _Sent()
        if (is_open := _ends_in_paste(sent.tail + data)) is not None:
            sent.pane = pane if is_open else None
        sent.tail, sent.seen_s = (sent.tail + data)[-_TAIL_BYTES:], now_s
        return data, unended

    def lose(self, client: ClientId) -> None:
        """Let the rest of a guest's paste go nowhere, if they are in the middle of one."""
        sent = self._sent.get(client)
        if sent is not None:
            sent.is_lost = sent.pane is not None

    def cut(self, pane: PaneId, data: bytes) -> tuple[bytes, bool]:
        """Return the input that goes to the program of a pane, and whether the line is to be entered after it."""
        enter = _enter_in(data)
        kept = data if enter is None else data[: enter.start()]
        was_open, tail = self._written.pop(pane, (False, b""))
        seen = tail + kept
        is_open = _ends_in_paste(seen)
        if is_open is None:
            is_open = was_open
        if enter is not None:
            return kept + (PASTE_END if is_open else b""), True
        if is_open or b"\x1b" in seen[-_TAIL_BYTES:]:
            self._written[pane] = (is_open, seen[-_TAIL_BYTES:])
        return data, False

    def forget(self, client: ClientId) -> None:
        """Forget a client that left."""
        self._sent.pop(client, None)

    def keep_only(self, panes: Container[PaneId]) -> None:
        """Forget the panes that have gone."""
        self._written = {pane: each for pane, each in self._written.items() if pane in panes}


def _ends_in_paste(data: bytes) -> bool | None:
    """Return whether the last marker opens a paste; None: there is no marker."""
    start, end = data.rfind(_PASTE_START), data.rfind(PASTE_END)
    return None if start == end else start > end
