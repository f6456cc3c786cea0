"""The keys of a client that may only watch: a key counts only if no other key is near it.

People who do not know that they only watch may type a line. A `q` in it would make
them leave, and the rest of the line would run in their own shell. So a key that could
be a part of a line is obeyed `ALONE_S` later, and only if no other printable key was
pressed within `ALONE_S` before or after it. The same key again does not count as another
key, because people press a key twice if nothing happens at once. This module does not
handle keys that nobody types in a line, such as arrows. No clock: `now_s` is an
argument, in seconds.
"""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["ALONE_S", "LoneKeys", "is_printable", "is_typed_in_lines"]

ALONE_S = 1.0
"""Longer than the pause between two keys when people type, and short enough to wait for."""

_LONG_AGO_S = float("-inf")

_PASTE = ""
"""The name for input that is no single key: text that was pasted or cut."""

_T = TypeVar("_T")


def is_printable(name: str) -> bool:
    """Return whether the key of this name prints a character."""
    return len(name) == 1 or name == "Space"


def is_typed_in_lines(name: str) -> bool:
    """Return whether people press this key while they type a line: a character, or Control and a character."""
    return is_printable(name) or (name.startswith("C-") and len(name) == len("C-c"))


class LoneKeys(Generic[_T]):
    """The last keys of one person, and the key that waits. `_T` is the meaning of a key."""

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
        """When the waiting key is obeyed. None: no key waits."""
        return self._waiting_s if self._waiting is not None else None

    def press(self, name: str, meaning: _T | None, now_s: float) -> bool:
        """Take a key. `meaning` None: it has no meaning. Return whether it waits now to be obeyed."""
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
        """Remember a printable key that another part obeys. It drops the waiting key, unless it is the same key."""
        if name != self._last_name:
            self._others_s, self._last_name = self._last_s, name
        self._last_s = now_s
        if self._waiting_name != name:
            self._waiting = None

    def note_text(self, now_s: float) -> None:
        """Remember that text arrived. A key near it does not count."""
        self._others_s = self._last_s = now_s
        self._last_name = _PASTE
        self._waiting = None

    def cancel(self) -> None:
        """Drop the waiting key: another key came in its place."""
        self._waiting = None

    def take_due(self, now_s: float) -> _T | None:
        """Return the meaning of the key that waited long enough, once. None: there is no such key."""
        if self._waiting is None or now_s < self._waiting_s:
            return None
        found, self._waiting = self._waiting, None
        return found
