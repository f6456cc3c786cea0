"""How long to wait before dialling a lost gateway again. Pure; seconds.

The pauses double, each shortened by up to half at random so that the hosts of a
gateway do not all come at once. A gateway that refuses (its machine is there, it is
not) or that said it would be back is asked often for a while: a refusal costs one
round trip, and its sessions shall be back within two seconds of its return.
"""

from __future__ import annotations

import random

__all__ = ["Redial"]

_FIRST_S = 0.2

_LAST_S = 15.0
"""For a network that is gone."""

_LAST_WHILE_NEAR_S = 1.0
"""For a gateway that is just being restarted."""

_NEAR_FOR_S = 120.0
"""How long a gateway that refuses is taken to be just restarting: an upgrade with its packages."""


class Redial:
    """The pauses of one loss, from the first dial to the one that reaches."""

    def __init__(self, now_s: float, source: random.Random | None = None) -> None:
        self._next_s = _FIRST_S
        self._near_until_s = now_s + _NEAR_FOR_S
        self._source = source or random.Random()  # noqa: S311 -- spreads hosts, guards nothing

    def pause_s(self, now_s: float, *, is_near: bool) -> float:
        """Return the next pause; `is_near` if the gateway's machine answered or the gateway said it would be back."""
        last_s = _LAST_WHILE_NEAR_S if is_near and now_s < self._near_until_s else _LAST_S
        pause_s = min(self._next_s, last_s)
        self._next_s = min(pause_s * 2, _LAST_S)
        return pause_s * self._source.uniform(0.5, 1.0)
