"""Requests that wait for an answer: a knock, a wish for the keyboard, a line to enter. The oldest one is shown.

One request is shown at a time, and a plain yes answers the one that is shown. A
request that is shown for less than `LOOK_S` gets no plain answer: the finger was
on its way for another one. Times are monotonic seconds.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass, replace

from pairterm.errors import UsageError
from pairterm.types import ClientId, PaneId, WindowId

__all__ = ["KNOCK_S", "LOOK_S", "MAX_REQUESTS", "PendingRequests", "Request", "RequestKind"]

KNOCK_S = 120.0
"""How long a knock waits for an answer."""

LOOK_S = 0.4
"""Least time between being shown and a plain answer: in less, nobody can read it."""

MAX_REQUESTS = 50
"""How many requests of one kind may wait: more than an owner can look at, and a bound on what strangers can grow.
Each kind has its own places, so knocks of strangers take no place from guests who are in."""


class RequestKind(enum.Enum):
    """The subject of a request."""

    KNOCK = "knock"
    SEAT = "seat"
    """A wish for the keyboard."""
    ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `number` and `name` are the person's."""

    kind: RequestKind
    client: ClientId
    number: int
    name: str
    text: str
    """The question, without the keys that answer it."""
    until_s: float | None
    """When it is dropped; None: when the person leaves."""
    window: WindowId | None = None
    """Where they want the keyboard, or to enter a line; None for a knock."""
    pane: PaneId | None = None
    """Where the line is that the person wants to enter; None for another kind of request."""


class PendingRequests:
    """The requests that wait, the oldest first."""

    def __init__(self) -> None:
        self.version = 0
        """Grows with each change."""
        self._requests: list[Request] = []
        self._shown_s = float("-inf")

    def __len__(self) -> int:
        return len(self._requests)

    @property
    def first(self) -> Request | None:
        """The request that is shown."""
        return self._requests[0] if self._requests else None

    @property
    def due_s(self) -> float | None:
        """When the next request is dropped."""
        return min((each.until_s for each in self._requests if each.until_s is not None), default=None)

    def all(self) -> list[Request]:
        """Return all requests, the oldest first."""
        return list(self._requests)

    def of(self, kind: RequestKind) -> list[Request]:
        """Return the requests of one kind."""
        return [each for each in self._requests if each.kind is kind]

    def has_room(self, kind: RequestKind) -> bool:
        """Return whether one more request of a kind may wait."""
        return len(self.of(kind)) < MAX_REQUESTS

    def add(self, request: Request, now_s: float) -> None:
        """Add a request, unless one of the same kind by the same client for the same window waits already.

        Raises:
            UsageError: Too many of this kind wait already.
        """
        same = (request.kind, request.client, request.window)
        if any((each.kind, each.client, each.window) == same for each in self._requests):
            return
        if not self.has_room(request.kind):
            raise UsageError("too many wait for an answer already, try again later", code="full")
        if not self._requests:
            self._shown_s = now_s
        self._requests.append(request)
        self.version += 1

    def take(
        self,
        word: str,
        kinds: frozenset[RequestKind],
        now_s: float,
        *,
        is_shown: bool = True,
        windows: Collection[WindowId] | None = None,
    ) -> Request:
        """Remove and return the request that `word` means. With `windows`, it must be about one of these.

        `word` "" means the request that is shown. Where none is shown (`is_shown` False), it means the only one
        that waits.

        Raises:
            UsageError: There is none, it is not clear which one is meant, or nobody can have read it.
        """
        if not word and not is_shown:
            word = self._only(kinds)
        if word:
            wanted = word.removeprefix("#")
            fitting = (each for each in self._requests if each.kind in kinds and _is_of(each, wanted))
            found = next((each for each in fitting if windows is None or each.window in windows), None)
            if found is None:
                raise UsageError(f"{word[:60]} asks for nothing", code="no_ask")
            self.drop(found, now_s)
            return found
        if not self._requests:
            raise UsageError("nobody asks for anything", code="no_ask")
        if now_s < self._shown_s + LOOK_S:
            raise UsageError(f"look again: {self._requests[0].text}", code="look_again")
        is_about_others = windows is not None and self._requests[0].window not in windows
        if self._requests[0].kind not in kinds or is_about_others:
            raise UsageError(f"that is no answer to: {self._requests[0].text}", code="no_ask")
        found = self._requests[0]
        self.drop(found, now_s)
        return found

    def _only(self, kinds: frozenset[RequestKind]) -> str:
        """Return the number of the only person whose request waits.

        Raises:
            UsageError: No request waits, or requests of several people do.
        """
        found = [each for each in self._requests if each.kind in kinds]
        if not found:
            raise UsageError("nobody asks for anything", code="no_ask")
        if len({each.number for each in found}) > 1:
            raise UsageError("which? " + "; ".join(f"{each.number}: {each.text}" for each in found), code="which_ask")
        return str(found[0].number)

    def drop(self, request: Request, now_s: float) -> None:
        """Remove a request."""
        first = self.first
        self._requests.remove(request)
        self.version += 1
        if self.first is not first:
            self._shown_s = now_s

    def rename(self, client: ClientId, name: str, text: str, now_s: float) -> None:
        """Give a client's requests another name and text. A request that is shown must be looked at again."""
        for at, each in enumerate(self._requests):
            if each.client == client:
                self._requests[at] = replace(each, name=name, text=text)
                self.version += 1
                self._shown_s = now_s if at == 0 else self._shown_s

    def drop_of(self, client: ClientId, now_s: float, kind: RequestKind | None = None) -> bool:
        """Remove a client's requests, all or those of one kind; return whether there were any."""
        found = [each for each in self._requests if each.client == client and kind in (None, each.kind)]
        for each in found:
            self.drop(each, now_s)
        return bool(found)

    def take_overdue(self, now_s: float) -> list[Request]:
        """Remove and return the requests whose time is over."""
        found = [each for each in self._requests if each.until_s is not None and each.until_s <= now_s]
        for each in found:
            self.drop(each, now_s)
        return found


def _is_of(request: Request, wanted: str) -> bool:
    return wanted in (str(request.number), request.name)
