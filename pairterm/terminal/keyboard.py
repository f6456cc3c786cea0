"""The kitty keyboard protocol's flags: set, pushed and popped by the program, mirrored to viewers.

Flags are kept, not acted upon: keys are encoded by the viewer's own terminal.
Source: sw.kovidgoyal.net/kitty/keyboard-protocol, "Progressive enhancement".
"""

from __future__ import annotations

__all__ = ["Keyboard"]

_ALL_FLAGS = 0b11111
"""The five enhancements that the protocol defines."""

_MAX_PUSHED = 16
"""Pushed flags kept; the oldest go, as the protocol asks."""


class Keyboard:
    """One screen's flags and those pushed below them."""

    __slots__ = ("flags", "pushed")

    def __init__(self) -> None:
        self.flags = 0
        self.pushed: list[int] = []

    def set(self, flags: int, how: int = 1) -> None:
        """CSI = flags ; how u: 1 replaces, 2 adds, 3 takes away."""
        flags &= _ALL_FLAGS
        if how == 1:
            self.flags = flags
        elif how == 2:
            self.flags |= flags
        elif how == 3:
            self.flags &= ~flags

    def push(self, flags: int) -> None:
        """CSI > flags u."""
        self.pushed.append(self.flags)
        del self.pushed[:-_MAX_PUSHED]
        self.flags = flags & _ALL_FLAGS

    def pop(self, count: int = 1) -> None:
        """CSI < count u; more than were pushed ends at none set."""
        for _ in range(min(count, _MAX_PUSHED + 1)):
            self.flags = self.pushed.pop() if self.pushed else 0
