"""How long to wait before dialling a lost gateway again. Pure; seconds.

The pauses double, each shortened by up to half at random so that the hosts of a
gateway do not all come at once. While the gateway's machine answers (it refuses the
connection, or the gateway said that it would be back) they stay short, however long
that lasts: a refusal costs one round trip, on the same machine some microseconds, and
a gateway shall have its sessions within two seconds of its return. Only where nothing
answers do they grow.
"""

from __future__ import annotations

import random

__all__ = ["RedialPauses"]

_FIRST_S = 0.2

_LAST_S = 15.0
"""For a network that is gone, or a machine."""

_LAST_WHILE_NEAR_S = 1.0


class RedialPauses:
    """The pauses of one loss, from the first dial to the one that reaches."""

    def __init__(self, source: random.Random | None = None) -> None:
        self._next_s = _FIRST_S
        self._source = source or random.Random()  # noqa: S311 -- spreads hosts, guards nothing

    def pause_s(self, *, is_near: bool) -> float:
        """Return the next pause; `is_near` if the gateway's machine answered or the gateway said it would be back."""
        pause_s = min(self._next_s, _LAST_WHILE_NEAR_S if is_near else _LAST_S)
        self._next_s = min(pause_s * 2, _LAST_S)
        return pause_s * self._source.uniform(0.5, 1.0)
