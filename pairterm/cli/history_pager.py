"""The whole history in the owner's pager, as git and man show long texts.

`$PAGER` runs in the foreground of the terminal, and reads its standard input, a file
without a name. It is in our process group: C-z stops both, and the shell's `fg`
continues both. C-c and C-\\ are for the pager alone. Meanwhile our event loop runs,
and the session goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO

from pairterm.cli.capture_pane import captured_rows, text_of
from pairterm.cli.own_terminal import OwnTerminal
from pairterm.cli.terminal_viewer import Viewer
from pairterm.errors import PairtermError

__all__ = ["HistoryPager", "pager_command"]

_INTERRUPTS = (signal.SIGINT, signal.SIGQUIT)

_NOT_FOUND = 127
"""The status of a shell that does not find the command."""


def pager_command(environ: Mapping[str, str]) -> str:
    """Return the command line of the pager: $PAGER, else less, else more."""
    return environ.get("PAGER", "").strip() or ("less -R" if shutil.which("less") else "more")


class HistoryPager:
    """The pager of one attached terminal, opened as often as the person wants."""

    def __init__(self, session: str, terminal: OwnTerminal, viewer: Viewer) -> None:
        self._session = session
        self._terminal = terminal
        self._viewer = viewer
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._is_hung_up = False

    def open(self) -> None:
        """Fetch the history and lend the terminal to the pager. Nothing happens if that is under way already."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._show())

    def hang_up(self) -> None:
        """End the pager, because we were told to leave."""
        self._is_hung_up = True
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    async def closed(self) -> None:
        """Wait until the person has left the pager. The session may have ended before: they can still read."""
        if self._task is not None:
            await self._task

    async def _show(self) -> None:
        try:
            # Another link and a thread: this one answers pings, and the picture stays alive.
            with await asyncio.to_thread(_history_file, self._session) as history:
                failure = await self._show_file(history)
        except PairtermError as error:
            failure = error.message
        except OSError as error:
            failure = f"can't show the history: {error.strerror}"
        if failure:
            self._viewer.tell(failure)

    async def _show_file(self, history: IO[bytes]) -> str:
        """Run the pager with the terminal lent to it; return what failed, "" if nothing did."""
        live = self._viewer.live
        if live is None or self._viewer.over.done():
            return ""
        live.lend()
        await self._terminal.lend()
        try:
            with _others_interrupts():
                return "" if self._viewer.over.done() else await self._run(history)
        finally:
            self._terminal.reclaim()
            live.reclaim()

    async def _run(self, history: IO[bytes]) -> str:
        command = pager_command(os.environ)
        # As git does: colours in a less without options, and in lv. A pager may read its keys from standard error.
        environ = {"LESS": "R", "LV": "-c", **os.environ}
        self._process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", command, stdin=history, stderr=1, env=environ
        )
        if self._is_hung_up:
            self.hang_up()
        status = await self._process.wait()
        self._process = None
        return _failure(command, status)


def _history_file(session: str) -> IO[bytes]:
    """Return a file with the history and the screen, for us alone: mode 0600, and without a name.

    Raises:
        PairtermError: The host does not answer.
        OSError: There is no room for it.
    """
    history = tempfile.TemporaryFile(prefix="pairterm-")  # noqa: SIM115 - the caller closes it
    try:
        history.writelines(text_of(captured_rows(session, None, None), has_escapes=True, joins=False))
        history.seek(0)
    except BaseException:
        history.close()
        raise
    return history


@contextlib.contextmanager
def _others_interrupts() -> Iterator[None]:
    """Let C-c and C-\\ end nothing of ours. A caught signal is not ignored in a child, but ends it by default."""
    saved = {number: signal.signal(number, lambda *_: None) for number in _INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in saved.items():
            signal.signal(number, handler)


def _failure(command: str, status: int) -> str:
    """Return what to tell the person about the end of their pager; "" if they ended it themselves."""
    if status in (0, *(-number for number in _INTERRUPTS), *(128 + number for number in _INTERRUPTS)):
        return ""
    if status == _NOT_FOUND:
        return f"can't find your pager: {command}; set PAGER before you attach"
    return f"your pager failed: {command}: " + (f"signal {-status}" if status < 0 else f"status {status}")
