"""Answers to the program's questions, kept until the caller writes them to the pty."""

from __future__ import annotations

__all__ = ["MAX_REPLY_BYTES", "Replies"]

MAX_REPLY_BYTES = 16 * 1024
"""Answers that are kept. A program that asks without reading loses the further ones."""


class Replies:
    """The answers of one terminal."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept = bytearray()

    def send(self, text: str) -> None:
        """Keep an answer, if there is room for it."""
        if len(self._kept) + len(text) <= MAX_REPLY_BYTES:
            self._kept += text.encode("utf-8", "replace")

    @property
    def are_kept(self) -> bool:
        """There are answers to take."""
        return bool(self._kept)

    def take(self) -> bytes:
        """Return the answers since the last call, b"" if there are none."""
        kept = bytes(self._kept)
        self._kept.clear()
        return kept
