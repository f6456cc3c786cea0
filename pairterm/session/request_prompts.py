"""Showing requests to the people who can answer them: once when they come up, then again until they are answered.

The owner can answer every request. The driver of a window can answer a wish for its
keyboard. A browser has buttons for the answers, so it gets the requests themselves
(`questions_for`) instead of texts that name keys. Times are monotonic seconds.
"""

from __future__ import annotations

from typing import Literal

from pairterm.session.drivers import Drivers
from pairterm.session.effects import Effect, Tell
from pairterm.session.pending_requests import PendingRequests, Request, RequestKind
from pairterm.session.people import People, Person
from pairterm.types import ClientId, Question, Role

__all__ = ["RequestPrompts", "has_buttons"]

_REMINDER_S = 10.0
"""How often a request that waits is shown again."""

_ASKS: dict[RequestKind, Literal["in", "keyboard", "enter"]] = {
    RequestKind.KNOCK: "in",
    RequestKind.SEAT: "keyboard",
    RequestKind.ENTER: "enter",
}


def has_buttons(person: Person) -> bool:
    """Return whether a person's program shows requests with buttons."""
    return person.origin.transport == "web"


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
            if not has_buttons(person) and self._may_answer(client, person, request)
        ]

    def _may_answer(self, client: ClientId, person: Person, request: Request) -> bool:
        is_driver = request.kind is RequestKind.SEAT and client == self._drivers.of(request.window)
        return person.role is Role.OWNER or is_driver

    def questions_for(self, client: ClientId) -> tuple[Question, ...]:
        """Return the requests that a client in a browser may answer, the oldest first; () for any other client."""
        person = self._people.get(client)
        if person is None or not has_buttons(person):
            return ()
        return tuple(
            Question(each.number, each.name, _ASKS[each.kind], each.text, self._choices(person, each))
            for each in self._requests.all()
            if self._may_answer(client, person, each)
        )

    def _choices(self, person: Person, request: Request) -> tuple[str, ...]:
        """Return the answers that a person may give to a request."""
        if request.kind is RequestKind.KNOCK:
            return ("accept", "accept-ro", "decline", "decline-ban")
        wants = self._people.get(request.client)
        is_for_owner = wants is not None and not wants.role_in(request.window).may_type
        return ("decline",) if is_for_owner and person.role is not Role.OWNER else ("accept", "decline")

    def show_to(self, client: ClientId) -> list[Effect]:
        """Show the oldest request to an owner's client that has just joined."""
        request = self._requests.first
        if request is None or has_buttons(self._people[client]):
            return []
        return [Tell(client, self._question(request))]

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
