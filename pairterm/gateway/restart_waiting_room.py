"""Guests who come before their host, in the first seconds of a gateway that was restarted.

A gateway learns links from its hosts, and after a restart they need a moment to come
back. A guest who comes sooner waits for a while and is not refused. This is so only if
the gateway had sessions when it stopped; a file says so (`Footprint`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Collection, Hashable
from pathlib import Path

from pairterm.access.counts import Counts

__all__ = ["RETURN_S", "Footprint", "WaitingRoom"]

RETURN_S = 30.0
"""All hosts are back within this time: they dial every second while a gateway restarts, and at least every 15 s after
a network was gone; then they log in."""

_PATIENCE_S = 10.0
"""How long a guest waits at most. Most hosts are back within two seconds."""

_MAX_WAITING = 256

_MAX_WAITING_OF_SOURCE = 64
"""A class behind one address."""


class WaitingRoom:
    """The guests who wait, by what they wait for: the hash of a token, or a name."""

    def __init__(self) -> None:
        self._until_s = float("-inf")
        self._waiting: defaultdict[Hashable, set[asyncio.Future[None]]] = defaultdict(set)
        self._sources: Counts[str] = Counts()

    def open(self, until_s: float) -> None:
        """Let guests wait until then (the loop's clock)."""
        self._until_s = until_s

    def is_open(self, now_s: float) -> bool:
        """Return whether a link that is not known now may still become known."""
        return now_s < self._until_s

    def count(self, source: str | None = None) -> int:
        """Return how many guests wait, of one source or in all."""
        return self._sources.total if source is None else self._sources[source]

    async def wait(self, wanted: Collection[Hashable], source: str) -> bool:
        """Wait until a host brings one of these; return False after ten seconds, or at once if too many wait."""
        if self.count() >= _MAX_WAITING or self.count(source) >= _MAX_WAITING_OF_SOURCE:
            return False
        known: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sources.add(source)
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
        """End the wait for these: a host has brought them."""
        for each in names:
            for future in self._waiting.get(each, ()):
                if not future.done():
                    future.set_result(None)

    def _leave(self, wanted: Collection[Hashable], source: str, known: asyncio.Future[None]) -> None:
        self._sources.remove(source)
        for each in wanted:
            self._waiting[each].discard(known)
            if not self._waiting[each]:
                del self._waiting[each]


class Footprint:
    """A file that exists while the gateway has sessions. By it the next gateway knows that there were some."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.had_sessions = path.exists()
        """There were sessions when the last gateway stopped or crashed."""

    def mark(self, *, has_sessions: bool) -> None:
        """Record whether there are sessions now. With a full disk, guests may wait in vain; nothing else goes wrong."""
        with contextlib.suppress(OSError):
            if has_sessions:
                self._path.touch(mode=0o600)
            else:
                self._path.unlink(missing_ok=True)
