"""Rate limits of a session: for a guest's commands, for knocks and joins of one source, for its own news. Pure.

The owner has no limit. A guest who sends too many commands is told to slow down;
their commands are ignored until then. Times are monotonic seconds.
"""

from __future__ import annotations

import msgspec

from pairterm.access.rate_limits import Bucket, SourceRates
from pairterm.types import ClientId

__all__ = ["SLOW_DOWN", "RateLimits"]

SLOW_DOWN = "slow down: this command is ignored"

_COMMANDS = 10
_COMMANDS_PER_S = 1.0
"""Commands of a guest: chat, names, requests. People are slower; each command is shown to others or written down."""

_WINDOW_COMMANDS = 40
_WINDOW_COMMANDS_PER_S = 10.0
"""Commands of a guest about windows and panes. A mouse that drags a border gives ten in a second."""

_TOLD_AGAIN_S = 10.0
"""A guest who sends too many commands is told so at most this often."""

_KNOCKS = 60
_KNOCKS_PER_S = 0.1
"""Knocks of one source: a class behind one address may knock at once; each asks the owner."""

_JOINS = 1000
_JOINS_PER_S = 1.0
"""Joins of one source, a lecture hall's at once; past that, coming and going would fill the audit."""

_NEWS = 40
_NEWS_PER_S = 1.0
"""Lines that say that somebody came or left; the status line shows the number in any case."""


class _GuestLimit(msgspec.Struct):
    commands: Bucket = msgspec.field(default_factory=lambda: Bucket(_COMMANDS, _COMMANDS_PER_S))
    window_commands: Bucket = msgspec.field(default_factory=lambda: Bucket(_WINDOW_COMMANDS, _WINDOW_COMMANDS_PER_S))
    told_s: float = float("-inf")


class RateLimits:
    """The rate limits of one session and of each of its guests."""

    def __init__(self) -> None:
        self._guests: dict[ClientId, _GuestLimit] = {}
        self._knocks = SourceRates(_KNOCKS, _KNOCKS_PER_S)
        self._joins = SourceRates(_JOINS, _JOINS_PER_S)
        self._news = Bucket(_NEWS, _NEWS_PER_S)

    def lets_command(self, client: ClientId, now_s: float, *, is_about_windows: bool = False) -> bool:
        """Count a guest's command, and return whether it is carried out."""
        limit = self._guests.setdefault(client, _GuestLimit())
        return (limit.window_commands if is_about_windows else limit.commands).take(now_s)

    def lets_warn(self, client: ClientId, now_s: float) -> bool:
        """Return whether a guest whose command is ignored is told so now: not each time."""
        limit = self._guests[client]
        is_due = now_s >= limit.told_s + _TOLD_AGAIN_S
        limit.told_s = now_s if is_due else limit.told_s
        return is_due

    def forget(self, client: ClientId) -> None:
        """Forget a client that left."""
        self._guests.pop(client, None)

    def lets_knock(self, address: str, now_s: float) -> bool:
        """Count a knock from an address, and return whether it is allowed."""
        return self._knocks.take(address, now_s)

    def lets_join(self, address: str, now_s: float) -> bool:
        """Count a join from an address, and return whether it is allowed."""
        return self._joins.take(address, now_s)

    def lets_announce(self, now_s: float) -> bool:
        """Count a line that says that somebody came or left, and return whether it is shown."""
        return self._news.take(now_s)
