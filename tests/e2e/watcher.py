"""A client on a pty of the test's own: every byte it prints is kept, and xterm.js says what they look like.

Where `Terminal` (a tmux pane) shows what a person sees, a watcher counts bytes, can
stop reading them, and can send what no keyboard does. A thread reads the pty, as a
terminal would.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Mapping, Sequence

from pairterm.terminal.frame import Frame, Row
from pairterm.types import Size
from tests.e2e.terminal import eventually
from tests.e2e.world import World
from tests.judge import Judge, Verdict

__all__ = ["Watcher", "difference"]

_LOOK_S = 0.05
"""How soon a watcher that is told to stop reading stops."""


class Watcher:
    """One client, what it printed so far, and what that looks like."""

    def __init__(
        self,
        world: World,
        judge: Judge | None,
        argv: Sequence[str],
        size: Size,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the client. Without a judge, bytes can be counted and typed, and nothing can be looked at."""
        self.size = size
        self._judge = judge
        self._first_size = size
        self._resizes: list[tuple[int, Size]] = []
        self._pieces: list[bytes] = [b""]
        self._seen: tuple[int, Verdict] | None = None
        self._may_read = threading.Event()
        self._may_read.set()
        self._is_over = False
        self._master, slave = pty.openpty()
        self._tell_size()
        self.process: subprocess.Popen[bytes] = world.start(
            "setsid", "--ctty", "--wait", *argv, stdin=slave, stdout=slave, stderr=slave,
            environment={"TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})},
        )  # fmt: skip
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def received_bytes(self) -> int:
        """Bytes the client printed so far, as far as they were read."""
        return sum(map(len, self._pieces))

    @property
    def received(self) -> bytes:
        """All that the client printed so far."""
        return b"".join(self._pieces)

    def verdict(self) -> Verdict:
        """Return what xterm.js shows now."""
        assert self._judge is not None
        count = len(self._pieces)
        if self._seen is None or self._seen[0] != count or self._resizes:
            shown = self._judge.show(self._pieces[:count], self._first_size, resizes=self._resizes)
            self._seen = count, shown
        return self._seen[1]

    def frame(self) -> Frame:
        """Return the picture that xterm.js shows now."""
        return self.verdict().frame

    def screen(self) -> str:
        """Return the text that shows now, without trailing blanks."""
        return "\n".join(row.text.rstrip() for row in self.frame().rows)

    def sees(self, text: str) -> str:
        """Wait until `text` is shown, and return the screen."""
        return self.wait(lambda screen: text in screen, f"shown: {text!r}")

    def wait(self, condition: Callable[[str], bool], what: str) -> str:
        """Wait until `condition` holds for the screen, and return the screen."""
        eventually(lambda: condition(self.screen()), lambda: f"never {what}; the screen:\n{self.screen()}\n----")
        return self.screen()

    def type(self, data: bytes) -> None:
        """Send bytes as the client's terminal would."""
        os.write(self._master, data)

    def resize(self, size: Size) -> None:
        """Give the client's terminal another size."""
        self._resizes.append((len(self._pieces) - 1, size))
        self.size = size
        self._tell_size()

    def stall(self) -> None:
        """Read nothing more: the client's output stands."""
        self._may_read.clear()

    def go_on(self) -> None:
        """Read again."""
        self._may_read.set()

    def close(self) -> None:
        """End the client, and read no more."""
        self._is_over = True
        self._may_read.set()
        self._reader.join()
        self.process.terminate()
        os.close(self._master)  # hangs up a shell, which takes no SIGTERM
        self.process.wait()

    def _tell_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.size.rows, self.size.cols, 0, 0))

    def _read(self) -> None:
        while not self._is_over:
            self._may_read.wait()
            if not select.select([self._master], [], [], _LOOK_S)[0] or not self._may_read.is_set():
                continue
            data = b""
            with contextlib.suppress(OSError):  # EIO: nobody has the other end any more
                data = os.read(self._master, 65536)
            if not data:
                return
            self._pieces.append(data)


def difference(shown: Frame, expected: Frame) -> str:
    """Return in words where what is shown differs; "" where it does not. Titles and modes are not looked at."""
    for number, (mine, theirs) in enumerate(zip(shown.rows, expected.rows, strict=True)):
        if not mine.same_as(theirs):
            return f"row {number}: {_row_difference(mine, theirs)}"
    mine_at, theirs_at = (
        (cursor.is_visible, (cursor.row, cursor.col) if cursor.is_visible else None)
        for cursor in (shown.cursor, expected.cursor)
    )
    return "" if mine_at == theirs_at else f"cursor {mine_at}, expected {theirs_at}"


def _row_difference(mine: Row, theirs: Row) -> str:
    for col, found in enumerate(zip(mine.cells, mine.pens, theirs.cells, theirs.pens, strict=True)):
        if found[:2] != found[2:]:
            return f"cell {col}: {found[:2]}, expected {found[2:]}\n{mine.text!r}\n{theirs.text!r}"
    return "the same"
