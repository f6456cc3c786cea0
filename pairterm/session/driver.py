"""The seat: who drives while one at a time does. It knows clients only; names and roles are others' affair.

Whoever sits in it may type, nobody else, the owner neither. The owner can take it
at any time, so the owner can't be locked out. With a rotation it goes round on
its own. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.types import ClientId

__all__ = ["Seat"]


class Seat:
    """The one keyboard of a session, when there is only one."""

    def __init__(self) -> None:
        self.is_on = False
        self.driver: ClientId | None = None
        """Who sits in it; None: it is free, and nobody types."""
        self.rotate_s: float | None = None
        """How long a turn is; None: until it is given on."""
        self.turn_ends_s: float | None = None

    def switch(self, is_on: bool, driver: ClientId | None, now_s: float) -> None:
        """Have one driver at a time, this one first, or let everybody type who may."""
        self.is_on = is_on
        self.seat(driver if is_on else None, now_s)

    def set_rotation(self, rotate_s: float | None, now_s: float) -> None:
        """Let a turn last so long; None: until it is given on."""
        self.rotate_s = rotate_s
        self._begin_turn(now_s)

    def seat(self, driver: ClientId | None, now_s: float) -> None:
        """Put somebody in it, and begin a turn."""
        self.driver = driver
        self._begin_turn(now_s)

    def lets_type(self, client: ClientId) -> bool:
        """Return whether a client may type as far as the seat goes."""
        return not self.is_on or client == self.driver

    def next_driver(self, typists: Sequence[ClientId]) -> ClientId | None:
        """Return whose turn is next, in the order of those who may type."""
        if not typists:
            return None
        at = typists.index(self.driver) if self.driver in typists else -1
        return typists[(at + 1) % len(typists)]

    @property
    def due_s(self) -> float | None:
        """When the turn ends; None: not by time."""
        return self.turn_ends_s

    def _begin_turn(self, now_s: float) -> None:
        is_timed = self.is_on and self.rotate_s is not None and self.driver is not None
        self.turn_ends_s = now_s + self.rotate_s if is_timed and self.rotate_s is not None else None
