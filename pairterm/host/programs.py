"""The programs of a session, one in each pane: they start, their output goes to the session, and they end.

It reads and writes in callbacks of one loop, without an `await`. It decides
nothing: it calls the functions that it was given. One handler of SIGCHLD looks at all
programs.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Protocol

from pairterm.host.children import collect_orphans
from pairterm.host.pane_turns import ReadingTurn
from pairterm.host.program_pump import ProgramPump
from pairterm.host.pty import PtyProgram
from pairterm.types import PaneId, Size

__all__ = ["Programs", "StartsPrograms"]


class StartsPrograms(Protocol):
    """Starts the program of a new pane."""

    def __call__(
        self,
        pane: PaneId,
        command: tuple[str, ...],
        directory: str,
        size: Size,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> PtyProgram:
        """Start it; with no command the user's shell, with "" in the session's directory.

        `environment` has variables beside those of the session.

        Raises:
            UsageError: The program or the directory does not exist.
            SystemFault: The system has no free pty.
        """


class Programs:
    """The programs of all panes."""

    def __init__(self, *, on_output: Callable[[PaneId, bytes], None], on_end: Callable[[PaneId, int], None]) -> None:
        """`on_output` gets a program's output, `on_end` the exit status of its command."""
        self.start_program: StartsPrograms | None = None
        """Starts the programs of new panes; None: the session can't have more panes."""
        self.on_child: Callable[[], None] = lambda: None
        """Called when a child of the host has ended, whichever it is."""
        self._on_output = on_output
        self._on_end = on_end
        self._pumps: dict[PaneId, ProgramPump] = {}
        self._loop = asyncio.get_running_loop()
        self._turn = ReadingTurn(self._loop.call_soon)
        self._is_watching = False

    def start(
        self,
        pane: PaneId,
        program: PtyProgram,
        *,
        on_output: Callable[[bytes], None] | None = None,
        on_end: Callable[[int], None] | None = None,
    ) -> None:
        """Begin to read a program's output, and to watch for its end.

        `on_output` and `on_end` are for a program that has no pane of the session. None: the session gets both.
        """
        pump = ProgramPump(
            program,
            self._turn,
            on_output=on_output or partial(self._on_output, pane),
            on_end=on_end or partial(self._on_end, pane),
        )
        self._pumps[pane] = pump
        if not self._is_watching:
            self._is_watching = True
            self._loop.add_signal_handler(signal.SIGCHLD, self._child_ended)
        pump.check()

    def pump(self, pane: PaneId) -> ProgramPump | None:
        """Return the pump of a pane's program; None: it has none."""
        return self._pumps.get(pane)

    def signal(self, pane: PaneId) -> int:
        """Return the signal that ended a pane's program; 0: none did."""
        pump = self._pumps.get(pane)
        return pump.program.signal if pump is not None else 0

    def pid(self, pane: PaneId) -> int | None:
        """Return the process id of a pane's program; None: it has none."""
        pump = self._pumps.get(pane)
        return pump.program.pid if pump is not None else None

    def master(self, pane: PaneId) -> int | None:
        """Return the descriptor of a pane's pty; None: it has none."""
        pump = self._pumps.get(pane)
        return pump.program.master if pump is not None else None

    def pids(self) -> list[int]:
        """Return the process ids of all programs."""
        return [each.program.pid for each in self._pumps.values()]

    def write(self, pane: PaneId, data: bytes) -> None:
        """Write input to a program, now or when its pty has room; nothing after its end."""
        if (pump := self._pumps.get(pane)) is not None:
            pump.write(data)

    def unread_bytes(self, pane: PaneId) -> int:
        """Return how much input waits for a pane's program."""
        pump = self._pumps.get(pane)
        return pump.program.unread_bytes if pump is not None else 0

    def resize(self, pane: PaneId, size: Size) -> None:
        """Tell a program its terminal's size."""
        if (pump := self._pumps.get(pane)) is not None:
            pump.resize(size)

    def hang_up(self, pane: PaneId) -> None:
        """Close a pane's pty: the kernel sends SIGHUP to the processes that still use it."""
        if (pump := self._pumps.pop(pane, None)) is not None:
            pump.hang_up()

    def hang_up_all(self) -> None:
        """Close all ptys."""
        for pane in list(self._pumps):
            self.hang_up(pane)

    def _child_ended(self) -> None:
        ended = [pump for pump in self._pumps.values() if pump.has_ended()]
        collect_orphans(self.pids())
        for pump in ended:
            pump.check()
        self.on_child()
