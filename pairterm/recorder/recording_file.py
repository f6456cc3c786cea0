"""The files of one recording on the disk: mode 0600, appended, synced, and rotated under the next name.

Everything here may block: the recorder calls it in a thread. A file always ends with a
whole line, also after a failed write.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from pairterm.runtime.zstd import Compressor, is_compressed_name

__all__ = ["RecordingFile", "new_file", "next_path"]

_MAX_FILES = 10_000


def next_path(path: Path) -> Path:
    """Return the name after this one that is free: a.cast is followed by a-2.cast and a-3.cast."""
    suffix = next((each for each in (".cast", ".cast.zst") if path.name.endswith(each)), "")
    stem = path.name.removesuffix(suffix)
    before, dash, number = stem.rpartition("-")
    first = 2
    if dash and number.isdecimal() and len(number) < 6:
        stem, first = before, int(number) + 1
    for each in range(first, first + _MAX_FILES):
        found = path.with_name(f"{stem}-{each}{suffix}")
        if not found.exists():
            return found
    raise FileExistsError(f"no free name beside {path}")


class RecordingFile:
    """One open file."""

    def __init__(self, path: Path) -> None:
        """Make the file. It must not exist. One of a name that ends with `.zst` is compressed.

        Raises:
            OSError: It can't be made.
            UsageError: The library that compresses is missing.
        """
        self.path = path
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._compressor = Compressor() if is_compressed_name(path.name) else None
        self._fd = os.open(path, flags, 0o600)
        self.size_bytes = 0
        """How large it is, compressed or not."""

    def append(self, lines: bytes, *, syncs: bool) -> None:
        """Append whole lines: all of them, or none. `syncs`: they are on the disk when this returns.

        Raises:
            OSError: They can't be written. The file is as it was before. A compressed one can't be continued.
        """
        self._write(lines if self._compressor is None else self._compressor.compress(lines), syncs=syncs)

    def finish(self) -> None:
        """End a compressed file.

        Raises:
            OSError: The end can't be written.
        """
        if self._compressor is not None:
            self._write(self._compressor.end(), syncs=True)

    def _write(self, data: bytes, *, syncs: bool) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            self.size_bytes += len(data)
            if syncs:
                os.fsync(self._fd)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self.size_bytes)
            raise

    def close(self) -> None:
        """Close the file, and keep it. A file without a line is removed: a full disk would leave many of them."""
        with contextlib.suppress(OSError):
            if not self.size_bytes:
                self.path.unlink()
        with contextlib.suppress(OSError):
            os.close(self._fd)


def new_file(path: Path) -> RecordingFile:
    """Make the file, or if it exists, the next one that is free.

    Raises:
        OSError: It can't be made.
    """
    while True:
        try:
            return RecordingFile(path)
        except FileExistsError:
            path = next_path(path)
