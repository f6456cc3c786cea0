"""The keys of somebody who may only watch: a key counts when it stands alone.

Somebody who does not know that they only watch types a line, and its `q` would
make them leave: the rest of the line would run in their own shell. So a key that
could be a part of a line is obeyed `ALONE_S` later, and only if no other printable
key was pressed within `ALONE_S` before or after it. The same key again is not
another one: people press a key twice that does nothing at once. Keys that nobody
types in a line, such as arrows, are no concern of this module. No clock: `now_s`
is an argument; seconds.
"""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["ALONE_S", "LoneKeys", "is_printable", "is_typed_in_lines"]

ALONE_S = 1.0
"""Longer than a pause between two keys of somebody who types, shorter than a person's patience."""

_LONG_AGO_S = float("-inf")

_PASTE = ""
"""The name of what is no single key: text that was pasted or cut."""

_T = TypeVar("_T")


def is_printable(name: str) -> bool:
    """Return whether the key of this name prints a character."""
    return len(name) == 1 or name == "Space"


def is_typed_in_lines(name: str) -> bool:
    """Return whether people press the key of this name while they type a line: a character, or Control and one."""
    return is_printable(name) or (name.startswith("C-") and len(name) == len("C-c"))


class LoneKeys(Generic[_T]):
    """What one person pressed last, and the key that waits to stand alone; `_T` is what such a key means."""

    __slots__ = ("_last_name", "_last_s", "_others_s", "_waiting", "_waiting_name", "_waiting_s")

    def __init__(self) -> None:
        self._last_name = _PASTE
        self._last_s = _LONG_AGO_S
        self._others_s = _LONG_AGO_S
        """When a printable key with another name than the last one was pressed."""
        self._waiting: _T | None = None
        self._waiting_name = ""
        self._waiting_s = _LONG_AGO_S

    @property
    def due_s(self) -> float | None:
        """When the key that waits is to be obeyed; None: none waits."""
        return self._waiting_s if self._waiting is not None else None

    def press(self, name: str, meaning: _T | None, now_s: float) -> bool:
        """Take a key; `meaning` None: it has none. Return whether it counts so far, and waits to be obeyed."""
        others_s = self._last_s
        if is_printable(name):
            self.note(name, now_s)
            others_s = self._others_s
        if meaning is None or now_s < others_s + ALONE_S:
            return False
        if self._waiting is None or self._waiting_name != name:
            self._waiting, self._waiting_name, self._waiting_s = meaning, name, now_s + ALONE_S
        return True

    def note(self, name: str, now_s: float) -> None:
        """Take note of a printable key that has its meaning elsewhere; another key that waits does not stand alone."""
        if name != self._last_name:
            self._others_s, self._last_name = self._last_s, name
        self._last_s = now_s
        if self._waiting_name != name:
            self._waiting = None

    def note_text(self, now_s: float) -> None:
        """Take note of text: no key stands alone near it."""
        self._others_s = self._last_s = now_s
        self._last_name = _PASTE
        self._waiting = None

    def cancel(self) -> None:
        """Forget the key that waits: another key took its place."""
        self._waiting = None

    def take_due(self, now_s: float) -> _T | None:
        """Return the key that waited long enough, once; None when there is none."""
        if self._waiting is None or now_s < self._waiting_s:
            return None
        found, self._waiting = self._waiting, None
        return found
