"""Panes come and go: new windows, splits, programs that end, and panes that are killed.

Each method changes the windows and returns the effects: the host starts and ends the
programs. A window ends with its last pane. The session ends with its last window, and
that is the core's part. Sizes follow by `window_sizes`.
"""

from __future__ import annotations

from typing import TypeAlias

from pairterm.errors import UsageError
from pairterm.session.effects import Effect, EndProgram, Note, Publish, StartProgram
from pairterm.session.windows.looks import Looks
from pairterm.session.windows.pane import Death, Pane
from pairterm.session.windows.program_name import program_name
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import WindowList
from pairterm.types import ClientId, PaneId, Size

__all__ = ["Environment", "PanePrograms"]


Environment: TypeAlias = tuple[tuple[str, str], ...]
"""Variables with their values."""


class PanePrograms:
    """The panes of one session, as their programs start and end."""

    def __init__(self, windows: WindowList, looks: Looks) -> None:
        self._windows = windows
        self._looks = looks

    def first(self, size: Size) -> Pane:
        """Add the session's first window. The host starts its program itself."""
        pane = self._windows.new_pane(size)
        self._looks.select(None, self._windows.add(pane))
        return pane

    def new_window(
        self,
        client: ClientId | None,
        command: tuple[str, ...],
        *,
        name: str = "",
        directory: str = "",
        environment: Environment = (),
        index: int | None = None,
        selects: bool = True,
    ) -> tuple[Window, list[Effect]]:
        """Add a window with one pane, and let the client look at it.

        Raises:
            UsageError: The number is taken, or there are too many windows or panes.
        """
        look = self._looks.of(client)
        beside = self._windows.get(look.window) if look is not None else None
        size = beside.size if beside is not None else next(iter(self._windows)).size
        pane = self._windows.new_pane(size)
        window = self._windows.add(pane, index=index, name=name)
        window.opened_by = client
        pane.command = program_name(command[0]) if command else ""
        window.settle_name()
        if selects:
            self._looks.select(client, window)
        note = Note("new-window", {"window": window.index, "pane": pane.id})
        return window, [_started(pane, command, directory, client, environment), note]

    def split(
        self,
        client: ClientId | None,
        target: PaneId,
        command: tuple[str, ...],
        *,
        side_by_side: bool,
        before: bool = False,
        full: bool = False,
        cells: int | None = None,
        directory: str = "",
        environment: Environment = (),
        selects: bool = True,
    ) -> tuple[Pane, list[Effect]]:
        """Split a pane in two, and let the client use the new one.

        Raises:
            UsageError: There is no room, or there are too many panes.
        """
        window = self._windows.of(target)
        if window is None:
            raise UsageError(f"can't find pane: %{target}", code="no_pane")
        pane = self._windows.new_pane(window.size)
        layout = window.layout.split(target, pane.id, side_by_side=side_by_side, before=before, full=full, cells=cells)
        rect = layout.rects[pane.id]
        pane.terminal.resize(Size(rows=rect.rows, cols=rect.cols))
        window.add(pane, layout, is_active=False)
        window.is_zoomed = False
        if selects:
            self._looks.select_pane(client, window, pane.id)
        self._windows.changed()
        note = Note("split-window", {"window": window.index, "pane": pane.id})
        return pane, [_started(pane, command, directory, client, environment), note]

    def respawn(
        self,
        client: ClientId | None,
        pane: Pane,
        command: tuple[str, ...],
        *,
        directory: str = "",
        environment: Environment = (),
    ) -> list[Effect]:
        """Start a program in a pane that is there, after the end of the present one.

        With () as `command` it is the one that the pane was started with, and with "" it starts in the same directory.
        """
        pane.revive()
        self._windows.changed()
        started = _started(pane, command or pane.start_command, directory or pane.start_directory, client, environment)
        return [EndProgram(pane.id), started, Note("respawn-pane", {"pane": pane.id})]

    def finish(self, pane: PaneId, death: Death) -> list[Effect]:
        """Close the pane of a program that has ended, or keep it as its window's option says. []: it has gone."""
        window = self._windows.of(pane)
        if window is None or window.panes[pane].death is not None:
            return []
        return self._keep_dead(window.panes[pane], death) if window.stays(death.status) else self.remove(pane)

    def fail(self, pane: PaneId, status: int) -> list[Effect]:
        """Remove a new pane whose program can't be started. One that was there before stays. []: it has gone."""
        found = self._windows.pane(pane)
        if found is None:
            return []
        return self._keep_dead(found, Death(status, when="not started")) if found.pid else self.remove(pane)

    def _keep_dead(self, pane: Pane, death: Death) -> list[Effect]:
        pane.die(death)
        self._windows.changed()
        return [EndProgram(pane.id), Publish(pane.id)]

    def remove(self, pane: PaneId) -> list[Effect]:
        """Remove a pane whose program has ended, or shall end. The core looks whether it was the last one."""
        window = self._windows.of(pane)
        if window is None:
            return []
        window.remove(pane)
        if not window.panes:
            self._windows.remove(window.id)
            self._looks.changed()
        self._windows.changed()
        return [EndProgram(pane)]

    def remove_window(self, window: Window) -> list[Effect]:
        """Remove a window with all of its panes."""
        return [effect for pane in list(window.panes) for effect in self.remove(pane)]


def _started(
    pane: Pane, command: tuple[str, ...], directory: str, client: ClientId | None, environment: Environment
) -> StartProgram:
    """Return the start of a pane's program, and keep what it was started with."""
    pane.start_command, pane.start_directory = command, directory
    return StartProgram(pane.id, pane.size, command, directory, client, environment)
