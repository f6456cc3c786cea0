"""The files that a pairterm package carries beside its code: the systemd unit, man pages, completions, build facts.

In an installed package they are in `pairterm/data`. In a source tree (an editable installation)
they are at the top of the tree, and there are no build facts. Only these two places are looked at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pairterm
from pairterm.errors import SystemFault

__all__ = ["BuildInfo", "build_info", "shipped"]

_PACKAGE = Path(pairterm.__file__).parent


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """The commit from which a package was built."""

    commit: str
    date: str
    """The commit's time, ISO 8601."""
    is_modified: bool
    """Files were changed since the commit."""


def shipped(name: str) -> Path:
    """Return the directory of that name: `systemd`, `man` or `completions`.

    Raises:
        SystemFault: The package lacks it.
    """
    for place in (_PACKAGE / "data", _PACKAGE.parent):
        if (place / name).is_dir():
            return place / name
    raise SystemFault(f"this installation lacks the directory {name!r}: install pairterm again", code="shipped_files")


def build_info() -> BuildInfo | None:
    """Return the facts about the build; None for a source tree, or a package that was not built from a checkout."""
    try:
        found = json.loads((_PACKAGE / "data" / "build.json").read_text(encoding="utf-8"))
        return BuildInfo(str(found["commit"]), str(found["date"]), bool(found["is_modified"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
