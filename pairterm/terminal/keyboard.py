"""The keyboard as the program asks for it: the kitty protocol's flags and xterm's modifyOtherKeys.

The model keeps the values and acts on none of them: the viewer's own terminal encodes
the keys. Source: sw.kovidgoyal.net/kitty/keyboard-protocol, "Progressive enhancement";
xterm ctlseqs, XTMODKEYS.
"""

from __future__ import annotations

__all__ = ["Keyboard", "KeyboardFlags"]

_ALL_FLAGS = 0b11111
"""The five enhancements that the protocol defines."""

_MAX_PUSHED = 16
"""Pushed flags that are kept; the oldest are dropped, as the protocol asks."""

_MODIFY_OTHER_KEYS = 4
"""The number of this key option in XTMODKEYS."""


class KeyboardFlags:
    """The kitty flags of one screen, and those that are pushed below them."""

    __slots__ = ("flags", "pushed")

    def __init__(self) -> None:
        self.flags = 0
        self.pushed: list[int] = []

    def set(self, flags: int, how: int = 1) -> None:
        """Set flags: 1 replaces all, 2 adds these, 3 clears these."""
        flags &= _ALL_FLAGS
        if how == 1:
            self.flags = flags
        elif how == 2:
            self.flags |= flags
        elif how == 3:
            self.flags &= ~flags

    def push(self, flags: int) -> None:
        """Keep the flags and set others."""
        self.pushed.append(self.flags)
        del self.pushed[:-_MAX_PUSHED]
        self.flags = flags & _ALL_FLAGS

    def pop(self, count: int = 1) -> None:
        """Restore pushed flags; no flag is set if fewer were pushed."""
        for _ in range(min(count, _MAX_PUSHED + 1)):
            self.flags = self.pushed.pop() if self.pushed else 0


class Keyboard:
    """The keyboard of one terminal. The primary and the alternate screen have kitty flags of their own."""

    __slots__ = ("_alternate", "_primary", "in_use", "modify_other_keys")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Return to a new terminal's keyboard, with the primary screen in use."""
        self.modify_other_keys = 0
        self._primary = KeyboardFlags()
        self._alternate = KeyboardFlags()
        self.in_use = self._primary

    def show_alternate(self, is_alternate: bool) -> None:
        """Use the flags of the other screen."""
        self.in_use = self._alternate if is_alternate else self._primary

    def set(self, flags: int = 0, how: int = 1, *_: int) -> None:
        """CSI = flags ; how u."""
        self.in_use.set(flags, how or 1)

    def push(self, flags: int = 0) -> None:
        """CSI > flags u."""
        self.in_use.push(flags)

    def pop(self, count: int = 1) -> None:
        """CSI < count u."""
        self.in_use.pop(count)

    def set_option(self, option: int = 0, value: int = 0, *_: int) -> None:
        """XTMODKEYS: only modifyOtherKeys is known."""
        if option == _MODIFY_OTHER_KEYS:
            self.modify_other_keys = value if value <= 3 else 0

    def reset_option(self, option: int = 0) -> None:
        """Disable a key option."""
        if option == _MODIFY_OTHER_KEYS:
            self.modify_other_keys = 0
