"""The targets of hyperlinks (OSC 8) that one screen and its history keep: each once, and not without end.

A program may give each cell a target of its own, 2 KB long: on the largest screen with
its history that would be gigabytes. A target counts for as long as a cell, a line of
the history or a frame has it. While there are too many, new links are shown as plain
text; they are links again when older ones are gone.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable

__all__ = ["MAX_TARGETS_CHARS", "Hyperlinks"]

MAX_TARGETS_CHARS = 2 << 20
"""All targets of one screen: 20,000 of a usual length."""


class _Target(str):
    """A target in use: a text that says when nobody has it any more."""

    __slots__ = ("__weakref__",)


class Hyperlinks:
    """The targets of one screen."""

    def __init__(self) -> None:
        self._known: dict[str, weakref.ref[_Target]] = {}
        self._chars = 0

    @property
    def chars(self) -> int:
        """How long all targets are together."""
        return self._chars

    def kept(self, target: str, forget: Callable[[], None]) -> str:
        """Return the target as it is kept, or "" while there are too many.

        `forget` gives up those that are only remembered, and is called before one is refused.
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
