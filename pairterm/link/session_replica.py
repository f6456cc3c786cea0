"""The viewer's side of a session over the link: its windows, where each client looks, and the pictures of its panes.

A gateway with many clients keeps one, and so does a terminal with one client. It checks
what the messages say, because a hostile host can aim at guests through them. All
clients with the same look get the same picture object. No I/O, no clock.

A client's look is its own, or the one of those that follow. `LookAt` says so, and
replaces what was said before. Panes that nobody looks at are forgotten: the host
sends a whole frame when somebody looks there again.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pairterm.errors import PeerError
from pairterm.link.messages import LookAt, PictureChange, Replay, Windows, WindowWire
from pairterm.link.screen_replica import Replica
from pairterm.link.seen_panes import panes_in
from pairterm.terminal.frame import DEFAULT_PEN, Cursor, Frame, Row
from pairterm.types import MAX_CLIENTS, PaneId, Rect, Size, WindowId
from pairterm.view.shown_panes import PaneRects, ShownPanes
from pairterm.view.shown_windows import ShownWindows, WindowTab
from pairterm.view.window_composer import WindowComposer

__all__ = ["HIDDEN_TEXT", "Picture", "SessionReplica"]


class Picture(msgspec.Struct, frozen=True):
    """What a client is shown: a window's frame, and where its panes are in it; None: no pane may be shown."""

    frame: Frame
    panes: ShownPanes | None


HIDDEN_TEXT = "hidden by the owner"


def _hidden_picture() -> Picture:
    """Return what a guest sees who may see no window now: as large as its text, because no window gives it a size."""
    row = Row(tuple(HIDDEN_TEXT), (DEFAULT_PEN,) * len(HIDDEN_TEXT))
    size = Size(rows=1, cols=len(HIDDEN_TEXT))
    return Picture(Frame(size=size, rows=(row,), cursor=Cursor(is_visible=False), generation=1, is_hidden=True), None)


_HIDDEN = _hidden_picture()

_MAX_LOOKS = 2 * MAX_CLIENTS
"""Twice as many as a session has clients: those that left are forgotten when the host says so."""

_Look = tuple[WindowId, PaneId, bool]
"""Window, active pane, zoomed."""


