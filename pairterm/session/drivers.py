"""The drivers: in each window the one client that may type, while one types at a time (users call this the seat).

While it is on, nobody but the driver of a window may type there, not even the owner. The
owner can take the keyboard of any window at any time, so the owner can't be locked out.
With a rotation, turns change on their own. This part knows clients and windows only; names
and roles belong to others. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from pairterm.types import ClientId, WindowId

__all__ = ["Drivers"]


class _Turn(msgspec.Struct, frozen=True):
    client: ClientId | None
    ends_s: float | None


_NO_TURN = _Turn(None, None)


class Drivers:
    """The driver of each window of a session, and how long their turns are."""

    def __init__(self) -> None:
        self.is_on = False
        """In each window, one client types at a time."""
        self.rotate_s: float | None = None
        """How long a turn is; None: it lasts until it is given away."""
        self._turns: dict[WindowId, _Turn] = {}
        """The turn in each window; empty unless `is_on`."""

    def switch_on(self, windows: Iterable[WindowId], client: ClientId | None, now_s: float) -> None:
        """Let one client type at a time, and in all windows this one first."""
        self.is_on = True
        for window in windows:
            self.hand_to(client, window, now_s)

    def switch_off(self) -> None:
        """Let every client type that has the role."""
        self.is_on = False
        self._turns.clear()

    def set_rotation(self, rotate_s: float | None, now_s: float) -> None:
        """Set how long a turn is, and begin the turns anew; None: until they are given away."""
        self.rotate_s = rotate_s
        for window, turn in list(self._turns.items()):
            self.hand_to(turn.client, window, now_s)

    def hand_to(self, client: ClientId | None, window: WindowId, now_s: float) -> None:
        """Make a client the driver of a window, and begin its turn; None: nobody drives there."""
        is_timed = self.rotate_s is not None and client is not None
        self._turns[window] = _Turn(client, now_s + self.rotate_s if is_timed and self.rotate_s is not None else None)

    def keep_only(self, windows: Collection[WindowId]) -> None:
        """Forget the windows that have gone."""
        for gone in [each for each in self._turns if each not in windows]:
            del self._turns[gone]

    def knows(self, window: WindowId) -> bool:
        """Return whether it was said who drives in a window: of a new one it has yet to be said."""
        return window in self._turns

    def of(self, window: WindowId | None) -> ClientId | None:
        """Return the client that drives in a window. None: nobody does, and nobody types there while `is_on`."""
        return self._turns.get(window, _NO_TURN).client if window is not None else None

    def turn_ends_s(self, window: WindowId) -> float | None:
        """Return when the turn in a window ends; None: it does not end by time."""
        return self._turns.get(window, _NO_TURN).ends_s

    def windows_of(self, client: ClientId | None) -> list[WindowId]:
        """Return the windows where a client drives; with None those where the keyboard is free."""
        return [window for window, turn in self._turns.items() if turn.client == client]

    def lets_type(self, client: ClientId, window: WindowId | None) -> bool:
        """Return whether a client may type in a window, as far as drivers matter; None: in some window."""
        if not self.is_on:
            return True
        return bool(self.windows_of(client)) if window is None else self.of(window) == client

    def is_driving(self, client: ClientId | None) -> bool:
        """Return whether a client drives in some window."""
        return client is not None and bool(self.windows_of(client))

    def is_free(self, window: WindowId) -> bool:
        """Return whether one client types at a time, and nobody has the keyboard of this window."""
        return self.is_on and self.of(window) is None

    def next_in(self, window: WindowId, typists: Sequence[ClientId]) -> ClientId | None:
        """Return the client whose turn is next in a window, in the order of `typists`: the clients that may type."""
        if not typists:
            return None
        driver = self.of(window)
        at = typists.index(driver) if driver in typists else -1
        return typists[(at + 1) % len(typists)]

    @property
    def due_s(self) -> float | None:
        """When the next turn ends; None: no turn ends by time."""
        return min((turn.ends_s for turn in self._turns.values() if turn.ends_s is not None), default=None)

    def overdue(self, now_s: float) -> list[WindowId]:
        """Return the windows where the driver's turn is over."""
        return [each for each, turn in self._turns.items() if turn.ends_s is not None and now_s >= turn.ends_s]
