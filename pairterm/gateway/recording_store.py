"""The files of the recordings that a gateway keeps for its page, in the directory that its operator names.

Each has two files, both of mode 0600 and named by the token's SHA-256: one ends with .cast, and one
with .json that has its owner, name and end. Nothing of a name from outside is part of a path. An upload
is written to a file that ends with .part, and gets its names when it is whole. If the gateway is killed
before that, the next start removes the file. Several workers of a gateway have one directory. A lock
tells them which uploads are alive, and each looks at the directory for what the others have kept.
Only asciicasts are taken. Slow calls are made in threads by the callers.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pairterm.access.recording_shelf import RecordingShelf, SharedRecording
from pairterm.config import WebConfig
from pairterm.errors import SystemFault, UsageError
from pairterm.paths import made_private
from pairterm.record.asciicast import MAX_LINE_CHARS, CastReader

__all__ = ["RecordingStore", "Upload", "recording_store"]

logger = logging.getLogger(__name__)

_TICK_NS = 50_000_000

_NAME = re.compile(r"([0-9a-f]{64})\.json")


class RecordingStore:
    """All recordings of one gateway."""

    def __init__(self, directory: Path, shelf: RecordingShelf) -> None:
        """Take what is in the directory; remove what is over, or not whole.

        Raises:
            SystemFault: The directory can't be used.
        """
        self._directory = made_private(directory)
        self.has_other_workers = False
        """Other workers of this gateway have the same directory."""
        self._seen_ns = 0
        """When the directory had changed last, when `catch_up` read it."""
        self.shelf = shelf
        try:
            found = self._directory.stat()
            if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
                raise SystemFault(
                    f"recordings_dir {directory} has to belong to the gateway's user, with mode 0700",
                    code="recordings_dir",
                )
            shelf.restore(self._kept())
            self._sweep()
        except OSError as error:
            raise SystemFault(
                f"can't use recordings_dir {directory}: {error.strerror}", code="recordings_dir"
            ) from error
        self.remove_expired()

    def begin(self, recording: SharedRecording) -> Upload:
        """Begin an upload.

        Raises:
            UsageError: There is no room for it.
            SystemFault: Its file can't be made.
        """
        self.shelf.begin(recording, time.time())
        try:
            return Upload(self, recording, self._path(recording, "part"))
        except OSError as error:
            self.shelf.remove(recording)
            raise SystemFault(f"the gateway can't write: {error.strerror}", code="recordings_dir") from error

    def open(self, recording: SharedRecording) -> BinaryIO:
        """Return the file of a recording.

        Raises:
            OSError: It is gone.
        """
        fd = os.open(self._path(recording, "cast"), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return os.fdopen(fd, "rb")

    def keep(self, recording: SharedRecording) -> None:
        """Give a whole upload its names.

        Raises:
            OSError: They can't be written.
        """
        about = {
            "owner": recording.owner,
            "name": recording.name,
            "size_bytes": recording.size_bytes,
            "expires_s": recording.expires_s,
        }
        fresh = self._path(recording, "about")
        fd = _created(fresh)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(json.dumps(about))
            file.flush()
            os.fsync(fd)
        self._path(recording, "part").rename(self._path(recording, "cast"))
        fresh.rename(self._path(recording, "json"))

    def remove(self, recording: SharedRecording) -> None:
        """Delete a recording, or what there is of it. A page that loads it at this moment gets it to its end."""
        for kind in ("json", "cast", "about", "part"):
            with contextlib.suppress(OSError):
                self._path(recording, kind).unlink(missing_ok=True)
        self.shelf.remove(recording)

    def remove_expired(self) -> None:
        """Delete the recordings whose time is over."""
        self.catch_up()
        for each in self.shelf.expired(time.time()):
            logger.info("the shared recording %s of %s has expired", each.id, each.owner)
            self.remove(each)

    def catch_up(self) -> None:
        """Take what other workers of this gateway have kept or removed. Without others, nothing is done.

        Raises:
            OSError: The directory can't be read.
        """
        if not self.has_other_workers:
            return
        changed_ns = self._directory.stat().st_mtime_ns
        if changed_ns == self._seen_ns:
            return
        # A file system's clock has ticks: within the same one, the directory may change again.
        self._seen_ns = changed_ns if time.time_ns() > changed_ns + _TICK_NS else 0
        self.shelf.match(self._kept())

    def _path(self, recording: SharedRecording, kind: str) -> Path:
        name = recording.token_hash.hex()
        return self._directory / (f".{name}.{kind}" if kind in ("part", "about") else f"{name}.{kind}")

    def _kept(self) -> Iterator[SharedRecording]:
        for path in sorted(self._directory.iterdir()):
            found = _NAME.fullmatch(path.name)
            if found is None:
                continue
            try:
                about = json.loads(path.read_text(encoding="utf-8"))
                recording = SharedRecording(
                    token_hash=bytes.fromhex(found[1]),
                    owner=str(about["owner"]),
                    name=str(about["name"]),
                    size_bytes=int(about["size_bytes"]),
                    expires_s=int(about["expires_s"]),
                )
                is_whole = self._path(recording, "cast").stat().st_size == recording.size_bytes
            except (OSError, ValueError, KeyError, TypeError):
                is_whole = False
            if is_whole:
                yield recording

    def _sweep(self) -> None:
        """Remove files of ours that belong to no whole recording. Other files stay."""
        whole = {each.hex() for each in self.shelf.hashes}
        for path in self._directory.iterdir():
            found = re.fullmatch(r"\.?([0-9a-f]{64})\.(json|cast|about|part)", path.name)
            is_ours = found is not None and (found[1] not in whole or found[2] in ("about", "part"))
            if is_ours and not _is_locked(path):
                path.unlink(missing_ok=True)


def recording_store(config: WebConfig) -> RecordingStore | None:
    """Return the place for shared recordings; None: the configuration has none.

    Raises:
        SystemFault: The directory can't be used.
    """
    if not config.recordings_dir:
        return None
    shelf = RecordingShelf(
        max_bytes=config.recordings_bytes,
        max_bytes_of_owner=config.recordings_bytes_per_user,
        max_age_s=config.recordings_max_days * 86_400,
    )
    return RecordingStore(Path(config.recordings_dir), shelf)


class Upload:
    """One recording on its way. It ends by `finish` or by `abort`."""

    def __init__(self, store: RecordingStore, recording: SharedRecording, path: Path) -> None:
        self.recording = recording
        self._store = store
        self._file = os.fdopen(_created(path), "wb")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._reader = CastReader()
        self._line = b""
        """The beginning of a line whose end has not come."""
        self.size_bytes = 0

    @property
    def is_whole(self) -> bool:
        """All bytes that were announced have come."""
        return self.size_bytes == self.recording.size_bytes

    def write(self, data: bytes) -> None:
        """Check and write the next bytes.

        Raises:
            UsageError: They are more than was announced, or no asciicast.
            SystemFault: The disk does not take them.
        """
        if self.size_bytes + len(data) > self.recording.size_bytes:
            raise UsageError("the recording is longer than was said", code="recording")
        self._check(data)
        try:
            self._file.write(data)
        except OSError as error:
            raise SystemFault(f"the gateway can't write: {error.strerror}", code="recordings_dir") from error
        self.size_bytes += len(data)

    def finish(self) -> None:
        """Make the whole recording one that can be played.

        Raises:
            UsageError: It is no asciicast.
            SystemFault: The disk does not take it.
        """
        if self._line or self._reader.header is None:
            raise UsageError("the recording has no end", code="recording")
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._store.keep(self.recording)
            self._file.close()
        except OSError as error:
            raise SystemFault(f"the gateway can't write: {error.strerror}", code="recordings_dir") from error

    def abort(self) -> None:
        """Remove what has come so far."""
        with contextlib.suppress(OSError):
            self._file.close()
        self._store.remove(self.recording)

    def _check(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        if len(self._line) > MAX_LINE_CHARS:
            raise UsageError("a line of the recording is too long", code="recording")
        for line in lines:
            self._reader.line(_text(line))


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("the recording is not UTF-8", code="recording") from error


def _is_locked(path: Path) -> bool:
    """Return whether a file is part of an upload that is under way, perhaps in another worker."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _created(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
