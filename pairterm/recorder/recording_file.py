"""The files of one recording on the disk: mode 0600, appended, synced, and rotated under the next name.

Everything here may block: the recorder calls it in a thread. A file always ends with a
whole line, also after a failed write.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

__all__ = ["RecordingFile", "new_file", "next_path"]

_MAX_FILES = 10_000


def next_path(path: Path) -> Path:
    """Return the name after this one that is free: a.cast is followed by a-2.cast and a-3.cast."""
    stem, suffix = path.name.removesuffix(".cast"), ".cast" if path.name.endswith(".cast") else ""
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
        """Make the file. It must not exist.

        Raises:
            OSError: It can't be made.
        """
        self.path = path
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(path, flags, 0o600)
        self.size_bytes = 0

    def append(self, lines: bytes, *, syncs: bool) -> None:
        """Append whole lines: all of them, or none. `syncs`: they are on the disk when this returns.

        Raises:
            OSError: They can't be written. The file is as it was before.
        """
        rest = memoryview(lines)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            self.size_bytes += len(lines)
            if syncs:
                os.fsync(self._fd)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self.size_bytes)
            raise

    def close(self) -> None:
        """Close the file. What was written stays. A file without a line goes: a full disk would leave many of them."""
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
