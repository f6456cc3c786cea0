"""The messages between the editor's process and its colour worker: one answer for each request."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Coloured", "ToColour"]


class ToColour(Struct, frozen=True, array_like=True):
    """A text has changed: `removed` lines from `first` on give way to `lines`. Without a change: go on with it."""

    document: int
    name: str
    language: str
    first: int = 0
    removed: int = 0
    lines: list[str] = []
    is_new: bool = False
    """The worker forgets what it has of this text."""


class Coloured(Struct, frozen=True, array_like=True):
    """The colours of the lines from `first` on. `is_done` False: there are more."""

    document: int
    first: int
    rows: list[bytes]
    is_done: bool
