"""The input gate: which client's keys reach the program now. The second of two gates; the first is in the gateway.

Every byte that a person types passes `InputGate.admit_input`. It looks at the
role in the window where the bytes go, the window's driver, the pause and confirmed Enters. A change of any of these
is in force at once, in the same call. Law 6: a read-only client's bytes never reach
the pty, whatever they are, and whoever asks. The owner can't be locked out: no
guest's command changes the owner's role, and the owner can take the keyboard at
any time. The gate never raises on input. Times are monotonic seconds.
"""

from __future__ import annotations

from pairterm.session.audit_fields import person_fields
from pairterm.session.confirm_enter import PASTE_END, EnterConfirmation
from pairterm.session.drivers import Drivers
from pairterm.session.effects import ChangeRole, Effect, Note, Remark, Tell, WritePty
from pairterm.session.notices import Notices
from pairterm.session.pending_requests import PendingRequests, Request, RequestKind
from pairterm.session.people import People, Person, WindowRole
from pairterm.session.request_prompts import RequestPrompts
from pairterm.session.session_admission import Admission
from pairterm.session.windows.look import Look
from pairterm.session.windows.looks import Looks
from pairterm.session.windows.window_list import WindowList
from pairterm.types import ClientId, Role, WindowId

__all__ = ["InputGate"]

_IDLE_GRAIN_S = 1.0
"""Precision of the time at which a person typed last: a new record for each key would cost more than the key."""

_WATCHES_ALL = (Role.READ_ONLY, ())
"""The role of somebody who may only watch, and has a role of their own in no window."""


