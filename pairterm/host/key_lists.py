"""The lists of keys of a session, followed while it runs: files that are edited, lists of a forge fetched anew.

A file is looked at every two seconds, and when somebody comes by a key. Its text
then holds for everyone who comes; those who are in are shown out only when the file
stays the same for one more look, since an editor may be in the middle of writing it.
A file with a line that can't be read changes nothing, and the owner is told; one that
is gone for two looks is an empty list. A forge's list that can't be fetched for a day
is empty too. Each list stands for itself: the trouble of one changes no other.
"""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pairterm.access.authorized_keys import KeyEntry, parse_key_lines
from pairterm.errors import SystemFault, UsageError

__all__ = ["KeyLists"]

_MAX_FILE_BYTES = 4 << 20
"""Of a list of keys: 2,000 of the longest fit."""

_LOOK_S = 2.0
"""A stat of each file so often: who was taken off a list is out within four seconds."""

_FETCH_S = 600.0
"""How often the list of a forge is fetched anew."""

_FETCH_TIMEOUT_S = 60.0
"""For one list: an answer may trickle, and a thread can't be ended from outside."""

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
class _KeyUrl:
    """A list of a forge."""

    url: str
    entries: list[KeyEntry] = field(default_factory=list)
    fetched_s: float = float("-inf")
    """When the forge last sent the list, in seconds since the epoch."""
    problem: str = ""
    """As for a file."""


@dataclass(slots=True)
class KeyLists:
    """All lists of one session."""

    files: list[_File] = field(default_factory=list)
    urls: list[_KeyUrl] = field(default_factory=list)
    on_problem: Callable[[str], None] = lambda text: None
    """Is told what the owner should know."""
    version: int = 0
    """Changes whenever the keys change."""
    _told: int = 0
    """The version that `follow` reported last."""
    _settled: int = 0
    """The version that `follow` reported last as final."""

    @classmethod
    def of(cls, files: Sequence[tuple[str, str]], urls: Sequence[str]) -> KeyLists:
        """Return the lists of these files, by name and text, and addresses, which are yet to be fetched.

        Raises:
            UsageError: A file has a line that can't be read.
        """
        read = [_File(Path(name), parse_key_lines(text, where=name)) for name, text in files]
        return cls(read, [_KeyUrl(url) for url in urls])

    def __bool__(self) -> bool:
        return bool(self.files or self.urls)

    @property
    def entries(self) -> list[KeyEntry]:
        """The keys of all lists."""
        lists = [*(each.entries for each in self.files), *(each.entries for each in self.urls)]
        return [entry for each in lists for entry in each]

    def look(self) -> bool:
        """Look whether a file has changed, and read it if so; return whether the keys are others now."""
        changes = sum([self._look_at(each) for each in self.files])
        self.version += changes
        return bool(changes)

    async def fetch(self) -> None:
        """Fetch the lists of the forges side by side, in threads, before the session begins.

        Raises:
            SystemFault: One can't be had, and there is none of the last day.
            UsageError: One can't be read.
        """
        await asyncio.gather(*map(self._fetch, self.urls))
        self._told = self._settled = self.version

    async def follow(self, on_change: Callable[[bool], None]) -> None:
        """Call `on_change` when the keys change: with False at once, with True when they stay so. Never returns.

        It may be called again after a failure, and then reports what was not reported yet.
        """
        while True:
            await asyncio.sleep(_LOOK_S)
            self.look()
            if self.version != self._told:
                on_change(False)
                self._told = self.version
            elif self.version != self._settled:
                on_change(True)
                self._settled = self.version

    async def follow_urls(self) -> None:
        """Fetch the lists of the forges again, as long as the session lives; `follow` reports what they change."""
        while True:
            await asyncio.sleep(_FETCH_S)
            await self.fetch_again()

    async def fetch_again(self) -> None:
        """Fetch each list anew. One that can't be had for longer than a day is empty from then on."""
        await asyncio.gather(*map(self._fetch_again, self.urls))

    async def _fetch(self, address: _KeyUrl) -> None:
        # Here, not at the top: most sessions fetch none, and an HTTPS client is a third of a host's memory.
        from pairterm.host.key_downloads import fetch_keys

        try:
            async with asyncio.timeout(_FETCH_TIMEOUT_S):
                text, fetched_s = await asyncio.to_thread(fetch_keys, address.url)
        except TimeoutError as error:
            raise SystemFault(f"can't fetch the keys at {address.url}: no answer", code="key_source") from error
        entries = parse_key_lines(text, where=address.url)
        self.version += entries != address.entries
        address.entries, address.fetched_s, address.problem = entries, fetched_s, ""

    async def _fetch_again(self, address: _KeyUrl) -> None:
        # Here, not at the top: as in `_fetch`.
        from pairterm.host.key_downloads import STALE_S

        try:
            await self._fetch(address)
        except Exception as error:
            # Any failure is this list's own: the others are followed all the same.
            reason = error.message if isinstance(error, SystemFault | UsageError) else f"{address.url}: {error!r}"
            if isinstance(error, UsageError) or time.time() - address.fetched_s < STALE_S:
                self._tell(address, f"{reason}: the list stays as it was")
                return
            self._tell(address, f"{reason}: nobody comes in by it")
            self.version += bool(address.entries)
            address.entries = []

    def _tell(self, where: _File | _KeyUrl, problem: str) -> None:
        """Tell the owner of a problem, once."""
        if problem != where.problem:
            where.problem = problem
            self.on_problem(problem)

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
        self._tell(file, f"{problem}: the list stays as it was")
        file.is_missing = False
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
