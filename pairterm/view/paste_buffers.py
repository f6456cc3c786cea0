"""One person's paste buffers: the texts that they copied, the newest first. They have names as in tmux.

They exist as long as the person's view, and nobody else sees them. The oldest are
dropped when there are too many buffers, or too much text in them.
"""

from __future__ import annotations

import msgspec

__all__ = ["MAX_BUFFERS", "MAX_BUFFERS_BYTES", "Buffer", "PasteBuffers"]

MAX_BUFFERS = 20
"""The most buffers: more than a person looks through. tmux keeps 50."""

MAX_BUFFERS_BYTES = 1 << 20
"""The most bytes in all buffers of one person. A history of 10,000 lines of 80 columns fits."""

_SAMPLE_CHARS = 200
"""The most characters of a text that a list of buffers shows."""


class Buffer(msgspec.Struct, frozen=True):
    """One copied text: printable characters and line feeds."""

    name: str
    text: str
    size_bytes: int

    @property
    def line(self) -> str:
        """The buffer in a list, in tmux's form."""
        return f'{self.name}: {self.size_bytes} bytes: "{self.sample}"'

    @property
    def sample(self) -> str:
        """The beginning of the text, in one line."""
        return self.text[:_SAMPLE_CHARS].replace("\n", "⏎")


class PasteBuffers:
    """The buffers of one person."""

    __slots__ = ("_buffers", "_next")

    def __init__(self) -> None:
        self._buffers: list[Buffer] = []
        self._next = 0

    def add(self, text: str, name: str = "") -> Buffer | None:
        """Add a text as the newest buffer. None: it is larger than all buffers together may be.

        A buffer that has this name already is replaced. Without a name, the buffer gets the next number.
        """
        size_bytes = len(text.encode())
        if size_bytes > MAX_BUFFERS_BYTES:
            return None
        if not name:
            name = f"buffer{self._next}"
            self._next += 1
        self.delete(name)
        buffer = Buffer(name, text, size_bytes)
        self._buffers.insert(0, buffer)
        while len(self._buffers) > MAX_BUFFERS or sum(each.size_bytes for each in self._buffers) > MAX_BUFFERS_BYTES:
            self._buffers.pop()
        return buffer

    def all(self) -> list[Buffer]:
        """Return the buffers, the newest first."""
        return list(self._buffers)

    def find(self, name: str = "") -> Buffer | None:
        """Return the buffer of this name, or without a name the newest. None: there is no such buffer."""
        return next((each for each in self._buffers if name in ("", each.name)), None)

    def delete(self, name: str) -> None:
        """Delete a buffer."""
        self._buffers = [each for each in self._buffers if each.name != name]
