"""The channels of `wait-for`: a script waits on one until another wakes it, or locks it while the others wait.

The meaning is tmux's. A wake-up that nobody waits for is kept for the next one. A waiter is any
object that can be told from others; a channel is there while somebody needs it. No I/O.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

import msgspec

from pairterm.errors import UsageError

__all__ = ["MAX_CHANNELS", "MAX_WAITERS", "WaitChannels"]

MAX_CHANNELS = 1000
"""Names that are woken, locked or waited for at one time."""

MAX_WAITERS = 1000
"""Each is a process with a connection."""

_MAX_NAME_CHARS = 100

_W = TypeVar("_W", bound=Hashable)


class _Channel(msgspec.Struct, Generic[_W]):
    is_woken: bool = False
    is_locked: bool = False
    waiters: list[_W] = msgspec.field(default_factory=list)
    lockers: list[_W] = msgspec.field(default_factory=list)

    @property
    def is_needed(self) -> bool:
        return bool(self.is_woken or self.is_locked or self.waiters or self.lockers)


class WaitChannels(Generic[_W]):
    """The channels of one session."""

    def __init__(self) -> None:
        self._channels: dict[str, _Channel[_W]] = {}

    def wait(self, name: str, waiter: _W) -> bool:
        """Return True if the channel was woken before; else the waiter waits until `wake` returns it.

        Raises:
            UsageError: There are too many channels or waiters.
        """
        channel = self._channel(name)
        if not channel.is_woken:
            self._check_waiters()
            channel.waiters.append(waiter)
            return False
        channel.is_woken = False
        self._settle(name)
        return True

    def wake(self, name: str) -> list[_W]:
        """Return all who wait on the channel. If nobody does, the next `wait` does not wait.

        Raises:
            UsageError: There are too many channels.
        """
        channel = self._channel(name)
        woken, channel.waiters = channel.waiters, []
        channel.is_woken = channel.is_woken or not woken
        self._settle(name)
        return woken

    def lock(self, name: str, waiter: _W) -> bool:
        """Return True if the channel is locked now; else the waiter waits until `unlock` returns it.

        Raises:
            UsageError: There are too many channels or waiters.
        """
        channel = self._channel(name)
        if channel.is_locked:
            self._check_waiters()
            channel.lockers.append(waiter)
            return False
        channel.is_locked = True
        return True

    def unlock(self, name: str) -> list[_W]:
        """Unlock the channel, or return the next one who waits to lock it: it has the lock then.

        Raises:
            UsageError: It is not locked.
        """
        channel = self._channels.get(name)
        if channel is None or not channel.is_locked:
            raise UsageError(f"channel {name[:60]} not locked", code="channel")
        if channel.lockers:
            return [channel.lockers.pop(0)]
        channel.is_locked = False
        self._settle(name)
        return []

    def forget(self, waiter: _W) -> None:
        """Forget a waiter that has gone. A lock that it has stays, as in tmux."""
        for name, channel in list(self._channels.items()):
            channel.waiters = [each for each in channel.waiters if each != waiter]
            channel.lockers = [each for each in channel.lockers if each != waiter]
            self._settle(name)

    def _channel(self, name: str) -> _Channel[_W]:
        if not 0 < len(name) <= _MAX_NAME_CHARS:
            raise UsageError(f"a channel has a name of at most {_MAX_NAME_CHARS} characters", code="channel")
        if name not in self._channels and len(self._channels) >= MAX_CHANNELS:
            raise UsageError(f"too many channels: {MAX_CHANNELS} at most", code="too_many")
        return self._channels.setdefault(name, _Channel())

    def _check_waiters(self) -> None:
        if sum(len(each.waiters) + len(each.lockers) for each in self._channels.values()) >= MAX_WAITERS:
            raise UsageError(f"too many wait already: {MAX_WAITERS} at most", code="too_many")

    def _settle(self, name: str) -> None:
        if not self._channels[name].is_needed:
            del self._channels[name]
