"""The files of recordings, as the commands find and read them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pairterm.errors import SystemFault, UsageError
from pairterm.paths import recordings_dir
from pairterm.record.asciicast import CastReader
from pairterm.record.events import Event, Header

__all__ = ["found_file", "free_file", "read_recording", "recordings"]


def free_file(name: str) -> str:
    """Return the absolute path of a new file.

    Raises:
        UsageError: It is there, or its directory is not.
    """
    path = Path(os.path.abspath(name))
    if path.exists():
        raise UsageError(f"{name} exists: a recording is written into a new file", code="file_exists")
    if not path.parent.is_dir():
        raise UsageError(f"no directory {path.parent}", code="directory")
    return str(path)


def recordings() -> list[Path]:
    """Return the files among this user's recordings, the oldest first."""
    found = [each for each in recordings_dir().glob("*.cast") if each.is_file() and not each.is_symlink()]
    return sorted(found, key=lambda each: (each.stat().st_mtime, each.name))


def found_file(name: str) -> Path:
    """Return the file of this path, or of this name among the user's recordings.

    Raises:
        UsageError: There is none.
    """
    for path in (Path(name), recordings_dir() / name, recordings_dir() / f"{name}.cast"):
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
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            for line in whole_lines(file):
                event = reader.line(line)
                if event is not None:
                    events.append(event)
    except OSError as error:
        raise SystemFault(f"can't read {path}: {error.strerror}", code="recording") from error
    if reader.header is None:
        raise UsageError(f"{path} is empty", code="recording")
    return reader.header, events


def whole_lines(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines that have their line feed."""
    for line in lines:
        if line.endswith("\n"):
            yield line