class SessionReplica:
    """The copy of one session, for the clients of one link."""

    def __init__(self) -> None:
        self.windows = Windows([])
        self.looks: dict[int | None, LookAt] = {}
        """The host's words about each client that looks for itself, and about those that follow (None).

        Only the host's messages change this. If a client that has left were forgotten here at once, an update on its
        way would have no base."""
        self._replays: dict[int, PaneId] = {}
        """The panes of players, for the clients that go back in time."""
        self._by_id: dict[WindowId, WindowWire] = {}
        self._replicas: dict[PaneId, Replica] = {}
        self._panes: dict[_Look, tuple[PaneId, ...]] = {}
        self._composers: dict[_Look, WindowComposer] = {}
        self._rects: dict[_Look, PaneRects] = {}
        self._pictures: dict[_Look, Picture] = {}
        self._stale: set[PaneId] = set()
        """The panes of which a whole frame has to come before they are shown."""

    # Messages of the host.

    def take_windows(self, message: Windows) -> None:
        """Take the windows as they are now.

        Raises:
            PeerError: Two windows or panes are the same, or a pane is not inside of its window, or lies on another.
        """
        by_id = {WindowId(each.window): each for each in message.windows}
        panes = [pane.pane for window in message.windows for pane in window.panes]
        if len(by_id) != len(message.windows) or len(set(panes)) != len(panes):
            raise PeerError("a window or a pane is there twice", code="bad_windows")
        for window in message.windows:
            _check_rectangles(window)
        before, self.windows, self._by_id = self._by_id, message, by_id
        for known in (self._panes, self._composers, self._rects, self._pictures):
            for look in [each for each in known if not _is_same_picture(before.get(each[0]), by_id.get(each[0]))]:
                del known[look]
        self._forget_unseen()

    def take_look(self, message: LookAt) -> None:
        """Take where a client looks, or those that follow.

        Raises:
            PeerError: So many clients can't be in a session.
        """
        if message.client is not None and message.window is None:
            self.looks.pop(message.client, None)
        elif len(self.looks) < _MAX_LOOKS or message.client in self.looks:
            self.looks[message.client] = message
        else:
            raise PeerError("more clients look than there can be", code="bad_look")
        self._forget_unseen()

    def take_replay(self, message: Replay) -> None:
        """Take which client sees a replay from now on, or sees the session again.

        Raises:
            PeerError: So many clients can't be in a session.
        """
        if message.pane is None:
            self._replays.pop(message.client, None)
        elif len(self._replays) < _MAX_LOOKS:
            self._replays[message.client] = PaneId(message.pane)
        else:
            raise PeerError("more clients go back in time than there can be", code="bad_look")
        self._forget_unseen()

    @property
    def replays(self) -> Mapping[int, PaneId]:
        """The clients that go back in time, and the panes that they are shown."""
        return self._replays

    def is_back(self, client: int) -> bool:
        """Return whether a client is shown a replay."""
        return client in self._replays

    def expire(self) -> None:
        """Show no frame that is here until the host sends a whole one: something may have been hidden since."""
        self._stale = set(self._replicas)
        self._pictures.clear()

    def update(self, message: PictureChange) -> PaneId:
        """Take the newer frame of a pane, and return the pane.

        Raises:
            PeerError: The update does not fit, or nobody looks at such a pane.
        """
        pane = PaneId(message.pane)
        replica = self._replicas.get(pane)
        if replica is None:
            if pane not in self.seen_panes():
                raise PeerError("an update of a pane that nobody looks at", code="bad_pane")
            replica = self._replicas[pane] = Replica()
        frame = replica.apply(message)
        if message.base == 0:
            self._stale.discard(pane)
        for look in [each for each in self._pictures if pane in self._panes[each]]:
            before = self._pictures.pop(look)
            shown = before.panes
            if shown is not None and len(shown.rects) == 1 and before.frame.size is frame.size:  # a pane alone
                shown = ShownPanes(shown.window, shown.rects, shown.active, frame, shown.is_code)
                self._pictures[look] = Picture(frame, shown)
        return pane

    # The pictures of clients.

    def look_of(self, client: int) -> LookAt | None:
        """Return where a client looks; None: nowhere."""
        look = self.looks.get(client) or self.looks.get(None)
        return look if look is not None and look.window is not None else None

    def follows(self, client: int) -> bool:
        """Return whether a client looks where those look that follow."""
        return client not in self.looks

    def panes_of(self, client: int) -> tuple[PaneId, ...]:
        """Return the panes that a client sees."""
        look = self.look_of(client)
        return self._panes_of(_key(look)) if look is not None else ()

    def frame_of(self, pane: PaneId) -> Frame | None:
        """Return the newest frame of a pane that somebody looks at; None before it has come, or if it is too old."""
        replica = self._replicas.get(pane)
        return replica.frame if replica is not None and pane not in self._stale else None

    def picture(self, client: int) -> Picture | None:
        """Return what a client is shown: the same object for the same look and frames.

        None: a frame of one of its panes has yet to come.
        """
        if (replay := self._replays.get(client)) is not None:
            return self._replayed(replay)
        look = self.look_of(client)
        if look is not None and not self._is_secret(look):
            return self._picture(_key(look))
        return _HIDDEN if look is not None or None in self.looks else None

    def common_picture(self, pane: PaneId) -> Picture | None:
        """Return what all clients are shown, if they look at the same and see this pane. None: ask for each."""
        look = self.looks.get(None)
        if self._replays or len(self.looks) != 1 or look is None or look.window is None:
            return None
        return self.picture_with(0, pane)

    def picture_with(self, client: int, pane: PaneId) -> Picture | None:
        """Return what a client is shown, if it sees this pane. None: it does not, or see `picture`."""
        if self._replays and (replay := self._replays.get(client)) is not None:
            return self._replayed(replay) if replay == pane else None
        look = self.looks.get(client) or self.looks.get(None)
        if look is None or look.window is None:
            return None
        key = WindowId(look.window), PaneId(look.pane), look.is_zoomed
        return (self._pictures.get(key) or self._picture(key)) if pane in self._panes_of(key) else None

    def _replayed(self, pane: PaneId) -> Picture | None:
        frame = self.frame_of(pane)
        return Picture(frame, None) if frame is not None else None

    def _is_secret(self, look: LookAt) -> bool:
        """Return whether a client looks at a window of which this link may know nothing."""
        window = self._by_id.get(WindowId(look.window or 0))
        return window is not None and window.is_hidden and not window.panes

    def shown_windows(self, client: int) -> ShownWindows:
        """Return the windows as a client's status line shows them."""
        look = self.look_of(client)
        here = look.window if look is not None else None
        note = ""
        if not self.follows(client):
            note = "own view"
        elif self.windows.leader and self.windows.leads != client:
            note = f"with {self.windows.leader}"
        last = look.last if look is not None else None
        is_zoomed = look is not None and look.is_zoomed
        tabs = tuple(_tab(each, here, last, is_zoomed) for each in self.windows.windows)
        window = self._by_id.get(WindowId(here)) if here is not None else None
        return ShownWindows(tabs, note, window.driver if window is not None else "")

    def seen_panes(self) -> set[PaneId]:
        """Return the panes that some client sees."""
        looks = [_key(look) for look in self.looks.values() if look.window is not None]
        return {pane for look in looks for pane in self._panes_of(look)} | set(self._replays.values())

    def _panes_of(self, look: _Look) -> tuple[PaneId, ...]:
        """Return the panes of a look. It is kept, because each update asks for each client."""
        panes = self._panes.get(look)
        if panes is None:
            panes = self._panes[look] = panes_in(self._by_id.get(look[0]), active=look[1], is_zoomed=look[2])
        return panes

    def _picture(self, look: _Look) -> Picture | None:
        known = self._pictures.get(look)
        if known is not None:
            return known
        window = self._by_id.get(look[0])
        panes = self._panes_of(look)
        if window is None or look[1] not in panes:
            return None
        frames = {pane: frame for pane in panes if (frame := self.frame_of(pane)) is not None}
        if len(frames) < len(panes):  # The bells that a late pane has counted would ring now.
            return None
        active = frames[look[1]]
        rects = self._rects_of(look, window, active if len(panes) == 1 else None)
        frame = active if len(panes) == 1 else self._composer(look, window, rects).compose(frames)
        is_code = any(each.is_document for each in window.panes if each.pane == look[1])
        picture = self._pictures[look] = Picture(frame, ShownPanes(look[0], rects, look[1], active, is_code))
        return picture

    def _rects_of(self, look: _Look, window: WindowWire, alone: Frame | None) -> PaneRects:
        """Return the rectangles of a look: the same object while they are the same, because views ask for that.

        `alone`: the frame of the only pane, which has all of the picture.
        """
        rects = self._rects.get(look)
        if alone is not None:
            rows, cols = alone.size.rows, alone.size.cols
            if rects is None or rects[0][1].rows != rows or rects[0][1].cols != cols:
                rects = self._rects[look] = ((look[1], Rect(0, 0, rows, cols)),)
        elif rects is None:
            rects = self._rects[look] = tuple(
                [(PaneId(each.pane), Rect(each.row, each.col, each.rows, each.cols)) for each in window.panes]
            )
        return rects

    def _composer(self, look: _Look, window: WindowWire, rects: PaneRects) -> WindowComposer:
        composer = self._composers.get(look)
        if composer is None:
            size = Size(rows=window.rows, cols=window.cols)
            composer = self._composers[look] = WindowComposer(size, rects, look[1])
        return composer

    def _forget_unseen(self) -> None:
        """Forget the panes that nobody sees, and what was composed for looks that nobody has."""
        seen = self.seen_panes()
        for pane in [each for each in self._replicas if each not in seen]:
            del self._replicas[pane]
            self._stale.discard(pane)
        looks = {_key(each) for each in self.looks.values() if each.window is not None}
        for known in (self._panes, self._composers, self._rects, self._pictures):
            for look in [each for each in known if each not in looks]:
                del known[look]


