"""Bells and activity: the marks of windows in which something happened while nobody looked.

As in tmux, a bell is marked, and output only in a window that monitors its activity.
The options of a window change both. The mark goes as soon as somebody looks at the window.
"""

from __future__ import annotations

from pairterm.session.effects import Effect, ShowWindows
from pairterm.session.people import People
from pairterm.session.windows.looks import Looks
from pairterm.session.windows.pane import Pane
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import WindowList

__all__ = ["Alerts"]


class Alerts:
    """The marks of one session's windows."""

    def __init__(self, windows: WindowList, looks: Looks, people: People) -> None:
        self._windows = windows
        self._looks = looks
        self._people = people

    def printed(self, pane: Pane) -> list[Effect]:
        """Take note of a pane's output; return what follows if a window gets a mark. Cheap without a bell."""
        bells = pane.terminal.bells
        has_rung = bells != pane.bells
        pane.bells = bells
        window = self._windows.of(pane.id)
        if window is None or not (has_rung or window.monitors_activity):
            return []
        has_rung = has_rung and window.monitors_bell
        if not (has_rung or window.monitors_activity) or self._is_seen(window):
            return []
        before = (window.has_bell, window.has_activity)
        window.has_bell = window.has_bell or has_rung
        window.has_activity = window.has_activity or window.monitors_activity
        if before == (window.has_bell, window.has_activity):
            return []
        self._windows.changed()
        return [ShowWindows()]

    def settle(self) -> None:
        """Take the marks off the windows that somebody looks at."""
        for window in self._windows:
            if (window.has_bell or window.has_activity) and self._is_seen(window):
                window.has_bell = window.has_activity = False
                self._windows.changed()

    def _is_seen(self, window: Window) -> bool:
        looks = (self._looks.of(client) for client in self._people)
        return any(look is not None and look.window == window.id for look in looks)
