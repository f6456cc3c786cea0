"""The lines of a recording's file as it grows, compressed or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pairterm.errors import SystemFault, UsageError
from pairterm.runtime.zstd import MAGIC, Decompressor

__all__ = ["RecordingLines"]

_PIECE_BYTES = 64 << 10

_MAX_LINE_BYTES = 64 << 20
"""Four bytes for each of the characters that a line may have (`record.asciicast`)."""

_MAX_BYTES = 4 << 30
"""A recorder begins a next file long before. Some kilobytes of a compressed file could fill the memory."""


class RecordingLines:
    """Reads a file line by line. Use it in a `with` block."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            SystemFault: It can't be read.
        """
        self._path = path
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise self._fault(error) from error
        self._decompressor: Decompressor | None = None
        self._read_bytes = 0
        self.rest = b""
        """The part of a line after the last line feed. It is still being written, or the file was cut."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self) -> Iterator[bytes]:
        """Yield the lines that the file has now and that were not read before, each with its line feed.

        Raises:
            UsageError: The file is damaged, too large, or needs a library that is missing.
            SystemFault: It can't be read.
        """
        while data := self._next():
            lines = (self.rest + data).split(b"\n")
            self.rest = lines.pop()
            for line in lines:
                yield line + b"\n"
            if len(self.rest) > _MAX_LINE_BYTES:
                raise UsageError("a line of the recording is too long", code="recording")

    def all(self) -> Iterator[bytes]:
        """Yield all lines, and then what stands after the last line feed."""
        yield from self.read()
        if self.rest:
            yield self.rest

    def _next(self) -> bytes:
        """Return the next bytes; b"" at the end, for now."""
        while True:
            try:
                data = self._file.read(_PIECE_BYTES)
            except OSError as error:
                raise self._fault(error) from error
            if not data:
                return b""
            if not self._read_bytes and data.startswith(MAGIC):
                self._decompressor = Decompressor()
            if self._decompressor is not None:
                data = self._decompressor.decompress(data)
            self._read_bytes += len(data) or 1
            if self._read_bytes > _MAX_BYTES:
                raise UsageError("the recording is too large", code="recording")
            if data:
                return data

    def _fault(self, error: OSError) -> SystemFault:
        return SystemFault(f"can't read {self._path}: {error.strerror}", code="recording")
