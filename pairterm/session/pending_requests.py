"""What waits for the owner's answer: a knock, a wish for the keyboard, a line to be entered. The oldest is shown.

One is shown at a time, and a plain yes means the one shown. One that came to be
shown less than `LOOK_S` ago gets no plain answer: the finger was on its way for
another. Times are monotonic seconds.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from pairterm.errors import UsageError
from pairterm.types import ClientId

__all__ = ["KNOCK_S", "LOOK_S", "MAX_ASKS", "Ask", "AskKind", "Asks"]

KNOCK_S = 120.0
"""How long a newcomer waits at the door."""

LOOK_S = 0.4
"""Least time between being shown and a plain answer: under it, nobody has read it."""

MAX_ASKS = 50
"""How many of one kind may wait: more than an owner can look at, and a bound on what strangers can grow.
Each kind has places of its own: knocks of strangers take none from those who are in."""


class AskKind(enum.Enum):
    """What is asked for."""

    KNOCK = "knock"
    SEAT = "seat"
    ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `number` and `name` are the person's."""

    kind: AskKind
    client: ClientId
    number: int
    name: str
    text: str
    """The question, without the keys that answer it."""
    until_s: float | None
    """When it is dropped; None: when the person leaves."""


class Asks:
    """The questions that wait."""

    def __init__(self) -> None:
        self._asks: list[Ask] = []
        self._shown_s = float("-inf")

    def __len__(self) -> int:
        return len(self._asks)

    @property
    def first(self) -> Ask | None:
        """The one that is shown."""
        return self._asks[0] if self._asks else None

    @property
    def due_s(self) -> float | None:
        """When the next one is dropped."""
        return min((each.until_s for each in self._asks if each.until_s is not None), default=None)

    def all(self) -> list[Ask]:
        """Return the questions, the oldest first."""
        return list(self._asks)

    def of(self, kind: AskKind) -> list[Ask]:
        """Return the questions of one kind."""
        return [each for each in self._asks if each.kind is kind]

    def add(self, ask: Ask, now_s: float) -> None:
        """Ask; one of the same kind by the same client is there already.

        Raises:
            UsageError: Too many of this kind wait already.
        """
        if any(each.kind is ask.kind and each.client == ask.client for each in self._asks):
            return
        if len(self.of(ask.kind)) >= MAX_ASKS:
            raise UsageError("too many wait for an answer already, try again later", code="full")
        if not self._asks:
            self._shown_s = now_s
        self._asks.append(ask)

    def take(self, word: str, kinds: frozenset[AskKind], now_s: float, *, is_shown: bool = True) -> Ask:
        """Return the question that `word` means, answered and gone.

        `word` "" is the question that is shown; where none is (`is_shown` False), the only one that waits.

        Raises:
            UsageError: There is none, it is not clear which, or nobody can have read it.
        """
        if not word and not is_shown:
            word = self._only(kinds)
        if word:
            wanted = word.removeprefix("#")
            found = next((a for a in self._asks if a.kind in kinds and wanted in (str(a.number), a.name)), None)
            if found is None:
                raise UsageError(f"{word[:60]} asks for nothing", code="no_ask")
            self.drop(found, now_s)
            return found
        if not self._asks:
            raise UsageError("nobody asks for anything", code="no_ask")
        if now_s < self._shown_s + LOOK_S:
            raise UsageError(f"look again: {self._asks[0].text}", code="look_again")
        if self._asks[0].kind not in kinds:
            raise UsageError(f"that is no answer to: {self._asks[0].text}", code="no_ask")
        found = self._asks[0]
        self.drop(found, now_s)
        return found

    def _only(self, kinds: frozenset[AskKind]) -> str:
        """Return the number of the one person who asks for something.

        Raises:
            UsageError: Nobody does, or several do.
        """
        found = [each for each in self._asks if each.kind in kinds]
        if not found:
            raise UsageError("nobody asks for anything", code="no_ask")
        if len({each.number for each in found}) > 1:
            raise UsageError("which? " + "; ".join(f"{each.number}: {each.text}" for each in found), code="which_ask")
        return str(found[0].number)

    def drop(self, ask: Ask, now_s: float) -> None:
        """Forget a question."""
        first = self.first
        self._asks.remove(ask)
        if self.first is not first:
            self._shown_s = now_s

    def rename(self, client: ClientId, name: str, text: str, now_s: float) -> None:
        """Take another name of the one who asks, and the question as it reads now: it has to be looked at again."""
        for at, each in enumerate(self._asks):
            if each.client == client:
                self._asks[at] = replace(each, name=name, text=text)
                self._shown_s = now_s if at == 0 else self._shown_s

    def drop_of(self, client: ClientId, now_s: float, kind: AskKind | None = None) -> bool:
        """Forget what a client asked; return whether it was anything."""
        found = [each for each in self._asks if each.client == client and kind in (None, each.kind)]
        for each in found:
            self.drop(each, now_s)
        return bool(found)

    def overdue(self, now_s: float) -> list[Ask]:
        """Return the questions whose time is over, gone from here."""
        found = [each for each in self._asks if each.until_s is not None and each.until_s <= now_s]
        for each in found:
            self.drop(each, now_s)
        return found
