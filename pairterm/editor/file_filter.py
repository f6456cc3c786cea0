"""Which files of an editor may leave this machine, and under which name.

Only files below the root of the workspace are shared, after all symbolic links are
resolved. Never shared are files that look like secrets (`_SECRETS`), files that `.gitignore` or
`.pairtermignore` exclude, binary files, and files that are too large. The decision is made
here, in the editor's process, before a byte of a file leaves it; and it is made again
with each change, because a link or an ignore file can change meanwhile.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote_to_bytes, urlsplit

from pathspec import GitIgnoreSpec

from pairterm.document.document import MAX_LINES, MAX_TEXT_BYTES, Document

__all__ = ["FileFilter", "Rules", "Verdict", "looks_secret", "path_of", "text_fault"]

_SECRETS = GitIgnoreSpec.from_lines([".env*", "*.pem", "id_*", ".ssh/", ".git", "*.kdbx", ".netrc", ".pgpass", "*.p12"])
"""Files that nobody wants to share. The names are compared without regard to case."""

_IGNORE_FILES = (".gitignore", ".pairtermignore")

_IS_CASE_FOLDED = sys.platform == "darwin"
"""The file system takes `A` and `a` for one name, as those of macOS do."""

_MAX_IGNORE_BYTES = 1 << 20
"""A longer ignore file can't be read in time: it excludes everything."""

_MAX_CHARACTER_BYTES = 4
"""A character in UTF-8 has so many bytes at most."""

