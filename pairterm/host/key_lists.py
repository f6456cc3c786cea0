"""The lists of keys of a session, kept up to date while it runs: files, and lists that are fetched from a forge.

A file is checked every two seconds, and when somebody joins with a key. A change applies at once
to everybody who joins. Guests who are in are disconnected only if the file is still the same at
the next check, because an editor may be in the middle of writing it.

If a file has a line that can't be read, its list stays as it was, and the owner is told. If a
file is missing at two checks in a row, its list is empty. If a forge's list can't be fetched for
a day, it is empty too. A problem with one list changes no other list.
"""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from pairterm.access.authorized_keys import KeyEntry, parse_key_lines
from pairterm.errors import SystemFault, UsageError
from pairterm.runtime.key_file import read_key_file

__all__ = ["KeyLists"]


_LOOK_S = 2.0
"""The time between two checks of a file: a guest whose key is removed is disconnected within four seconds."""

_FETCH_S = 600.0
"""The time between two downloads of a forge's list."""

_FETCH_TIMEOUT_S = 60.0
"""For one list. An answer may come byte by byte, and a thread can't be ended from outside."""

_Stamp = tuple[int, int, int]


class _File(msgspec.Struct):
    path: Path
    entries: list[KeyEntry]
    stamp: _Stamp | None = None
    """Identifies the contents that were read last; None before the first check, and if the file is missing."""
    is_missing: bool = False
    is_followed: bool = True
    problem: str = ""
    """The last problem with this list that the owner was told; "" for none."""


class _KeyUrl(msgspec.Struct):
    """A list of a forge."""

    url: str
    entries: list[KeyEntry] = msgspec.field(default_factory=list)
    fetched_s: float = float("-inf")
    """When the forge last sent the list, in seconds since the epoch."""
    problem: str = ""
    """The same as for a file."""


class KeyLists(msgspec.Struct):
    """All lists of one session."""

    files: list[_File] = msgspec.field(default_factory=list)
    urls: list[_KeyUrl] = msgspec.field(default_factory=list)
    on_problem: Callable[[str], None] = lambda text: None
    """Is called with a message for the owner."""
    version: int = 0
    """Changes whenever the keys change."""
    _told: int = 0
    """The version of which `follow` told last."""
    _settled: int = 0
    """The version of which `follow` told last that it is final."""

    @classmethod
    def of(cls, files: Sequence[tuple[str, str]], urls: Sequence[str]) -> KeyLists:
        """Return the lists of files (name and text of each) and of URLs. `fetch` still has to fetch the URLs.

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
        """Read the files that have changed. Return whether the keys are different now."""
        changes = sum([self._look_at(each) for each in self.files])
        self.version += changes
        return bool(changes)

    async def fetch(self) -> None:
        """Fetch all lists of forges at the same time, in threads, before the session begins.

        Raises:
            SystemFault: A list can't be fetched, and there is no copy of the last day.
            UsageError: A list has a line that can't be read.
        """
        await asyncio.gather(*map(self._fetch, self.urls))
        self._told = self._settled = self.version

    async def follow(self, on_change: Callable[[bool], None]) -> None:
        """Call `on_change` when the keys change: with False at once, with True at the next check without a change.

        It never returns. If it fails, it may be called again, and tells of changes that were not told yet.
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
        """Fetch the lists of forges again and again. It never returns. `follow` tells of changes."""
        while True:
            await asyncio.sleep(_FETCH_S)
            await self.fetch_again()

    async def fetch_again(self) -> None:
        """Fetch each list again. If one can't be fetched for longer than a day, it is empty from then on."""
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
            # A failure concerns this list only: the others are still kept up to date.
            reason = error.message if isinstance(error, SystemFault | UsageError) else f"{address.url}: {error!r}"
            if isinstance(error, UsageError) or time.time() - address.fetched_s < STALE_S:
                self._tell(address, f"{reason}: the list stays as it was")
                return
            self._tell(address, f"{reason}: its keys are not accepted any more")
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
                file.is_followed = False  # A pipe, such as <(…), can be read only once.
                return False
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if stamp == file.stamp:
                return False
            entries = parse_key_lines(read_key_file(file.path), where=str(file.path))
        except FileNotFoundError:
            return self._take_missing(file)
        except OSError as error:
            return self._keep(file, f"can't read {file.path}: {error.strerror}")
        except UsageError as error:
            return self._keep(file, error.message)
        has_changed = entries != file.entries
        file.stamp, file.entries, file.is_missing, file.problem = stamp, entries, False, ""
        return has_changed

    def _take_missing(self, file: _File) -> bool:
        """Empty the list of a file that is missing, at the second check: an editor may be replacing the file."""
        was_missing, file.is_missing, file.stamp = file.is_missing, True, None
        if not was_missing or not file.entries:
            return False
        self.on_problem(f"{file.path} is gone: its keys are not accepted any more")
        file.entries = []
        return True

    def _keep(self, file: _File, problem: str) -> bool:
        """Leave a list as it was, and tell the owner why, once."""
        self._tell(file, f"{problem}: the list stays as it was")
        file.is_missing = False
        return False
