"""What one link may know of the windows, as messages: all of it, or what guests may know.

A link whose clients are all the owner's learns everything. A link with a guest on it
learns only the number of a hidden window, and during a pause it learns nothing new: the
windows and looks are those of the moment before.
"""

from __future__ import annotations

from collections.abc import Collection

from pairterm.link.messages import LookAt, PaneWire, Windows, WindowWire
from pairterm.session.people import People
from pairterm.session.windows.look import Look
from pairterm.session.windows.looks import Looks
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import WindowList
from pairterm.types import ClientId

__all__ = ["LinkWindows"]


class LinkWindows:
    """The messages about windows and looks of one session."""

    def __init__(self, windows: WindowList, looks: Looks, people: People) -> None:
        self._windows = windows
        self._looks = looks
        self._people = people
        self._frozen: tuple[Windows, LookAt, dict[ClientId, LookAt]] | None = None
        """What guests knew when the pause began; None: there is no pause."""

    def freeze(self, *, is_on: bool) -> None:
        """Tell links with guests nothing new from now on, or again what there is."""
        if not is_on:
            self._frozen = None
        elif self._frozen is None:
            looks = {each: self._own_look(each) for each in self._people if not self._looks.follows(each)}
            self._frozen = (self._all(is_guest=True), self._shared(is_guest=True), looks)

    def windows(self, *, is_guest: bool) -> Windows:
        """Return the windows, as a link with a guest, or with the owner's clients only, may know them."""
        if is_guest and self._frozen is not None:
            return self._frozen[0]
        return self._all(is_guest=is_guest)

    def looks(self, clients: Collection[ClientId], *, is_guest: bool) -> dict[ClientId | None, LookAt]:
        """Return where the clients of a link look that look for themselves, and with None where the others do.

        The numbers of the clients are those of the link: the caller sets them.
        """
        if is_guest and self._frozen is not None:
            known = self._frozen[2]
            return {None: self._frozen[1], **{each: known[each] for each in clients if each in known}}
        looks: dict[ClientId | None, LookAt] = {None: self._shared(is_guest=is_guest)}
        for client in clients:
            person = self._people.get(client)
            if person is not None and person.look is not None and not self._looks.follows(client):
                looks[client] = self._own_look(client)
        return looks

    def _own_look(self, client: ClientId) -> LookAt:
        return _look(self._looks.of(client), self._looks.last_window(client))

    def _shared(self, *, is_guest: bool) -> LookAt:
        return _look(self._looks.shared(is_guest=is_guest), self._looks.last_shared(is_guest=is_guest))

    def _all(self, *, is_guest: bool) -> Windows:
        leader = self._people.get(self._looks.leader)
        return Windows(
            [_window(each, is_secret=is_guest and each.is_hidden) for each in self._windows],
            leader.name if leader is not None else "",
        )


def _window(window: Window, *, is_secret: bool) -> WindowWire:
    if is_secret:
        return WindowWire(window.id, window.index, "", 1, 1, is_hidden=True)
    panes = [PaneWire(pane, rect.row, rect.col, rect.rows, rect.cols) for pane, rect in window.layout.rects.items()]
    return WindowWire(
        window.id,
        window.index,
        window.name[:64],
        window.size.rows,
        window.size.cols,
        panes,
        window.is_hidden,
        window.has_bell,
        window.has_activity,
    )


def _look(look: Look | None, last: int | None) -> LookAt:
    if look is None:
        return LookAt(None, None)
    return LookAt(None, look.window, look.pane, look.is_zoomed, last)
