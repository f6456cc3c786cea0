"""The background tasks of one process. Each failure is logged and reported, and the task starts again.

`asyncio.create_task` is used nowhere else in `host/` and `gateway/`: the exception of a task that
nobody awaits is lost, and its work stops silently. If a task fails, a supervisor keeps the other
tasks running. An `asyncio.TaskGroup` would end them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

__all__ = ["Supervisor"]

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
"""The pause before a failed task starts again. It doubles with each failure."""

LONGEST_PAUSE_S = 60.0
"""The longest pause. After a task has run for longer than this, its next pause is the first one again."""


class Supervisor:
    """The tasks of one process. It must be made in a running loop, and uses that loop."""

    def __init__(
        self, on_failure: Callable[[str], None] = lambda text: None, *, first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        """`on_failure` gets a line for people about each failure. The log has the traceback."""
        self._loop = asyncio.get_running_loop()
        self._on_failure = on_failure
        self._first_pause_s = first_pause_s
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Run `work` until it returns. If it raises, run it again after a pause."""
        return self._start(name, self._kept(name, work))

    def once(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` once, in the background. A failure ends it."""
        task = self._start(name, self._guarded(name, work))
        task.add_done_callback(lambda _: work.close())  # It may have been cancelled before it began.
        return task

    async def close(self) -> None:
        """Cancel all tasks, and wait until they have ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _kept(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause_s = self._first_pause_s
        while True:
            began_s = self._loop.time()
            try:
                return await work()
            except Exception as error:
                if self._loop.time() - began_s > LONGEST_PAUSE_S:
                    pause_s = self._first_pause_s
                self._failed(name, error, f"it starts again in {pause_s:g} s")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _guarded(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._failed(name, error, "it has ended")

    def _failed(self, name: str, error: Exception, outcome: str) -> None:
        logger.error("%s failed, %s", name, outcome, exc_info=error)
        try:
            self._on_failure(f"{name} failed ({type(error).__name__}: {error}); {outcome}")
        except Exception:
            logger.exception("the owner could not be told of a failure")
