"""Removes the logs and audit logs of old sessions from the state directory.

A session overwrites the files of an earlier session with the same name. Each other name would
leave two files for ever. The files of a running session are never removed.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

__all__ = ["KEPT", "remove_old"]

KEPT = 100
"""How many ended sessions keep their files: 200 files at most, without those of rotated audit logs."""

_FILE = re.compile(r"(?:session-(?P<log>.+)\.log|audit-(?P<audit>.+)\.jsonl(?:\.1)?)")


def remove_old(directory: Path, running: Collection[str], *, kept: int = KEPT) -> None:
    """Remove the files of all sessions except the `running` ones (by name) and the newest `kept` others.

    A file that can't be removed stays.
    """
    newest: dict[str, float] = {}
    files = list(_files(directory))
    for name, path in files:
        with contextlib.suppress(OSError):
            newest[name] = max(newest.get(name, 0.0), path.lstat().st_mtime)
    ended = sorted((name for name in newest if name not in running), key=newest.__getitem__, reverse=True)
    old = frozenset(ended[kept:])
    for name, path in files:
        if name in old:
            with contextlib.suppress(OSError):
                path.unlink()


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of sessions, each with the session's name."""
    with contextlib.suppress(OSError):
        for path in directory.iterdir():
            found = _FILE.fullmatch(path.name)
            if found is not None:
                yield found["log"] or found["audit"], path
