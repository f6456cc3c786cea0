"""The window in which a session shows documents. It has one pane, which has no program and whose frames are blank.

It is made when the first editor connects. Its owner can rename, move, hide and close it
as any window. If it is closed, the next editor that connects makes it again.
"""

from __future__ import annotations

from pairterm.session.windows.looks import Looks
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import WindowList
from pairterm.types import PaneId, WindowId

__all__ = ["CodeWindow"]

_NAME = "code"


class CodeWindow:
    """The code window of one session."""

    def __init__(self, windows: WindowList, looks: Looks) -> None:
        self._windows = windows
        self._looks = looks
        self._id: WindowId | None = None

    @property
    def window(self) -> Window | None:
        """The window; None: there is none now."""
        window = self._windows.get(self._id)
        return window if window is not None and window.panes[window.active].is_document else None

    def open(self) -> PaneId:
        """Make the window if there is none. Return its pane.

        Raises:
            UsageError: There are too many windows or panes.
        """
        window = self.window
        if window is None:
            look = self._looks.shared(is_guest=False)
            beside = self._windows[look.window] if look is not None else next(iter(self._windows))
            pane = self._windows.new_pane(beside.size)
            pane.is_document = True
            window = self._windows.add(pane, name=_NAME)
            self._id = window.id
        return window.active

    def take_first(self, pane: PaneId) -> None:
        """Make the session's first window the code window: the session has no program."""
        window = self._windows.of(pane)
        assert window is not None, "the session begins with a window"
        window.panes[pane].is_document = True
        window.rename(_NAME)
        self._id = window.id
        self._windows.has_programs = False
        self._windows.changed()
