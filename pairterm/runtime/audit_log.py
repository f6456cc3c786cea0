"""The audit log of a host or a gateway: one line of JSON for each event, for people and for hooks.

A line says who did what, from which address, and when. It never has content or a token. The file
has mode 0600 and is opened for appending, not through a symlink. It is rotated by size, and one
older file is kept. If the disk is full, lines are lost, and the session goes on. Several workers of a
gateway append to the same file: a lock decides which of them rotates it, and nobody waits for the lock.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from pathlib import Path

__all__ = ["AUDIT_MAX_BYTES", "AuditLog"]

logger = logging.getLogger(__name__)

AUDIT_MAX_BYTES = 4 << 20
"""About 20,000 events. With the older file, there are at most twice as many."""


class AuditLog:
    """The audit log of one session or gateway."""

    def __init__(self, path: Path, *, max_bytes: int = AUDIT_MAX_BYTES) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._fd = -1
        self._has_failed = False

    def write(self, event: str, fields: dict[str, str | int]) -> dict[str, str | int]:
        """Append one event. Return it as it is written."""
        moment = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}Z"
        record: dict[str, str | int] = {"time": stamp, "event": event, **fields}
        try:
            self._append(json.dumps(record, ensure_ascii=True).encode() + b"\n")
            self._has_failed = False
        except OSError as error:
            if not self._has_failed:
                logger.warning("the audit log %s can't be written: %s", self.path, error.strerror)
            self._has_failed = True
        return record

    def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _append(self, line: bytes) -> None:
        if self._fd < 0:
            self._open()
        elif not self._is_at_its_path():
            self._open_again()  # Another worker has rotated it, or somebody has moved it away.
        size_bytes = os.fstat(self._fd).st_size
        if size_bytes and size_bytes + len(line) > self._max_bytes and self._may_rotate():
            os.replace(self.path, self.path.with_name(self.path.name + ".1"))
            self._open_again()
        os.write(self._fd, line)

    def _may_rotate(self) -> bool:
        """Return whether this process rotates the file now. Its lock ends with its descriptor."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if self._is_at_its_path():
            return True
        self._open_again()  # Another worker was faster.
        return False

    def _is_at_its_path(self) -> bool:
        try:
            return os.path.samestat(self.path.stat(follow_symlinks=False), os.fstat(self._fd))
        except FileNotFoundError:
            return False

    def _open_again(self) -> None:
        self.close()
        self._open()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(self.path, flags, 0o600)
