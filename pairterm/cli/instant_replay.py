"""Instant replay: the recording of a session that goes on, played on the owner's terminal.

The recording is a file of the owner on this machine, so the replay costs the session
nothing. The player plays along with the file: its end is what is shown now.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

from pairterm.cli.local_query import ask_info
from pairterm.cli.terminal_loan import TerminalLoan
from pairterm.safe_text import safe_line

__all__ = ["InstantReplay"]

_BACK_S = 10
"""How far back it begins."""


class InstantReplay:
    """The replay on one attached terminal."""

    def __init__(self, session: str, loan: TerminalLoan) -> None:
        self._session = session
        self._loan = loan

    def open(self) -> None:
        """Lend the terminal to the player. Nothing happens if it is lent already."""
        self._loan.begin(self._show)

    async def _show(self) -> str:
        info = await asyncio.to_thread(ask_info, self._session)
        if not info.recording:
            return "only a session that is recorded can go back in time: 'pairterm record' begins"
        play = [
            sys.executable,
            "-P",
            "-m",
            "pairterm",
            "play",
            "--follow",
            "--back",
            str(_BACK_S),
            "--",
            info.recording,
        ]
        status, said = await self._loan.run(play, stdin=None, stderr=subprocess.PIPE)
        lines = said.decode("utf-8", "replace").strip().splitlines()
        return safe_line(lines[-1]) if status and lines else ""
