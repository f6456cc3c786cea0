"""The driver: the one client that may type while one types at a time (users call this the seat).

While it is on, nobody but the driver may type, not even the owner. The owner can
take the keyboard at any time, so the owner can't be locked out. With a rotation,
turns change on their own. This part knows clients only; names and roles belong to
others. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.types import ClientId

__all__ = ["Driver"]


class Driver:
    """The driver of a session, and how long their turn is."""

    def __init__(self) -> None:
        self.is_on = False
        """One client types at a time."""
        self.client: ClientId | None = None
        """The client that drives. None: the keyboard is free, and nobody types while `is_on`."""
        self.rotate_s: float | None = None
        """How long a turn is; None: it lasts until it is given away."""
        self.turn_ends_s: float | None = None
        """When the turn ends; None: it does not end by time."""

    def switch(self, is_on: bool, client: ClientId | None, now_s: float) -> None:
        """Let one client type at a time and this one first, or let every client type that has the role."""
        self.is_on = is_on
        self.hand_to(client if is_on else None, now_s)

    def set_rotation(self, rotate_s: float | None, now_s: float) -> None:
        """Set how long a turn is, and begin the turn anew; None: until it is given away."""
        self.rotate_s = rotate_s
        self._begin_turn(now_s)

    def hand_to(self, client: ClientId | None, now_s: float) -> None:
        """Make a client the driver, and begin its turn; None: nobody drives."""
        self.client = client
        self._begin_turn(now_s)

    def lets_type(self, client: ClientId) -> bool:
        """Return whether a client may type, as far as the driver matters."""
        return not self.is_on or client == self.client

    def is_driving(self, client: ClientId | None) -> bool:
        """Return whether one client types at a time, and this is the one."""
        return self.is_on and client is not None and client == self.client

    @property
    def is_free(self) -> bool:
        """One client types at a time, and nobody has the keyboard."""
        return self.is_on and self.client is None

    def next_after(self, typists: Sequence[ClientId]) -> ClientId | None:
        """Return the client whose turn is next, in the order of `typists`: the clients that may type."""
        if not typists:
            return None
        at = typists.index(self.client) if self.client in typists else -1
        return typists[(at + 1) % len(typists)]

    def _begin_turn(self, now_s: float) -> None:
        is_timed = self.is_on and self.rotate_s is not None and self.client is not None
        self.turn_ends_s = now_s + self.rotate_s if is_timed and self.rotate_s is not None else None
