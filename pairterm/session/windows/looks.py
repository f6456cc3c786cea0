"""Where each client looks: a window, its active pane, zoomed or not.

By default everybody follows the leader: the person who may type and selected a
window last. Somebody who looks for themselves has a look of their own. It is kept
with the person, so that it comes back with them after a lost link. A guest can't
look at a hidden window: those who follow stay where the leader was before. And a guest
can't lead the owner out of a hidden window: the owner may be typing a password there.

The host resolves every look here when it needs it, from the windows that there are
now. So a look never names a pane that has gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.errors import UsageError
from pairterm.session.people import People, Person
from pairterm.session.windows.look import Look
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import WindowList
from pairterm.types import ClientId, PaneId, Role, WindowId

__all__ = ["Looks"]

_MAX_TRAIL = 16
"""How many earlier windows are remembered: `last-window`, and what is left when windows close."""


class Looks:
    """The looks of one session's clients."""

    def __init__(self, windows: WindowList, people: People) -> None:
        self.leader: ClientId | None = None
        """The client that selected a window last. None: they look for themselves now or have left, or nobody has."""
        self.follows_owner = False
        """Everyone follows the owner, whoever else selects a window."""
        self.version = 0
        """It grows with every change."""
        self._windows = windows
        self._people = people
        self._trail: list[WindowId] = []
        """The leader's windows, the newest last."""

    def changed(self) -> None:
        """Take note that somebody looks elsewhere."""
        self.version += 1

    # Resolving.

    def of(self, client: ClientId | None) -> Look | None:
        """Return where a client looks; None as client: the owner's command line, which looks where the leader does.

        None: there is nothing that they may see now.
        """
        person = self._people.get(client)
        own = person.look if person is not None else None
        if person is not None and own is not None and (found := self._resolved(person, own)) is not None:
            return found
        return self.shared(is_guest=person is not None and not person.sees_hidden)

    def shared(self, *, is_guest: bool) -> Look | None:
        """Return where those look that follow; None: there is nothing that they may see now."""
        window = self._shared_window(is_guest=is_guest)
        return Look(window.id, window.recent[-1], window.is_zoomed) if window is not None else None

    def follows(self, client: ClientId | None) -> bool:
        """Return whether a client looks where the leader does."""
        person = self._people.get(client)
        return person is None or person.look is None or self._resolved(person, person.look) is None

    def known_leader(self, *, is_guest: bool) -> ClientId | None:
        """Return the client with whom the others look; None: nobody leads, or a guest may not see where they are."""
        leader = self.leader
        if self.follows_owner and (leader is None or self._people[leader].role is not Role.OWNER):
            leader = self._people.first_owner()
        person = self._people.get(leader)
        shared = self.shared(is_guest=False)
        if person is None or shared is None or not self._leads(person):
            return None
        return leader if self._may_see(shared.window, is_guest=is_guest) else None

    def may_see(self, client: ClientId | None, window: Window) -> bool:
        """Return whether a client may look at a window. None as client: the owner's command line."""
        person = self._people.get(client)
        return not window.is_hidden or person is None or person.sees_hidden

    def last_window(self, client: ClientId | None) -> WindowId | None:
        """Return the window where a client looked before; None: there is none."""
        person = self._people.get(client)
        is_guest = person is not None and not person.sees_hidden
        if person is None or person.look is None or self.follows(client):
            return self.last_shared(is_guest=is_guest)
        return self._last_of(person.look.trail, self.of(client), is_guest=is_guest)

    def last_shared(self, *, is_guest: bool) -> WindowId | None:
        """Return the window where those looked before that follow; None: there is none."""
        return self._last_of(self._trail, self.shared(is_guest=is_guest), is_guest=is_guest)

    def _last_of(self, trail: Sequence[WindowId], here: Look | None, *, is_guest: bool) -> WindowId | None:
        seen = [each for each in trail if self._may_see(each, is_guest=is_guest)]
        return next((each for each in reversed(seen) if here is None or each != here.window), None)

    def _may_see(self, window: WindowId, *, is_guest: bool) -> bool:
        found = self._windows.get(window)
        return found is not None and not (is_guest and found.is_hidden)

    def _resolved(self, person: Person, own: Look) -> Look | None:
        """Return a look of one's own as it is now; None: its window is gone, or may not be seen."""
        window = self._windows.get(own.window)
        if window is None or (window.is_hidden and not person.sees_hidden):
            return None
        if own.pane not in window.panes:
            return Look(window.id, window.active, trail=own.trail)
        return own

    def _shared_window(self, *, is_guest: bool) -> Window | None:
        for each in reversed(self._trail):  # as `_may_see`, without a call: each key asks
            window = self._windows.get(each)
            if window is not None and not (is_guest and window.is_hidden):
                return window
        return next((each for each in self._windows if not (is_guest and each.is_hidden)), None)

    # Changing.

    def select(self, client: ClientId | None, window: Window) -> None:
        """Let a client look at a window. Somebody who may type and follows leads the others there.

        None as client: the owner's command line, which leads.

        Raises:
            UsageError: The client may not see the window.
        """
        if not self.may_see(client, window):
            raise UsageError(f"window {window.index} is hidden by the owner", code="hidden")
        person = self._people.get(client)
        if person is None or self._leads(person):
            self._lead(client, window)
        else:
            before = self.of(client)
            trail = _longer(person.look.trail if person.look is not None else (), before)
            self._set(client, Look(window.id, window.active, window.is_zoomed, trail))

    def select_pane(self, client: ClientId | None, window: Window, pane: PaneId, *, keeps_zoom: bool = False) -> None:
        """Make a pane of a window the active one: for the client, or for all who follow it.

        If the client looks at another window, the pane becomes the active one there, as in tmux: for all who follow.
        """
        look = self._own_at(client, window)
        if look is not None and self.follows(client):
            self._set(client, Look(window.id, pane, False, _longer((), look)))
            return
        if look is not None:
            self._set(client, Look(window.id, pane, look.is_zoomed and keeps_zoom, look.trail))
            return
        window.is_zoomed = window.is_zoomed and keeps_zoom
        window.activate(pane)
        self.changed()

    def zoom(self, client: ClientId | None, window: Window, pane: PaneId) -> None:
        """Show one pane alone, or all of the window again: for the client, or for all who follow it.

        In a window where the client does not look, it is for all who follow.
        """
        look = self._own_at(client, window)
        if look is not None:
            self._set(client, Look(window.id, pane, not look.is_zoomed, look.trail))
            return
        window.activate(pane)
        window.is_zoomed = not window.is_zoomed
        self.changed()

    def _own_at(self, client: ClientId | None, window: Window) -> Look | None:
        """Return the look of a client that looks at this window and leads nobody: a change is for them alone."""
        person = self._people.get(client)
        look = self.of(client)
        is_here = look is not None and look.window == window.id
        return look if person is not None and is_here and not self._leads(person) else None

    def set_following(self, client: ClientId, follows: bool) -> None:
        """Let a client follow the leader, or look for themselves from where they are."""
        look = self.of(client)
        if not follows and self.leader == client:
            self.leader = None
        self._set(client, None if follows else look)

    def follow_owner(self, owner: ClientId | None, *, is_on: bool) -> None:
        """Let everyone follow the owner, or the person again who selected a window last."""
        self.follows_owner = is_on
        look = self.of(owner)
        if is_on and look is not None:
            self._set(owner, None)
            self._lead(owner, self._windows[look.window])
        self.changed()

    def gather(self, client: ClientId | None, look: Look | None) -> None:
        """Bring everyone to a place, and let them follow this client. None as place: there is none to bring them to.

        Raises:
            UsageError: Guests may not see that window.
        """
        if look is None:
            return
        window = self._windows[look.window]
        if window.is_hidden:
            raise UsageError(f"window {window.index} is hidden: show it first, or go to another one", code="hidden")
        for each in self._people:
            self._people.change(each, look=None)
        window.is_zoomed = look.is_zoomed
        window.activate(look.pane)
        self._lead(client, window)

    def hide(self, window: Window, *, is_on: bool) -> None:
        """Hide a window from guests, or show it again. Those who look there see the leader's last visible window."""
        window.is_hidden = is_on
        self._windows.changed()
        self.changed()

    def forget(self, client: ClientId) -> None:
        """Forget a client that has left. The others stay where they are."""
        if self.leader == client:
            self.leader = None
        self.changed()

    def _leads(self, person: Person) -> bool:
        """Return whether the others follow this person when they select a window now."""
        if person.look is not None and self._resolved(person, person.look) is not None:
            return False
        if self.follows_owner:
            return person.role is Role.OWNER
        return person.role.may_type

    def _lead(self, client: ClientId | None, window: Window) -> None:
        if client is not None:
            person = self._people.get(client)
            if person is not None and not person.sees_hidden:
                self._keep_owners_in_hidden()
            self._set(client, None)  # A look at a window that is hidden now does not come back.
            self.leader = client
        self._trail = [*[each for each in self._trail if each in self._windows and each != window.id], window.id]
        self._trail = self._trail[-_MAX_TRAIL:]
        self.changed()

    def _keep_owners_in_hidden(self) -> None:
        """Let the owner look for themselves if they are in a hidden window: a guest leads the others elsewhere."""
        look = self.shared(is_guest=False)
        if look is None or not self._windows[look.window].is_hidden:
            return
        for client, person in self._people.items():
            if person.sees_hidden and self.follows(client):
                self._people.change(client, look=look)

    def _set(self, client: ClientId | None, look: Look | None) -> None:
        if client is not None and client in self._people:
            self._people.change(client, look=look)
            self.changed()


def _longer(trail: tuple[WindowId, ...], before: Look | None) -> tuple[WindowId, ...]:
    """Return the windows where a client was, with the one where it looks now."""
    if before is None:
        return trail
    return (*(each for each in trail if each != before.window), before.window)[-_MAX_TRAIL:]