_EVERYTHING = GitIgnoreSpec.from_lines(["*"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may happen with a file."""

    name: str = ""
    """Its path below the root, in POSIX form; "" if it is not shared."""
    reason: str = ""
    """Why it is not shared; "" if it is."""


def path_of(uri: str) -> Path | None:
    """Return the path that a `file:` URI names (RFC 8089); None: it names no file of this machine."""
    try:
        parts = urlsplit(uri)
        raw = unquote_to_bytes(parts.path)
    except ValueError:
        return None
    path = os.fsdecode(raw)
    if parts.scheme.lower() != "file" or parts.netloc.lower() not in ("", "localhost") or not path.startswith("/"):
        return None
    return None if "\0" in path else Path(path)


def text_fault(document: Document) -> str:
    """Return why a text is not shared; "" if it may be. Cost: O(text) if it is large."""
    if len(document.lines) > MAX_LINES:
        return f"it has more than {MAX_LINES} lines"
    may_be_large = document.characters * _MAX_CHARACTER_BYTES > MAX_TEXT_BYTES
    if may_be_large and sum(len(line.encode()) + 1 for line in document.lines) > MAX_TEXT_BYTES:
        return f"it is larger than {MAX_TEXT_BYTES >> 20} MiB"
    if any("\0" in line for line in document.lines):
        return "it is a binary file"
    return ""


def looks_secret(name: str) -> bool:
    """Return whether a file, by its path below the root, may hold secrets."""
    return _SECRETS.match_file(name.casefold())


class Rules(Protocol):
    """Decides which files are shared."""

    def verdict(self, uri: str) -> Verdict:
        """Decide about a file, by its URI."""


class FileFilter:
    """The rules of one workspace."""

    def __init__(self, roots: Sequence[Path], *, includes: Iterable[str] = (), excludes: Iterable[str] = ()) -> None:
        """`includes`: if there are any, only files that match one of them are shared; both are ignore patterns."""
        self._roots = [Path(os.path.realpath(each)) for each in roots]
        included = list(includes)
        self._includes = GitIgnoreSpec.from_lines(included) if included else None
        self._excludes = GitIgnoreSpec.from_lines(list(excludes))
        self._specs: dict[Path, tuple[tuple[int, ...], GitIgnoreSpec]] = {}
        """The patterns of each ignore file, with the state of the file in which they were read."""

    def change_roots(self, added: Iterable[Path], removed: Iterable[Path]) -> None:
        """Take that the editor has opened other folders, or has closed some."""
        gone = {Path(os.path.realpath(each)) for each in removed}
        self._roots = [each for each in self._roots if each not in gone]
        self._roots += [root for each in added if (root := Path(os.path.realpath(each))) not in self._roots]

    @property
    def name(self) -> str:
        """The name of the workspace: the last part of its first root's path."""
        return self._roots[0].name if self._roots else ""

    def root_fault(self) -> str:
        """Return why nothing of the workspace is shared; "" if it may be."""
        if not self._roots:
            return "the editor has opened no folder: open one, or name it with --root"
        home = Path(os.path.realpath(Path.home()))
        if any(home.is_relative_to(each) for each in self._roots):
            return "the folder is your home directory: open a folder below it, or name one with --root"
        return ""

    def verdict(self, uri: str) -> Verdict:
        """Decide about a file. It need not exist: an editor can open a new one."""
        path = path_of(uri)
        if path is None:
            return Verdict(reason="it is no file")
        if fault := self.root_fault():
            return Verdict(reason=fault)
        real = Path(os.path.realpath(path))
        root = next((each for each in self._roots if real.is_relative_to(each) and real != each), None)
        if root is None:
            return Verdict(reason="it is outside of the workspace")
        relative = real.relative_to(root)
        spelled = Path(os.path.normpath(path))
        names = [relative]
        for each in self._roots:
            if spelled.is_relative_to(each) and spelled != each:
                names.append(spelled.relative_to(each))
        for name in names:
            if fault := self._name_fault(root, name):
                return Verdict(reason=fault)
        if real.exists() and not real.is_file():  # A file that is new in the editor does not exist.
            return Verdict(reason="it is no regular file")
        shown = relative.as_posix() if len(self._roots) == 1 else f"{root.name}/{relative.as_posix()}"
        return Verdict(name=os.fsencode(shown).decode("utf-8", "replace"))

    def _name_fault(self, root: Path, name: Path) -> str:
        posix = name.as_posix()
        if looks_secret(posix):
            return "it may contain secrets"
        if self._is_ignored(root, name):
            return "an ignore file excludes it"
        if self._excludes.match_file(posix):
            return "--exclude names it"
        if self._includes is not None and not self._includes.match_file(posix):
            return "no --include names it"
        return ""

    def _is_ignored(self, root: Path, name: Path) -> bool:
        """Return whether an ignore file excludes a path or a directory above it, as git decides (gitignore(5)).

        Git can't include a file again if a directory above it is excluded.
        """
        parts = name.parts
        for end in range(1, len(parts) + 1):
            if self._is_part_ignored(root, parts[:end], is_directory=end < len(parts)):
                return True
        return False

    def _is_part_ignored(self, root: Path, parts: tuple[str, ...], *, is_directory: bool) -> bool:
        for depth in range(len(parts) - 1, -1, -1):  # The ignore file that is nearest decides.
            below = "/".join(parts[depth:]) + "/" * is_directory
            folder = root.joinpath(*parts[:depth])
            files = [folder / each for each in _IGNORE_FILES]
            if depth == 0:
                files.append(root / ".git" / "info" / "exclude")
            decisions = [decision for each in files if (decision := self._decision(each, below)) is not None]
            if decisions:
                return any(decisions)
        return False

    def _decision(self, file: Path, name: str) -> bool | None:
        """Return whether an ignore file excludes a name; None: it does not say."""
        spec = self._spec(file)
        if spec is None:
            return None
        result = spec.check_file(name.casefold() if _IS_CASE_FOLDED else name)
        return result.include

    def _spec(self, file: Path) -> GitIgnoreSpec | None:
        """Return the patterns of an ignore file, read again when it has changed; None: there is none."""
        try:
            found = file.stat()
        except OSError:
            self._specs.pop(file, None)
            return None
        state = (found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._specs.get(file)
        if known is not None and known[0] == state:
            return known[1]
        spec = _EVERYTHING
        if found.st_size <= _MAX_IGNORE_BYTES:
            try:
                text = file.read_text("utf-8", "replace")
                spec = GitIgnoreSpec.from_lines((text.casefold() if _IS_CASE_FOLDED else text).splitlines())
            except (OSError, ValueError):
                spec = _EVERYTHING  # An unreadable file may exclude any file.
        self._specs[file] = (state, spec)
        return spec
