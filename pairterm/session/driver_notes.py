"""The note of each window in status lines: the driver, and the time that is left of their turn."""

from __future__ import annotations

from math import ceil

from pairterm.session.drivers import Drivers
from pairterm.session.people import People
from pairterm.session.windows.window_list import WindowList
from pairterm.types import WindowId

__all__ = ["DriverNotes"]


class DriverNotes:
    """The notes of one session's windows. Times are monotonic seconds."""

    def __init__(self, people: People, drivers: Drivers, windows: WindowList) -> None:
        self.due_s: float | None = None
        """When a note changes without an event, because a turn counts down; None: never."""
        self._people = people
        self._drivers = drivers
        self._windows = windows

    def update(self, now_s: float) -> None:
        """Write the notes anew."""
        self.due_s = None
        for window in self._windows:
            note, due_s = self._note(window.id, now_s) if self._drivers.is_on else ("", None)
            if due_s is not None and (self.due_s is None or due_s < self.due_s):
                self.due_s = due_s
            if note != window.driver_note:
                window.driver_note = note
                self._windows.changed()

    def _note(self, window: WindowId, now_s: float) -> tuple[str, float | None]:
        """Return who drives with the time left, and when the time reads differently."""
        person = self._people.get(self._drivers.of(window))
        drives = f"{person.name if person is not None else 'nobody'} drives"
        ends_s = self._drivers.turn_ends_s(window)
        if ends_s is None:
            return drives, None
        left_s = max(0.0, ends_s - now_s)
        step_s = 1 if left_s <= 10 else 10 if left_s <= 60 else 60
        shown = ceil(left_s / step_s)
        left = f"{shown} min" if step_s == 60 else f"{shown * step_s} s"
        return f"{drives} {left}", ends_s - (shown - 1) * step_s