def _key(look: LookAt) -> _Look:
    return WindowId(look.window or 0), PaneId(look.pane), look.is_zoomed


def _is_same_picture(before: WindowWire | None, now: WindowWire | None) -> bool:
    """Return whether a window is composed as before: only its name, its marks or its driver may be others."""
    if before is None or now is None:
        return False
    return (before.rows, before.cols, before.panes, before.is_hidden) == (now.rows, now.cols, now.panes, now.is_hidden)


def _tab(window: WindowWire, here: int | None, last: int | None, is_zoomed: bool) -> WindowTab:
    """Return a window's tab, with tmux's flags."""
    flags = "#" * window.has_activity + "!" * window.has_bell
    if window.window == here:
        flags += "*" + "Z" * is_zoomed
    elif window.window == last:
        flags += "-"
    return WindowTab(window.index, window.name, flags, is_hidden=window.is_hidden)


def _check_rectangles(window: WindowWire) -> None:
    """Check that all panes are inside of their window, and that none lies on another.

    Raises:
        PeerError: It is not so.
    """
    free = [bytearray(window.cols) for _ in range(window.rows)]
    for pane in window.panes:
        if pane.row + pane.rows > window.rows or pane.col + pane.cols > window.cols:
            raise PeerError("a pane is not inside of its window", code="bad_windows")
        for line in free[pane.row : pane.row + pane.rows]:
            if any(line[pane.col : pane.col + pane.cols]):
                raise PeerError("a pane lies on another", code="bad_windows")
            line[pane.col : pane.col + pane.cols] = b"\1" * pane.cols
