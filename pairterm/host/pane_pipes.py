"""The commands of `pipe-pane`: each gets the output of a pane, or types into it, beside the pane's own program.

A command has one socket as its input and its output, as in tmux. Reading and writing never
block. Output that a command does not read waits here up to a bound, and the rest is
dropped. So a command that stalls holds up neither its pane nor the host.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from pairterm.host.children import waited_for
from pairterm.host.programs import Programs
from pairterm.session.effects import PipePane
from pairterm.types import PaneId

__all__ = ["MAX_UNREAD_OUTPUT_BYTES", "PanePipes"]

logger = logging.getLogger(__name__)

MAX_UNREAD_OUTPUT_BYTES = 1 << 20
"""How much of a pane's output may wait for a command that does not read."""

_READ_BYTES = 4096
"""One read of what a command types."""

_MAX_UNREAD_INPUT_BYTES = 1 << 16
"""A command types no more while the pane's program has so much input unread."""

_INPUT_PAUSE_S = 0.05

_GRACE_S = 2.0
"""Time between the end of a command's input and HUP, and then KILL."""


class _Pipe:
    """One command with its socket."""

    def __init__(self, owner: PanePipes, order: PipePane) -> None:
        """Start the command.

        Raises:
            OSError: The system has no free process or socket.
        """
        self.pane = order.pane
        self.is_open = True
        self._owner = owner
        self._reads_output = order.reads_output
        self._types = order.types
        self._unwritten = bytearray()
        self._has_dropped = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._stack = ExitStack()
        self._socket, theirs = socket.socketpair()
        with theirs:
            try:
                self.process = self._stack.enter_context(waited_for(lambda: self._started(order.command, theirs)))
            except BaseException:
                self._socket.close()
                raise
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._read)

    def _started(self, command: str, theirs: socket.socket) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=theirs.fileno() if self._reads_output else subprocess.DEVNULL,
            stdout=theirs.fileno() if self._types else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._owner.directory,
            env={**self._owner.environment, "PAIRTERM_PANE": f"%{self.pane}"},
            start_new_session=True,
        )

    def feed(self, data: bytes) -> None:
        """Give the command output of the pane, now or when it reads."""
        if not self._reads_output or not self.is_open:
            return
        room = MAX_UNREAD_OUTPUT_BYTES - len(self._unwritten)
        if len(data) > room and not self._has_dropped:
            self._has_dropped = True
            self._owner.tell_owner(f"the command of pipe-pane on %{self.pane} does not read: output is dropped")
        self._unwritten += data[:room]
        if not self._flush():
            self._loop.add_writer(self._socket, self._flush_when_ready)

    def close(self) -> None:
        """End the command's input when all that waits is written. If the command goes on, it is ended after a grace."""
        if self.is_open:
            self.is_open = False
            self._loop.remove_reader(self._socket)
            if self._timer is not None:
                self._timer.cancel()
            if self.process.returncode is None:
                self._timer = self._loop.call_later(_GRACE_S, self._signal, signal.SIGHUP)
            if self._flush():
                self._hang_up()

    def has_ended(self) -> bool:
        """Return whether the command has ended. Its exit status is collected then."""
        if self.process.poll() is None:
            return False
        self._stack.close()
        return True

    def forget(self) -> None:
        """Drop what is left after the end of a command that was closed."""
        if self._timer is not None:
            self._timer.cancel()
        self._hang_up()

    def _hang_up(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()

    def _flush_when_ready(self) -> None:
        if self._flush():
            self._loop.remove_writer(self._socket)
            if not self.is_open:
                self._hang_up()

    def _flush(self) -> bool:
        """Write what waits. Return whether all of it is written, or nobody can read it any more."""
        while self._unwritten:
            try:
                written = self._socket.send(self._unwritten)
            except BlockingIOError:
                return False
            except OSError:
                self._unwritten.clear()
                return True
            del self._unwritten[:written]
        return True

    def _read(self) -> None:
        """Type what the command prints; at the end of its output the pipe closes."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._owner.ended(self)
            return
        self._owner.type(self.pane, data)
        if self._owner.unread_bytes(self.pane) > _MAX_UNREAD_INPUT_BYTES:
            self._loop.remove_reader(self._socket)
            self._timer = self._loop.call_later(_INPUT_PAUSE_S, self._read_again)

    def _read_again(self) -> None:
        if self._owner.unread_bytes(self.pane) > _MAX_UNREAD_INPUT_BYTES:
            self._timer = self._loop.call_later(_INPUT_PAUSE_S, self._read_again)
        else:
            self._loop.add_reader(self._socket, self._read)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)
        if number is signal.SIGHUP:
            self._timer = self._loop.call_later(_GRACE_S, self._signal, signal.SIGKILL)


class PanePipes:
    """The commands of `pipe-pane` of one session, at most one for a pane."""

    def __init__(
        self, programs: Programs, *, tell_owner: Callable[[str], None], on_end: Callable[[PaneId], None]
    ) -> None:
        """`tell_owner` shows the owner a line. `on_end` gets a pane whose command has ended or was closed."""
        self.environment: Mapping[str, str] = dict(os.environ)
        """The variables of the commands, like `directory` set before the first one starts."""
        self.directory = "/"
        self.tell_owner = tell_owner
        self.type = programs.write
        self.unread_bytes = programs.unread_bytes
        self._on_end = on_end
        self._open: dict[PaneId, _Pipe] = {}
        self._running: set[_Pipe] = set()
        self._all_ended = asyncio.Event()
        programs.on_child = self._child_ended

    def set(self, order: PipePane) -> None:
        """Close the pane's command, if it has one, and start the one of the order, if that has one."""
        self.close(order.pane)
        if not order.command:
            return
        try:
            pipe = _Pipe(self, order)
        except OSError as error:
            self.tell_owner(f"pipe-pane: can't start the command: {error.strerror}")
            self._on_end(order.pane)
            return
        self._open[order.pane] = pipe
        self._running.add(pipe)

    def feed(self, pane: PaneId, data: bytes) -> None:
        """Give a pane's output to its command."""
        if (pipe := self._open.get(pane)) is not None:
            pipe.feed(data)

    def close(self, pane: PaneId) -> None:
        """End the input of a pane's command: it has what was printed so far."""
        if (pipe := self._open.pop(pane, None)) is not None:
            pipe.close()

    def ended(self, pipe: _Pipe) -> None:
        """Close a pipe whose command reads and writes no more."""
        if self._open.get(pipe.pane) is pipe:
            self.close(pipe.pane)
            self._on_end(pipe.pane)

    async def finish(self, timeout_s: float) -> None:
        """Close all, and let the commands read what they have, but no longer than this."""
        for pane in list(self._open):
            self.close(pane)
        self._child_ended()
        if self._running:
            self._all_ended.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_ended.wait(), timeout_s)

    def _child_ended(self) -> None:
        for pipe in [each for each in self._running if each.has_ended()]:
            self._running.remove(pipe)
            if not pipe.is_open:
                pipe.forget()
            # Else its last output is still in the socket: the end of that closes the pipe.
        if not self._running:
            self._all_ended.set()
