"""The contents of a session that the clients of one link may see: frames, history, windows, looks and people.

A link whose clients are all terminals of the owner's at the session's own machine sees
everything. Another one sees nothing of a hidden window, and nothing new during a pause
(law 12). Pure; no clock.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import NamedTuple

from pairterm.link.messages import LookAt, Windows
from pairterm.session.last_typist import LastTypist
from pairterm.session.people import Person
from pairterm.session.session_parts import SessionParts
from pairterm.session.windows.pane_sight import PaneSight
from pairterm.session.windows.window import Window
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import Attendance, Attendee, ClientId, PaneId, Question

__all__ = ["PlainTyping", "VisibleContent"]

_MAX_ATTENDEES = 100
"""People that an attendance names. A status line shows a handful; 500 observers are shown as a number."""


class PlainTyping(NamedTuple):
    """Somebody types text into blank cells."""

    client: ClientId
    frame: Frame
    """The newest frame: the next character comes at its cursor."""
    stop_col: int
    """The cells from the cursor up to this column are blank, and in the pen that is in use."""


class VisibleContent:
    """The contents of one session, as the clients of a link may see them."""

    def __init__(self, parts: SessionParts, typist: LastTypist) -> None:
        self._parts = parts
        self._people = parts.people
        self._gate = parts.gate
        self._windows = parts.windows
        self._looks = parts.looks
        self._typist = typist

    def are_owners(self, clients: Collection[ClientId]) -> bool:
        """Return whether each of these clients is a terminal of the owner's at the session's own machine."""
        for client in clients:
            person = self._people.get(client)
            if person is None or not person.sees_hidden:
                return False
        return True

    def hides(self, window: Window, clients: Collection[ClientId]) -> bool:
        """Return whether these clients may not see a window now: it is hidden, or the session is paused."""
        return (self._gate.is_paused or window.is_hidden) and not self.are_owners(clients)

    def pane(self, pane: PaneId, clients: Collection[ClientId]) -> PaneSight | None:
        """Return what these clients may see of a pane: in a pause a blank for guests. None: it has gone."""
        window = self._windows.of(pane)
        if window is None:
            return None
        is_paused = self._gate.is_paused
        is_hidden = (is_paused or window.is_hidden) and self.hides(window, clients)
        return PaneSight(window.panes[pane], is_off=is_paused, is_hidden=is_hidden, is_urgent=is_hidden and is_paused)

    def plain_typing(self, pane_id: PaneId) -> PlainTyping | None:
        """Return who types in a pane if all their input goes there and its echo can be foreseen; None: it is not so."""
        client = self._typist.client
        look = self._looks.of(client) if client is not None else None
        if client is None or look is None or look.pane != pane_id:
            return None
        window = self._windows[look.window]
        pane = window.panes[pane_id]
        if (
            self._gate.is_paused
            or window.is_hidden
            or pane.is_piped
            or not pane.shows_all
            or not self._typist.is_known(client, is_seen=True)
            or not self._gate.admits_all(client, look)
        ):
            return None
        stop_col = pane.terminal.echoes_until()
        return PlainTyping(client, pane.frame(), stop_col) if stop_col else None

    def is_shown_to_guests(self, pane: PaneId) -> bool:
        """Return whether guests may see a pane now."""
        return not self._hides_pane(pane, (ClientId(""),))

    def _hides_pane(self, pane: PaneId, clients: Collection[ClientId]) -> bool:
        """Return whether these clients may not see a pane. No look leads to a hidden one, so this is a second gate."""
        window = self._windows.of(pane)
        return self.hides(window, clients) if window is not None else not self.are_owners(clients)

    def history(
        self, client: ClientId, pane_id: PaneId, start: int, stop: int, place: int | None = None
    ) -> HistoryLines:
        """Return lines of a pane's history that this client may see: of a hidden pane none."""
        pane = self._windows.pane(pane_id)
        if pane is None or self._hides_pane(pane_id, [client]):
            window = self._windows.of(pane_id)
            is_known = pane is not None and window is not None and not window.is_hidden
            scrolled = pane.frame().scrolled if pane is not None and is_known else 0
            return HistoryLines(scrolled if place is not None else start, [], [], 0)
        return pane.terminal.history_lines(start, stop, place)

    def windows(self, clients: Collection[ClientId]) -> Windows:
        """Return the windows as these clients may know them."""
        return self._parts.link_windows.windows(is_guest=not self.are_owners(clients))

    def leader(self, clients: Collection[ClientId]) -> ClientId | None:
        """Return the client whose window the others follow, as these clients may know it."""
        return self._parts.link_windows.leader(is_guest=not self.are_owners(clients))

    def looks(self, clients: Collection[ClientId]) -> dict[ClientId | None, LookAt]:
        """Return where these clients look: those that look for themselves, and with None the others."""
        return self._parts.link_windows.looks(clients, is_guest=not self.are_owners(clients))

    def attendance(self, clients: Collection[ClientId]) -> Attendance:
        """Return the people, the typist, the size and the status note, as these clients may know them."""
        is_guest = not self.are_owners(clients)
        everybody = islice(self._people.items(), _MAX_ATTENDEES)
        people = tuple(self._attendee(client, each, is_guest=is_guest) for client, each in everybody)
        typist = self._people.get(self._typist.known_to_guests if is_guest else self._typist.client)
        typed_last = typist.name if typist is not None else ""
        look = self._looks.shared(is_guest=is_guest)
        size_by = self._windows[look.window].size_by if look is not None else ""
        return Attendance(
            people,
            len(self._people),
            typed_last,
            size_by,
            self._parts.status.text,
            self._parts.notices.call_url,
            self._gate.is_paused,
            self._parts.admission.is_locked,
        )

    def questions(self, client: ClientId) -> tuple[Question, ...]:
        """Return the requests that a client in a browser may answer now; () for any other client."""
        return self._parts.prompts.questions_for(client)

    def _attendee(self, client: ClientId, person: Person, *, is_guest: bool) -> Attendee:
        look = self._looks.of(client)
        window = self._windows[look.window] if look is not None else None
        is_secret = window is None or (is_guest and (window.is_hidden or self._gate.is_paused))
        return Attendee(
            person.name,
            person.role,
            number=person.number,
            transport=person.origin.transport,
            may_type=self._gate.may_type(client),
            is_driver=window is not None and not is_secret and self._parts.drivers.of(window.id) == client,
            window="" if window is None or is_secret else f"{window.index}:{window.name}"[:200],
            follows=person.look is None,
            round_trip_ms=person.round_trip_ms,
        )
