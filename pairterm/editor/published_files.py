"""Which files of a publisher are shown, and under which name.

The files are on another machine: there is nothing to look at but their names. pair-ls sends all
that its editor opens, also what `.gitignore` excludes. So the rules here come late, and are
fewer than those of `file_filter`: names below the root only, and nothing that looks like a secret. Texts are checked
as those of any editor (`file_filter.text_fault`).
"""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from pairterm.editor.file_filter import Verdict, looks_secret, path_of

__all__ = ["PublishedFiles"]

_HOMES = ("home", "Users")
"""The directories of home directories, on Linux and on macOS."""


class PublishedFiles:
    """The rules of one publisher."""

    def __init__(self, root_uri: str) -> None:
        """`root_uri` is the folder that the editor has opened; "" for none."""
        path = path_of(root_uri) if root_uri else None
        self._root = PurePosixPath(os.path.normpath(path)) if path is not None else None

    @property
    def name(self) -> str:
        """The last part of the root's path."""
        return self._root.name if self._root is not None else ""

    def root_fault(self) -> str:
        """Return why nothing is shown; "" if files are."""
        if self._root is None:
            return "the editor has opened no folder"
        parts = self._root.parts[1:]
        if not parts or parts == ("root",) or (parts[0] in _HOMES and len(parts) <= 2):
            return "the folder is a home directory, or holds them"
        return ""

    def verdict(self, uri: str) -> Verdict:
        """Decide about a file, by its name alone."""
        path = path_of(uri)
        if path is None:
            return Verdict(reason="it is no file")
        fault = self.root_fault()
        if fault or self._root is None:
            return Verdict(reason=fault)
        file = PurePosixPath(os.path.normpath(path))
        if not file.is_relative_to(self._root) or file == self._root:
            return Verdict(reason="it is outside of the workspace")
        name = file.relative_to(self._root).as_posix()
        if looks_secret(name):
            return Verdict(reason="it may contain secrets")
        return Verdict(name=os.fsencode(name).decode("utf-8", "replace"))
