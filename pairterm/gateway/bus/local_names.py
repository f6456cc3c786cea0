"""The fixed names of the workers of one machine: a table in a file of their private directory, under a lock.

The rules are those of a gateway alone (`settle_claim`). A name whose worker is gone is as one whose host
is away. The file lives as long as the workers' parent.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pairterm.access.name_claims import Claim, settle_claim

__all__ = ["LocalNames", "NameHolder"]

_MAX_TABLE_BYTES = 16 << 20


class NameHolder(msgspec.Struct, frozen=True, array_like=True):
    """The claim that holds a name, and the worker that has it."""

    owner: str
    instance: bytes
    generation: int
    gateway: str

    @property
    def claim(self) -> Claim:
        """The claim."""
        return Claim(self.owner, self.instance, self.generation)


class LocalNames:
    """The table, as one worker uses it. Each call takes well under a millisecond."""

    def __init__(self, directory: Path, own: str) -> None:
        self._path = directory / "names"
        self._own = own

    def claim(
        self, name: str, claim: Claim, *, is_connected: bool, is_alive: Callable[[str], bool], now_ms: int
    ) -> tuple[Claim, NameHolder | None]:
        """Claim a name; return the claim that is granted, and the holder that lost the name; None: nobody did.

        Args:
            name: The name.
            claim: The claim that a host presents.
            is_connected: Whether the host that holds the name here is connected; elsewhere it counts as connected.
            is_alive: Whether a worker lives.
            now_ms: The time, milliseconds since the epoch.

        Raises:
            UsageError: Another session has it: see `settle_claim`.
        """
        with self._locked() as table:
            held = table.get(name)
            is_held_live = held is not None and (is_connected if held.gateway == self._own else is_alive(held.gateway))
            granted = settle_claim(
                name, held.claim if held is not None else None, claim, is_connected=is_held_live, now_ms=now_ms
            )
            table[name] = NameHolder(granted.owner, granted.instance, granted.generation, self._own)
        lost = held if held is not None and held.instance != granted.instance else None
        return granted, lost

    def release(self, name: str, claim: Claim) -> None:
        """Give a name back, if this worker has it with this claim."""
        with self._locked() as table:
            held = table.get(name)
            if held is not None and held.gateway == self._own and held.instance == claim.instance:
                del table[name]

    @contextmanager
    def _locked(self) -> Iterator[dict[str, NameHolder]]:
        """Yield the table, and write it back."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            text = os.pread(fd, _MAX_TABLE_BYTES, 0)
            table = msgspec.msgpack.decode(text, type=dict[str, NameHolder]) if text else {}
            yield table
            written = msgspec.msgpack.encode(table)
            os.pwrite(fd, written, 0)
            os.ftruncate(fd, len(written))
        finally:
            os.close(fd)
