"""Guests who come before their host, in the first seconds of a gateway that was restarted.

A gateway knows links from its hosts alone, and after a restart they need a moment to
come back: whoever comes sooner waits for a while instead of being refused. That is
so only where there were sessions when it stopped, which a file says (`Footprint`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable
from pathlib import Path

__all__ = ["RETURN_S", "Footprint", "WaitingRoom"]

RETURN_S = 30.0
"""In which all hosts have come back: they dial again every second while a gateway restarts, every 15 s at the least
after a network was gone, and log in."""

_PATIENCE_S = 10.0
"""How long a guest is kept waiting; most hosts are back within two seconds."""

_MAX_WAITING = 256

_MAX_WAITING_OF_SOURCE = 64
"""A class behind one address."""


class WaitingRoom:
    """Those who wait, by what they wait for: a token's hash, or a name."""

    def __init__(self) -> None:
        self._until_s = float("-inf")
        self._waiting: defaultdict[Hashable, set[asyncio.Future[None]]] = defaultdict(set)
        self._sources: Counter[str] = Counter()

    def open(self, until_s: float) -> None:
        """Have people wait until then (the loop's clock)."""
        self._until_s = until_s

    def is_open(self, now_s: float) -> bool:
        """Return whether what is not known may still become so."""
        return now_s < self._until_s

    def count(self, source: str | None = None) -> int:
        """Return how many wait, of one source or in all."""
        return self._sources.total() if source is None else self._sources[source]

    async def wait(self, wanted: Collection[Hashable], source: str) -> bool:
        """Wait until one of these is known; return False if that lasts too long, or there is no place."""
        if self.count() >= _MAX_WAITING or self.count(source) >= _MAX_WAITING_OF_SOURCE:
            return False
        known: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sources[source] += 1
        for each in wanted:
            self._waiting[each].add(known)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await known
                return True
        except TimeoutError:
            return False
        finally:
            self._leave(wanted, source, known)

    def known(self, names: Collection[Hashable]) -> None:
        """A host has brought these: let in whoever waits for them."""
        for each in names:
            for future in self._waiting.get(each, ()):
                if not future.done():
                    future.set_result(None)

    def _leave(self, wanted: Collection[Hashable], source: str, known: asyncio.Future[None]) -> None:
        self._sources[source] -= 1
        self._sources += Counter()  # forgets those at zero
        for each in wanted:
            self._waiting[each].discard(known)
            if not self._waiting[each]:
                del self._waiting[each]


class Footprint:
    """A file that is there while the gateway has sessions, so that the next one knows that there were some."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.had_sessions = path.exists()
        """There were some when the last gateway stopped, however it did."""

    def mark(self, *, has_sessions: bool) -> None:
        """Say whether there are any now. A disk that is full costs guests a wait, no more."""
        with contextlib.suppress(OSError):
            if has_sessions:
                self._path.touch(mode=0o600)
            else:
                self._path.unlink(missing_ok=True)
