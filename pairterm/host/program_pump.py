"""The pump between a program's pty and the session: output to the core, input to the program, and the end.

It reads and writes in callbacks of one loop, without an `await`. It decides
nothing: it calls the functions that it was given. All pumps of a session share a
reading turn, which says when each may read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pairterm.host.pane_turns import ReadingPace, ReadingTurn
from pairterm.host.pty import PIECE_BYTES, PtyProgram
from pairterm.types import Size

__all__ = ["ProgramPump"]

_ORPHANED_PTY_GRACE_S = 1.0
"""How long a program may live on after it closed its terminal. After that the session ends without it."""


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
        self._pace = ReadingPace(turn)
        self._rest: asyncio.TimerHandle | None = None
        """Set while the output waits in the pty, because somebody types in another pane."""
        self._on_output = on_output
        self._on_end = on_end
        self._is_open = True
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(program.master, self._read)

    def write(self, data: bytes) -> None:
        """Write input to the program, now or when its pty has room; nothing after the end."""
        self._pace.typed(self._loop.time())
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
            if self._rest is not None:
                self._rest.cancel()
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

    @property
    def is_plain(self) -> bool:
        """Whether input goes to the program at once, and its output is read at once."""
        return self._is_open and self._rest is None and not self.program.unread_bytes

    def take(self, data: bytes) -> None:
        """Take output that somebody else has read from the pty."""
        self._on_output(data)
        self._pace.has_read(self._loop.time(), has_more=False)

    def has_typed(self, at_s: float) -> None:
        """Take note that somebody else has written input to the pty."""
        self._pace.typed(at_s)

    def has_read(self, at_s: float) -> None:
        """Take note that somebody else has read and taken output."""
        self._pace.has_read(at_s, has_more=False)

    def _read(self) -> None:
        if self._rests():
            return
        has_more = True
        while has_more:
            data, is_open = self.program.read()
            if data:
                self._on_output(data)
            has_more = self._pace.has_read(self._loop.time(), has_more=is_open and len(data) >= PIECE_BYTES)
        if not is_open:
            self._loop.remove_reader(self.program.master)
            self._loop.call_later(_ORPHANED_PTY_GRACE_S, self._end_orphaned)

    def _rests(self) -> bool:
        """Return whether the output has to wait. It is then read when its time has come."""
        now_s = self._loop.time()
        due_s = self._pace.due_s(now_s)
        if due_s <= now_s:
            return False
        self._loop.remove_reader(self.program.master)
        self._rest = self._loop.call_at(due_s, self._end_rest)
        return True

    def _end_rest(self) -> None:
        self._rest = None
        if self._is_open and not self._rests():
            self._loop.add_reader(self.program.master, self._read)

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
