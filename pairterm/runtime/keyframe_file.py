"""The keyframes of a recording, in a file beside it. They save time, and nothing else: no fault of theirs matters.

The recorder appends them as it records. A player makes the file again if it is missing, or
if its keyframes do not fit. Its mode is 0600, because it shows what the recording shows.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from pairterm.errors import SystemFault
from pairterm.record.keyframes import Keyframe, keyframe_line, keyframes_key, read_keyframes
from pairterm.runtime.recording_key import recording_key

__all__ = ["KeyframeFile", "keyframes_path", "load_keyframes", "save_keyframes"]

logger = logging.getLogger(__name__)

_MAX_BYTES = 256 << 20
"""A recording's file has no more, and its keyframes have less."""


def keyframes_path(recording: Path) -> Path:
    """Return the file of the keyframes of a recording."""
    return recording.with_name(f"{recording.name}.keyframes")


def load_keyframes(recording: Path) -> list[Keyframe]:
    """Return the keyframes beside a recording that this user's key made."""
    try:
        fd = os.open(keyframes_path(recording), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            if os.fstat(fd).st_size > _MAX_BYTES:
                return []
            return read_keyframes(file.read(_MAX_BYTES).splitlines(keepends=True), keyframes_key(recording_key()))
    except (OSError, SystemFault):
        return []


def save_keyframes(recording: Path, keyframes: Sequence[Keyframe]) -> None:
    """Write the file anew, unless somebody else has one there, or the directory takes none."""
    path = keyframes_path(recording)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        if os.lstat(path).st_uid != os.geteuid():
            return
    try:
        key = keyframes_key(recording_key())
        file = KeyframeFile(made, key)
        file.append(keyframes)
        file.close()
        os.replace(made, path)
    except (OSError, SystemFault) as error:
        logger.info("no keyframes are kept: %s", error)
        with contextlib.suppress(OSError):
            made.unlink()


class KeyframeFile:
    """A file of keyframes that grows. It is made with the first keyframe."""

    def __init__(self, path: Path, key: bytes) -> None:
        """`key`: that of `keyframes_key`."""
        self._path = path
        self._key = key
        self._fd: int | None = None

    def append(self, keyframes: Sequence[Keyframe]) -> None:
        """Append keyframes.

        Raises:
            OSError: The file can't be made or written. A half line at its end harms nothing.
        """
        if self._fd is None and keyframes:
            self._path.unlink(missing_ok=True)  # It belongs to a recording that was removed.
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._fd = os.open(self._path, flags, 0o600)
        for each in keyframes:
            assert self._fd is not None
            rest = memoryview(keyframe_line(each, self._key))
            while rest:
                rest = rest[os.write(self._fd, rest) :]

    def close(self) -> None:
        """Close the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
