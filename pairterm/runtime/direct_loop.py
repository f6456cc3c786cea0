"""An event loop that calls a reader at once: for the processes that a key crosses.

asyncio's loop takes each event through two lists and a queue of callbacks, and looks at its
timers before and after. When somebody types, a turn of the loop has one ready descriptor, no
callback waits, and no timer is due. `DirectLoop` handles just such a turn itself, and leaves
each other one to asyncio. No callback can tell the difference.

A reader can have a *short way* (`shorten`): a function that is called instead, and may leave a part of the work
undone, as long as nothing else runs. `settle` does that part before any other callback runs.

It reads attributes of asyncio's loop that are not public: those of Python 3.11, 3.12 and 3.13 are the same.
`tests/integration/test_direct_loop.py` compares both loops. Where an attribute is missing, `run` takes asyncio's own
loop.
"""

from __future__ import annotations

import asyncio
import select
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["DirectLoop", "run"]

_LONGEST_WAIT_S = 24 * 3600.0
"""asyncio's own limit: the kernel takes no wait that is much longer."""

_MANY_CANCELLED = 50
"""With more cancelled timers than this, asyncio looks in each turn whether to drop them. It begins at 100."""

_Result = TypeVar("_Result")


class DirectLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, with a short turn for one event."""

    # What is read of asyncio: it has no types for these.
    _ready: Any
    _scheduled: Any
    _stopping: bool
    _debug: bool
    _timer_cancelled_count: int

    time = staticmethod(time.monotonic)  # as asyncio's, but without a call in between

    def __init__(self) -> None:
        selector: Any = selectors.EpollSelector()
        super().__init__(selector)
        self._poll = selector._selector.poll
        self._keys = selector._fd_to_key
        self._short_ways: dict[int, Callable[[], bool]] = {}
        self._owed: list[Callable[[], None]] = []

    def _run_once(self) -> None:
        """Wait, and call what has to be called then (asyncio calls this again and again)."""
        wait_s = _LONGEST_WAIT_S
        if self._scheduled:
            first = self._scheduled[0]
            wait_s = 0.0 if first._cancelled else min(first._when - self.time(), _LONGEST_WAIT_S)
        if wait_s <= 0 or self._ready or self._stopping or self._debug or self._timer_cancelled_count > _MANY_CANCELLED:
            self.settle()
            super()._run_once()  # type: ignore[misc]
            return
        events = self._poll(wait_s, max(len(self._keys), 1))
        if self._short_ways:
            taken = 0
            while taken < len(events) and self._is_taken(*events[taken]):
                taken += 1
            if taken == len(events):
                return
            events = events[taken:]  # An event that came later waits for the one that is not taken.
            self.settle()
        if len(events) == 1:
            fd, event = events[0]
            key = self._keys.get(fd)
            reader, writer = key.data if key is not None else (None, None)
            if reader is not None and writer is None and event == select.EPOLLIN and not reader._cancelled:
                reader._run()
                return
        known = [(self._keys[fd], _mask(event)) for fd, event in events if fd in self._keys]
        self._process_events(known)  # type: ignore[attr-defined]
        for _ in range(len(self._ready)):  # in this turn: the next one would find the same events again
            handle = self._ready.popleft()
            if not handle._cancelled:
                handle._run()

    def is_read_by(self, fd: int, owner: object) -> bool:
        """Return whether the reader of a descriptor is a method of this object: a transport, for example."""
        key = self._keys.get(fd)
        reader = key.data[0] if key is not None else None
        return reader is not None and getattr(reader._callback, "__self__", None) is owner

    def shorten(self, fd: int, take: Callable[[], bool]) -> None:
        """Call `take` instead of the reader of a descriptor. If it returns False, the reader is called after all.

        It may do only a part of the reader's work, if `owe` was called with a function that does the rest.
        """
        self._short_ways[fd] = take

    def end_shortening(self, fd: int) -> None:
        """Call the reader of a descriptor again."""
        self._short_ways.pop(fd, None)

    def owe(self, settle: Callable[[], None]) -> None:
        """Call `settle` once, before anything runs in this loop but a `take`."""
        self._owed.append(settle)

    def settle(self) -> None:
        """Do the work that is owed, if there is any."""
        if not self._owed:
            return
        owed, self._owed = self._owed, []
        for settle in owed:
            try:
                settle()
            except Exception as error:
                self._report(error)

    def _is_taken(self, fd: int, event: int) -> bool:
        take = self._short_ways.get(fd) if event == select.EPOLLIN else None
        try:
            return take is not None and take()
        except Exception as error:
            self._report(error)
            return True

    def _report(self, error: Exception) -> None:
        """Treat an error as asyncio treats one in a callback."""
        self.call_exception_handler({"message": "Exception in a short way", "exception": error})


def _mask(event: int) -> int:
    """Return epoll's event as the selectors module has it."""
    return (selectors.EVENT_WRITE if event & ~select.EPOLLIN else 0) | (
        selectors.EVENT_READ if event & ~select.EPOLLOUT else 0
    )


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        return DirectLoop()
    except AttributeError:  # no epoll here, or an asyncio that we do not know
        return asyncio.new_event_loop()


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Do as `asyncio.run`, in a `DirectLoop` where there can be one."""
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        return runner.run(work)
