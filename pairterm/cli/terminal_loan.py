"""The owner's terminal, lent to another program for a while: their pager, or the player.

The program runs in the foreground of the terminal. It is in our process group: C-z stops
both, and the shell's `fg` continues both. C-c and C-\\ are for the program alone. Meanwhile
our event loop runs, and the session goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import IO

from pairterm.cli.own_terminal import OwnTerminal
from pairterm.cli.terminal_viewer import Viewer
from pairterm.errors import PairtermError

__all__ = ["INTERRUPTS", "TerminalLoan"]

INTERRUPTS = (signal.SIGINT, signal.SIGQUIT)
"""The signals of C-c and C-\\."""


class TerminalLoan:
    """Lends one attached terminal, as often as the person wants, to one program at a time."""

    def __init__(self, terminal: OwnTerminal, viewer: Viewer) -> None:
        self._terminal = terminal
        self._viewer = viewer
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._is_hung_up = False

    def begin(self, show: Callable[[], Awaitable[str]]) -> None:
        """Do something that lends the terminal. The person is told what it returns, "" is nothing.

        Nothing happens if the terminal is lent already.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._show(show))

    async def _show(self, show: Callable[[], Awaitable[str]]) -> None:
        try:
            failure = await show()
        except PairtermError as error:
            failure = error.message
        except OSError as error:
            failure = f"can't show it: {error.strerror}"
        if failure:
            self._viewer.tell(failure)

    def hang_up(self) -> None:
        """End the program, because we were told to leave."""
        self._is_hung_up = True
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    async def closed(self) -> None:
        """Wait until the person has left the program. The session may have ended before: they can still read."""
        if self._task is not None:
            await self._task

    async def run(
        self, argv: Sequence[str], *, stdin: IO[bytes] | None, stderr: int, environ: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Run a program on the terminal; return its exit status, and what it wrote into a pipe as `stderr`.

        `stdin` None: the terminal.
        """
        live = self._viewer.live
        if live is None or self._viewer.over.done():
            return 0, b""
        live.lend()
        await self._terminal.lend()
        try:
            with _others_interrupts():
                if self._viewer.over.done():
                    return 0, b""
                self._process = await asyncio.create_subprocess_exec(*argv, stdin=stdin, stderr=stderr, env=environ)
                if self._is_hung_up:
                    self.hang_up()
                _, said = await self._process.communicate()
                return await self._process.wait(), said or b""
        finally:
            self._process = None
            self._terminal.reclaim()
            live.reclaim()


@contextlib.contextmanager
def _others_interrupts() -> Iterator[None]:
    """Let C-c and C-\\ end nothing of ours. A caught signal is not ignored in a child, but ends it by default."""
    saved = {number: signal.signal(number, lambda *_: None) for number in INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in saved.items():
            signal.signal(number, handler)
