"""What sessions leave in the state directory: logs and audits, of the newest sessions only.

A name that is used again has its files written anew, but each other name would leave two
files for ever. Nothing of a session that runs is removed.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

__all__ = ["KEPT", "remove_old"]

KEPT = 100
"""Sessions whose files are kept: more than one looks back on, and 200 files at the most with their audits."""

_FILE = re.compile(r"(?:session-(?P<log>.+)\.log|audit-(?P<audit>.+)\.jsonl(?:\.1)?)")


def remove_old(directory: Path, running: Collection[str], *, kept: int = KEPT) -> None:
    """Remove the files of all but the newest `kept` sessions and of those that are `running`, by their names.

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
    """Return the files of sessions, each with the session's name."""
    with contextlib.suppress(OSError):
        for path in directory.iterdir():
            found = _FILE.fullmatch(path.name)
            if found is not None:
                yield found["log"] or found["audit"], path
