"""The note in everybody's status line: the pause, the lock, knocks, and the driver with the time left."""

from __future__ import annotations

from math import ceil

from pairterm.session.driver import Driver
from pairterm.session.input_gate import InputGate
from pairterm.session.people import People
from pairterm.session.session_admission import Admission

__all__ = ["StatusNote"]


class StatusNote:
    """The note of one session. Times are monotonic seconds."""

    def __init__(self, people: People, admission: Admission, gate: InputGate, driver: Driver) -> None:
        self.text = ""
        self.due_s: float | None = None
        """When the text changes without an event, because a turn counts down; None: never."""
        self._people = people
        self._admission = admission
        self._gate = gate
        self._driver = driver

    def update(self, knocks: int, now_s: float) -> bool:
        """Write the note anew while so many people knock; return whether it is another one."""
        before = self.text
        parts = ["paused"] if self._gate.is_paused else []
        parts += ["all watch"] if self._admission.is_locked else []
        parts += [f"{knocks} at the door"] if knocks else []
        self.due_s = None
        if self._driver.is_on:
            driving, self.due_s = self._driving(now_s)
            parts.append(driving)
        self.text = ", ".join(parts)
        return self.text != before

    def _driving(self, now_s: float) -> tuple[str, float | None]:
        """Return who drives with the time left, and when the time reads differently."""
        person = self._people.get(self._driver.client)
        drives = f"{person.name if person is not None else 'nobody'} drives"
        ends_s = self._driver.turn_ends_s
        if ends_s is None:
            return drives, None
        left_s = max(0.0, ends_s - now_s)
        step_s = 1 if left_s <= 10 else 10 if left_s <= 60 else 60
        shown = ceil(left_s / step_s)
        left = f"{shown} min" if step_s == 60 else f"{shown * step_s} s"
        return f"{drives} {left}", ends_s - (shown - 1) * step_s
