"""A workspace: the windows and panes that a session is opened with, as a file describes them.

The first pane of the first window is the session's own. All others are opened one after
the other, and each window gets its layout when its panes are there.
"""

from __future__ import annotations

import msgspec

from pairterm.errors import UsageError
from pairterm.session.effects import Effect
from pairterm.session.windows.layout import Layout
from pairterm.session.windows.looks import Looks
from pairterm.session.windows.pane_programs import PanePrograms
from pairterm.session.windows.preset_layouts import LAYOUT_NAMES
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import WindowList

__all__ = ["PaneSettings", "WindowSettings", "open_workspace"]


class PaneSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One pane."""

    command: list[str] = msgspec.field(default_factory=list)
    """The program and its arguments, or a line for the shell; []: the user's shell."""
    directory: str = ""
    """Where it starts; "": where the window's panes start."""


class WindowSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One window with its panes."""

    name: str = ""
    """"": the window is named after its program."""
    directory: str = ""
    """Where its panes start; "": where the session starts."""
    layout: str = "tiled"
    """One of tmux's layouts, or a layout string."""
    hidden: bool = False
    focus: bool = False
    """The session opens with this window. The first window with it counts; without one, it is the first of all."""
    panes: list[PaneSettings] = msgspec.field(default_factory=list)
    """At least one."""


def open_workspace(
    windows: WindowList, looks: Looks, programs: PanePrograms, settings: list[WindowSettings]
) -> list[Effect]:
    """Open the windows and panes of a workspace, but for the first pane, which is there.

    Raises:
        UsageError: A layout does not fit, or there are too many panes.
    """
    effects: list[Effect] = []
    opened: list[Window] = []
    for number, each in enumerate(settings):
        if number:
            first = each.panes[0]
            directory = first.directory or each.directory
            window, started = programs.new_window(None, tuple(first.command), name=each.name, directory=directory)
            effects += started
        else:
            window = next(iter(windows))
            window.rename(each.name)
        effects += _open_panes(looks, programs, window, each)
        window.is_hidden = each.hidden
        opened.append(window)
    focused = next((window for window, each in zip(opened, settings, strict=True) if each.focus), opened[0])
    looks.select(None, focused)
    windows.changed()
    return effects


def _open_panes(looks: Looks, programs: PanePrograms, window: Window, settings: WindowSettings) -> list[Effect]:
    effects: list[Effect] = []
    first = window.active
    for each in settings.panes[1:]:
        last = window.layout.panes[-1]
        directory = each.directory or settings.directory
        _, started = programs.split(None, last, tuple(each.command), side_by_side=False, directory=directory)
        effects += started
        window.layout = window.layout.arranged("tiled")  # So there is room for the next one.
    if len(settings.panes) > 1:
        window.layout = _laid_out(window, settings.layout)
    looks.select_pane(None, window, first)
    return effects


def _laid_out(window: Window, layout: str) -> Layout:
    if layout in LAYOUT_NAMES:
        return window.layout.arranged(layout, window.main_pane)
    try:
        return Layout.parse(layout, window.layout.panes).resized(window.size)
    except UsageError as error:
        raise UsageError(f"bad layout {layout[:60]!r}: {error.message}", code="layout") from error
