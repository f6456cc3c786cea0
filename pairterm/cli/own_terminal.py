"""The terminal that a command runs in: raw mode, its keys and its size, writing, and everything put back at the end.

We open the terminal anew by its name. The file description is then ours alone, and
the shell's standard input stays blocking when we make ours non-blocking.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import termios
import tty
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pairterm.runtime.live_view import kernel_holds_bytes
from pairterm.types import Size

__all__ = ["OwnTerminal", "RawTty", "raw_terminal"]

_READ_BYTES = 65_536
"""How much is read of the keyboard at once."""


class RawTty(NamedTuple):
    """A terminal in raw mode."""

    fd: int
    modes_before: list[Any]
    """The modes that it had before, as `termios.tcsetattr` takes them."""


@contextlib.contextmanager
def raw_terminal() -> Iterator[RawTty]:
    """Open the terminal in raw mode, and restore it in any case."""
    try:
        fd = os.open(os.ttyname(0), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        fd = os.dup(0)
    saved = termios.tcgetattr(fd)
    # Without a handler, warnings would go to standard error, across the picture.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        tty.setraw(fd)
        yield RawTty(fd, saved)
    finally:
        os.set_blocking(fd, True)
        termios.tcsetattr(fd, termios.TCSADRAIN, saved)
        os.close(fd)


class OwnTerminal:
    """A raw terminal on the event loop."""

    def __init__(self, raw: RawTty) -> None:
        self._fd, self._modes_before = raw
        self._loop = asyncio.get_running_loop()
        self._unwritten = bytearray()
        self._drained: asyncio.Future[None] | None = None
        """Done when everything is written, while somebody waits for it."""
        self._is_lent = False
        """True while another program has the terminal."""

    def watch(
        self, *, on_keys: Callable[[bytes], None], on_resize: Callable[[], None], on_hangup: Callable[[], None]
    ) -> None:
        """Begin. `on_keys` gets typed keys, b"" once when the terminal is gone; `on_hangup` a request to leave."""
        self._on_keys = on_keys
        os.set_blocking(self._fd, False)
        self._loop.add_reader(self._fd, self._read_keys)
        self._loop.add_signal_handler(signal.SIGWINCH, on_resize)
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, on_hangup)

    def finish(self) -> None:
        """End: write the rest, and wait as long as the terminal takes to read it."""
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        os.set_blocking(self._fd, True)
        with contextlib.suppress(OSError):
            while self._unwritten:
                del self._unwritten[: os.write(self._fd, self._unwritten)]

    async def lend(self) -> None:
        """Write the rest, and give the terminal to another program, in the modes that it had before.

        What is written from then on waits for `reclaim`. So do keys that the other program does not read.
        """
        self._loop.remove_reader(self._fd)
        self._is_lent = True
        if self._unwritten:
            self._drained = self._loop.create_future()
            await self._drained
        os.set_blocking(self._fd, True)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._modes_before)

    def reclaim(self) -> None:
        """Take the terminal back from the other program, whatever modes it left."""
        with contextlib.suppress(termios.error):  # The terminal is gone: reading says so.
            tty.setraw(self._fd, termios.TCSADRAIN)
        os.set_blocking(self._fd, False)
        self._is_lent = False
        self._loop.add_reader(self._fd, self._read_keys)
        self._flush()

    @property
    def size(self) -> Size:
        """The terminal's size now."""
        found = os.get_terminal_size(self._fd)
        return Size.clamped(rows=found.lines, cols=found.columns)

    def in_flight_bytes(self) -> int:
        """Return how much was written and is not on the screen yet."""
        return len(self._unwritten) + kernel_holds_bytes(self._fd)

    def write(self, data: bytes) -> None:
        """Write, now or as soon as the terminal takes it."""
        is_first = not self._unwritten
        self._unwritten += data
        if is_first and not self._is_lent:
            self._flush()

    def _flush(self) -> None:
        try:
            written = os.write(self._fd, self._unwritten)
        except BlockingIOError:
            written = 0
        except OSError:
            written = len(self._unwritten)
        del self._unwritten[:written]
        if self._unwritten:
            self._loop.add_writer(self._fd, self._flush)
        else:
            self._loop.remove_writer(self._fd)
            if self._drained is not None and not self._drained.done():
                self._drained.set_result(None)

    def _read_keys(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._fd)
        self._on_keys(data)
