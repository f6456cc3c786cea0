"""The windows as one link may know them, as messages: all of them, or no more than guests may know.

A link whose clients are all the owner's learns everything. A link with a guest on it
learns only the number of a hidden window, and during a pause it learns nothing new: the
windows and looks are those of the moment before. A window that is hidden in the pause is
hidden there too.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from pairterm.link.messages import LookAt, PaneWire, Windows, WindowWire
from pairterm.session.people import People
from pairterm.session.windows.look import Look
from pairterm.session.windows.looks import Looks
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import MAX_NAME_CHARS, WindowList
from pairterm.types import ClientId, WindowId

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
            return self._masked(self._frozen[0])
        return self._all(is_guest=is_guest)

    def looks(self, clients: Collection[ClientId], *, is_guest: bool) -> dict[ClientId | None, LookAt]:
        """Return where the clients of a link look that look for themselves, and with None where the others do.

        The numbers of the clients are those of the link: the caller sets them.
        """
        if is_guest and self._frozen is not None:
            known = self._frozen[2]
            frozen: dict[ClientId | None, LookAt] = {each: known[each] for each in clients if each in known}
            visible = {each: look for each, look in frozen.items() if not self._is_hidden(look)}
            shared = self._frozen[1]
            return {None: LookAt(None, None) if self._is_hidden(shared) else shared, **visible}
        looks: dict[ClientId | None, LookAt] = {None: self._shared(is_guest=is_guest)}
        for client in clients:
            if not self._looks.follows(client):
                look = self._own_look(client)
                if not (is_guest and self._is_hidden(look)):  # the owner's, on a link with a guest
                    looks[client] = look
        return looks

    def leader(self, *, is_guest: bool) -> ClientId | None:
        """Return the client whose window the others follow, as a link may know it; None: nobody."""
        return self._looks.known_leader(is_guest=is_guest)

    def _is_hidden(self, look: LookAt) -> bool:
        window = self._windows.get(WindowId(look.window)) if look.window is not None else None
        return window is not None and window.is_hidden

    def _masked(self, frozen: Windows) -> Windows:
        """Return what guests knew when the pause began, without drivers and the windows that are hidden by now."""
        hidden = {each.id for each in self._windows if each.is_hidden}
        masked = [
            _secret(WindowId(each.window), each.index) if each.window in hidden else replace(each, driver="")
            for each in frozen.windows
        ]
        return Windows(masked, frozen.leader)

    def _own_look(self, client: ClientId) -> LookAt:
        return _look(self._looks.of(client), self._looks.last_window(client))

    def _shared(self, *, is_guest: bool) -> LookAt:
        return _look(self._looks.shared(is_guest=is_guest), self._looks.last_shared(is_guest=is_guest))

    def _all(self, *, is_guest: bool) -> Windows:
        leader = self._people.get(self.leader(is_guest=is_guest))
        return Windows(
            [_window(each, is_secret=is_guest and each.is_hidden) for each in self._windows],
            leader.name if leader is not None else "",
        )


def _window(window: Window, *, is_secret: bool) -> WindowWire:
    if is_secret:
        return _secret(window.id, window.index)
    panes = [
        PaneWire(pane, rect.row, rect.col, rect.rows, rect.cols, window.panes[pane].is_document)
        for pane, rect in window.layout.rects.items()
    ]
    return WindowWire(
        window.id,
        window.index,
        window.name[:MAX_NAME_CHARS],
        window.size.rows,
        window.size.cols,
        panes,
        window.is_hidden,
        window.has_bell,
        window.has_activity,
        window.driver_note,
    )


def _secret(window: WindowId, index: int) -> WindowWire:
    """Return all that a guest may know of a hidden window."""
    return WindowWire(window, index, "", 1, 1, is_hidden=True)


def _look(look: Look | None, last: int | None) -> LookAt:
    if look is None:
        return LookAt(None, None)
    return LookAt(None, look.window, look.pane, look.is_zoomed, last)
