"""The pump between a program's pty and the session: output to the core, input to the program, and the end.

It reads and writes in callbacks of one loop, without an `await`. It decides
nothing: it calls the functions that it was given. All pumps of a session share a
reading turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pairterm.host.pty import PIECE_BYTES, PtyProgram
from pairterm.types import Size

__all__ = ["ProgramPump", "ReadingTurn"]

_READING_TURN_S = 0.002
"""How long one turn of the loop may read the output of programs: people's input, and the echo in another pane, wait
no longer than that. The rest stays in the pty, and the program waits. A turn costs the loop about 50 µs."""

_ORPHANED_PTY_GRACE_S = 1.0
"""How long a program may live on after it closed its terminal. After that the session ends without it."""


class ReadingTurn:
    """The time in which all pumps together may read, in one turn of the loop. Each reads one piece at least."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._until_s: float | None = None

    def has_time(self) -> bool:
        """Return whether there is time to read another piece. The first question in a turn of the loop begins it."""
        now_s = self._loop.time()
        if self._until_s is None:
            self._until_s = now_s + _READING_TURN_S
            self._loop.call_soon(self._end)
        return now_s < self._until_s

    def _end(self) -> None:
        self._until_s = None


class ProgramPump:
    """Moves bytes between one program and its pane."""

    def __init__(
        self,
        program: PtyProgram,
        turn: ReadingTurn,
        *,
        on_output: Callable[[bytes], None],
        on_end: Callable[[int], None],
    ) -> None:
        """`on_output` gets the program's output, `on_end` the exit status of its command, once."""
        self.program = program
        self._turn = turn
        self._on_output = on_output
        self._on_end = on_end
        self._is_open = True
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(program.master, self._read)

    def write(self, data: bytes) -> None:
        """Write input to the program, now or when its pty has room; nothing after the end."""
        if self._is_open and not self.program.write(data):
            self._loop.add_writer(self.program.master, self._flush)

    def resize(self, size: Size) -> None:
        """Tell the program its terminal's size."""
        if self._is_open:
            self.program.resize(size)

    def hang_up(self) -> None:
        """Close the pty: the kernel sends SIGHUP to the processes that still use it."""
        if self._is_open:
            self._is_open = False
            self._loop.remove_reader(self.program.master)
            self._loop.remove_writer(self.program.master)
            self.program.close()

    def has_ended(self) -> bool:
        """Return whether the program has ended. Its exit status is kept."""
        return self.program.poll() is not None

    def check(self) -> None:
        """Look whether the program has ended: its last output comes before its exit status."""
        status = self.program.poll()
        if status is not None and self._is_open:
            try:
                self._read_rest()
            finally:
                self._on_end(status)

    def _read(self) -> None:
        has_more = True
        while has_more:
            data, is_open = self.program.read()
            if data:
                self._on_output(data)
            has_more = is_open and len(data) >= PIECE_BYTES and self._turn.has_time()
        if not is_open:
            self._loop.remove_reader(self.program.master)
            self._loop.call_later(_ORPHANED_PTY_GRACE_S, self._end_orphaned)

    def _end_orphaned(self) -> None:
        if self._is_open:
            self._on_end(0)

    def _read_rest(self) -> None:
        """Read the output that is still in the pty: it comes before the end."""
        data, is_open = self.program.read()
        while data:
            self._on_output(data)
            data, is_open = self.program.read() if is_open else (b"", False)

    def _flush(self) -> None:
        if self._is_open and self.program.flush():
            self._loop.remove_writer(self.program.master)
