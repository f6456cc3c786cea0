"""The files of recordings, as the commands find and read them."""

from __future__ import annotations

import os
from pathlib import Path

from pairterm.errors import SystemFault, UsageError
from pairterm.paths import recordings_dir
from pairterm.record.asciicast import CastReader
from pairterm.record.events import Event, Header
from pairterm.runtime.keyframe_file import keyframes_path
from pairterm.runtime.recording_lines import RecordingLines
from pairterm.runtime.zstd import check_zstd, is_compressed_name

__all__ = [
    "found_file",
    "free_file",
    "read_recording",
    "recording_bytes",
    "recordings",
    "remove_lone_keyframes",
    "remove_recording",
]


def free_file(name: str) -> str:
    """Return the absolute path of a new file.

    Raises:
        UsageError: It is there, or its directory is not, or it shall be compressed and the library is missing.
    """
    if is_compressed_name(name):
        check_zstd()
    path = Path(os.path.abspath(name))
    if path.exists():
        raise UsageError(f"{name} exists: a recording is written into a new file", code="file_exists")
    if not path.parent.is_dir():
        raise UsageError(f"no directory {path.parent}", code="directory")
    return str(path)


def recordings() -> list[Path]:
    """Return the files among this user's recordings, the oldest first."""
    files = [*recordings_dir().glob("*.cast"), *recordings_dir().glob("*.cast.zst")]
    found = [each for each in files if each.is_file() and not each.is_symlink()]
    return sorted(found, key=lambda each: (each.stat().st_mtime, each.name))


def found_file(name: str) -> Path:
    """Return the file of this path, or of this name among the user's recordings.

    Raises:
        UsageError: There is none.
    """
    own = recordings_dir()
    for path in (Path(name), own / name, own / f"{name}.cast", own / f"{name}.cast.zst"):
        if path.is_file():
            return path
    raise UsageError(f"no recording {name}: 'pairterm recordings' lists yours", code="no_recording")


def read_recording(path: Path) -> tuple[Header, list[Event]]:
    """Return the header and all events. A line that is still being written, or was cut, is left out.

    Raises:
        UsageError: It is not an asciicast.
        SystemFault: It can't be read.
    """
    reader = CastReader()
    events: list[Event] = []
    with RecordingLines(path) as lines:
        for line in lines.read():
            event = reader.line(line.decode("utf-8", "replace"))
            if event is not None:
                events.append(event)
    if reader.header is None:
        raise UsageError(f"{path} is empty", code="recording")
    return reader.header, events


def remove_recording(path: Path) -> None:
    """Remove a recording, and its keyframes.

    Raises:
        SystemFault: It can't be removed.
    """
    try:
        keyframes_path(path).unlink(missing_ok=True)
        path.unlink()
    except OSError as error:
        raise SystemFault(f"can't remove {path}: {error.strerror}", code="recording") from error


def recording_bytes(path: Path) -> int:
    """Return how much a recording takes on the disk, with its keyframes."""
    beside = keyframes_path(path)
    return path.stat().st_size + (beside.stat().st_size if beside.is_file() else 0)


def remove_lone_keyframes() -> None:
    """Remove keyframes among the user's recordings whose recording was removed. They show what it showed."""
    for path in recordings_dir().glob("*.keyframes"):
        if not path.with_name(path.name.removesuffix(".keyframes")).exists():
            path.unlink(missing_ok=True)
