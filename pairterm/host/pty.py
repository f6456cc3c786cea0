"""The program and its pty: start it, read it, write to it, resize it. No screen, no policy.

The pty is made by `os.openpty`, and not by `pty.fork`, because every later child would inherit
the master of the latter. The program has the slave as its descriptors 0, 1 and 2. It leads a
process session of its own with the pty as its controlling terminal. Reading and writing never
block. Input that the program does not read waits here, up to a bound.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import logging
import os
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence

from pairterm.errors import SystemFault, UsageError
from pairterm.types import Size

__all__ = ["MAX_UNREAD_INPUT_BYTES", "PIECE_BYTES", "PtyProgram"]

logger = logging.getLogger(__name__)

MAX_UNREAD_INPUT_BYTES = 1 << 20
"""How much input may wait for a program that does not read. Input beyond that is dropped, and the log
says so. The kernel's own queue holds 4 KiB."""

_READ_BYTES = 65_536
"""One read of the master; Linux returns at most 4 KiB at a time."""

_ECHO_BYTES = 16
"""At most so many bytes at once are taken for the echo of a key."""

PIECE_BYTES = 1 << 14
"""How much `read` returns, at most one read more. A screen of 200 × 500 takes the worst input at 4 KB a second."""


_PR_SET_PDEATHSIG = 1
"""prctl(2): sets the signal that a process gets when its parent dies."""

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
"""Loaded before a fork, because it must not be loaded between fork and exec."""


class PtyProgram:
    """A program on a pty of its own."""

    def __init__(
        self, argv: Sequence[str], *, executable: str, environment: Mapping[str, str], directory: str, size: Size
    ) -> None:
        """Start it.

        Raises:
            UsageError: The program or the directory does not exist, or access to it is denied.
            SystemFault: The system has no free pty.
        """
        self.executable = executable
        try:
            self.master, slave = os.openpty()
        except OSError as error:
            raise SystemFault(f"can't open a pty: {error.strerror}", code="no_pty") from error
        self.tty = os.ttyname(slave)
        """The name of the pty."""
        self._unwritten = bytearray()
        self._status: int | None = None
        try:
            self.resize(size)
            os.set_blocking(self.master, False)
            self._process = subprocess.Popen(
                argv,
                executable=executable,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=directory,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=_become_foreground,  # Other threads only wait now: none holds a lock that the child needs.
            )
        except (OSError, subprocess.SubprocessError) as error:
            os.close(self.master)
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"can't run {argv[0]} in {directory}: {reason}", code="command") from error
        finally:
            os.close(slave)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def signal(self) -> int:
        """The signal that ended the program; 0: none did, or it runs."""
        return max(0, -(self._process.returncode or 0))

    @property
    def unread_bytes(self) -> int:
        """How much input waits for the program, beside what the kernel holds."""
        return len(self._unwritten)

    def resize(self, size: Size) -> None:
        """Set the terminal's size; the kernel tells the program with SIGWINCH."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("4H", size.rows, size.cols, 0, 0))

    def read(self) -> tuple[bytes, bool]:
        """Return the output of the program, and whether more output can ever come.

        It reads until the pty is empty or `PIECE_BYTES` are read, and then there may be more. It does not ask again
        after a few bytes, which are the echo of a key: the loop says if more has come. A read returns
        4 KiB at most, and one large feed costs less than many small ones. EIO means that no process has the slave
        open any more.
        """
        pieces: list[bytes] = []
        total = 0
        while total < PIECE_BYTES:
            try:
                piece = os.read(self.master, _READ_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.EIO:
                    logger.warning("reading the pty: %s", error)
                return b"".join(pieces), False
            if not piece:
                return b"".join(pieces), False
            if not pieces and len(piece) <= _ECHO_BYTES:
                return piece, True
            pieces.append(piece)
            total += len(piece)
        return b"".join(pieces), True

    def write(self, data: bytes) -> bool:
        """Write `data` to the program. Return False if some of it has to wait for `flush`."""
        if not self._unwritten and len(data) <= MAX_UNREAD_INPUT_BYTES:
            try:
                written = os.write(self.master, data)
            except BlockingIOError:
                written = 0
            except OSError:
                return True
            if written == len(data):
                return True
            data = data[written:]
        if len(self._unwritten) + len(data) > MAX_UNREAD_INPUT_BYTES:
            logger.warning("the program does not read its input: %d bytes dropped", len(data))
        else:
            self._unwritten += data
        return self.flush()

    def flush(self) -> bool:
        """Write the input that waits. Return whether all of it is written."""
        while self._unwritten:
            try:
                written = os.write(self.master, self._unwritten)
            except BlockingIOError:
                return False
            except OSError:
                self._unwritten.clear()
                return True
            del self._unwritten[:written]
        return True

    def poll(self) -> int | None:
        """Return the program's exit status as a shell has it (128 + signal); None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        return code if code >= 0 else 128 - code

    def close(self) -> None:
        """Close the master. The kernel hangs up all processes that still have the slave."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1


def _become_foreground() -> None:
    """Make fd 0 the controlling terminal, and set all signals to their defaults. It runs in the child.

    If the host crashes, the kernel kills the program, even if that ignores the hang-up (Linux). A host that a
    script starts with `&` ignores SIGINT and SIGQUIT. If the program inherited that, C-c would not work.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
