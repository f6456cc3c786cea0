"""Answers to the program's questions, kept until the caller writes them to the pty."""

from __future__ import annotations

__all__ = ["MAX_REPLY_BYTES", "Replies"]

MAX_REPLY_BYTES = 16 * 1024
"""Answers that are kept. A program that asks without reading loses the further ones."""


class Replies:
    """The answers of one terminal."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept = bytearray()
        """The answers that were not taken yet."""

    def send(self, text: str) -> None:
        """Keep an answer, if there is room for it."""
        if len(self.kept) + len(text) <= MAX_REPLY_BYTES:
            self.kept += text.encode("utf-8", "replace")

    def take(self) -> bytes:
        """Return the answers since the last call, b"" if there are none."""
        kept = bytes(self.kept)
        self.kept.clear()
        return kept
