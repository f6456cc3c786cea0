"""The whole history in the owner's pager, as git and man show long texts.

`$PAGER` runs in the foreground of the terminal, and reads its standard input, a file
without a name. `terminal_loan` lends it the terminal.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping
from typing import IO

from pairterm.cli.capture_pane import captured_rows, text_of
from pairterm.cli.terminal_loan import INTERRUPTS, TerminalLoan

__all__ = ["HistoryPager", "pager_command"]

_NOT_FOUND = 127
"""The status of a shell that does not find the command."""


def pager_command(environ: Mapping[str, str]) -> str:
    """Return the command line of the pager: $PAGER, else less, else more."""
    return environ.get("PAGER", "").strip() or ("less -R" if shutil.which("less") else "more")


class HistoryPager:
    """The pager of one attached terminal, opened as often as the person wants."""

    def __init__(self, session: str, loan: TerminalLoan) -> None:
        self._session = session
        self._loan = loan

    def open(self) -> None:
        """Fetch the history and lend the terminal to the pager. Nothing happens if it is lent already."""
        self._loan.begin(self._show)

    async def _show(self) -> str:
        # Another link and a thread: this one answers pings, and the picture stays alive.
        with await asyncio.to_thread(_history_file, self._session) as history:
            command = pager_command(os.environ)
            # As git does: colours in a less without options, and in lv. A pager may read its keys from standard error.
            environ = {"LESS": "R", "LV": "-c", **os.environ}
            status, _ = await self._loan.run(["/bin/sh", "-c", command], stdin=history, stderr=1, environ=environ)
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


def _failure(command: str, status: int) -> str:
    """Return what to tell the person about the end of their pager; "" if they ended it themselves."""
    if status in (0, *(-number for number in INTERRUPTS), *(128 + number for number in INTERRUPTS)):
        return ""
    if status == _NOT_FOUND:
        return f"can't find your pager: {command}; set PAGER before you attach"
    return f"your pager failed: {command}: " + (f"signal {-status}" if status < 0 else f"status {status}")
