"""The publishers (pair-ls) of one session at this gateway: their numbers, and what the host says about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pairterm.link.messages import Publish, PublishedText, PublishEnd, PublishOver, PublishTaken, ViewerMessage

__all__ = ["Publisher", "Publishers"]


class Publisher(Protocol):
    """One connection of pair-ls."""

    def taken(self, taken_bytes: int) -> None:
        """Take note how much the host has taken in all; 0: it may begin."""

    def over(self, text: str) -> None:
        """End, for this reason."""


class Publishers:
    """All publishers of one session."""

    def __init__(self, send: Callable[[ViewerMessage], None]) -> None:
        """`send` sends to the host."""
        self._send = send
        self._publishers: dict[int, Publisher] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._publishers)

    def add(self, publisher: Publisher, token_hash: bytes, address: str) -> int:
        """Ask the host to take a publisher; return its number."""
        self._last += 1
        self._publishers[self._last] = publisher
        self._send(Publish(self._last, token_hash, address[:512]))
        return self._last

    def say(self, number: int, data: bytes) -> None:
        """Pass on a piece of what a publisher says."""
        if number in self._publishers:
            self._send(PublishedText(number, data))

    def remove(self, number: int) -> None:
        """Forget a publisher that has left."""
        if self._publishers.pop(number, None) is not None:
            self._send(PublishEnd(number))

    def take(self, message: PublishTaken | PublishOver) -> None:
        """Take a message of the host. A publisher may have left while it was on its way."""
        if isinstance(message, PublishTaken):
            publisher = self._publishers.get(message.publisher)
            if publisher is not None:
                publisher.taken(message.taken_bytes)
        elif (gone := self._publishers.pop(message.publisher, None)) is not None:
            gone.over(message.text)

    def end(self, text: str) -> None:
        """End all publishers: the host is away, or the session is over. pair-ls never connects again by itself."""
        publishers, self._publishers = self._publishers, {}
        for each in publishers.values():
            each.over(text)
