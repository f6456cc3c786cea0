"""Showing requests to the people who can answer them: once when they come up, then again until they are answered.

The owner can answer every request. The driver of a window can answer a wish for its
keyboard. Times are monotonic seconds.
"""

from __future__ import annotations

from pairterm.session.drivers import Drivers
from pairterm.session.effects import Effect, Tell
from pairterm.session.pending_requests import PendingRequests, Request, RequestKind
from pairterm.session.people import People
from pairterm.types import ClientId, Role

__all__ = ["RequestPrompts"]

_REMINDER_S = 10.0
"""How often a request that waits is shown again."""


class RequestPrompts:
    """The prompts of one session's requests."""

    def __init__(self, requests: PendingRequests, people: People, drivers: Drivers, *, prefix: str) -> None:
        self.prefix = prefix
        """The name of the owner's prefix key, for prompts."""
        self._requests = requests
        self._people = people
        self._drivers = drivers
        self._remind_s = float("inf")

    @property
    def due_s(self) -> float | None:
        """When the request that is shown is shown again; None: nothing waits."""
        return self._remind_s if len(self._requests) else None

    def ask(self, request: Request, now_s: float) -> list[Effect]:
        """Add a request, and show it if it is the only one.

        Raises:
            UsageError: Too many of its kind wait already.
        """
        was_empty = not len(self._requests)
        self._requests.add(request, now_s)
        self._remind_s = min(self._remind_s, now_s + _REMINDER_S)
        return self.show() if was_empty else []

    def show(self) -> list[Effect]:
        """Show the oldest request to the people who can answer it."""
        request = self._requests.first
        if request is None:
            self._remind_s = float("inf")
            return []
        return [
            Tell(client, self._question(request))
            for client, person in self._people.items()
            if person.role is Role.OWNER
            or (request.kind is RequestKind.SEAT and client == self._drivers.of(request.window))
        ]

    def show_to(self, client: ClientId) -> list[Effect]:
        """Show the oldest request to an owner's client that has just joined."""
        request = self._requests.first
        return [Tell(client, self._question(request))] if request is not None else []

    def remind(self, now_s: float) -> list[Effect]:
        """Show the oldest request again if that is due."""
        if not len(self._requests) or now_s < self._remind_s:
            return []
        self._remind_s = now_s + _REMINDER_S
        return self.show()

    @property
    def question(self) -> str:
        """The oldest request, as the owner reads it; "" if none waits."""
        request = self._requests.first
        return self._question(request) if request is not None else ""

    def _question(self, request: Request) -> str:
        prefix, waiting = self.prefix, len(self._requests)
        more = f" (+{waiting - 1} more)" if waiting > 1 else ""
        others = f", {prefix} O watch only, {prefix} B ban" if request.kind is RequestKind.KNOCK else ""
        return f"{request.text}: {prefix} y / {prefix} N{others}{more}"
