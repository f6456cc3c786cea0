"""The process that shares what one publisher says, from the host's end: its input, and its end.

It is started by the host and connects to the session's socket by itself, as `pairterm lsp` does. The host
never waits for it: what the pipe does not take yet is kept, and that is bounded, because a gateway waits for
acknowledgements.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable

from pairterm.errors import PeerError
from pairterm.link.messages import PUBLISH_WINDOW_BYTES
from pairterm.paths import state_dir

__all__ = ["PublisherProcess"]


_SHUTDOWN = b'\n{"method":"shutdown"}\n'
"""What an editor says at its end. Before it, a line of the publisher may have no end."""


class PublisherProcess:
    """One process that runs."""

    def __init__(
        self, settings: dict[str, object], *, on_taken: Callable[[int], None], on_end: Callable[[], None]
    ) -> None:
        """Start it. `on_taken` gets how many bytes it has taken in all. `on_end` is called when it has ended.

        Raises:
            OSError: It can't be started.
        """
        self.is_link_spent = False
        """Its invitation has ended by its last use, and was not revoked."""
        self._on_taken = on_taken
        self._on_end = on_end
        flags = os.O_WRONLY | os.O_TRUNC | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(state_dir() / f"publisher-{settings['session']}.log", flags, 0o600), "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "pairterm.editor"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._stdout, self._ended)
        self._waiting = bytearray(json.dumps(settings).encode() + b"\n")
        self._taken_bytes = -len(self._waiting)
        """What the pipe has taken of the publisher. The settings come before."""
        self._is_writing = False
        self._is_ending = False
        self._flush()

    def write(self, data: bytes) -> None:
        """Pass on what the publisher says.

        Raises:
            PeerError: The gateway did not wait for the acknowledgement.
        """
        if len(self._waiting) + len(data) > 2 * PUBLISH_WINDOW_BYTES:
            raise PeerError("a gateway sends more of a publisher than it may", code="unexpected_message")
        self._waiting += data
        self._flush()

    def end(self, *, is_last: bool = False) -> None:
        """Let it end, when it has read what is still to be written. `is_last`: its files go, and it is not away."""
        self._is_ending = True
        if is_last:
            self._waiting += _SHUTDOWN
        self._flush()

    def _flush(self) -> None:
        if self._stdin.closed:
            return
        try:
            written = os.write(self._stdin.fileno(), self._waiting) if self._waiting else 0
        except BlockingIOError:
            written = 0
        except BrokenPipeError:  # It has ended: `_ended` comes.
            self._close_stdin()
            return
        del self._waiting[:written]
        self._taken_bytes += written
        if written and self._taken_bytes > 0 and not self._is_ending:
            self._on_taken(self._taken_bytes)
        if self._is_writing is not bool(self._waiting):
            self._is_writing = bool(self._waiting)
            if self._is_writing:
                self._loop.add_writer(self._stdin, self._flush)
            else:
                self._loop.remove_writer(self._stdin)
        if self._is_ending and not self._waiting:
            self._close_stdin()

    def _close_stdin(self) -> None:
        if self._is_writing:
            self._is_writing = False
            self._loop.remove_writer(self._stdin)
        self._stdin.close()

    def _ended(self) -> None:
        if os.read(self._stdout.fileno(), 4096):
            return  # A library printed something.
        self._loop.remove_reader(self._stdout)
        self._stdout.close()
        if not self._stdin.closed:
            self._close_stdin()
        self._process.poll()
        self._on_end()
