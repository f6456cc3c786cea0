"""The owner's key, which signs their recordings: 32 bytes in the state directory, made at the first use."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from pairterm.errors import SystemFault
from pairterm.paths import state_dir

__all__ = ["recording_key"]

_KEY_BYTES = 32
"""A private Ed25519 key (RFC 8032)."""


def recording_key() -> bytes:
    """Return the private key.

    Raises:
        SystemFault: It can't be read or made.
    """
    path = state_dir() / "recording_key"
    try:
        key = _read(path)
        if key is None:
            # Made under another name first: no other process reads half of it, and the first one wins.
            made = path.with_name(f"{path.name}.{os.getpid()}")
            fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(os.urandom(_KEY_BYTES))
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
            made.unlink()
            key = _read(path)
    except OSError as error:
        raise SystemFault(f"can't read or make {path}: {error.strerror}", code="recording_key") from error
    if key is None or len(key) != _KEY_BYTES:
        raise SystemFault(f"{path} is no key: move it away, and the next recording makes another", code="recording_key")
    return key


def _read(path: Path) -> bytes | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as file:
        return file.read(_KEY_BYTES + 1)
