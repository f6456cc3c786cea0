"""The windows of a session in the order of their numbers, and the panes in them. Ids are given only once."""

from __future__ import annotations

from collections.abc import Iterator

from pairterm.errors import UsageError
from pairterm.link.messages import MAX_INDEX, MAX_WINDOWS
from pairterm.session.windows.pane import Pane
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_options import WindowOptions
from pairterm.types import PaneId, Size, WindowId

__all__ = ["MAX_INDEX", "MAX_NAME_CHARS", "MAX_PANES_OF_SESSION", "MAX_WINDOWS", "WindowList"]

MAX_PANES_OF_SESSION = 200
"""Each has a shell, a descriptor and a screen."""

MAX_NAME_CHARS = 64


class WindowList:
    """All windows of one session."""

    def __init__(self) -> None:
        self.history_lines = 10_000
        """How many printed lines each new pane keeps."""
        self.base_index = 0
        """The number of the first window, as in tmux."""
        self.options = WindowOptions()
        """The options of all windows that have no value of their own."""
        self.has_programs = True
        """The session lives as long as a program in a window. False: it is there for shared code alone."""
        self.version = 0
        """It grows with every change that somebody may see."""
        self._windows: dict[WindowId, Window] = {}
        self._last_window = -1
        self._last_pane = -1

    def __iter__(self) -> Iterator[Window]:
        return iter(sorted(self._windows.values(), key=lambda each: each.index))

    def __len__(self) -> int:
        return len(self._windows)

    def __contains__(self, window: WindowId) -> bool:
        return window in self._windows

    def __getitem__(self, window: WindowId) -> Window:
        return self._windows[window]

    @property
    def keeps_session(self) -> bool:
        """Whether there is a window for which the session goes on: one with a program, if it was begun with one."""
        if not self.has_programs:
            return bool(self._windows)
        return any(not pane.is_document for window in self._windows.values() for pane in window.panes.values())

    def get(self, window: WindowId | None) -> Window | None:
        """Return a window by its id; None: there is none."""
        return self._windows.get(window) if window is not None else None

    def at(self, index: int) -> Window | None:
        """Return the window with this number; None: there is none."""
        return next((each for each in self._windows.values() if each.index == index), None)

    def panes(self) -> Iterator[Pane]:
        """Return all panes."""
        for window in self:
            yield from window.panes.values()

    def pane(self, pane: PaneId) -> Pane | None:
        """Return a pane by its id; None: there is none."""
        window = self.of(pane)
        return window.panes[pane] if window is not None else None

    def runs(self, pane: PaneId) -> bool:
        """Return whether the program of a pane runs."""
        found = self.pane(pane)
        return found is not None and found.death is None

    def known_pane(self, pane: PaneId) -> Pane:
        """Return a pane that there is."""
        found = self.pane(pane)
        assert found is not None, "the pane has gone"
        return found

    def of(self, pane: PaneId) -> Window | None:
        """Return the window of a pane; None: there is no such pane."""
        for window in self._windows.values():  # no generator: each key and each output ask several times
            if pane in window.panes:
                return window
        return None

    def in_window(self, window: Window) -> str:
        """Return the words that name a window at the end of a sentence; "" if the session has only one."""
        return f" in window {window.index}" if len(self._windows) > 1 else ""

    def changed(self) -> None:
        """Take note that somebody may see a change."""
        self.version += 1

    def new_pane(self, size: Size) -> Pane:
        """Return a new pane, which is in no window yet.

        Raises:
            UsageError: There are too many.
        """
        if sum(len(each.panes) for each in self._windows.values()) >= MAX_PANES_OF_SESSION:
            raise UsageError(f"too many panes: a session has {MAX_PANES_OF_SESSION} at most", code="too_many")
        self._last_pane += 1
        return Pane(PaneId(self._last_pane), size, history_lines=self.history_lines)

    def add(self, pane: Pane, *, index: int | None = None, name: str = "") -> Window:
        """Add a window with this pane, under this number or the first free one.

        Raises:
            UsageError: The number is taken, or there are too many windows.
        """
        if len(self._windows) >= MAX_WINDOWS:
            raise UsageError(f"too many windows: a session has {MAX_WINDOWS} at most", code="too_many")
        if index is None:
            index = self.free_index()
        elif self.at(index) is not None:
            raise UsageError(f"create window failed: index {index} in use", code="index_in_use")
        self._last_window += 1
        window = Window(WindowId(self._last_window), index, pane, name=name, options=self.options)
        self._windows[window.id] = window
        self.changed()
        return window

    def remove(self, window: WindowId) -> None:
        """Remove a window."""
        del self._windows[window]
        self.changed()

    def free_index(self, least: int | None = None) -> int:
        """Return the first number from `least` on (the base index) that no window has."""
        taken = {each.index for each in self._windows.values()}
        index = self.base_index if least is None else least
        while index in taken:
            index += 1
        return index
