"""Carrying out the effects on the programs of panes, and on the commands of `pipe-pane` beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeAlias, assert_never

from pairterm.errors import PairtermError, UsageError
from pairterm.host.foreground_commands import ForegroundCommands
from pairterm.host.pane_pipes import PanePipes
from pairterm.host.programs import Programs
from pairterm.host.pty import PtyProgram
from pairterm.session.core import SessionCore
from pairterm.session.effects import Effect, EndProgram, PipePane, ResizePty, StartProgram
from pairterm.session.windows.program_name import program_name
from pairterm.types import PaneId

__all__ = ["ProgramEffect", "ProgramEffects"]

ProgramEffect: TypeAlias = ResizePty | StartProgram | EndProgram | PipePane


class ProgramEffects:
    """Starts, resizes and ends the programs of a session, each with what watches it and what reads its output."""

    def __init__(
        self,
        core: SessionCore,
        programs: Programs,
        *,
        tell_owner: Callable[[str], None],
        carry_out: Callable[[Iterable[Effect]], None],
        on_look: Callable[[PaneId], None],
    ) -> None:
        """`carry_out` gets the effects that follow from an effect. `tell_owner` shows the owner a line.

        `on_look` is called after each look at the program in the foreground of a pane.
        """
        self.pipes = PanePipes(programs, tell_owner=tell_owner, on_end=self._unpiped)
        self.start_error = ""
        """Why a program of the present command can't be started; "": none failed."""
        self._core = core
        self._programs = programs
        self._commands = ForegroundCommands(programs, self._take_command, on_look=on_look)
        self._carry_out = carry_out
        self._loop = asyncio.get_running_loop()

    def change(self, effect: ProgramEffect) -> None:
        """Carry out an effect."""
        match effect:
            case PipePane():
                self.pipes.set(effect)
            case ResizePty(size, pane):
                self._programs.resize(pane, size)
            case StartProgram():
                self._start(effect)
            case EndProgram(pane):
                self._commands.forget(pane)
                self.pipes.close(pane)
                self._programs.hang_up(pane)
            case _:
                assert_never(effect)

    def started(self, pane: PaneId, program: PtyProgram) -> None:
        """Begin to read the output of a pane's program. A shell gives its name to a pane that has none yet."""
        self._core.started(pane, program.pid, program.tty)
        found = self._core.pane(pane)
        if found is not None and not found.command:
            self._take_command(pane, program_name(program.executable), found.directory)
        self._programs.start(pane, program)

    def printed(self, pane: PaneId, data: bytes) -> None:
        """Take the output of a pane's program."""
        self._commands.printed(pane)
        self.pipes.feed(pane, data)

    def _start(self, effect: StartProgram) -> None:
        """Start the program of a pane. If it can't be started, a new pane goes again."""
        try:
            if self._programs.start_program is None:
                raise UsageError("this session can't start programs", code="command")
            program = self._programs.start_program(
                effect.pane, effect.command, effect.directory, effect.size, dict(effect.environment)
            )
        except PairtermError as error:
            self.start_error = error.message
            self._carry_out(self._core.failed(effect.pane, effect.client, error.message, self._loop.time()))
        else:
            self.started(effect.pane, program)

    def _take_command(self, pane: PaneId, command: str, directory: str) -> None:
        self._carry_out(self._core.take_command(pane, command, directory, self._loop.time()))

    def _unpiped(self, pane: PaneId) -> None:
        if (found := self._core.pane(pane)) is not None:
            found.is_piped = False
