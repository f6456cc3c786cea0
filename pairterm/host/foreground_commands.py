"""The name and the directory of the program in the foreground of each pane, for windows' names and new panes.

A pane is looked at half a second after it printed something, as tmux does. A pane that
prints nothing costs nothing. The kernel knows the process group in the foreground
of a terminal. On Linux its leader's name and directory are in /proc (proc(5)).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable

from pairterm.host.process_list import ps
from pairterm.host.programs import Programs
from pairterm.session.windows.program_name import program_name
from pairterm.types import PaneId

__all__ = ["ForegroundCommands"]

_INTERVAL_S = 0.5
"""How long after its output a pane is looked at, and so how often at most. tmux takes the same time."""


class ForegroundCommands:
    """Watches the programs in the foreground of a session's panes."""

    def __init__(
        self,
        programs: Programs,
        on_change: Callable[[PaneId, str, str], None],
        *,
        on_look: Callable[[PaneId], None] = lambda pane: None,
    ) -> None:
        """`on_change` gets the pane, the command's name and its directory, when one of the two is another one.

        `on_look` is called after each look.
        """
        self._programs = programs
        self._on_change = on_change
        self._on_look = on_look
        self._timers: dict[PaneId, asyncio.TimerHandle] = {}
        self._known: dict[PaneId, tuple[str, str]] = {}
        self._loop = asyncio.get_running_loop()

    def printed(self, pane: PaneId) -> None:
        """Take note that a pane has printed something: its program may be another one."""
        if pane not in self._timers:
            self._timers[pane] = self._loop.call_later(_INTERVAL_S, self._look, pane)

    def forget(self, pane: PaneId) -> None:
        """Forget a pane that has gone."""
        self._known.pop(pane, None)
        timer = self._timers.pop(pane, None)
        if timer is not None:
            timer.cancel()

    def _look(self, pane: PaneId) -> None:
        self._timers.pop(pane, None)
        master = self._programs.master(pane)
        if master is None:
            return
        found = _command(master)
        if found is not None and found != self._known.get(pane):
            self._known[pane] = found
            self._on_change(pane, *found)
        self._on_look(pane)


def _command(master: int) -> tuple[str, str] | None:
    """Return the name and the directory of the program in the foreground of a pty; None: it is not known."""
    try:
        group = os.tcgetpgrp(master)
    except OSError:
        return None
    name = _name(group)
    return (name, _directory(group)) if name else None


def _name(process: int) -> str:
    """Return a program's name as it was started: without its directory, and without the mark of a login shell."""
    if sys.platform == "linux":
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                first = file.read(4096).partition(b"\0")[0]
        except OSError:
            return ""
        command = first.decode("utf-8", "replace")
    else:
        command = ps("-o", "comm=", "-p", str(process))
    return program_name(command)


def _directory(process: int) -> str:
    """Return a program's directory; "" where the system does not say."""
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{process}/cwd")
    return ""
