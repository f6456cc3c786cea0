"""How many of each kind there are now, such as connections of each source. Pure; bounded by what is there."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Counts"]

_Kind = TypeVar("_Kind", bound=Hashable)


class Counts(Generic[_Kind]):
    """Counts by kind. A kind of which there is none takes no memory. Each call is O(1)."""

    __slots__ = ("_counts", "total")

    def __init__(self) -> None:
        self._counts: dict[_Kind, int] = {}
        self.total = 0
        """How many there are of all kinds."""

    def __getitem__(self, kind: _Kind) -> int:
        return self._counts.get(kind, 0)

    def __len__(self) -> int:
        """Return of how many kinds there is any."""
        return len(self._counts)

    def copy(self) -> dict[_Kind, int]:
        """Return the counts of all kinds, as they are now."""
        return dict(self._counts)

    def add(self, kind: _Kind) -> None:
        """Count one more."""
        self._counts[kind] = self[kind] + 1
        self.total += 1

    def remove(self, kind: _Kind) -> None:
        """Count one less. It has to be one that was added."""
        left = self._counts[kind] - 1
        if left:
            self._counts[kind] = left
        else:
            del self._counts[kind]
        self.total -= 1
