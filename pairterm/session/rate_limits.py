"""How often the house listens: to a guest's words, to knocks and joins of one source, to its own news. Pure.

The owner may speak as often as it likes. A guest who floods is told once to slow
down; what it says meanwhile is nothing. Times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pairterm.access.rate_limits import Bucket, SourceRates
from pairterm.types import ClientId

__all__ = ["SLOW_DOWN", "Patience"]

SLOW_DOWN = "slow down: what you said is not heard"

_WORDS = 10
_WORDS_PER_S = 1.0
"""What a guest may say in commands: chat, names, wishes. People are slower; each is shown to others or written down."""

_TOLD_AGAIN_S = 10.0
"""How often one who floods is told so."""

_KNOCKS = 60
_KNOCKS_PER_S = 0.1
"""Knocks of one source: a class behind one address may knock at once; each asks the owner."""

_JOINS = 1000
_JOINS_PER_S = 1.0
"""Joins of one source, a lecture hall's at once; past that, coming and going would fill the audit."""

_NEWS = 40
_NEWS_PER_S = 1.0
"""Lines that say who came and who left; the status line counts all the same."""


@dataclass(slots=True)
class _Listening:
    words: Bucket = field(default_factory=lambda: Bucket(_WORDS, _WORDS_PER_S))
    told_s: float = float("-inf")


class Patience:
    """The house's, with each of its guests."""

    def __init__(self) -> None:
        self._guests: dict[ClientId, _Listening] = {}
        self._knocks = SourceRates(_KNOCKS, _KNOCKS_PER_S)
        self._joins = SourceRates(_JOINS, _JOINS_PER_S)
        self._news = Bucket(_NEWS, _NEWS_PER_S)

    def hears(self, client: ClientId, now_s: float) -> bool:
        """Return whether a guest's words are heard."""
        return self._guests.setdefault(client, _Listening()).words.take(now_s)

    def tells(self, client: ClientId, now_s: float) -> bool:
        """Return whether a guest who is not heard is to be told so: not each time."""
        listening = self._guests[client]
        is_due = now_s >= listening.told_s + _TOLD_AGAIN_S
        listening.told_s = now_s if is_due else listening.told_s
        return is_due

    def forget(self, client: ClientId) -> None:
        """A client is gone."""
        self._guests.pop(client, None)

    def lets_knock(self, address: str, now_s: float) -> bool:
        """Return whether somebody from there may ask the owner once more."""
        return self._knocks.take(address, now_s)

    def lets_come(self, address: str, now_s: float) -> bool:
        """Return whether somebody from there may come once more."""
        return self._joins.take(address, now_s)

    def announces(self, now_s: float) -> bool:
        """Return whether another line of who came or left is shown."""
        return self._news.take(now_s)
