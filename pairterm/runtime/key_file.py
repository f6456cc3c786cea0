"""Reads a file of public keys, with a bound on its size. `access.authorized_keys` parses its lines."""

from __future__ import annotations

from pathlib import Path

from pairterm.errors import UsageError

__all__ = ["read_key_file"]

_MAX_FILE_BYTES = 4 << 20
"""The largest file: 2,000 of the longest keys fit."""


def read_key_file(path: Path) -> str:
    """Return the text of a file of keys.

    Raises:
        UsageError: It is too large, or not UTF-8.
        OSError: It can't be read.
    """
    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES + 1)
    if len(data) > _MAX_FILE_BYTES:
        raise UsageError(f"{path} is too large for a list of keys", code="key")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"can't read {path}: not UTF-8", code="key") from error
