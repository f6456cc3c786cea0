"""The targets of hyperlinks (OSC 8) in one screen and its history: each is kept once, and their sum has a bound.

A program may give each cell its own target, 2 KB long: on the largest screen with its
history that would be gigabytes. A target counts as long as a cell, a line of the history
or a frame has it. While there are too many, new hyperlinks are plain text. When older
ones are gone, new ones are hyperlinks again.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable

__all__ = ["MAX_TARGETS_CHARS", "Hyperlinks"]

MAX_TARGETS_CHARS = 2 << 20
"""Characters of all targets of one screen: 20,000 targets of a usual length."""


class _Target(str):
    """A target in use: a text that a weak reference can watch."""

    __slots__ = ("__weakref__",)


class Hyperlinks:
    """The targets of one screen."""

    def __init__(self) -> None:
        self._known: dict[str, weakref.ref[_Target]] = {}
        self._chars = 0

    @property
    def chars(self) -> int:
        """The length of all targets together."""
        return self._chars

    def kept(self, target: str, forget: Callable[[], None]) -> str:
        """Return the kept target, or "" while there are too many.

        `forget` drops the targets that are only remembered. It is called before a target is refused.
        """
        if not target:
            return ""
        known = self._known.get(target)
        found = known() if known is not None else None
        if found is not None:
            return found
        if self._chars + len(target) > MAX_TARGETS_CHARS:
            forget()
            if self._chars + len(target) > MAX_TARGETS_CHARS:
                return ""
        found = _Target(target)
        self._known[target] = weakref.ref(found, lambda gone: self._drop(target, gone))
        self._chars += len(target)
        return found

    def _drop(self, target: str, gone: weakref.ref[_Target]) -> None:
        self._chars -= len(target)
        if self._known.get(target) is gone:
            del self._known[target]
