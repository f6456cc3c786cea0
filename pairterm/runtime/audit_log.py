"""The audit of a host or a gateway: one line of JSON for each thing that happened, for people and for hooks.

Who, whence, what, when; never content, never a token. The file is 0600, opened
for appending, not through a symlink, and rotated by size: one older file is kept.
A disk that is full costs lines, not the session.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from pathlib import Path

__all__ = ["AUDIT_MAX_BYTES", "AuditLog"]

logger = logging.getLogger(__name__)

AUDIT_MAX_BYTES = 4 << 20
"""About 20,000 events; with the older file at most twice that."""


class AuditLog:
    """The audit file of one session or gateway."""

    def __init__(self, path: Path, *, max_bytes: int = AUDIT_MAX_BYTES) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._fd = -1
        self._size = 0
        self._has_failed = False

    def write(self, event: str, fields: dict[str, str | int]) -> dict[str, str | int]:
        """Append one event; return it as written."""
        moment = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}Z"
        record: dict[str, str | int] = {"time": stamp, "event": event, **fields}
        try:
            self._append(json.dumps(record, ensure_ascii=True).encode() + b"\n")
            self._has_failed = False
        except OSError as error:
            if not self._has_failed:
                logger.warning("the audit %s can't be written: %s", self.path, error.strerror)
            self._has_failed = True
        return record

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _append(self, line: bytes) -> None:
        if self._fd < 0:
            self._open()
        if self._size and self._size + len(line) > self._max_bytes:
            self.close()
            with contextlib.suppress(FileNotFoundError):
                os.replace(self.path, self.path.with_name(self.path.name + ".1"))
            self._open()
        os.write(self._fd, line)
        self._size += len(line)

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(self.path, flags, 0o600)
        self._size = os.fstat(self._fd).st_size
