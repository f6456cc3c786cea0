"""The pump between the program's pty and the session: output to the core, input to the program, and the end.

It reads and writes in callbacks of one loop, without an `await`. It decides
nothing: it calls the functions that it was given.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from pairterm.host.children import collect_orphans
from pairterm.host.pty import PIECE_BYTES, PtyProgram
from pairterm.types import Size

__all__ = ["ProgramPump"]

_READING_TURN_S = 0.02
"""How long one turn of the loop may read the program's output: people's input waits no longer than that.
The rest stays in the pty, and the program waits."""

_ORPHANED_PTY_GRACE_S = 1.0
"""How long a program may live on after it closed its terminal. After that the session ends without it."""


class ProgramPump:
    """Moves bytes between one program and its session."""

    def __init__(self, *, on_output: Callable[[bytes], None], on_end: Callable[[int], None]) -> None:
        """`on_output` gets the program's output, `on_end` the exit status of its command."""
        self._on_output = on_output
        self._on_end = on_end
        self._program: PtyProgram | None = None
        self._loop = asyncio.get_running_loop()

    def start(self, program: PtyProgram) -> None:
        """Begin to read the program's output, and to watch for its end."""
        self._program = program
        self._loop.add_reader(program.master, self._read, program)
        self._loop.add_signal_handler(signal.SIGCHLD, self._child_ended, program)
        self._child_ended(program)

    def write(self, data: bytes) -> None:
        """Write input to the program, now or when its pty has room; nothing after the end."""
        if self._program is not None and not self._program.write(data):
            self._loop.add_writer(self._program.master, self._flush, self._program)

    def resize(self, size: Size) -> None:
        """Tell the program its terminal's size."""
        if self._program is not None:
            self._program.resize(size)

    def hang_up(self) -> None:
        """Close the pty: the kernel sends SIGHUP to the processes that still use it."""
        if self._program is not None:
            self._loop.remove_reader(self._program.master)
            self._loop.remove_writer(self._program.master)
            self._program.close()
            self._program = None

    def _read(self, program: PtyProgram) -> None:
        until_s = self._loop.time() + _READING_TURN_S
        is_open = has_more = True
        while has_more and is_open and self._loop.time() < until_s:
            data, is_open = program.read()
            has_more = len(data) >= PIECE_BYTES
            if data:
                self._on_output(data)
        if not is_open:
            self._loop.remove_reader(program.master)
            self._loop.call_later(_ORPHANED_PTY_GRACE_S, self._on_end, 0)

    def _child_ended(self, program: PtyProgram) -> None:
        status = program.poll()
        collect_orphans(program.pid)
        if status is not None and self._program is program:
            try:
                self._read_rest(program)
            finally:
                self._on_end(status)

    def _read_rest(self, program: PtyProgram) -> None:
        """Read the output that is still in the pty: it comes before the end."""
        data, is_open = program.read()
        while data:
            self._on_output(data)
            data, is_open = program.read() if is_open else (b"", False)

    def _flush(self, program: PtyProgram) -> None:
        if program.flush():
            self._loop.remove_writer(program.master)
