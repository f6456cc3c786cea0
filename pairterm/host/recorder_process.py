"""One recorder process, from the host's end: it is started, its link is known by its number, and its end is noticed.

The host never waits for it. The recorder's standard output is a pipe on which it writes
nothing. When the process ends, however it ends, the kernel closes the pipe.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pairterm.host.viewer_link import Peer
from pairterm.link.messages import RecordEvent
from pairterm.paths import state_dir

__all__ = ["RecorderProcess"]

logger = logging.getLogger(__name__)


class RecorderProcess:
    """A recorder that runs."""

    def __init__(
        self,
        session: str,
        file: Path,
        number: int,
        on_end: Callable[[RecorderProcess], None],
        *,
        keeps_log: bool = False,
    ) -> None:
        """Start it. It connects to the session's socket by itself, and says its number there.

        `on_end` is called when the process has ended. `keeps_log`: the log goes on after that of the recorder before.

        Raises:
            OSError: It can't be started.
        """
        self.number = number
        self.started_s = time.monotonic()
        self.peer: Peer | None = None
        """Its link; None: it has not connected yet, or its link has ended."""
        self._on_end = on_end
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        flags |= 0 if keeps_log else os.O_TRUNC
        with os.fdopen(os.open(state_dir() / f"recorder-{session}.log", flags, 0o600), "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "pairterm.recorder"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self._loop = asyncio.get_running_loop()
        assert self._process.stdout is not None
        self._loop.add_reader(self._process.stdout, self._ended)
        self._configure({"session": session, "file": str(file), "number": number})

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, event: RecordEvent) -> None:
        """Send it an event, if it is connected."""
        if self.peer is not None:
            self.peer.send(event)

    def _configure(self, settings: dict[str, object]) -> None:
        assert self._process.stdin is not None
        try:
            with self._process.stdin as stdin:
                stdin.write(json.dumps(settings).encode() + b"\n")  # less than a pipe holds
        except BrokenPipeError:
            logger.warning("a recorder ended at its start")

    def _ended(self) -> None:
        assert self._process.stdout is not None
        if os.read(self._process.stdout.fileno(), 4096):
            return  # A library printed something.
        self._loop.remove_reader(self._process.stdout)
        self._process.stdout.close()
        self._process.poll()
        self._on_end(self)