class InputGate:
    """The gate of one session: roles, the drivers, the pause and confirmed Enters."""

    def __init__(
        self,
        people: People,
        drivers: Drivers,
        requests: PendingRequests,
        prompts: RequestPrompts,
        admission: Admission,
        notices: Notices,
        windows: WindowList,
        looks: Looks,
    ) -> None:
        self.is_paused = False
        """Only the owner's terminals at the own machine show the session and type."""
        self.confirms_enter = False
        """The owner confirms each Enter that a guest presses."""
        self._people = people
        self._drivers = drivers
        self._requests = requests
        self._prompts = prompts
        self._admission = admission
        self._notices = notices
        self._windows = windows
        self._looks = looks
        self._enters = EnterConfirmation()
        self._announced: dict[ClientId, tuple[Role, bool]] = {}
        """The role that each client's gateway knows, and whether it lets the client type."""
        self._granted: dict[ClientId, tuple[Role, tuple[WindowRole, ...]]] = {}
        """The roles that each client had then, in all windows."""
        self._hinted: set[ClientId] = set()
        """Clients that read already why their keys do nothing."""

    def role_here(self, client: ClientId) -> Role:
        """Return the role of a client in the window where it looks.

        In a pause, a guest with roles in single windows only watches: their role must not tell where the others go.
        """
        person = self._people[client]
        if not person.window_roles:
            return person.role
        if self.is_paused:
            return Role.READ_ONLY
        look = self._looks.of(client)
        return person.role_in(look.window if look is not None else None)

    def may_type(self, client: ClientId) -> bool:
        """Return whether this client's keys reach the program now, in the window where it looks."""
        if client not in self._people:
            return False
        look = self._looks.of(client)
        window = look.window if look is not None else None
        return self._lets_type(client, self._people[client], self.role_here(client), window)

    def may_type_in(self, client: ClientId, window: WindowId | None) -> bool:
        """Return whether this client may type in a window now; None: in the session as a whole."""
        person = self._people.get(client)
        return person is not None and self._lets_type(client, person, person.role_in(window), window)

    def _lets_type(self, client: ClientId, person: Person, role: Role, window: WindowId | None) -> bool:
        if role is Role.READ_ONLY:
            return False
        if self.is_paused and not person.sees_hidden:
            return False
        return not self._drivers.is_on or self._drivers.lets_type(client, window)

    def admits_all(self, client: ClientId, look: Look) -> bool:
        """Return whether all that a client types in its look goes to the pane, and nothing else follows from it."""
        person = self._people.get(client)
        return (
            person is not None
            and self._lets_type(client, person, person.role_in(look.window), look.window)
            and not self._windows[look.window].panes[look.pane].is_document
            and client not in self._hinted
            and (not self.confirms_enter or person.role is Role.OWNER)
        )

    def admit_input(self, client: ClientId, look: Look | None, data: bytes, now_s: float) -> tuple[bytes, list[Effect]]:
        """Return the part of a client's input that goes to the pane where it looks, and what else follows."""
        person = self._people.get(client)
        if person is None:
            return b"", []
        if look is None or not self._lets_type(client, person, person.role_in(look.window), look.window):
            return b"", self._hint(client, person, look)
        if self._windows[look.window].panes[look.pane].is_document:
            return b"", []  # There is no program. A view keeps the keys that are typed there.
        self._hinted.discard(client)
        if now_s >= person.typed_s + _IDLE_GRAIN_S:
            self._people.change(client, typed_s=now_s)
        if not self.confirms_enter or person.role is Role.OWNER:
            return data, []
        return self._admit_unconfirmed(client, person, look, data, now_s)

    def _admit_unconfirmed(
        self, client: ClientId, person: Person, look: Look, data: bytes, now_s: float
    ) -> tuple[bytes, list[Effect]]:
        """Admit a guest's input up to the first Enter, which the owner must confirm."""
        data, unended = self._enters.own(client, look.pane, data, now_s)
        ended: list[Effect] = [WritePty(PASTE_END, unended)] if unended is not None else []
        if self._holds_line(look.window) or not self._requests.has_room(RequestKind.ENTER):
            self._enters.lose(client)
            return b"", [*ended, *self._hint(client, person, look)]  # A line that the owner looks at stays as it is.
        admitted, is_entered = self._enters.cut(look.pane, data)
        if not is_entered:
            return admitted, ended
        self._enters.lose(client)
        text = f"{person.name} wants to enter the line{self._windows.in_window(self._windows[look.window])}"
        request = Request(RequestKind.ENTER, client, person.number, person.name, text, None, look.window, look.pane)
        return admitted, [*ended, *self._prompts.ask(request, now_s)]  # There is room for it, so this raises nothing.

    def _holds_line(self, window: WindowId) -> bool:
        """Return whether a line in a window waits for the owner's Enter."""
        panes = self._windows[window].panes
        return any(each.pane in panes for each in self._requests.of(RequestKind.ENTER))

    def _hint(self, client: ClientId, person: Person, look: Look | None) -> list[Effect]:
        """Say once why nothing happens, to a person whose role lets them type."""
        if client in self._hinted or not self.role_here(client).may_type:
            return []
        self._hinted.add(client)
        if self.is_paused:
            text = "paused by the owner"
        elif look is None:
            text = "the owner hides the window"
        elif self._drivers.lets_type(client, look.window):
            text = "a line waits for the owner's Enter"
        else:
            driver = self._people.get(self._drivers.of(look.window))
            key = "G takes it" if person.role is Role.OWNER else "r asks for it"
            text = f"{driver.name if driver is not None else 'nobody'} has the keyboard: {self._prompts.prefix} {key}"
        return [Tell(client, text)]

    def open_for(self, client: ClientId) -> tuple[Role, bool]:
        """Return the role of a client that joins, and whether it may type now; its gateway learns both."""
        self._announced[client] = (self.role_here(client), self.may_type(client))
        self._granted[client] = self._roles_of(client)
        return self._announced[client]

    def _roles_of(self, client: ClientId) -> tuple[Role, tuple[WindowRole, ...]]:
        person = self._people[client]
        return person.role, person.window_roles

    def forget(self, client: ClientId, now_s: float) -> None:
        """Forget a client that left. If it had the keyboard, the owner gets it, or it is free."""
        self._announced.pop(client, None)
        self._granted.pop(client, None)
        self._hinted.discard(client)
        self._enters.forget(client)
        self._give_up_keyboard(client, now_s)

    def changes(self) -> list[Effect]:
        """Return a `ChangeRole` for each client whose gateway knows another role or gate than the present one.

        A gateway knows the role in the window where the client looks.
        """
        effects: list[Effect] = []
        for client, person in self._people.items():
            roles = person.role, person.window_roles
            is_watching = roles == _WATCHES_ALL  # the other way comes to the same, but an audience is large
            now = (Role.READ_ONLY, False) if is_watching else (self.role_here(client), self.may_type(client))
            if self._announced.get(client) != now:
                self._announced[client] = now
                self._hinted.discard(client)
                effects.append(ChangeRole(client, *now, is_granted=roles != self._granted.get(client)))
            self._granted[client] = roles
        return effects

    def set_role(
        self,
        client: ClientId,
        role: Role,
        until_s: float | None,
        now_s: float,
        why: str = "",
        *,
        is_remembered: bool = True,
    ) -> list[Effect]:
        """Give a client a role, until a time or for good (None). It is in force at once, and in all windows.

        `is_remembered`: a guest who may only watch from now on may also only watch when they join again by their
        key, and their roles in single windows do not come back.
        """
        before = self._people[client]
        person = self._people.change(client, role=role, until_s=until_s, is_warned=False, window_roles=())
        if is_remembered:
            self._admission.remember_windows(person.origin, ())
        if role is Role.READ_ONLY:
            if is_remembered:
                self._admission.lower(person.origin)
            self._requests.drop_of(client, now_s, RequestKind.ENTER)
            self._give_up_keyboard(client, now_s)
        else:
            self._admission.raise_again(person.origin)
        text = "you watch only now" if role is Role.READ_ONLY else "you may type now"
        if why:
            text += f": {why}"
        if before.role is role and before.until_s == until_s and not before.window_roles:
            return []
        event = "grant" if role is Role.READ_WRITE else "revoke"
        return [Note(event, person_fields(person) | ({"why": why} if why else {})), Tell(client, text)]

    def set_window_role(
        self, client: ClientId, window: WindowId, role: Role, until_s: float | None, now_s: float, why: str = ""
    ) -> list[Effect]:
        """Give a guest a role in one window, until a time or for good (None). It is in force at once.

        A guest who may only watch there is known to do so even if they may only watch anyway: they can join again
        by an invitation that lets them type.
        """
        before = self._people[client]
        others = tuple(each for each in before.window_roles if each.window != window)
        is_new = role is not before.role or until_s is not None or not role.may_type
        limited = (WindowRole(window, role, until_s),) if is_new else ()
        person = self._people.change(client, window_roles=(*others, *limited))
        self._admission.remember_windows(person.origin, person.window_roles)
        if not role.may_type:
            self._drop_line(client, window, now_s)
        self._give_up_keyboard(client, now_s)
        if person.window_roles == before.window_roles:
            return []
        index = self._windows[window].index
        fields = person_fields(person) | {"role": role.value, "window": index} | ({"why": why} if why else {})
        text = f"you may type in window {index} now" if role.may_type else f"you watch only in window {index} now"
        told = Tell(client, f"{text}: {why}" if why else text)
        return [Note("grant" if role.may_type else "revoke", fields), told]

    def _drop_line(self, client: ClientId, window: WindowId, now_s: float) -> None:
        """Drop a client's line that waits for the owner's Enter in a window where they may only watch now."""
        for each in self._requests.of(RequestKind.ENTER):
            if each.client == client and each.pane is not None and each.pane in self._windows[window].panes:
                self._requests.drop(each, now_s)

    def follow_windows(self, now_s: float) -> None:
        """Forget the roles and the drivers of windows that have gone. In a new window, its maker drives."""
        self._enters.keep_only({pane.id for pane in self._windows.panes()})
        for client, person in self._people.items():
            if person.window_roles and any(each.window not in self._windows for each in person.window_roles):
                kept = tuple(each for each in person.window_roles if each.window in self._windows)
                self._people.change(client, window_roles=kept)
        if self._drivers.is_on:
            self._drivers.keep_only({each.id for each in self._windows})
            for window in self._windows:
                if not self._drivers.knows(window.id):
                    maker = self._people.get(window.opened_by)
                    drives = maker is not None and maker.role_in(window.id).may_type
                    first = window.opened_by if drives else self._people.first_owner()
                    self._drivers.hand_to(first, window.id, now_s)

    def give_keyboard(self, client: ClientId | None, window: WindowId, now_s: float) -> list[Effect]:
        """Make a client the driver of a window, and tell the people there and the owner; None: nobody drives there."""
        is_news = self._drivers.of(window) != client
        self._drivers.hand_to(client, window, now_s)
        person = self._people.get(client)
        if client is None or person is None or not is_news:
            return self.changes()
        for each in self._requests.of(RequestKind.SEAT):
            if each.client == client and each.window == window:
                self._requests.drop(each, now_s)
        where = self._windows.in_window(self._windows[window])
        there = {each for each in self._people if self._looks_at(each, window)}
        others = self._notices.news(f"{person.name} has the keyboard{where}", but=client, to=there)
        note = Note("seat", {"id": person.number, "name": person.name, "window": self._windows[window].index})
        # A recorder sees no hidden window, and must not hear of one.
        remarks = [] if self._windows[window].is_hidden else [Remark("keyboard", person.name)]
        return [*self.changes(), note, *remarks, Tell(client, f"you have the keyboard{where}"), *others]

    def pass_keyboard(self, window: WindowId, now_s: float) -> list[Effect]:
        """Make the next client in turn the driver of a window: one that looks there. If there is none, it stays."""
        typists = [
            each
            for each, person in self._people.items()
            if person.role_in(window).may_type and self._looks_at(each, window)
        ]
        driver = self._drivers.next_in(window, typists) if typists else self._drivers.of(window)
        return self.give_keyboard(driver, window, now_s)

    def give_free_keyboards(self, client: ClientId, now_s: float) -> None:
        """Make an owner's client the driver of each window that it sees and whose keyboard is free."""
        for window in self._drivers.windows_of(None):
            if window in self._windows and self._looks.may_see(client, self._windows[window]):
                self._drivers.hand_to(client, window, now_s)

    def _looks_at(self, client: ClientId, window: WindowId) -> bool:
        look = self._looks.of(client)
        return look is not None and look.window == window

    def _give_up_keyboard(self, client: ClientId, now_s: float) -> None:
        """Give the owner the keyboard of each window where a client drives but may not type any more."""
        person = self._people.get(client)
        for window in self._drivers.windows_of(client):
            if person is None or not person.role_in(window).may_type:
                self._drivers.hand_to(self._people.first_owner(), window, now_s)
