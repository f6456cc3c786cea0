"""All that happens in a session by time: roles that end, turns, knocks, invitations, reminders, countdowns.

It finds out when the next one is due, and does what is due. Times are monotonic
seconds.
"""

from __future__ import annotations

from dataclasses import replace

from pairterm.session.driver_notes import DriverNotes
from pairterm.session.drivers import Drivers
from pairterm.session.effects import Admit, Effect, Note, Tell
from pairterm.session.input_gate import InputGate
from pairterm.session.membership import Membership
from pairterm.session.pending_requests import PendingRequests
from pairterm.session.people import People, Person, WindowRole
from pairterm.session.request_prompts import RequestPrompts
from pairterm.session.session_admission import Admission
from pairterm.session.windows.window_list import WindowList
from pairterm.types import ClientId, Role

__all__ = ["Timers"]

_WARNING_S = 60.0
"""How long before a role ends its holder is warned."""


class Timers:
    """The timers of one session."""

    def __init__(
        self,
        people: People,
        admission: Admission,
        drivers: Drivers,
        requests: PendingRequests,
        prompts: RequestPrompts,
        gate: InputGate,
        membership: Membership,
        driver_notes: DriverNotes,
        windows: WindowList,
    ) -> None:
        self._people = people
        self._admission = admission
        self._drivers = drivers
        self._requests = requests
        self._prompts = prompts
        self._gate = gate
        self._membership = membership
        self._driver_notes = driver_notes
        self._windows = windows

    @property
    def due_s(self) -> float | None:
        """When `tick` has something to do; None: at no time that is known. O(people)."""
        times = [
            self._drivers.due_s,
            self._requests.due_s,
            self._prompts.due_s,
            self._admission.invitations.due_s,
            self._driver_notes.due_s,
        ]
        for person in self._people.values():
            if person.until_s is None and not person.window_roles:
                continue
            roles: tuple[Person | WindowRole, ...] = (person, *person.window_roles)
            for role in roles:
                if role.until_s is not None:
                    times.append(role.until_s if role.is_warned else role.until_s - _WARNING_S)
        return min((each for each in times if each is not None), default=None)

    def tick(self, now_s: float) -> list[Effect]:
        """Do what is due."""
        effects: list[Effect] = []
        for client, person in self._people.items():
            effects += self._tick_role(client, person, now_s)
            for role in self._people[client].window_roles:
                effects += self._tick_window_role(client, role, now_s)
        for window in self._drivers.overdue(now_s):
            effects += self._gate.pass_keyboard(window, now_s)
        for knock in self._requests.take_overdue(now_s):
            effects += self._membership.disconnect(knock.client, "timeout", "nobody answered; try again later", now_s)
            effects += self._prompts.show()
        for link in self._admission.invitations.expire(now_s):
            effects += [Note("link-expired", {"link": link.number, "label": link.label}), Admit()]
        return [*effects, *self._prompts.remind(now_s)]

    def _tick_role(self, client: ClientId, person: Person, now_s: float) -> list[Effect]:
        """End a role whose time is over, or warn its holder."""
        if person.until_s is None:
            return []
        if now_s >= person.until_s:
            return self._gate.set_role(client, Role.READ_ONLY, None, now_s, "the time is over")
        if not person.is_warned and now_s >= person.until_s - _WARNING_S:
            self._people.change(client, is_warned=True)
            return [Tell(client, f"you may type for {round(person.until_s - now_s)} more seconds")]
        return []

    def _tick_window_role(self, client: ClientId, role: WindowRole, now_s: float) -> list[Effect]:
        """End a role in a window whose time is over, or warn its holder."""
        if role.until_s is None or now_s < role.until_s - _WARNING_S:
            return []
        if now_s >= role.until_s:
            why = "the time is over"
            return self._gate.set_window_role(client, role.window, Role.READ_ONLY, None, now_s, why)
        if role.is_warned:
            return []
        roles = self._people[client].window_roles
        warned = tuple(replace(each, is_warned=True) if each is role else each for each in roles)
        self._people.change(client, window_roles=warned)
        index = self._windows[role.window].index
        return [Tell(client, f"you may type in window {index} for {round(role.until_s - now_s)} more seconds")]
