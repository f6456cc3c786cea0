"""The sizes of windows and panes, from the clients that look at each window now.

Law 8: a window's size is the one that the policy gives for the clients who look at it
*now*. A window that nobody looks at keeps its size, unless the size is fixed. A pane has the size of its
rectangle. A pane that everyone who looks at its window has zoomed has the window's
size. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

from pairterm.session.effects import Announce, Effect, Note, Publish, ResizePty
from pairterm.session.people import People
from pairterm.session.sizes import Policy, SizeRule, Verdict, Voter, decide
from pairterm.session.windows.look import Look
from pairterm.session.windows.looks import Looks
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import WindowList
from pairterm.types import PaneId, Rect, Size, WindowId

__all__ = ["WindowSizes"]

_RESIZE_INTERVAL_S = 0.1
"""Least time between two sizes that a program gets. Dragging a window's edge sends dozens a second, and the
program draws everything anew for each."""


class WindowSizes:
    """The sizes of one session's windows."""

    def __init__(self, windows: WindowList, looks: Looks, people: People) -> None:
        self.rule = SizeRule()
        self._windows = windows
        self._looks = looks
        self._people = people

    def verdict(self, window: Window) -> Verdict:
        """Return the size that the policy gives a window for the clients who look at it now."""
        voters, _ = self._lookers()
        return self._verdict(window, voters.get(window.id, []))

    def settle(self, now_s: float) -> tuple[list[Effect], float | None]:
        """Give windows and panes the sizes that they should have now. Return when a size that is held back is due.

        O(people) and O(panes).
        """
        voters, looks = self._lookers()
        effects: list[Effect] = []
        due_s: list[float] = []
        for window in self._windows:
            if window.id in voters or self.rule.policy is Policy.FIXED:
                verdict = self._verdict(window, voters.get(window.id, []))
                if verdict.size != window.size:
                    if now_s < window.resized_s + _RESIZE_INTERVAL_S:
                        due_s.append(window.resized_s + _RESIZE_INTERVAL_S)
                    else:
                        effects += self._resize(window, verdict, now_s)
            effects += self._settle_panes(window, looks.get(window.id, ()), now_s, due_s)
        return effects, min(due_s, default=None)

    def _lookers(self) -> tuple[dict[WindowId, list[Voter]], dict[WindowId, list[Look]]]:
        """Return, for each window that somebody looks at, the voters and the looks.

        Each join of a large audience comes here, so those who follow are not looked up one by one.
        """
        voters: dict[WindowId, list[Voter]] = {}
        looks: dict[WindowId, list[Look]] = {}
        shared = {each: self._looks.shared(is_guest=each) for each in (False, True)}
        counts_watchers = self.rule.read_only_votes
        for client, person in self._people.items():
            look = shared[not person.sees_hidden] if person.look is None else self._looks.of(client)
            if look is None:
                continue
            here = looks.setdefault(look.window, [])
            if not here or here[-1] is not look:
                here.append(look)
            votes = voters.setdefault(look.window, [])
            role = person.role_in(look.window)
            if counts_watchers or role.may_type:
                votes.append(Voter(person.name, role, person.size, person.turn))
        return voters, looks

    def _verdict(self, window: Window, voters: list[Voter]) -> Verdict:
        return decide(self.rule, voters, last=window.size)

    def _resize(self, window: Window, verdict: Verdict, now_s: float) -> list[Effect]:
        window.resized_s = now_s
        window.size_by = verdict.by
        window.layout = window.layout.resized(verdict.size)
        self._windows.changed()
        if window.is_hidden:
            return []  # Its size is not told: hooks may tell guests.
        note = Note("size", {"cols": verdict.size.cols, "rows": verdict.size.rows, "by": verdict.by})
        return [note, Announce()]

    def _settle_panes(self, window: Window, looks: Iterable[Look], now_s: float, due_s: list[float]) -> list[Effect]:
        effects: list[Effect] = []
        for pane, rect in window.rects(zoomed=_zoomed_by_all(window, looks)).items():
            effects += self._settle_pane(window, pane, rect, now_s, due_s)
        return effects

    def _settle_pane(
        self, window: Window, pane_id: PaneId, rect: Rect, now_s: float, due_s: list[float]
    ) -> list[Effect]:
        pane = window.panes[pane_id]
        size = Size(rows=rect.rows, cols=rect.cols)
        if pane.size == size:
            return []
        if now_s < pane.resized_s + _RESIZE_INTERVAL_S:
            due_s.append(pane.resized_s + _RESIZE_INTERVAL_S)
            return []
        pane.resized_s = now_s
        pane.terminal.resize(size)
        return [ResizePty(size, pane_id), Publish(pane_id)]


def _zoomed_by_all(window: Window, looks: Iterable[Look]) -> PaneId | None:
    """Return the pane that all who look at the window see alone; None: there is none."""
    zoomed = {look.pane if look.is_zoomed else None for look in looks}
    if not zoomed:
        return window.active if window.is_zoomed else None
    return zoomed.pop() if len(zoomed) == 1 else None
