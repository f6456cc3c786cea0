"""The lists of keys of a session, followed while it runs: files that are edited, lists of a forge fetched anew.

A file is looked at every two seconds, and when somebody comes by a key. What it says
then holds for whoever comes; who is in is shown out only when the file has stayed as
it is for one more look, since an editor may be in the middle of writing it. A file
with a line that can't be read changes nothing, and the owner is told; one that is
gone for two looks is an empty list.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pairterm.access.keys import KeyEntry, parse_key_lines
from pairterm.errors import SystemFault, UsageError

__all__ = ["KeyLists"]

_MAX_FILE_BYTES = 4 << 20
"""Of a list of keys: 2,000 of the longest fit."""

_LOOK_S = 2.0
"""A stat of each file so often: who was taken off a list is out within four seconds."""

_FETCH_S = 600.0
"""How often the list of a forge is fetched anew."""

_Stamp = tuple[int, int, int]


@dataclass(slots=True)
class _File:
    path: Path
    entries: list[KeyEntry]
    stamp: _Stamp | None = None
    """Of what was read last; None before the first look, and for a file that is gone."""
    is_missing: bool = False
    is_followed: bool = True
    problem: str = ""
    """What the owner was told last of what is wrong with it."""


@dataclass(slots=True)
class KeyLists:
    """All lists of one session."""

    files: list[_File] = field(default_factory=list)
    urls: dict[str, list[KeyEntry]] = field(default_factory=dict)
    """What each address of a forge said last."""
    on_problem: Callable[[str], None] = lambda text: None
    """Is told what the owner should know."""
    version: int = 0
    """Is another when the keys are others."""

    @classmethod
    def of(cls, files: Sequence[tuple[str, str]], urls: Sequence[str]) -> KeyLists:
        """Return the lists of these files, by name and text, and addresses, which are yet to be fetched.

        Raises:
            UsageError: A file has a line that can't be read.
        """
        read = [_File(Path(name), parse_key_lines(text, where=name)) for name, text in files]
        return cls(read, {url: [] for url in urls})

    def __bool__(self) -> bool:
        return bool(self.files or self.urls)

    @property
    def entries(self) -> list[KeyEntry]:
        """The keys of all lists."""
        lists = [*(each.entries for each in self.files), *self.urls.values()]
        return [entry for each in lists for entry in each]

    def look(self) -> bool:
        """Look whether a file has changed, and read it if so; return whether the keys are others now."""
        changes = sum([self._look_at(each) for each in self.files])
        self.version += changes
        return bool(changes)

    async def fetch(self) -> None:
        """Fetch the lists of the forges at the same time, in threads.

        Raises:
            SystemFault: One can't be had, and there is none of the last day.
            UsageError: One can't be read.
        """
        # Here, not at the top: most sessions fetch none, and an HTTPS client is a third of a host's memory.
        from pairterm.host.keysources import fetch_keys

        texts = await asyncio.gather(*(asyncio.to_thread(fetch_keys, url) for url in self.urls))
        self._take({url: parse_key_lines(text, where=url) for url, text in zip(self.urls, texts, strict=True)})

    async def follow(self, on_change: Callable[[bool], None]) -> None:
        """Call `on_change` when the keys are others: with False at once, with True when they stay so. Never ends."""
        loop = asyncio.get_running_loop()
        fetch_due_s = loop.time() + _FETCH_S
        settled = self.version
        while True:
            await asyncio.sleep(_LOOK_S)
            before = self.version
            self.look()
            if self.urls and loop.time() >= fetch_due_s:
                await self._fetch_again()
                fetch_due_s = loop.time() + _FETCH_S
            if self.version != before:
                on_change(False)
            elif self.version != settled:
                settled = self.version
                on_change(True)

    async def _fetch_again(self) -> None:
        """Fetch; a list that can't be had for longer than a day is no list any more."""
        try:
            await self.fetch()
        except SystemFault as fault:
            self.on_problem(f"{fault.message}: nobody comes in by it")
            self._take({url: [] for url in self.urls})
        except UsageError as error:
            self.on_problem(f"{error.message}: the list stays as it was")

    def _take(self, urls: dict[str, list[KeyEntry]]) -> None:
        self.version += urls != self.urls
        self.urls = urls

    def _look_at(self, file: _File) -> bool:
        if not file.is_followed:
            return False
        try:
            found = file.path.stat()
            if not stat.S_ISREG(found.st_mode):
                file.is_followed = False  # A pipe, such as <(…): it said what it had to say.
                return False
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if stamp == file.stamp:
                return False
            entries = parse_key_lines(_text(file.path), where=str(file.path))
        except FileNotFoundError:
            return self._look_at_nothing(file)
        except OSError as error:
            return self._keep(file, f"can't read {file.path}: {error.strerror}")
        except UsageError as error:
            return self._keep(file, error.message)
        has_changed = entries != file.entries
        file.stamp, file.entries, file.is_missing, file.problem = stamp, entries, False, ""
        return has_changed

    def _look_at_nothing(self, file: _File) -> bool:
        """An editor may be about to put another file in its place: only the second look counts."""
        was_missing, file.is_missing, file.stamp = file.is_missing, True, None
        if not was_missing or not file.entries:
            return False
        self.on_problem(f"{file.path} is gone: nobody comes in by it")
        file.entries = []
        return True

    def _keep(self, file: _File, problem: str) -> bool:
        """Leave a list as it was, and say why, once."""
        if problem != file.problem:
            self.on_problem(f"{problem}: the list stays as it was")
        file.problem, file.is_missing = problem, False
        return False


def _text(path: Path) -> str:
    """Return a file's text.

    Raises:
        UsageError: It is no text, or too long.
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
