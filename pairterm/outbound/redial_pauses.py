"""The pauses before a lost gateway is dialled again. No clock; seconds.

Each pause is twice as long as the one before. It is shortened by up to half at random, so that
the hosts of a gateway do not all come at the same time. The pauses stay short while the gateway's
machine answers, that is while it refuses the connection, or if the gateway said that it
restarts: a refusal costs one round trip, or some microseconds on the same machine, and a gateway
shall have its sessions within two seconds of its return. They grow only if nothing answers.
"""

from __future__ import annotations

import random

__all__ = ["RedialPauses"]

_FIRST_S = 0.2

_LAST_S = 15.0
"""The longest pause, if the network or the machine does not answer."""

_LAST_WHILE_NEAR_S = 1.0


class RedialPauses:
    """The pauses after one loss, from the first dial to the one that succeeds."""

    def __init__(self, source: random.Random | None = None) -> None:
        self._next_s = _FIRST_S
        self._source = source or random.Random()  # noqa: S311 -- spreads hosts, guards nothing

    def pause_s(self, *, is_near: bool) -> float:
        """Return the next pause. `is_near`: the gateway's machine answered, or the gateway said that it restarts."""
        pause_s = min(self._next_s, _LAST_WHILE_NEAR_S if is_near else _LAST_S)
        self._next_s = min(pause_s * 2, _LAST_S)
        return pause_s * self._source.uniform(0.5, 1.0)
