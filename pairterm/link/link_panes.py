"""The windows as the other side of one link knows them, and the panes that it is sent.

The windows and looks are compared with what was sent last. Only panes that a client
of this link looks at have a publisher. Each pane has its own allowance, so that the echo
in one pane does not wait for a flood in another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pairterm.link.echo_way import EchoWay
from pairterm.link.messages import Echo, LookAt, PictureChange, Replay, Windows
from pairterm.link.screen_publisher import Publisher, is_small
from pairterm.link.seen_panes import panes_in
from pairterm.picture_allowance import Pace
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId

__all__ = ["LinkPanes"]


class LinkPanes:
    """The panes of one link."""

    def __init__(self) -> None:
        self.panes: tuple[PaneId, ...] = ()
        """The panes that some client looks at."""
        self._windows: Windows | None = None
        self._looks: dict[int | None, LookAt] = {}
        self._replays: dict[int, PaneId] = {}
        """The panes of players, by the numbers of the clients that see them, whatever their looks say."""
        self._publishers: dict[PaneId, Publisher] = {}
        self._paces: dict[PaneId, Pace] = {}

    def changes(self, windows: Windows, looks: Mapping[int | None, LookAt]) -> list[Windows | LookAt]:
        """Return the messages that say what the other side does not know.

        `looks`: where the clients look that look for themselves, by their numbers on the link, and with None where
        the others do.
        """
        messages: list[Windows | LookAt] = []
        if windows != self._windows:
            self._windows = windows
            messages.append(windows)
            self._follow()
        for client, look in looks.items():
            numbered = LookAt(client, look.window, look.pane, look.is_zoomed, look.last)
            if self._looks.get(client) != numbered:
                self._looks[client] = numbered
                messages.append(numbered)
                self._follow()
        for client in [each for each in self._looks if each not in looks]:
            del self._looks[client]
            messages.append(LookAt(client, None))
            self._follow()
        return messages

    def _follow(self) -> None:
        """Keep publishers for the panes that somebody looks at, and for no others.

        This is done for each message, because the other side does it for each message. A pane that moves to another
        window is seen before and after, but not between the two messages that say so: its frames are forgotten there.
        """
        by_id = {each.window: each for each in self._windows.windows} if self._windows is not None else {}
        seen: dict[PaneId, None] = dict.fromkeys(self._replays.values())
        for look in self._looks.values():
            window = by_id.get(look.window) if look.window is not None else None
            seen |= dict.fromkeys(panes_in(window, active=look.pane, is_zoomed=look.is_zoomed))
        self.panes = tuple(seen)
        self._publishers = {pane: self._publishers.get(pane) or Publisher(pane) for pane in seen}
        self._paces = {pane: self._paces.get(pane) or Pace() for pane in seen}

    def replay_changes(self, replays: Mapping[int, PaneId]) -> list[Replay]:
        """Return the messages that say which clients go back in time now, by their numbers, and which no longer do."""
        messages = [Replay(client, None) for client in self._replays if client not in replays]
        messages += [Replay(client, pane) for client, pane in replays.items() if self._replays.get(client) != pane]
        if messages:
            self._replays = dict(replays)
            self._follow()
        return messages

    def due_s(self, pane: PaneId, now_s: float, generation: int, *, is_urgent: bool) -> float | None:
        """Return when the other side may get a frame; None: it has it, or too many updates are unacknowledged."""
        publisher = self._publishers.get(pane)
        if publisher is None or publisher.is_at(generation):
            return None
        if is_urgent:
            return now_s
        if not publisher.may_send:
            return None
        free_at_s = self._paces[pane].free_at_s
        return free_at_s if free_at_s > now_s else now_s

    def update(self, pane: PaneId, frame: Frame, now_s: float) -> PictureChange | None:
        """Return the message that brings the other side to a frame; None: it has it, or nobody looks there."""
        publisher = self._publishers.get(pane)
        update = publisher.update(frame) if publisher is not None else None
        if update is not None:
            self._paces[pane].sent(now_s, is_small=is_small(update))
        return update

    def echo_way(self, pane: PaneId, frame: Frame, send: Callable[[Echo], None]) -> EchoWay | None:
        """Return the way for echoes after this frame; None: the other side does not have it."""
        publisher = self._publishers.get(pane)
        if publisher is None or not publisher.has(frame):
            return None
        return EchoWay(publisher, self._paces[pane], send)

    def is_partial(self, pane: PaneId) -> bool:
        """Return whether the other side has got only a part of the last frame."""
        publisher = self._publishers.get(pane)
        return publisher is not None and publisher.is_partial

    def acknowledge(self, pane: PaneId, generation: int) -> bool:
        """Take an acknowledgement. Return whether another frame of the pane may be sent that could not before."""
        publisher = self._publishers.get(pane)
        if publisher is None:
            return False
        was_waiting = not publisher.may_send
        publisher.acknowledge(generation)
        return was_waiting

    def send_anew(self) -> None:
        """Send whole frames next: the other side shows none of those that it has."""
        for publisher in self._publishers.values():
            publisher.forget()

    def forget(self) -> None:
        """Forget everything: the link has no client now, and the next one is told all anew."""
        self.panes = ()
        self._windows = None
        self._looks.clear()
        self._publishers.clear()
        self._paces.clear()
